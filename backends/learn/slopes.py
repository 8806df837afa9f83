"""Chapters 5 to 7: slopes of many variables, what goes back through an operation, and going downhill."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        5,
        "One variable to many",
        (
            Exercise(
                "square",
                "A square's side grows a little: which two strips does its area gain?",
                (
                    "The value needs no function of NumPy at all.",
                    "The slope of x^2 is 2x; the backward is ybar times the slope, in a tuple of one.",
                    "x * x, and return (2 * x * ybar,)",
                ),
            ),
            Exercise(
                "exp",
                "Which function is its own slope? What does that save in the backward?",
                (
                    "NumPy has the value. Draw it, and look at how steep it is where it is high.",
                    "The slope is the value itself, and the backward is given the value: y.",
                    "np.exp(x), and return (ybar * y,)",
                ),
            ),
            Exercise(
                "log",
                "At which x does the logarithm rise fastest, and what does that do to a gradient when a probability is "
                "tiny?",
                (
                    "NumPy has the value: the natural logarithm.",
                    "y = log x means e^y = x. Differentiate both sides.",
                    "np.log(x), and return (ybar / x,)",
                ),
            ),
            Exercise(
                "power",
                "x^p has two arguments. Hold one still and move the other: which two rules of differentiation are "
                "these?",
                (
                    "The value is one operator of Python. Each argument has its own slope.",
                    "To x: p x^(p-1). To p: write x^p = e^(p log x), whose slope is y log x. And an argument that was "
                    "broadcast gets a sum.",
                    "x**p; xbar = ybar * p * x ** (p - 1) and pbar = ybar * y * np.log(x), each summed back to its "
                    "shape: over leading axes that it lacks, and over those where it has length 1.",
                ),
            ),
            Exercise(
                "sum",
                "Each x_i moves the sum by as much as it moves itself. So what does each get back?",
                (
                    "NumPy has the value; hand on axis and keepdims.",
                    "Backward: every x_i gets the whole ybar of its sum. ybar has lost axes: give them back, then "
                    "repeat it.",
                    "if axis is not None and not keepdims: ybar = np.expand_dims(ybar, axis); return "
                    "(np.broadcast_to(ybar, x.shape),)",
                ),
            ),
            Exercise(
                "rosenbrock_gradient",
                "Each x_i stands in two terms of the sum, but for the first and the last one. Which partial "
                "derivatives does that give?",
                (
                    "Write down f for three variables, and differentiate by hand to each of them.",
                    "With wall_i = x_(i+1) - x_i^2: the term i gives x_i the slope -4 b x_i wall_i - 2 (a - x_i), and "
                    "gives x_(i+1) the slope 2 b wall_i.",
                    "wall = x[..., 1:] - x[..., :-1] ** 2; zero = np.zeros_like(x[..., :1]); np.concatenate([-4 * b * "
                    "x[..., :-1] * wall - 2 * (a - x[..., :-1]), zero], -1) + np.concatenate([zero, 2 * b * wall], -1)",
                ),
                parts=("value",),
            ),
            Exercise(
                "rosenbrock",
                "A function of many variables with one number as its result: how do its VJP and its gradient differ?",
                (
                    "A sum over i of two squares: use slices of x, one without its last element and one without its "
                    "first.",
                    "Backward: ybar is one number for each point, and the gradient is rosenbrock_gradient. Mind the "
                    "axes.",
                    "np.sum(b * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (a - x[..., :-1]) ** 2, axis=-1), and return "
                    "(ybar[..., None] * rosenbrock_gradient(x, a=a, b=b),)",
                ),
            ),
        ),
    ),
    Chapter(
        6,
        "Jacobian, VJP, JVP",
        (
            Exercise(
                "mean",
                "The Jacobian of a mean has a single number in it. Which one, and how often?",
                (
                    "NumPy has the value. The backward is that of sum, but for a factor.",
                    "How many elements went into each mean? x.size // y.size of them.",
                    "if axis is not None and not keepdims: ybar = np.expand_dims(ybar, axis); return "
                    "(np.broadcast_to(ybar, x.shape) / (x.size // y.size),)",
                ),
            ),
            Exercise(
                "cumsum",
                "Write down the Jacobian for three numbers: it is a triangle of ones. Which triangle is its transpose?",
                (
                    "NumPy has the value. Which outputs does x_1 reach, and which does the last x reach?",
                    "x_i is part of y_i and of all that follow, so its cotangent is the sum of ybar from i to the end.",
                    "np.cumsum(x, axis=axis), and return (np.flip(np.cumsum(np.flip(ybar, axis), axis=axis), axis),)",
                ),
            ),
            Exercise(
                "max",
                "Only the largest element moves the result. And if two are the largest?",
                (
                    "NumPy has the value. The backward puts ybar where x is as large as y, and 0 elsewhere.",
                    "Give y and ybar their axes back. Where several are largest, let them share ybar.",
                    "top = np.where(x == y, 1.0, 0.0) once y has its axes; return (ybar * top / np.sum(top, axis=axis, "
                    "keepdims=True),)",
                ),
            ),
            Exercise(
                "prod",
                "The slope to x_i is y / x_i. What if x_i is 0? What is the right number then?",
                (
                    "The slope to x_i is the product of all the others, and needs no division.",
                    "The product of what stands before i, times that of what stands behind i: two np.cumprod, one of "
                    "them from the end. Or, more slowly: put a 1 in the place of x_i, and multiply.",
                    "g = np.empty_like(x); for i in np.ndindex(x.shape): z = x.copy(); z[i] = 1; g[i] = np.prod(z, "
                    "axis=axis, keepdims=True)[tuple(k if n > 1 else 0 for k, n in zip(i, shape))], shape that of the "
                    "product with keepdims=True. Then (ybar * g,) with the axes of ybar given back.",
                ),
            ),
            Exercise(
                "segment_sum",
                "Adding up in groups: what is the transpose of that, in one word?",
                (
                    "Each row of x goes to the row of y that its id names; several may go to the same one.",
                    "y[ids] += x forgets all but the last of those with one id. np.add.at does not. Backward: each row "
                    "takes the cotangent of its group.",
                    "y = np.zeros((num_segments, *x.shape[1:])); np.add.at(y, segment_ids, x); return y. Backward: "
                    "(ybar[segment_ids],)",
                ),
            ),
        ),
    ),
    Chapter(
        7,
        "Second order and descent",
        (
            Exercise(
                "rosenbrock_hessian",
                "The Hessian is the Jacobian of the gradient. Why is it symmetric, and why is most of it 0 here?",
                (
                    "Differentiate each element of the gradient by hand, to x_i and to its neighbours.",
                    "The diagonal: 4 b (3 x_i^2 - x_(i+1)) + 2 for all but the last, and 2 b more for all but the "
                    "first. Beside it: -4 b x_i.",
                    "h = np.zeros((*x.shape, x.shape[-1])); i = np.arange(x.shape[-1] - 1); add to h[..., i, i] and to "
                    "h[..., i + 1, i + 1], and set h[..., i, i + 1] and h[..., i + 1, i].",
                ),
                parts=("value",),
            ),
            Exercise(
                "square",
                "A backward can be differentiated too. What does that of x^2 give, and what does it cost beside the "
                "backward itself?",
                (
                    "ybar is held fixed, x moves by xdot: dots is (xdot,). By how much does 2 x ybar move?",
                    "It is forward mode, over what reverse mode gave: no second-order mathematics is needed, the "
                    "backward is differentiated like any other function.",
                    "return (2 * dots[0] * ybar,)",
                ),
                parts=("hvp",),
                title="square_hvp",
            ),
            Exercise(
                "power",
                "Two arguments, so each element has a Hessian of 2 by 2. Which two of its numbers are the same, and "
                "what becomes of the product if they are left out?",
                (
                    "The backward has two parts, and each of them depends on both arguments: that makes four "
                    "derivatives.",
                    "To x twice: p (p - 1) x^(p-2). To p twice: y log(x)^2. To one and the other, in any order: "
                    "x^(p-1) (1 + p log x).",
                    "xdot, pdot = dots; m = x ** (p - 1) * (1 + p * np.log(x)); ybar * (p * (p - 1) * x ** (p - 2) * "
                    "xdot + m * pdot) and ybar * (m * xdot + y * np.log(x) ** 2 * pdot), each summed back to its "
                    "shape: over leading axes that it lacks, and over those where it has length 1.",
                ),
                parts=("hvp",),
                title="power_hvp",
            ),
            Exercise(
                "rosenbrock",
                "v.H v is the curvature along v. With b = 100, at x = (0, 1): for which v is it negative? Is the "
                "valley a bowl there?",
                (
                    "The backward is ybar times the gradient. Its derivative along xdot is ybar times H xdot.",
                    "Either take the Hessian that you have written times dots[0], or differentiate each term of the "
                    "gradient by hand and never make a matrix: the Hessian of a million variables fits in no memory, "
                    "and its product with a vector does.",
                    "h = rosenbrock_hessian(x, a=a, b=b); return (ybar[..., None] * np.einsum('...ij,...j->...i', h, "
                    "dots[0]),). Without the matrix: diagonal = 4 * b * (3 * x[..., :-1]**2 - x[..., 1:]) + 2 and side "
                    "= -4 * b * x[..., :-1]; row i gets diagonal * xdot_i + side * xdot_(i+1), and row i + 1 gets side "
                    "* xdot_i + 2 * b * xdot_(i+1).",
                ),
                parts=("hvp",),
                title="rosenbrock_hvp",
            ),
            Exercise(
                "gradient_descent",
                "Along an eigenvector of A, each step multiplies the error by 1 - lr times its eigenvalue. For which "
                "lr does it grow?",
                (
                    "Take the gradient A x - b at each x, and go lr times that against it; keep all the points, the "
                    "first one too.",
                    "a is to be taken as symmetric: (a + a.T) / 2. Backward: from the last point to the first. What a "
                    "point gets is its own ybar and what comes back through the step that begins there.",
                    "xbar = ybar[steps]; for t from steps - 1 down to 0: bbar += lr * xbar; abar -= lr * xbar[:, "
                    "None] * y[t]; xbar = ybar[t] + xbar - lr * (s @ xbar), s the symmetric matrix. Return (abar + "
                    "abar.T) / 2, bbar, xbar. Hessian: adot, bdot, x0dot = dots; r = (adot + adot.T) / 2. Forward: v "
                    "= [x0dot], and for each t append v[t] - lr * (r @ y[t] + s @ v[t] - bdot). Back: xbardot, "
                    "bbardot and abardot begin as zeros, xbar as above; in each step, and before xbar changes: "
                    "bbardot += lr * xbardot; abardot -= lr * (xbardot[:, None] * y[t] + xbar[:, None] * v[t]); "
                    "xbardot = xbardot - lr * (s @ xbardot + r @ xbar).",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "exact_line_search",
                "At the lowest point along p, what is the angle between p and the gradient there?",
                (
                    "Along p, f is a parabola in t. Where is its lowest point?",
                    "f'(t) = p.(A x - b) + t p.(A p): set that to 0. Two results: the step and the point.",
                    "s = (a + a.T) / 2; t = -np.sum(p * (s @ x - b)) / np.sum(p * (s @ p)); return t, x + t * p",
                ),
                parts=("value",),
            ),
            Exercise(
                "newton",
                "On a bowl, how many of Newton's steps does it take? So what does the result not depend on?",
                (
                    "The gradient A x - b tells where downhill is; A^-1 of it tells how far the lowest point is.",
                    "a is to be taken as symmetric. Keep all the points, the first one too. Backward: every point but "
                    "the first is A^-1 b. The cotangents are those of a and b, two.",
                    "x - np.linalg.solve(s, s @ x - b). Backward: g = np.linalg.solve(s, np.sum(ybar[1:], axis=0)); "
                    "abar = -g[:, None] * y[-1]; return (abar + abar.T) / 2, g Hessian, with x = y[-1], adot, bdot = "
                    "dots and r = (adot + adot.T) / 2: differentiate s g = sum and s x = b. gdot = "
                    "-np.linalg.solve(s, r @ g); xdot = np.linalg.solve(s, bdot - r @ x); abardot = -(gdot[:, None] * "
                    "x + g[:, None] * xdot); return (abardot + abardot.T) / 2, gdot",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "taylor_rosenbrock",
                "A straight line, then a parabola: by which power of h does the error shrink for each?",
                (
                    "order=1 is the line f(x) + h.grad f. order=2 adds half of h.H h.",
                    "Take the gradient and the Hessian of this chapter and of chapter 5, at x. All sums run along the "
                    "last axis.",
                    "line = rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1); for order "
                    "2 add np.einsum('...i,...ij,...j->...', h, H, h) / 2, with H the Hessian that you have written.",
                ),
                parts=("value",),
            ),
        ),
    ),
)

"""Chapter 7: second derivatives, and going downhill."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
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
                    "Forward:\n"
                    "d = x.shape[-1]\n"
                    "h, i = np.zeros((*x.shape, d)), np.arange(d - 1)\n"
                    "h[..., i, i] += 4 * b * (3 * x[..., :-1] ** 2 - x[..., 1:]) + 2\n"
                    "h[..., i + 1, i + 1] += 2 * b\n"
                    "h[..., i, i + 1] = h[..., i + 1, i] = -4 * b * x[..., :-1]\n"
                    "return h",
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
                    "Second order:\nreturn (2 * dots[0] * ybar,)",
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
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "xdot, pdot = dots\n"
                    "m = x ** (p - 1) * (1 + p * np.log(x))\n"
                    "g = p * (p - 1) * x ** (p - 2) * xdot + m * pdot\n"
                    "h = m * xdot + y * np.log(x) ** 2 * pdot\n"
                    "return back(ybar * g, x.shape), back(ybar * h, p.shape)",
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
                    "Second order:\n"
                    "x0, x1, d0, d1 = x[..., :-1], x[..., 1:], dots[0][..., :-1], dots[0][..., 1:]\n"
                    "diagonal, side = 4 * b * (3 * x0**2 - x1) + 2, -4 * b * x0\n"
                    "first, second = diagonal * d0 + side * d1, side * d0 + 2 * b * d1\n"
                    "zero = np.zeros_like(x[..., :1])\n"
                    "hd = np.concatenate([first, zero], -1) + np.concatenate([zero, second], -1)\n"
                    "return (ybar[..., None] * hd,)",
                ),
                parts=("hvp",),
                title="rosenbrock_hvp",
            ),
            Exercise(
                "jvp_difference",
                "The Hessian times a vector, without the Hessian: how many gradients does it cost, and how exact is "
                "it?",
                (
                    "The Hessian is the Jacobian of the gradient: how does the gradient change along v?",
                    "A central difference of rosenbrock_gradient with a=1, b=100, divided by 2 step. Only that "
                    "function is asked.",
                    "Forward:\n"
                    "ahead = rosenbrock_gradient(x + step * v, a=1, b=100)\n"
                    "return (ahead - rosenbrock_gradient(x - step * v, a=1, b=100)) / (2 * step)",
                ),
                parts=("value",),
                labels=("hessian",),
                given=("softmax",),
                title="hessian_vector_difference",
            ),
            Exercise(
                "eigvalsh",
                "A bowl bends upwards in every direction, a saddle upwards in some and downwards in others. How do "
                "the eigenvalues of the Hessian tell which it is?",
                (
                    "Convex: no eigenvalue is negative. The eigenvectors are the directions, the eigenvalues how much "
                    "it bends there.",
                    "NumPy has the values, in ascending order. Backward: an eigenvalue moves by v^T adot v, so each "
                    "sends back its wbar times v v^T. np.linalg.eigh has the vectors.",
                    "Forward:\n"
                    "return np.linalg.eigvalsh(a)\n"
                    "Backward:\n"
                    "v = np.linalg.eigh(a)[1]\n"
                    "return ((v * wbar[..., None, :]) @ v.mT,)",
                ),
                labels=("indefinite", "batch", "small"),
                title="convexity",
            ),
            Exercise(
                "step_limit",
                "Each step of descent multiplies the error along an eigenvector by 1 - lr lambda. Which eigenvalue "
                "says when that is larger than 1 in size?",
                (
                    "The steepest direction runs away first: its eigenvalue is the largest one, the last of eigvalsh.",
                    "1 - lr L = -1 there. Backward: y = 2 / L, whose slope is -2 / L^2 = -y^2 / 2; and L moves by v^T "
                    "adot v, v its eigenvector.",
                    "Forward:\n"
                    "return 2 / np.linalg.eigvalsh(a)[..., -1]\n"
                    "Backward:\n"
                    "v = np.linalg.eigh(a)[1][..., -1]\n"
                    "return ((-ybar * y * y / 2)[..., None, None] * v[..., :, None] * v[..., None, :],)",
                ),
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
                    "Forward:\n"
                    "s, points = (a + a.T) / 2, [x0]\n"
                    "for _ in range(steps):\n"
                    "    points.append(points[-1] - lr * (s @ points[-1] - b))\n"
                    "return np.stack(points)\n"
                    "Backward:\n"
                    "s, xbar, abar, bbar = (a + a.T) / 2, ybar[steps], 0 * a, 0 * b\n"
                    "for t in reversed(range(steps)):\n"
                    "    bbar = bbar + lr * xbar\n"
                    "    abar = abar - lr * xbar[:, None] * y[t]\n"
                    "    xbar = ybar[t] + xbar - lr * (s @ xbar)\n"
                    "return (abar + abar.T) / 2, bbar, xbar\n"
                    "Second order:\n"
                    "adot, bdot, x0dot = dots\n"
                    "s, r, v = (a + a.T) / 2, (adot + adot.T) / 2, [x0dot]\n"
                    "for t in range(steps):\n"
                    "    v.append(v[t] - lr * (r @ y[t] + s @ v[t] - bdot))\n"
                    "xbar, xbardot, abardot, bbardot = ybar[steps], 0 * x0, 0 * a, 0 * b\n"
                    "for t in reversed(range(steps)):\n"
                    "    bbardot = bbardot + lr * xbardot\n"
                    "    abardot = abardot - lr * (xbardot[:, None] * y[t] + xbar[:, None] * v[t])\n"
                    "    xbardot = xbardot - lr * (s @ xbardot + r @ xbar)\n"
                    "    xbar = ybar[t] + xbar - lr * (s @ xbar)\n"
                    "return (abardot + abardot.T) / 2, bbardot, xbardot",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "heavy_ball",
                "A ball rolls down a narrow valley. What does its weight do to the swinging from side to side, and "
                "what to the way along the valley?",
                (
                    "Each move is momentum times the last move, less lr times the gradient A x - b. The first one has "
                    "no last move.",
                    "Keep all the points. Backward, from the last to the first: a move gets what its point gets, and "
                    "momentum times what the next move got; it hands lr of that to b and to A, and A times it to its "
                    "point.",
                    "Forward:\n"
                    "s, points, move = (a + a.T) / 2, [x0], 0 * x0\n"
                    "for _ in range(steps):\n"
                    "    move = momentum * move - lr * (s @ points[-1] - b)\n"
                    "    points.append(points[-1] + move)\n"
                    "return np.stack(points)\n"
                    "Backward:\n"
                    "s, xbar, movebar, abar, bbar = (a + a.T) / 2, ybar[steps], 0 * b, 0 * a, 0 * b\n"
                    "for t in reversed(range(steps)):\n"
                    "    movebar = xbar + momentum * movebar\n"
                    "    bbar = bbar + lr * movebar\n"
                    "    abar = abar - lr * movebar[:, None] * y[t]\n"
                    "    xbar = ybar[t] + xbar - lr * (s @ movebar)\n"
                    "return (abar + abar.T) / 2, bbar, xbar\n"
                    "Second order:\n"
                    "adot, bdot, x0dot = dots\n"
                    "s, r, v, movedot = (a + a.T) / 2, (adot + adot.T) / 2, [x0dot], 0 * b\n"
                    "for t in range(steps):\n"
                    "    movedot = momentum * movedot - lr * (r @ y[t] + s @ v[t] - bdot)\n"
                    "    v.append(v[t] + movedot)\n"
                    "xbar, movebar, xbardot, movebardot = ybar[steps], 0 * b, 0 * b, 0 * b\n"
                    "bbardot, abardot = 0 * b, 0 * a\n"
                    "for t in reversed(range(steps)):\n"
                    "    movebar, movebardot = xbar + momentum * movebar, xbardot + momentum * movebardot\n"
                    "    bbardot = bbardot + lr * movebardot\n"
                    "    abardot = abardot - lr * (movebardot[:, None] * y[t] + movebar[:, None] * v[t])\n"
                    "    xbardot = xbardot - lr * (s @ movebardot + r @ movebar)\n"
                    "    xbar = ybar[t] + xbar - lr * (s @ movebar)\n"
                    "return (abardot + abardot.T) / 2, bbardot, xbardot",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "exact_line_search",
                "At the lowest point along p, what is the angle between p and the gradient there?",
                (
                    "Along p, f is a parabola in t. Where is its lowest point?",
                    "f'(t) = p.(A x - b) + t p.(A p): set that to 0. Two results: the step and the point.",
                    "Forward:\n"
                    "s = (a + a.T) / 2\n"
                    "t = -np.sum(p * (s @ x - b)) / np.sum(p * (s @ p))\n"
                    "return t, x + t * p",
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
                    "Forward:\n"
                    "s, points = (a + a.T) / 2, [x0]\n"
                    "for _ in range(steps):\n"
                    "    points.append(points[-1] - np.linalg.solve(s, s @ points[-1] - b))\n"
                    "return np.stack(points)\n"
                    "Backward:\n"
                    "s = (a + a.T) / 2\n"
                    "g = np.linalg.solve(s, np.sum(ybar[1:], axis=0))\n"
                    "abar = -g[:, None] * y[-1]\n"
                    "return (abar + abar.T) / 2, g\n"
                    "Second order:\n"
                    "adot, bdot = dots\n"
                    "s, r, x = (a + a.T) / 2, (adot + adot.T) / 2, y[-1]\n"
                    "g = np.linalg.solve(s, np.sum(ybar[1:], axis=0))\n"
                    "gdot, xdot = -np.linalg.solve(s, r @ g), np.linalg.solve(s, bdot - r @ x)\n"
                    "abardot = -(gdot[:, None] * x + g[:, None] * xdot)\n"
                    "return (abardot + abardot.T) / 2, gdot",
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
                    "Forward:\n"
                    "line = rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1)\n"
                    "if order == 1:\n"
                    "    return line\n"
                    "x0, x1, h0, h1 = x[..., :-1], x[..., 1:], h[..., :-1], h[..., 1:]\n"
                    "bend = (12 * b * x0**2 - 4 * b * x1 + 2) * h0**2 - 8 * b * x0 * h0 * h1 + 2 * b * h1**2\n"
                    "return line + np.sum(bend, axis=-1) / 2",
                ),
                parts=("value",),
            ),
            Exercise(
                "loss_surface_slice",
                "The 3-4-4-1 network has 41 parameters, and its loss is a surface over all of them. What can be seen "
                "of it on a sheet of paper?",
                (
                    "Two directions in the space of the parameters: one loss for each pair of steps along them.",
                    "theta holds the parameters, then the first direction, then the second one, each of as many "
                    "arrays. mlp_binary_loss gives the height.",
                    "Forward:\n"
                    "n = len(theta) // 3\n"
                    "w, u, v = theta[:n], theta[n : 2 * n], theta[2 * n :]\n"
                    "y = np.zeros((len(s), len(t)))\n"
                    "for i, j in np.ndindex(y.shape):\n"
                    "    here = [w[k] + s[i] * u[k] + t[j] * v[k] for k in range(n)]\n"
                    "    y[i, j] = mlp_binary_loss(x, target, *here, activation=activation)\n"
                    "return y",
                ),
                parts=("value",),
                labels=("3-4-4-1",),
                given=("mlp_binary_loss",),
            ),
        ),
    ),
)

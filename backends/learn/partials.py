"""Chapter 5: slopes of functions of many variables."""

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
                    "Forward:\nreturn x * x\nBackward:\nreturn (2 * x * ybar,)",
                ),
            ),
            Exercise(
                "exp",
                "Which function is its own slope? What does that save in the backward?",
                (
                    "NumPy has the value. Draw it, and look at how steep it is where it is high.",
                    "The slope is the value itself, and the backward is given the value: y.",
                    "Forward:\nreturn np.exp(x)\nBackward:\nreturn (ybar * y,)",
                ),
            ),
            Exercise(
                "log",
                "At which x does the logarithm rise fastest, and what does that do to a gradient when a probability is "
                "tiny?",
                (
                    "NumPy has the value: the natural logarithm.",
                    "y = log x means e^y = x. Differentiate both sides.",
                    "Forward:\nreturn np.log(x)\nBackward:\nreturn (ybar / x,)",
                ),
                also=("special",),
            ),
            Exercise(
                "power",
                "x^p has two arguments. Hold one still and move the other: which two rules of differentiation are "
                "these?",
                (
                    "The value is one operator of Python. Each argument has its own slope.",
                    "To x: p x^(p-1). To p: write x^p = e^(p log x), whose slope is y log x. And an argument that was "
                    "broadcast gets a sum.",
                    "Forward:\n"
                    "return x**p\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(ybar * p * x ** (p - 1), x.shape), back(ybar * y * np.log(x), p.shape)",
                ),
            ),
            Exercise(
                "multiply",
                "A rectangle grows on two sides at once: which strips does its area gain? That is the product rule.",
                (
                    "The value is one operator. Hold one argument still and move the other.",
                    "xbar is ybar times the other factor. Where an argument was repeated by broadcasting, its "
                    "cotangent is a sum, in its own shape.",
                    "Forward:\n"
                    "return x * y\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(zbar * y, x.shape), back(zbar * x, y.shape)",
                ),
            ),
            Exercise(
                "divide",
                "z = x / y means x = z y. Can you find the quotient rule by the product rule?",
                (
                    "The value is one operator. Let x = z y move: xdot = y zdot + z ydot.",
                    "Solve that for zdot: (xdot - z ydot) / y. The factors of xdot and ydot are the two slopes.",
                    "Forward:\n"
                    "return x / y\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(zbar / y, x.shape), back(-z * zbar / y, y.shape)",
                ),
            ),
            Exercise(
                "rsqrt",
                "1 / sqrt(x) is one function put into another. In which order does the chain rule multiply their "
                "slopes, and where is each of them taken?",
                (
                    "The chain rule of one variable: the slope of the outer one, at what the inner one gives, times "
                    "the slope of the inner one.",
                    "With s = sqrt(x): the outer slope is -1 / s^2, the inner one 1 / (2 s). Written with y = 1 / s "
                    "that is short.",
                    "Forward:\nreturn 1 / np.sqrt(x)\nBackward:\nreturn (-ybar * y / (2 * x),)",
                ),
            ),
            Exercise(
                "tanhshrink",
                "x stands in x - tanh(x) twice. If it moves, along how many paths does that reach y, and what is done "
                "with what they bring?",
                (
                    "The chain rule with several paths: the slopes of all paths add up.",
                    "The direct path has the slope 1, the other one -(1 - tanh^2). What is left of the sum? Written "
                    "so, nothing cancels.",
                    "Forward:\nreturn x - np.tanh(x)\nBackward:\nreturn (ybar * np.tanh(x) ** 2,)",
                ),
            ),
            Exercise(
                "sum",
                "Each x_i moves the sum by as much as it moves itself. So what does each get back?",
                (
                    "NumPy has the value; hand on axis and keepdims.",
                    "Backward: every x_i gets the whole ybar of its sum. ybar has lost axes: give them back, then "
                    "repeat it.",
                    "Forward:\n"
                    "return np.sum(x, axis=axis, keepdims=keepdims)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "return (np.broadcast_to(ybar, x.shape),)",
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
                    "Forward:\n"
                    "wall, zero = x[..., 1:] - x[..., :-1] ** 2, np.zeros_like(x[..., :1])\n"
                    "first = -4 * b * x[..., :-1] * wall - 2 * (a - x[..., :-1])\n"
                    "return np.concatenate([first, zero], -1) + np.concatenate([zero, 2 * b * wall], -1)",
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
                    "Forward:\n"
                    "return np.sum(b * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (a - x[..., :-1]) ** 2, axis=-1)\n"
                    "Backward:\n"
                    "return (ybar[..., None] * rosenbrock_gradient(x, a=a, b=b),)",
                ),
            ),
            Exercise(
                "mlp_jacobian",
                "Three inputs, five neurons, four outputs: every input reaches every output by five paths. Which "
                "product of matrices adds up all of them? Only one hidden layer is asked.",
                (
                    "The chain rule of many variables: the Jacobian of a composition is the product of the Jacobians, "
                    "the outer one on the left.",
                    "The layer x w has the Jacobian w^T: outputs are rows, inputs are columns. The activation has a "
                    "diagonal matrix, its slopes; multiply rows by them instead. Each example has its own.",
                    "Forward:\n"
                    "w1, b1, w2 = theta\n"
                    "h = np.tanh(x @ w1 + b1)\n"
                    "return w2.T @ ((1 - h**2)[:, :, None] * w1.T)",
                ),
                parts=("value",),
                labels=("one-hidden-layer",),
                given=("tanh",),
                title="vector_chain_rule",
            ),
        ),
    ),
)

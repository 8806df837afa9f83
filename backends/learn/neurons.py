"""Chapter 1: vectors and one neuron."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        1,
        "Vectors and one neuron",
        (
            Exercise(
                "dot",
                "The result is one number. If it is to grow, in which direction should x move?",
                (
                    "Multiply what stands at the same place, and add it all up.",
                    "Backward: z changes by y_i when x_i changes by 1, so x gets zbar times y. And y?",
                    "Forward:\nreturn x @ y\nBackward:\nreturn zbar * y, zbar * x",
                ),
                also=("lengths-differ", "nothing"),
            ),
            Exercise(
                "norm",
                "Multiply x by 2: what becomes of its length, and what of the gradient of its length? Only ord=1 and "
                "ord=2 are asked.",
                (
                    "ord=1 is the sum of the sizes, ord=2 is Pythagoras. Both run along one axis, so hand axis and "
                    "keepdims on to np.sum.",
                    "Backward for ord=2: y y = sum x x, so y times ydot = sum of x times xdot. For ord=1 only the "
                    "signs of x matter. ybar has lost the axis: give it back before you multiply.",
                    "Forward:\n"
                    "if ord == 1:\n"
                    "    return np.sum(np.abs(x), axis=axis, keepdims=keepdims)\n"
                    "return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))\n"
                    "Backward:\n"
                    "if not keepdims:\n"
                    "    y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis)\n"
                    "return (ybar * np.sign(x) if ord == 1 else ybar * x / y,)",
                ),
                labels=("one-norm", "two-norm", "two-norm-middle", "two-norm-shifted"),
            ),
            Exercise(
                "normalize",
                "y always has length 1. Then in which direction can y not move, whatever x does?",
                (
                    "Divide x by its length, but never by less than eps.",
                    "Backward: x moves y through the numerator and through the length. What the length does takes "
                    "away from ybar its part along y. Where the length is below eps, it is a constant.",
                    "Forward:\n"
                    "n = norm(x, ord=p, axis=axis, keepdims=True)\n"
                    "return x / np.maximum(n, eps)\n"
                    "Backward:\n"
                    "n = norm(x, ord=p, axis=axis, keepdims=True)\n"
                    "(g,) = norm_vjp(np.ones_like(n), n, x, ord=p, axis=axis, keepdims=True)\n"
                    "through = (ybar - np.sum(ybar * y, axis=axis, keepdims=True) * g) / n\n"
                    "return (np.where(n > eps, through, ybar / eps),)",
                ),
            ),
            Exercise(
                "cosine_similarity",
                "Make x1 a hundred times longer: what becomes of the cosine, and what of its gradient to x1?",
                (
                    "It is the dot product of two vectors of length 1.",
                    "Bring both to one shape with np.broadcast_arrays, normalize both along axis, multiply, and add "
                    "up. Backward: each unit vector gets ybar times the other, then back through normalize_vjp.",
                    "Forward:\n"
                    "x1, x2 = np.broadcast_arrays(x1, x2)\n"
                    "u1, u2 = normalize(x1, p=2, axis=axis, eps=eps), normalize(x2, p=2, axis=axis, eps=eps)\n"
                    "return np.sum(u1 * u2, axis=axis)\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "ybar, (w1, w2) = np.expand_dims(ybar, axis), np.broadcast_arrays(x1, x2)\n"
                    "u1, u2 = normalize(w1, p=2, axis=axis, eps=eps), normalize(w2, p=2, axis=axis, eps=eps)\n"
                    "(x1bar,) = normalize_vjp(ybar * u2, u1, w1, p=2, axis=axis, eps=eps)\n"
                    "(x2bar,) = normalize_vjp(ybar * u1, u2, w2, p=2, axis=axis, eps=eps)\n"
                    "return back(x1bar, x1.shape), back(x2bar, x2.shape)",
                ),
            ),
            Exercise(
                "projection",
                "What is left of v, v - y, is at a right angle to u. Can you see from the formula that the length of u "
                "does not matter?",
                (
                    "How many times does u fit into v? That many times u is the answer.",
                    "c = u.v / u.u along the last axis, kept with length 1 so that it multiplies u. Backward: y = c u "
                    "depends on u twice, through c and directly.",
                    "Forward:\n"
                    "c = np.sum(u * v, axis=-1, keepdims=True) / np.sum(u * u, axis=-1, keepdims=True)\n"
                    "return c * u\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "uu = np.sum(u * u, axis=-1, keepdims=True)\n"
                    "c = np.sum(u * v, axis=-1, keepdims=True) / uu\n"
                    "cbar = np.sum(u * ybar, axis=-1, keepdims=True) / uu\n"
                    "return back(cbar * u, v.shape), back(c * ybar + cbar * (v - 2 * y), u.shape)",
                ),
            ),
            Exercise(
                "heaviside",
                "The first artificial neurons fired or did not. What is the slope of that, and what would come back "
                "through it?",
                (
                    "Three answers: below 0, above 0, and at 0 itself.",
                    "At 0 it is value, which is given. And what of nan? It is neither below nor above: let it stay "
                    "nan.",
                    "Forward:\n"
                    "step = np.where(x > 0, 1.0, np.where(x < 0, 0.0, value))\n"
                    "return np.where(np.isnan(x), x, step)",
                ),
                parts=("value",),
                also=("special",),
            ),
            Exercise(
                "sigmoid",
                "Far out, at x = 40, y is 1 to the last digit. What happens to the gradient there, and to 1 - y?",
                (
                    "The formula overflows at x = -1000. Multiply above and below by exp(x): then it does not.",
                    "Use np.where on the sign of x, and only ever exp(-|x|). Backward: the slope is y (1 - y), but 1 "
                    "- y loses its digits where y is nearly 1.",
                    "Forward:\n"
                    "e = np.exp(-np.abs(x))\n"
                    "return np.where(x >= 0, 1, e) / (1 + e)\n"
                    "Backward:\n"
                    "return (ybar * y * sigmoid(-x),)",
                ),
                also=("limits",),
            ),
            Exercise(
                "reshape",
                "y has shape (n,) and the prediction (n, 1). Which shape has their difference, and how many of its "
                "numbers did you want?",
                (
                    "The numbers stay as they are, and in their order. Only the shape changes.",
                    "NumPy has it. Backward: a cotangent has the shape of its argument.",
                    "Forward:\nreturn np.reshape(x, shape)\nBackward:\nreturn (np.reshape(ybar, x.shape),)",
                ),
                labels=("column",),
                title="column",
            ),
            Exercise(
                "neuron",
                "Without an activation the neuron is a plane over its inputs. Which numbers of it would you change to "
                "tilt the plane, and which to lift it? Only the identity is asked.",
                (
                    "The weighted sum of each row, and the bias.",
                    "x @ w has shape (n,): one number for each example. Backward: each row gets its ybar times w; w "
                    "and b are shared by all rows, so they get sums.",
                    "Forward:\nreturn x @ w + b\nBackward:\nreturn ybar[:, None] * w, ybar @ x, np.sum(ybar)",
                ),
                labels=("identity",),
                given=("tanh", "relu"),
                title="linear_unit",
            ),
            Exercise(
                "neuron",
                "The points where x w + b = 0 are a line. Which way does w point from it, and what does b move?",
                (
                    "First the weighted sum of each row, then one function of it.",
                    "z = x @ w + b has shape (n,), not (n, 1). Backward: zbar = f'(z) ybar comes first; everything "
                    "else is the backward of x @ w + b.",
                    "Forward:\n"
                    "if w.shape != x.shape[1:] or b.shape != ():\n"
                    '    raise ValueError(f"got w {w.shape} and b {b.shape}, want {x.shape[1:]} and ()")\n'
                    'f = {"identity": lambda z: z, "sigmoid": sigmoid, "tanh": tanh, "relu": relu}[activation]\n'
                    "return f(x @ w + b)\n"
                    "Backward:\n"
                    "z = x @ w + b\n"
                    'if activation == "sigmoid":\n'
                    "    (ybar,) = sigmoid_vjp(ybar, y, z)\n"
                    'elif activation == "tanh":\n'
                    "    (ybar,) = tanh_vjp(ybar, y, z)\n"
                    'elif activation == "relu":\n'
                    "    (ybar,) = relu_vjp(ybar, y, z)\n"
                    "return ybar[:, None] * w, ybar @ x, np.sum(ybar)",
                ),
                given=("tanh", "relu"),
                also=("weights-as-column", "bias-for-each-example"),
            ),
        ),
    ),
)

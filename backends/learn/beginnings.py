"""Chapters 0 to 3: how far to trust a number, vectors and one neuron, matrices, the 3-4-4-1 network."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        0,
        "Is my test any good?",
        (
            Exercise(
                "finite_difference",
                "With a smaller step the formula gets better and the rounding gets worse. Which step would you take "
                "for numbers with 16 digits, and how many digits would be right?",
                (
                    "Move one variable at a time and leave the others where they are. How does f change?",
                    "Make one row for each variable: x[..., None, :] repeated, with step added on the diagonal. Then f "
                    "of all rows at once gives one number for each variable.",
                    "ahead = x[..., None, :] + step * np.eye(x.shape[-1]); behind is x[..., None, :] for 'forward', "
                    "and the same with a minus for 'central'. Divide f(ahead) - f(behind) by step or by 2 * step. f is "
                    "rosenbrock(v, a=1, b=100) or logsumexp(v, axis=-1, keepdims=False).",
                ),
                parts=("value",),
                given=("rosenbrock", "rosenbrock_gradient", "logsumexp"),
            ),
            Exercise(
                "taylor_rosenbrock",
                "Instead of all partial derivatives, one number along a random direction h can be compared: h.grad f. "
                "Which mistakes in a gradient could that one number miss? Only order=1 is asked.",
                (
                    "Near x a smooth function is its value there and a straight line along h.",
                    "The slope along h is the sum of h_i times the partial derivative i, along the last axis.",
                    "rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1)",
                ),
                parts=("value",),
                labels=("line",),
                given=("rosenbrock", "rosenbrock_gradient"),
                title="directional_derivative",
            ),
            Exercise(
                "expm1",
                "In float32 there are 7 digits. How many of them are left in exp(x) - 1 at x = 0.00001?",
                (
                    "Write it as the formula stands, have it judged, and look at which x it fails.",
                    "Where x is small, exp(x) is 1.00000something: the 1 takes the places of the digits that you want. "
                    "The subtraction must not happen.",
                    "NumPy has a function that never forms the 1: np.expm1(x). Its slope is np.exp(x), so the backward "
                    "is ybar times that.",
                ),
                dtype="float32",
            ),
            Exercise(
                "absolute",
                "At 0 the function has a kink and no derivative. What does a finite difference say there, forward and "
                "central? Which answers could be called right?",
                (
                    "To the right of 0 the slope is one number, to the left it is another one.",
                    "The slope is 1 where x is positive and -1 where it is negative; at 0 anything in between is "
                    "right.",
                    "np.abs(x), and (ybar * np.sign(x),): the comma makes a tuple of it.",
                ),
            ),
        ),
    ),
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
                    "x @ y, and return zbar * y, zbar * x.",
                ),
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
                    "Unless keepdims: y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis). Then ybar * x / y "
                    "for ord=2 and ybar * np.sign(x) for ord=1.",
                ),
                labels=("one-norm", "two-norm", "two-norm-middle", "two-norm-shifted"),
            ),
            Exercise(
                "normalize",
                "y always has length 1. Then in which direction can y not move, whatever x does?",
                (
                    "Divide x by its length, but never by less than eps.",
                    "Backward: x moves y through the numerator and through the length. What the length does takes away "
                    "from ybar its part along y. Where the length is below eps, it is a constant.",
                    "n = norm(x, ord=p, axis=axis, keepdims=True); y = x / np.maximum(n, eps). Backward where n > eps: "
                    "(ybar - np.sum(ybar * y, axis=axis, keepdims=True) * g) / n, g from norm_vjp with a cotangent of "
                    "ones; elsewhere ybar / eps.",
                ),
            ),
            Exercise(
                "cosine_similarity",
                "Make x1 a hundred times longer: what becomes of the cosine, and what of its gradient to x1?",
                (
                    "It is the dot product of two vectors of length 1.",
                    "Bring both to one shape with np.broadcast_arrays, normalize both along axis, multiply, and add "
                    "up. Backward: each unit vector gets ybar times the other, then back through normalize_vjp.",
                    "normalize(x, p=2, axis=axis, eps=eps). Backward: ybar = np.expand_dims(ybar, axis), then "
                    "normalize_vjp(ybar * u2, u1, x1, p=2, axis=axis, eps=eps). Where broadcasting repeated an "
                    "argument, sum its cotangent along those axes, back to its shape.",
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
                    "With cbar = u.ybar / u.u: vbar = cbar * u and ubar = c * ybar + cbar * (v - 2 * y), each summed "
                    "back to the shape of its argument where it was broadcast.",
                ),
            ),
            Exercise(
                "sigmoid",
                "Far out, at x = 40, y is 1 to the last digit. What happens to the gradient there, and to 1 - y?",
                (
                    "The formula overflows at x = -1000. Multiply above and below by exp(x): then it does not.",
                    "Use np.where on the sign of x, and only ever exp(-|x|). Backward: the slope is y (1 - y), but 1 - "
                    "y loses its digits where y is nearly 1.",
                    "e = np.exp(-np.abs(x)); y = np.where(x >= 0, 1, e) / (1 + e). Backward: ybar * y * sigmoid(-x).",
                ),
            ),
            Exercise(
                "neuron",
                "The points where x w + b = 0 are a line. Which way does w point from it, and what does b move?",
                (
                    "First the weighted sum of each row, then one function of it.",
                    "z = x @ w + b has shape (n,), not (n, 1). Backward: zbar = f'(z) ybar comes first; everything "
                    "else is the backward of x @ w + b.",
                    "(zbar,) = sigmoid_vjp(ybar, y, z), or that of the other activations; then zbar[:, None] * w, zbar "
                    "@ x, np.sum(zbar): all examples share w and b.",
                ),
                given=("tanh", "relu"),
            ),
        ),
    ),
    Chapter(
        2,
        "Matrix form",
        (
            Exercise(
                "matmul",
                "Which shapes do ybar, a and b have, and which products of them have the shape of a? Only plain "
                "matrices are asked.",
                (
                    "The value is one character of NumPy. For the backward, write down the shapes: only one product "
                    "fits.",
                    "abar must be (m, k): ybar is (m, n) and b is (k, n) when it is turned over.",
                    "a @ b, and return ybar @ b.T, a.T @ ybar.",
                ),
                labels=("matrices", "shifted"),
            ),
            Exercise(
                "outer",
                "Every row of the result is a multiple of y. How many numbers does it take to describe all m n of "
                "them?",
                (
                    "Let NumPy broadcast a column against a row.",
                    "x[:, None] has shape (m, 1). Backward: x_i meets every y_j, so its cotangent is a sum over j.",
                    "x[:, None] * y, and return zbar @ y, x @ zbar.",
                ),
            ),
            Exercise(
                "linear",
                "Every example uses the same w and b. What does that do to their cotangents?",
                (
                    "A row of x for each example: one product for all of them, and b is added to every row.",
                    "Backward: what was repeated in the forward is summed in the backward. x may have more than one "
                    "leading axis, or none: make rows of all of them first.",
                    "rows, bars = x.reshape(-1, w.shape[0]), ybar.reshape(-1, w.shape[1]); return ybar @ w.T, rows.T @ "
                    "bars, np.sum(bars, axis=0).",
                ),
            ),
            Exercise(
                "matmul",
                "NumPy repeats a matrix along the leading axes without being asked. Where does the gradient of that "
                "matrix come from?",
                (
                    "The value has not changed. In the backward, an argument that was repeated has a cotangent that is "
                    "too large: sum it.",
                    "Use .mT, which turns over the last two axes only. Then sum over leading axes that the argument "
                    "lacks, and over those where it has length 1.",
                    "def back(g, shape): lead = g.ndim - len(shape); axes = tuple(range(lead)) + tuple(i + lead for i, "
                    "n in enumerate(shape) if n == 1); return np.sum(g, axis=axes).reshape(shape). Then back(ybar @ "
                    "b.mT, a.shape) and back(a.mT @ ybar, b.shape).",
                ),
                labels=("matrices", "batch", "batch-times-one", "broadcast"),
                title="matmul_broadcast",
            ),
            Exercise(
                "trace",
                "Which elements of a can change without y noticing? So what is their cotangent?",
                (
                    "Take the diagonal, and add it up.",
                    "np.diagonal takes offset and the two axes. Backward: ybar on that diagonal, 0 everywhere else.",
                    "np.sum(np.diagonal(a, offset, -2, -1), axis=-1). Backward: i, j = np.indices(a.shape[-2:]), then "
                    "np.where(j - i == offset, ybar[..., None, None], 0).",
                ),
            ),
            Exercise(
                "einsum",
                "In 'ij,jk->ik' the letter j is summed. Which letter is summed in the cotangent of the first operand? "
                "Only products of matrices are asked.",
                (
                    "The value is one function of NumPy. The backward is an einsum too.",
                    "For an operand, ybar takes its place among the inputs and its own letters become the result: "
                    "'ij,jk->ik' gives 'ik,jk->ij' for the first one.",
                    "terms, result = subscripts.split('->'); terms = terms.split(','); for operand k: others = "
                    "[*terms[:k], *terms[k+1:]], then np.einsum(','.join([result, *others]) + '->' + terms[k], ybar, "
                    "*operands[:k], *operands[k+1:]).",
                ),
                labels=("product", "three-factors"),
            ),
        ),
    ),
    Chapter(
        3,
        "MLP 3-4-4-1 in one line",
        (
            Exercise(
                "mlp",
                "How many parameters has the network with 3 inputs, two hidden layers of 4 and 1 output? And what is "
                "it worth without the activation?",
                (
                    "A layer is x w + b, and then the activation of it. Put one inside the other.",
                    "theta is w1, b1, w2, b2, w3, b3. The last layer has no activation.",
                    "w1, b1, w2, b2, w3, b3 = theta; return sigmoid(sigmoid(x @ w1 + b1) @ w2 + b2) @ w3 + b3.",
                ),
                parts=("value",),
                labels=("3-4-4-1",),
                given=("tanh", "relu"),
                title="mlp_3441",
            ),
            Exercise(
                "mlp",
                "If every layer had the same widths, would a loop be clearer than a line? And what would change for a "
                "batch of a thousand rows?",
                (
                    "The line has become a loop over the pairs of a matrix and a vector.",
                    "theta[::2] are the matrices and theta[1::2] the vectors. All layers but the last one bend.",
                    "s = {'sigmoid': sigmoid, 'tanh': tanh, 'relu': relu}[activation]; for w, b in zip(theta[:-2:2], "
                    "theta[1:-2:2]): x = s(x @ w + b); return x @ theta[-2] + theta[-1].",
                ),
                parts=("value",),
                given=("tanh", "relu"),
            ),
        ),
    ),
)

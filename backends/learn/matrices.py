"""Chapters 2 and 3: matrices, and the 3-4-4-1 network."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
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
                    "Forward:\nreturn a @ b\nBackward:\nreturn ybar @ b.T, a.T @ ybar",
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
                    "Forward:\nreturn x[:, None] * y\nBackward:\nreturn zbar @ y, x @ zbar",
                ),
            ),
            Exercise(
                "transpose",
                "(A B) transposed is B transposed times A transposed. Why in the other order? And why is the way back "
                "through a transpose a transpose?",
                (
                    "Only the axes change their places: axis k of the result is axis axes[k] of x.",
                    "NumPy has it. Backward: for each axis find where it went, and fetch it from there. With three "
                    "axes that is not the same permutation.",
                    "Forward:\nreturn np.transpose(x, axes)\nBackward:\nreturn (np.transpose(ybar, np.argsort(axes)),)",
                ),
            ),
            Exercise(
                "broadcast_to",
                "A bias is added to each of a thousand rows. Nobody copies it a thousand times, but the gradient must "
                "be right as if somebody had. What is it?",
                (
                    "NumPy repeats along axes of length 1, and along those that are missing in front.",
                    "Backward: each copy sends its cotangent back, and they add up. Sum over the leading axes that x "
                    "lacks, and over those where x has length 1; then give it the shape of x.",
                    "Forward:\n"
                    "return np.broadcast_to(x, shape)\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return (back(ybar, x.shape),)",
                ),
                also=("wrong-axis",),
            ),
            Exercise(
                "linear",
                "Every example uses the same w and b. What does that do to their cotangents?",
                (
                    "A row of x for each example: one product for all of them, and b is added to every row.",
                    "Backward: what was repeated in the forward is summed in the backward. x may have more than one "
                    "leading axis, or none: make rows of all of them first.",
                    "Forward:\n"
                    "if b.shape != w.shape[1:]:\n"
                    '    raise ValueError(f"got a bias of shape {b.shape}, want {w.shape[1:]}")\n'
                    "return x @ w + b\n"
                    "Backward:\n"
                    "rows, bars = x.reshape(-1, w.shape[0]), ybar.reshape(-1, w.shape[1])\n"
                    "return ybar @ w.T, rows.T @ bars, np.sum(bars, axis=0)",
                ),
                also=("bias-of-one",),
            ),
            Exercise(
                "matmul",
                "NumPy repeats a matrix along the leading axes without being asked. Where does the gradient of that "
                "matrix come from?",
                (
                    "The value has not changed. In the backward, an argument that was repeated has a cotangent that "
                    "is too large: sum it.",
                    "Use .mT, which turns over the last two axes only. Then sum over leading axes that the argument "
                    "lacks, and over those where it has length 1.",
                    "Forward:\n"
                    "return a @ b\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(ybar @ b.mT, a.shape), back(a.mT @ ybar, b.shape)",
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
                    "Forward:\n"
                    "return np.sum(np.diagonal(a, offset, -2, -1), axis=-1)\n"
                    "Backward:\n"
                    "i, j = np.indices(a.shape[-2:])\n"
                    "return (np.where(j - i == offset, ybar[..., None, None], 0),)",
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
                    "Forward:\n"
                    "return np.einsum(subscripts, *operands)\n"
                    "Backward:\n"
                    'terms, result = subscripts.split("->")\n'
                    'terms, bars = terms.split(","), []\n'
                    "for k, term in enumerate(terms):\n"
                    '    others = ",".join([result, *terms[:k], *terms[k + 1 :]])\n'
                    '    bars.append(np.einsum(others + "->" + term, ybar, *operands[:k], *operands[k + 1 :]))\n'
                    "return tuple(bars)",
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
                "mlp_size",
                "3 inputs, two layers of 4 neurons, 1 output: count the arrows of the drawing, and then the neurons. "
                "How many numbers is that?",
                (
                    "Each neuron has a weight for each number that comes in, and one bias.",
                    "widths[:-1] is what comes into each layer, widths[1:] how many neurons it has.",
                    "Forward:\nreturn np.sum((widths[:-1] + 1) * widths[1:])",
                ),
                parts=("value",),
                also=("3-4-4-1",),
            ),
            Exercise(
                "mlp",
                "How many parameters has the network with 3 inputs, two hidden layers of 4 and 1 output? And what is "
                "it worth without the activation?",
                (
                    "A layer is x w + b, and then the activation of it. Put one inside the other.",
                    "theta is w1, b1, w2, b2, w3, b3. The last layer has no activation.",
                    "Forward:\n"
                    "w1, b1, w2, b2, w3, b3 = theta\n"
                    "return sigmoid(sigmoid(x @ w1 + b1) @ w2 + b2) @ w3 + b3",
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
                    "Forward:\n"
                    's = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}[activation]\n'
                    "for w, b in zip(theta[:-2:2], theta[1:-2:2]):\n"
                    "    x = s(x @ w + b)\n"
                    "return x @ theta[-2] + theta[-1]",
                ),
                parts=("value",),
                given=("tanh", "relu"),
            ),
        ),
    ),
)

"""Chapter 6: what goes back through an operation."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        6,
        "Jacobian, VJP, JVP",
        (
            Exercise(
                "mlp_jacobian",
                "Row i and column j of a Jacobian: which is the output and which the input? With one output and a "
                "million inputs, would you multiply the matrices from the left or from the right?",
                (
                    "A product of matrices for each layer, from the first one on. Keep the values of the way forward: "
                    "the slopes are taken there.",
                    "Begin with w1^T for every example. Each further layer multiplies the rows by the slopes s'(z) "
                    "and then by its w^T on the left. The last bias does not matter, and is not given.",
                    "Forward:\n"
                    "h, j = x, np.broadcast_to(theta[0].T, (len(x), *theta[0].T.shape))\n"
                    "for w, b, after in zip(theta[:-1:2], theta[1::2], theta[2::2]):\n"
                    '    h = sigmoid(h @ w + b) if activation == "sigmoid" else np.tanh(h @ w + b)\n'
                    '    slope = h * (1 - h) if activation == "sigmoid" else 1 - h**2\n'
                    "    j = after.T @ (slope[:, :, None] * j)\n"
                    "return j",
                ),
                parts=("value",),
                given=("tanh",),
            ),
            Exercise(
                "matmul",
                "A vector times a matrix, a matrix times a vector, a vector times a vector: what is the shape of each "
                "cotangent, and is it an outer product or a sum?",
                (
                    "The value has not changed. For the backward make a row of a vector on the left, a column of one "
                    "on the right.",
                    "Give ybar the axes that it lost, use the rule for matrices, sum along what was broadcast, and "
                    "give each cotangent the shape of its argument.",
                    "Forward:\n"
                    "return a @ b\n"
                    "Backward:\n"
                    "row, column = a if a.ndim > 1 else a[None, :], b if b.ndim > 1 else b[:, None]\n"
                    "lead = np.broadcast_shapes(row.shape[:-2], column.shape[:-2])\n"
                    "ybar = ybar.reshape(*lead, row.shape[-2], column.shape[-1])\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return (\n"
                    "    back(ybar @ column.mT, row.shape).reshape(a.shape),\n"
                    "    back(row.mT @ ybar, column.shape).reshape(b.shape),\n"
                    ")",
                ),
                labels=("row", "column", "two-vectors"),
                title="matmul_vectors",
            ),
            Exercise(
                "reshape",
                "The Jacobian of a reshape is a matrix of ones and zeros. Which one?",
                (
                    "NumPy has it, and a length of -1 means: what is left.",
                    "The order of the elements does not change, so the order of their cotangents does not either.",
                    "Forward:\nreturn np.reshape(x, shape)\nBackward:\nreturn (np.reshape(ybar, x.shape),)",
                ),
            ),
            Exercise(
                "take",
                "One element was looked up three times. How many cotangents come back to it, and what becomes of "
                "them? And to one that was never looked up?",
                (
                    "NumPy has the value. It also takes negative indices, which are to be refused here.",
                    "Backward: begin with zeros in the shape of x, and add each cotangent where it came from. "
                    "x[indices] += g keeps one of several: np.add.at adds all of them.",
                    "Forward:\n"
                    "if np.any((indices < 0) | (indices >= x.shape[axis])):\n"
                    '    raise IndexError(f"indices {indices} are not all from 0 to {x.shape[axis] - 1}")\n'
                    "return np.take(x, indices, axis=axis)\n"
                    "Backward:\n"
                    "xbar = np.zeros_like(np.moveaxis(x, axis, 0))\n"
                    "np.add.at(xbar, indices, np.moveaxis(ybar, axis, 0))\n"
                    "return (np.moveaxis(xbar, 0, axis),)",
                ),
                also=("negative", "too-large"),
            ),
            Exercise(
                "mean",
                "The Jacobian of a mean has a single number in it. Which one, and how often?",
                (
                    "NumPy has the value. The backward is that of sum, but for a factor.",
                    "How many elements went into each mean? x.size // y.size of them.",
                    "Forward:\n"
                    "return np.mean(x, axis=axis, keepdims=keepdims)\n"
                    "Backward:\n"
                    "n = x.size // y.size\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "return (np.broadcast_to(ybar, x.shape) / n,)",
                ),
            ),
            Exercise(
                "cumsum",
                "Write down the Jacobian for three numbers: it is a triangle of ones. Which triangle is its transpose?",
                (
                    "NumPy has the value. Which outputs does x_1 reach, and which does the last x reach?",
                    "x_i is part of y_i and of all that follow, so its cotangent is the sum of ybar from i to the end.",
                    "Forward:\n"
                    "return np.cumsum(x, axis=axis)\n"
                    "Backward:\n"
                    "return (np.flip(np.cumsum(np.flip(ybar, axis), axis=axis), axis),)",
                ),
            ),
            Exercise(
                "max",
                "Only the largest element moves the result. And if two are the largest?",
                (
                    "NumPy has the value. The backward puts ybar where x is as large as y, and 0 elsewhere.",
                    "Give y and ybar their axes back. Where several are largest, let them share ybar.",
                    "Forward:\n"
                    "return np.max(x, axis=axis, keepdims=keepdims)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis)\n"
                    "top = np.where(x == y, 1.0, 0.0)\n"
                    "return (ybar * top / np.sum(top, axis=axis, keepdims=True),)",
                ),
            ),
            Exercise(
                "prod",
                "The slope to x_i is y / x_i. What if x_i is 0? What is the right number then?",
                (
                    "The slope to x_i is the product of all the others, and needs no division.",
                    "The product of what stands before i, times that of what stands behind i: two np.cumprod, one of "
                    "them from the end. Or, more slowly: put a 1 in the place of x_i, and multiply.",
                    "Forward:\n"
                    "return np.prod(x, axis=axis, keepdims=keepdims)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "g = np.empty_like(x)\n"
                    "for i in np.ndindex(x.shape):\n"
                    "    others = x.copy()\n"
                    "    others[i] = 1\n"
                    "    product = np.prod(others, axis=axis, keepdims=True)\n"
                    "    g[i] = np.broadcast_to(product, x.shape)[i]\n"
                    "return (ybar * g,)",
                ),
            ),
            Exercise(
                "norm",
                "For large p the p-norm is nearly the largest size. Where does its gradient go then? Only ord=2.5, "
                "ord=4, the largest and the Frobenius norm are asked.",
                (
                    "The p-th root of the sum of the p-th powers of the sizes. The largest is np.max of the sizes, "
                    "Frobenius is the 2-norm over two axes.",
                    "Backward from y^p = sum |x|^p: the slope to x is sign(x) (|x| / y)^(p-1). Of the largest, only "
                    "where |x| = y.",
                    "Forward:\n"
                    "if ord == np.inf:\n"
                    "    return np.max(np.abs(x), axis=axis, keepdims=keepdims)\n"
                    'p = 2 if ord == "fro" else ord\n'
                    "return np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)\n"
                    "Backward:\n"
                    "if not keepdims:\n"
                    "    y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis)\n"
                    "if ord == np.inf:\n"
                    "    return (np.where(np.abs(x) == y, ybar * np.sign(x), 0),)\n"
                    'p = 2 if ord == "fro" else ord\n'
                    "return (ybar * np.sign(x) * (np.abs(x) / y) ** (p - 1),)",
                ),
                labels=("four-norm", "five-halves-norm", "largest", "frobenius", "frobenius-apart"),
                title="norm_any",
            ),
            Exercise(
                "segment_sum",
                "Adding up in groups: what is the transpose of that, in one word?",
                (
                    "Each row of x goes to the row of y that its id names; several may go to the same one.",
                    "y[ids] += x forgets all but the last of those with one id. np.add.at does not. Backward: each "
                    "row takes the cotangent of its group.",
                    "Forward:\n"
                    "y = np.zeros((num_segments, *x.shape[1:]))\n"
                    "np.add.at(y, segment_ids, x)\n"
                    "return y\n"
                    "Backward:\n"
                    "return (ybar[segment_ids],)",
                ),
            ),
        ),
    ),
)

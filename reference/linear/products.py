"""Products of vectors and matrices."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def dot(x, y):
    """z = sum_i x_i y_i.

    Shapes: x and y (n,), z ().

    Raises ValueError when x and y are not two vectors of one length.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 2.2.
    """
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x and y have shapes {x.shape} and {y.shape}, expected two vectors of one length")
    return x @ y


def dot_vjp(zbar, z, x, y):
    """xbar = zbar y and ybar = zbar x: z is linear in each of them."""
    return zbar * y, zbar * x


def dot_cases(rng):
    yield Case("short", (rng.normal(size=3), rng.normal(size=3)))
    yield Case("long", (rng.normal(size=13), rng.normal(size=13)))
    yield Case("one", (rng.normal(size=1), rng.normal(size=1)))
    yield Case("shifted", (100 + rng.normal(size=7), rng.normal(size=7)))
    x, y = rng.normal(size=5), rng.normal(size=5)
    yield Case("nearly-orthogonal", (x, y - x * (x @ y) / (x @ x) + 0.1 * x))
    yield Case("infinite", (np.array([np.inf, 1.0]), np.array([-2.0, 3.0])), {}, "special", np.array(-np.inf))
    yield Case("infinity-times-zero", (np.array([np.inf, 1.0]), np.array([0.0, 3.0])), {}, "special", np.array(np.nan))
    yield Case("nothing", (np.zeros(0), np.zeros(0)), {}, "empty", np.array(0.0))
    yield Case("lengths-differ", (rng.normal(size=3), rng.normal(size=4)), {}, "refused")
    yield Case("length-one-is-not-repeated", (rng.normal(size=3), rng.normal(size=1)), {}, "refused")
    yield Case("matrices", (rng.normal(size=(3, 3)), rng.normal(size=(3, 3))), {}, "refused")


def dot_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.normal(size=n // 2)))


def matmul(a, b):
    """y_ij = sum_k a_ik b_kj for each pair of matrices.

    Shapes: a (..., m, k), b (..., k, n), y (..., m, n); the leading axes are broadcast against each other.
    A vector a (k,) is a row and a vector b (k,) a column, and y has no axis for it.

    Raises ValueError when the inner sizes k differ, when the leading axes cannot be broadcast, or for a scalar.

    Source: Python array API standard, matmul.
    """
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[-2:][0]:
        raise ValueError(f"a and b have shapes {a.shape} and {b.shape}, expected (..., m, k) and (..., k, n)")
    return a @ b


def matmul_vjp(ybar, y, a, b):
    """abar = ybar b^T and bbar = a^T ybar, from <ybar, adot b + a bdot>; summed along the axes that were broadcast."""
    row = a if a.ndim > 1 else a[None, :]
    column = b if b.ndim > 1 else b[:, None]
    leading = np.broadcast_shapes(row.shape[:-2], column.shape[:-2])
    ybar = np.reshape(ybar, (*leading, row.shape[-2], column.shape[-1]))
    abar = unbroadcast(ybar @ column.mT, row.shape)
    bbar = unbroadcast(row.mT @ ybar, column.shape)
    return np.reshape(abar, a.shape), np.reshape(bbar, b.shape)


def matmul_cases(rng):
    yield Case("matrices", (rng.normal(size=(3, 5)), rng.normal(size=(5, 4))))
    yield Case("batch", (rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 3, 5))))
    yield Case("batch-times-one", (rng.normal(size=(3, 2, 5)), rng.normal(size=(5, 4))))
    yield Case("broadcast", (rng.normal(size=(3, 1, 2, 5)), rng.normal(size=(4, 5, 6))))
    yield Case("row", (rng.normal(size=5), rng.normal(size=(2, 5, 3))))
    yield Case("column", (rng.normal(size=(2, 3, 4)), rng.normal(size=4)))
    yield Case("two-vectors", (rng.normal(size=7), rng.normal(size=7)))
    yield Case("shifted", (100 + rng.normal(size=(3, 5)), rng.normal(size=(5, 2))))
    a, b = np.array([[np.nan, 1.0], [2.0, 3.0], [np.inf, 1.0]]), np.array([[1.0, 0.0], [4.0, -1.0]])
    answer = np.array([[np.nan, np.nan], [14.0, -3.0], [np.inf, np.nan]])
    yield Case("rows-apart", (a, b), {}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 4)), np.zeros((4, 3))), {}, "empty", np.zeros((0, 3)))
    yield Case("sum-of-nothing", (np.zeros((3, 0)), np.zeros((0, 4))), {}, "empty", np.zeros((3, 4)))
    yield Case("inner-sizes-differ", (rng.normal(size=(3, 4)), rng.normal(size=(3, 4))), {}, "refused")
    yield Case("batches-differ", (rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4, 5))), {}, "refused")
    yield Case("scalar", (rng.normal(size=(3, 4)), np.array(2.0)), {}, "refused")


def matmul_sized(rng, n):
    side = int((n / 2) ** 0.5) + 1
    return Case("sized", (rng.normal(size=(side, side)), rng.normal(size=(side, side))))


def outer(x, y):
    """z_ij = x_i y_j.

    Shapes: x (m,), y (n,), z (m, n).

    Raises ValueError when x or y is no vector.

    Source: Golub and Van Loan (2013), Matrix Computations, section 1.1.
    """
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"outer: got x and y of shapes {x.shape} and {y.shape}, want two vectors (m,) and (n,)")
    return x[:, None] * y


def outer_vjp(zbar, z, x, y):
    """xbar = zbar y and ybar = zbar^T x: each x_i meets every y_j, and sums over them."""
    return zbar @ y, x @ zbar


def outer_cases(rng):
    yield Case("vectors", (rng.normal(size=3), rng.normal(size=5)))
    yield Case("one-row", (rng.normal(size=1), 100 + rng.normal(size=4)))
    x, y = np.array([np.inf, 2.0, np.nan, -0.0]), np.array([0.0, -3.0])
    answer = np.array([[np.nan, -np.inf], [0.0, -6.0], [np.nan, np.nan], [-0.0, 0.0]])
    yield Case("limits", (x, y), {}, "special", answer)
    yield Case("nothing", (np.zeros(0), rng.normal(size=3)), {}, "empty", np.zeros((0, 3)))
    yield Case("matrix", (rng.normal(size=(2, 3)), rng.normal(size=4)), {}, "refused")


def outer_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.normal(size=7)))


def kron(a, b):
    """y = (a_ij b): every element of a times the whole of b, y_(i p + k),(j q + l) = a_ij b_kl.

    Shapes: a (m, n), b (p, q), y (m p, n q). Any number of axes goes by the same rule, and the array that has fewer
    gets axes of length 1 in front.

    Row i p + k of y is the pair (i, k) with i in the lead: the product is formed on the axes (i, k, j, l), and
    reshaping joins them.

    Source: Van Loan (2000), The ubiquitous Kronecker product, Journal of Computational and Applied Mathematics 123,
    section 1.
    """
    left, right = _interleaved(a, b)
    y = left * right
    return np.reshape(y, [y.shape[k] * y.shape[k + 1] for k in range(0, y.ndim, 2)])


def kron_vjp(ybar, y, a, b):
    """abar_ij = sum_kl ybar_(ik),(jl) b_kl and bbar_kl = sum_ij ybar_(ik),(jl) a_ij, ybar with its axes apart again."""
    left, right = _interleaved(a, b)
    ybar = np.reshape(ybar, np.broadcast_shapes(left.shape, right.shape))
    odd, even = tuple(range(1, ybar.ndim, 2)), tuple(range(0, ybar.ndim, 2))
    return (
        np.reshape(np.sum(ybar * right, axis=odd), a.shape),
        np.reshape(np.sum(ybar * left, axis=even), b.shape),
    )


def _interleaved(a, b):
    """a on the axes 0, 2, 4 ... and b on the axes 1, 3, 5 ..., with length 1 on the others."""
    rank = max(a.ndim, b.ndim)
    rows, columns = (1,) * (rank - a.ndim) + a.shape, (1,) * (rank - b.ndim) + b.shape
    return np.reshape(a, [s for n in rows for s in (n, 1)]), np.reshape(b, [s for n in columns for s in (1, n)])


def kron_cases(rng):
    yield Case("matrices", (rng.normal(size=(2, 3)), rng.normal(size=(4, 5))))
    yield Case("vectors", (rng.normal(size=3), 100 + rng.normal(size=2)))
    yield Case("vector-and-matrix", (rng.normal(size=4), rng.normal(size=(2, 3))))
    a, b = np.array([[np.inf, 1.0]]), np.array([[-2.0], [0.0], [np.nan]])
    answer = np.array([[-np.inf, -2.0], [np.nan, 0.0], [np.nan, np.nan]])
    yield Case("limits", (a, b), {}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)), rng.normal(size=(2, 4))), {}, "empty", np.zeros((0, 12)))


def kron_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 16 + 1, 16)), rng.normal(size=(2, 4))))


def bilinear(x1, x2, w, b):
    """y_nk = sum_ij x1_ni w_kij x2_nj + b_k.

    Shapes: x1 (n, i), x2 (n, j), w (k, i, j), b (k,) or None, y (n, k).

    Each output k has a matrix w_k of its own, and measures the pair (x1, x2) by it. The pairs are those of one row: no
    example meets the other side of another.

    Raises ValueError for other shapes, which NumPy would broadcast.

    Source: Tenenbaum and Freeman (2000), Separating style and content with bilinear models, Neural Computation 12,
    section 2, the symmetric model.
    """
    if x1.ndim != 2 or x2.ndim != 2 or x1.shape[0] != x2.shape[0]:
        raise ValueError(f"bilinear: got x1 and x2 of shapes {x1.shape} and {x2.shape}, want (n, i) and (n, j)")
    if w.ndim != 3 or w.shape[1:] != (x1.shape[1], x2.shape[1]):
        raise ValueError(f"bilinear: got w of shape {w.shape}, want (k, {x1.shape[1]}, {x2.shape[1]})")
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(f"bilinear: got b of shape {b.shape}, want {w.shape[:1]}")
    y = np.einsum("ni,kij,nj->nk", x1, w, x2)
    return y if b is None else y + b


def bilinear_vjp(ybar, y, x1, x2, w, b):
    """Each factor gets ybar times the other two, summed over the indices that it lacks; bbar_k = sum_n ybar_nk."""
    return (
        np.einsum("nk,kij,nj->ni", ybar, w, x2),
        np.einsum("nk,kij,ni->nj", ybar, w, x1),
        np.einsum("nk,ni,nj->kij", ybar, x1, x2),
        None if b is None else np.sum(ybar, axis=0),
    )


def bilinear_cases(rng):
    def pair(n, i, j, k):
        return rng.normal(size=(n, i)), rng.normal(size=(n, j)), rng.normal(size=(k, i, j))

    yield Case("pairs", (*pair(2, 3, 4, 5), rng.normal(size=5)))
    x1, x2, w = pair(3, 2, 5, 4)
    yield Case("no-bias", (100 + x1, x2, w, None))
    yield Case("one-output", (*pair(4, 3, 2, 1), rng.normal(size=1)))
    yield Case("no-examples", (x1[:0], x2[:0], w, rng.normal(size=4)), {}, "empty", np.zeros((0, 4)))
    yield Case("other-examples", (x1, x2[:2], w, None), {}, "refused")
    yield Case("weights-transposed", (x1, x2, w.mT, None), {}, "refused")
    yield Case("bias-of-one", (x1, x2, w, rng.normal(size=1)), {}, "refused")


def bilinear_sized(rng, n):
    m = n // 20 + 1
    return Case(
        "sized", (rng.normal(size=(m, 9)), rng.normal(size=(m, 11)), rng.normal(size=(5, 9, 11)), rng.normal(size=5))
    )


OPS = [
    Op(dot, dot_cases, dot_vjp, dot_sized, half=True),
    Op(outer, outer_cases, outer_vjp, outer_sized, half=True),
    Op(matmul, matmul_cases, matmul_vjp, matmul_sized, half=True),
    Op(kron, kron_cases, kron_vjp, kron_sized),
    Op(bilinear, bilinear_cases, bilinear_vjp, bilinear_sized),
]

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


OPS = [
    Op(dot, dot_cases, dot_vjp, dot_sized, half=True),
    Op(matmul, matmul_cases, matmul_vjp, matmul_sized, half=True),
]

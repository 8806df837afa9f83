"""The Cholesky decomposition: a square root of a positive definite matrix."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import coupled, row_sum
from .triangular import triangular_solve


def cholesky(a):
    """a = l l^T, l lower triangular with a positive diagonal: the one such factor of a positive definite matrix.

    Shapes: a and l (..., n, n), l in the square root of the units of a.

    Column k of l is column k of what is left of a, divided by the root of its head; then its square is taken off.
    No pivots are needed: nothing grows, as the squares of a row of l add up to a_ii. Only the lower triangle of a is
    read, as LAPACK does. Of a matrix that is not positive definite a root is taken of a negative number: nan.

    Raises ValueError unless the matrices are square.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 4.2.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"cholesky: got a of shape {a.shape}, want (..., n, n)")
    n = a.shape[-1]
    i = np.arange(n)
    l = np.zeros_like(a)
    for k in range(n):
        root = np.sqrt(a[..., k : k + 1, k : k + 1])
        column = np.where(i[:, None] > k, a[..., :, k : k + 1] / root, 0)
        a = a - column * column.mT
        l = np.where(i == k, np.where(i[:, None] == k, root, column), l)
    return l


def cholesky_vjp(lbar, l, a):
    """abar = (s + s^T) / 2, s = l^-T phi(l^T lbar) l^-1, phi being the lower triangle with half the diagonal.

    l^-1 adot l^-T = l^-1 ldot + (l^-1 ldot)^T, and l^-1 ldot is lower triangular, so ldot = l phi(l^-1 adot l^-T). It
    is the derivative along symmetric adot, and its adjoint is symmetric.
    Source: Murray (2016), Differentiation of the Cholesky decomposition, section 3.1.
    """
    middle = l.mT @ lbar
    middle = (np.tril(middle) + np.tril(middle, -1)) / 2
    left = triangular_solve(l.mT, middle, lower=False, unit_diagonal=False)
    s = triangular_solve(l.mT, left.mT, lower=False, unit_diagonal=False)
    return ((s + s.mT) / 2,)


def cholesky_residuals(l, a):
    """a - l l^T; what l has above the diagonal; a diagonal that is negative."""
    i = np.arange(a.shape[-1])
    return (a - l @ l.mT, row_sum(a)), (np.triu(l, 1), row_sum(l)), (np.minimum(l[..., i, i], 0), row_sum(l)[..., 0])


def definite(rng, *shape):
    """Symmetric matrices whose eigenvalues are not far apart, and none of them near 0."""
    a = coupled(rng, *shape)
    return (a + a.mT) / 2


def cholesky_cases(rng):
    yield Case("four", (9 * definite(rng, 4, 4),))
    yield Case("batch", (3 * definite(rng, 2, 3, 3),))
    yield Case("small", (1e-6 * definite(rng, 3, 3),))
    yield Case(
        "lower-triangle", (np.array([[4.0, 1.0], [2.0, 5.0]]),), {}, "special", np.array([[2.0, 0.0], [1.0, 2.0]])
    )
    yield Case("negative", (np.array([[-4.0]]),), {}, "special", np.array([[np.nan]]))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", np.zeros((0, 0)))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def cholesky_sized(rng, n):
    side = max(round(n**0.5), 1)
    a = rng.normal(size=(side, side)) / (8 * side)
    return Case("sized", (a + a.T + np.eye(side),))


OPS = [
    Op(cholesky, cholesky_cases, cholesky_vjp, cholesky_sized, residuals=cholesky_residuals, symmetric=(0,)),
]

"""Determinants, and their logarithms."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .lu import eliminated, square, transposed
from .rotation import coupled, identity
from .triangular import triangular_solve


def _pivots(order, packed):
    """The diagonal of u, and whether the order of the rows is odd: so many pairs of them stand the wrong way round."""
    i = np.arange(packed.shape[-1])
    crossed = (order[..., :, None] > order[..., None, :]) & (i[:, None] < i)
    return packed[..., i, i], np.sum(crossed, axis=(-2, -1)) % 2 == 1


def det(a):
    """y = det a = +-prod_i u_ii, of a = p l u: l has determinant 1, p that of its order, 1 or -1.

    Shapes: a (..., n, n), y (...); of a matrix without rows it is 1, the empty product.

    Elimination needs n^3 / 3 multiplications, the sum over all permutations n! of them. The product overflows and
    underflows long before a matrix is singular: 0.1 times the identity of size 400 has the determinant 0 in floats.
    ``slogdet`` has not.

    Raises ValueError unless the matrices are square.
    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 14.6.
    """
    pivots, odd = _pivots(*eliminated("det", a))
    y = np.prod(pivots, axis=-1)
    return np.where(odd, -y, y)


def det_vjp(ybar, y, a):
    """abar = ybar c, c the cofactors of a, c^T = adj a: det a is linear in each a_ij, with c_ij as its slope.

    c is y a^-T (Jacobi) only where a has an inverse, but a determinant is a polynomial: it has derivatives at singular
    matrices too. From a = p l u: adj a = det(p) adj(u) l^-1 p^T, and with h the first n - 1 rows and columns of u, d
    its last pivot and g what stands above that, adj u = det(h) [[d h^-1, -h^-1 g], [0, 1]]. Nothing is divided by d,
    which is what becomes 0 when the last column becomes a sum of the others. (Where those depend on each other already,
    h has no inverse, and no number comes out.)
    """
    order, packed = eliminated("det", a)
    pivots, odd = _pivots(order, packed)
    h, g, d = packed[..., :-1, :-1], packed[..., :-1, -1:], packed[..., -1:, -1:]
    above = triangular_solve(h, np.concat([d * identity(h), -g], axis=-1), lower=False, unit_diagonal=False)
    adjugate = np.concat([above, identity(packed)[..., -1:, :]], axis=-2)
    scale = ybar * np.prod(pivots[..., :-1], axis=-1)
    c = triangular_solve(packed.mT, adjugate.mT, lower=False, unit_diagonal=True)
    c = np.take_along_axis(c, np.argsort(order, axis=-1)[..., None], axis=-2)
    return (np.where(odd, -scale, scale)[..., None, None] * c,)


def det_cases(rng):
    yield Case("odd-and-even", (-np.stack([coupled(rng, 3, 3)[[1, 0, 2]], 5 * coupled(rng, 3, 3)[[1, 2, 0]]]),))
    rows = np.round(coupled(rng, 3, 4) * 16) / 16  # few bits, so that the sum is exact in every format
    singular = np.stack([*rows, rows[0] / 2 + 2 * rows[1] - 4 * rows[2]])
    yield Case("one-of-them-singular", (np.stack([coupled(rng, 4, 4), singular, coupled(rng, 4, 4)]),))
    zero = np.zeros((2, 2))
    exact = np.stack([zero, np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[0.0, 2.0], [-3.0, 5.0]])])
    yield Case("singular-and-exact", (exact,), {}, "special", np.array([0.0, 0.0, 6.0]))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", np.array(1.0))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def det_sized(rng, n):
    return Case("sized", (square(rng, n),))


def slogdet(a):
    """sign, log|det a| = sign(det a), sum_i log|u_ii|, of a = p l u: det a = sign exp(logabsdet).

    Shapes: a (..., n, n); sign (...), one of -1, 0 and 1, and logabsdet (...). Of a singular matrix: 0 and -inf.

    A sum of logarithms overflows for no matrix that one can write down.

    Raises ValueError unless the matrices are square.
    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 14.6.
    """
    pivots, odd = _pivots(*eliminated("slogdet", a))
    sign = np.prod(np.sign(pivots), axis=-1)
    return np.where(odd, -sign, sign), np.sum(np.log(np.abs(pivots)), axis=-1)


def slogdet_vjp(ybar, y, a):
    """abar = logbar a^-T: d log det a = tr(a^-1 da) (Jacobi). The sign is constant wherever it is not 0."""
    _, logbar = ybar
    return (logbar[..., None, None] * transposed(*eliminated("slogdet", a), identity(a)),)


def slogdet_cases(rng):
    a = 20 * coupled(rng, 4, 4)
    yield Case("both-signs", (np.stack([a, np.roll(a, 1, axis=0)]),))
    yield Case("beyond-float", (1e14 * coupled(rng, 2, 3, 3),))  # in float32 det a overflows
    exact = np.stack([np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 5.0]])])
    yield Case("singular-and-exact", (exact,), {}, "special", (np.array([0.0, -1.0]), np.array([-np.inf, 0.0])))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", (np.array(1.0), np.array(0.0)))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def slogdet_sized(rng, n):
    return Case("sized", (square(rng, n),))


OPS = [
    Op(det, det_cases, det_vjp, det_sized),
    Op(slogdet, slogdet_cases, slogdet_vjp, slogdet_sized),
]

"""Determinants, and their logarithms."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .lu import eliminated, inv, square
from .rotation import near_diagonal


def _pivots(name, a):
    """The diagonal of u, and whether the order of the rows is odd: so many pairs of them stand the wrong way round."""
    order, packed = eliminated(name, a)
    i = np.arange(a.shape[-1])
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
    pivots, odd = _pivots("det", a)
    y = np.prod(pivots, axis=-1)
    return np.where(odd, -y, y)


def det_vjp(ybar, y, a):
    """abar_ij = ybar (-1)^(i+j) det(a without row i and column j): the cofactors, since det a is linear in each a_ij.

    It is ybar y a^-T (Jacobi) only where a has an inverse; but a determinant is a polynomial, which has derivatives at
    singular matrices too. The price is n^2 determinants, which is why large ones are left to ``slogdet``.
    """
    n = a.shape[-1]
    i = np.arange(n)
    others = np.arange(n - 1) + (np.arange(n - 1) >= i[:, None])  # row i: all numbers up to n but i
    minors = det(a[..., others[:, None, :, None], others[None, :, None, :]])
    return (ybar[..., None, None] * np.where((i[:, None] + i) % 2 == 1, -minors, minors),)


def _dyadic(rng, *shape):
    """Few bits, so that sums of some of them are exact in every format."""
    return np.round(rng.normal(size=shape) * 16) / 16


def det_cases(rng):
    yield Case("three", (np.roll(near_diagonal(rng, 3, 3), 1, axis=0) * [2, -5, 0.3],))
    rows = _dyadic(rng, 3, 4)
    singular = np.stack([*rows, rows[0] / 2 + 2 * rows[1] - 4 * rows[2]])
    yield Case("one-of-them-singular", (np.stack([rng.normal(size=(4, 4)), singular, rng.normal(size=(4, 4))]),))
    yield Case("swapped", (near_diagonal(rng, 4, 4)[[1, 0, 2, 3]] * [100, 3, 0.1, 2],))
    zero = np.zeros((2, 2))
    exact = np.stack([zero, np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[0.0, 2.0], [-3.0, 5.0]])])
    yield Case("singular-and-exact", (exact,), {}, "special", np.array([0.0, 0.0, 6.0]))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", np.array(1.0))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def det_sized(rng, n):
    return Case("sized", (3 * near_diagonal(rng, max(n // 16, 1), 4, 4),))


def slogdet(a):
    """sign, log|det a| = sign(det a), sum_i log|u_ii|, of a = p l u: det a = sign exp(logabsdet).

    Shapes: a (..., n, n); sign (...), one of -1, 0 and 1, and logabsdet (...). Of a singular matrix they are 0 and -inf.

    A sum of logarithms overflows for no matrix that one can write down.

    Raises ValueError unless the matrices are square.
    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 14.6; Python array API standard, slogdet.
    """
    pivots, odd = _pivots("slogdet", a)
    sign = np.prod(np.sign(pivots), axis=-1)
    return np.where(odd, -sign, sign), np.sum(np.log(np.abs(pivots)), axis=-1)


def slogdet_vjp(ybar, y, a):
    """abar = logbar a^-T: d log det a = tr(a^-1 da) (Jacobi). The sign is constant wherever it is not 0."""
    _, logbar = ybar
    return (logbar[..., None, None] * inv(a).mT,)


def slogdet_cases(rng):
    a = near_diagonal(rng, 4, 4) * [2, -5, 0.3, 3]
    yield Case("both-signs", (np.stack([a, np.roll(a, 1, axis=0)]),))
    yield Case("beyond-float", (1e18 * near_diagonal(rng, 2, 3, 3) * [5, 2, 40],))  # in float32 det a overflows
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

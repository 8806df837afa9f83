"""The exponential of a matrix."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import identity, near_diagonal, row_sum

DEGREE = 38
"""1 / 39! < 1e-46: of a matrix of norm 1, the series broken off here is exact for every purpose."""
SQUARINGS = 10
"""Up to the norm 1024: e^709 is the largest that a float64 holds."""


def matrix_exp(a):
    """y = exp(a) = sum_k a^k / k! = exp(a / 2^s)^(2^s).

    Shapes: a and y (..., n, n); a is a number without units.

    The series converges fast where the norm of a, its largest row sum, is at most 1, and without cancellation of terms
    that are larger than the result. So a is halved s times until that holds, and the result squared as often. Halving
    more often than that costs a bit each time. (Programs take a rational function of a degree that suits their format;
    this one suits them all: what the series leaves out is less than 1e-46, times the 2^s that squaring makes of it.)

    It is not the exponential of the elements, and exp(a + b) is exp(a) exp(b) only where a b = b a.

    Raises ValueError unless the matrices are square.
    Source: Moler and Van Loan (2003), Nineteen dubious ways to compute the exponential of a matrix, twenty-five years
    later, SIAM Review 45, method 3.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"matrix_exp: got a of shape {a.shape}, want (..., n, n)")
    norm, one = row_sum(a), identity(a)
    for k in range(SQUARINGS):
        a = np.where(norm > 2**k, a / 2, a)
    y = one
    for k in reversed(range(1, DEGREE + 1)):
        y = one + a @ y / k
    for k in range(SQUARINGS):
        y = np.where(norm > 2**k, y @ y, y)
    return y


def matrix_exp_vjp(ybar, y, a):
    """abar = integral from 0 to 1 of exp(t a^T) ybar exp((1 - t) a^T) dt, the corner of exp([[a^T, ybar], [0, a^T]]).

    ydot is the same integral of a and adot (differentiate exp(t a) exp((1 - t) a)'s equation), and its adjoint that of
    a^T. The block matrix has it in its corner because its powers have the sums of a^j ybar a^(k-1-j) there. As the
    integral is linear in ybar, ybar may be brought to the size of a, to need no more squarings than that.
    Source: Van Loan (1978), Computing integrals involving the matrix exponential, IEEE Transactions on Automatic
    Control 23, theorem 1; Higham (2008), Functions of Matrices, section 10.6.
    """
    size = row_sum(ybar)
    size = np.where(size == 0, 1, size)
    upper, lower = np.concat([a.mT, ybar / size], axis=-1), np.concat([np.zeros_like(a), a.mT], axis=-1)
    n = a.shape[-1]
    return (size * matrix_exp(np.concat([upper, lower], axis=-2))[..., :n, n:],)


def matrix_exp_cases(rng):
    yield Case("general", (rng.normal(size=(3, 3)) / 2,))
    yield Case("batch", (near_diagonal(rng, 2, 3, 3) * [1, -2, 0.5],))
    yield Case("decay", (near_diagonal(rng, 4, 4) * [-7, -3, -20, -1],))
    yield Case("nilpotent", (np.array([[0.0, 2.0], [0.0, 0.0]]),), {}, "special", np.array([[1.0, 2.0], [0.0, 1.0]]))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def matrix_exp_sized(rng, n):
    side = max(round(n**0.5), 1)
    return Case("sized", (rng.normal(size=(side, side)) / (2 * side),))


OPS = [
    Op(matrix_exp, matrix_exp_cases, matrix_exp_vjp, matrix_exp_sized),
]

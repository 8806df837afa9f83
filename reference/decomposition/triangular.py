"""Systems of equations that are solved from one end: the last step of most others."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .rotation import near_diagonal


def triangular_solve(a, b, *, lower, unit_diagonal):
    """a x = b for triangular a: x_k = (b_k - sum_j a_kj x_j) / a_kk, j running over the rows that are solved already.

    Shapes: a (..., n, n), b (..., n, k), x (..., n, k); the leading axes are broadcast against each other.

    A lower triangular system is solved downwards, an upper one upwards; as soon as x_k is known, its column is
    taken off all the rows that are left. Only the triangle named is read, and with unit_diagonal not even the
    diagonal, which then is one of ones: where LU keeps both factors in one matrix, nothing has to be cleared.

    Raises ValueError unless a is square and b has as many rows.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 3.1.
    """
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != a.shape[-2] or b.shape[-2] != a.shape[-1]:
        raise ValueError(f"triangular_solve: got shapes {a.shape} and {b.shape}, want (..., n, n) and (..., n, k)")
    n = a.shape[-1]
    i = np.arange(n)[:, None]
    x = np.broadcast_to(b, (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]))
    for k in range(n) if lower else reversed(range(n)):
        xk = x[..., k : k + 1, :]
        xk = xk if unit_diagonal else xk / a[..., k : k + 1, k : k + 1]
        left = i > k if lower else i < k
        x = np.where(i == k, xk, np.where(left, x - a[..., :, k : k + 1] * xk, x))
    return x


def triangular_solve_vjp(xbar, x, a, b, *, lower, unit_diagonal):
    """bbar = a^-T xbar; abar = -bbar x^T in the triangle that is read: xdot = a^-1 (bdot - adot x)."""
    bbar = triangular_solve(a.mT, xbar, lower=not lower, unit_diagonal=unit_diagonal)
    abar = -bbar @ x.mT
    strictly = int(unit_diagonal)
    abar = np.tril(abar, -strictly) if lower else np.triu(abar, strictly)
    return unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def triangular_solve_cases(rng):
    down, up = {"lower": True, "unit_diagonal": False}, {"lower": False, "unit_diagonal": False}
    yield Case("lower", (near_diagonal(rng, 4, 4) * [1, 3, 0.5, 2], rng.normal(size=(4, 3))), down)
    yield Case("upper-batch", (near_diagonal(rng, 2, 3, 3) * [2, -0.3, 5], rng.normal(size=(2, 3, 4))), up)
    one = {"lower": True, "unit_diagonal": True}
    yield Case("unit", (2 * near_diagonal(rng, 5, 5), rng.normal(size=(5, 2))), one)
    unread = np.array([[2.0, np.nan], [3.0, 4.0]])
    b = np.array([[4.0, 2.0, -6.0], [2.0, 3.0, 7.0]])
    yield Case("other-triangle-unread", (unread, b), down, "special", np.array([[2.0, 1.0, -3.0], [-1.0, 0.0, 4.0]]))
    yield Case("no-columns", (np.eye(3), np.zeros((3, 0))), up, "empty", np.zeros((3, 0)))
    yield Case("not-square", (rng.normal(size=(4, 3)), rng.normal(size=(4, 2))), down, "refused")
    yield Case("rows-differ", (rng.normal(size=(3, 3)), rng.normal(size=(2, 3))), up, "refused")


def triangular_solve_sized(rng, n):
    side = max(round((n / 2) ** 0.5), 1)
    a, b = np.tril(rng.normal(size=(side, side))) / side + np.eye(side), rng.normal(size=(side, side))
    return Case("sized", (a, b), {"lower": True, "unit_diagonal": False})


OPS = [
    Op(triangular_solve, triangular_solve_cases, triangular_solve_vjp, triangular_solve_sized),
]

"""Gaussian elimination with partial pivoting, and what is solved by it."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .rotation import coupled, identity, near_diagonal, row_sum
from .triangular import triangular_solve


def eliminated(name, a):
    """(order, l and u in one matrix): rows ``order`` of a are l u.

    Before column k is cleared below the diagonal, its largest entry is brought to the diagonal: then no multiplier
    exceeds 1, and the entries grow little. u lies on and above the diagonal, the multipliers, l, below it.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"{name}: got a of shape {a.shape}, want (..., n, n)")
    n = a.shape[-1]
    i = np.arange(n)
    order = np.broadcast_to(i, a.shape[:-1])
    for k in range(n - 1):
        pivot = k + np.argmax(np.abs(a[..., k:, k]), axis=-1)[..., None]
        rows = np.where(i == k, pivot, np.where(i == pivot, k, i))
        order = np.take_along_axis(order, rows, axis=-1)
        a = np.take_along_axis(a, rows[..., None], axis=-2)
        row, column = a[..., k : k + 1, :], a[..., :, k : k + 1]
        head = a[..., k : k + 1, k : k + 1]
        multiplier = column / np.where(head == 0, 1, head)  # 0 where the column has nothing to be cleared
        below = i[:, None] > k
        a = np.where(below & (i > k), a - multiplier * row, np.where(below & (i == k), multiplier, a))
    return order, a


def transposed(order, packed, b):
    """x = a^-T b = p l^-T u^-T b: the same factors solve the transposed system."""
    y = triangular_solve(packed.mT, b, lower=True, unit_diagonal=False)
    x = triangular_solve(packed.mT, y, lower=False, unit_diagonal=True)
    return np.take_along_axis(x, np.argsort(order, axis=-1)[..., None], axis=-2)


def lu(a):
    """a = p l u: p a permutation, l lower triangular with ones on its diagonal, u upper triangular.

    Shapes: a, p, l and u (..., n, n).

    Elimination, written down: u is what it leaves, l holds the multipliers, none larger than 1 in magnitude, and p
    brings the rows back to where they were in a. Where two pivots tie, either choice is right.

    Raises ValueError unless the matrices are square.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 3.4.
    """
    order, packed = eliminated("lu", a)
    p = np.where(np.arange(a.shape[-1])[:, None] == order[..., None, :], np.ones_like(a), np.zeros_like(a))
    return p, np.tril(packed, -1) + identity(a), np.triu(packed)


def lu_residuals(y, a):
    """a - p l u; p p^T - 1; what l and u have in the other triangle, and l beside the ones; multipliers beyond 1."""
    p, l, u = y
    return (
        (a - p @ l @ u, row_sum(a)),
        (p @ p.mT - identity(a), 1),
        (np.triu(l) - identity(a), 1),
        (np.tril(u, -1), row_sum(a)),
        (np.maximum(np.abs(l) - 1, 0), 1),
    )


def shuffled(rng, *shape):
    """Rows in another order than that of their pivots, which lie clearly apart."""
    return np.roll(near_diagonal(rng, *shape), 1, axis=-2)


def lu_cases(rng):
    yield Case("four", (shuffled(rng, 4, 4) * [2, -5, 1, 0.3],))
    yield Case("batch", (np.stack([shuffled(rng, 3, 3), near_diagonal(rng, 3, 3)]) * [3, 0.5, -2],))
    yield Case("large", (1e6 * shuffled(rng, 3, 3) * [1, 4, 0.1],))
    x, y, z = rng.uniform(1, 2, size=3)
    yield Case("tied-pivots", (np.array([[1, x, y], [-1, z, 4], [1, 5, x]]),), {}, "degenerate")
    yield Case("singular", (np.array([[1, x, y], [2, 2 * x, z], [4, 4 * x, 3]]),), {}, "degenerate")
    exact = np.array([[1.0, 3.0, 0.5], [2.0, 4.0, 6.0], [0.5, 2.0, 2.5]])
    p, l = np.eye(3)[[1, 0, 2]], np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.25, 1.0, 1.0]])
    u = np.array([[2.0, 4.0, 6.0], [0.0, 1.0, -2.5], [0.0, 0.0, 3.5]])
    yield Case("exact", (exact,), {}, "special", (p, l, u))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", (np.zeros((0, 0)),) * 3)
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def square(rng, n):
    """About n numbers: a matrix that is so near to the identity that its pivots are its diagonal."""
    side = max(round(n**0.5), 1)
    return np.eye(side) + rng.normal(size=(side, side)) / (8 * side)


def lu_sized(rng, n):
    return Case("sized", (square(rng, n),))


def solve(a, b):
    """a x = b for any regular a, so x = u^-1 l^-1 (b in the order of the pivots).

    Shapes: a (..., n, n); b and x (..., n, k), or a vector (n,); the leading axes are broadcast against each other.

    The inverse is never formed: two triangular systems cost less and err less. What is lost is what the condition of a
    takes, and no more.

    Raises ValueError unless a is square and b has as many rows.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 3.4.
    """
    if a.ndim < 2 or b.ndim < 1 or b.shape[-2:][0] != a.shape[-1]:
        raise ValueError(f"solve: got shapes {a.shape} and {b.shape}, want (..., n, n) and (..., n, k), or (n,)")
    order, packed = eliminated("solve", a)
    columns = b[:, None] if b.ndim == 1 else b
    columns = np.broadcast_to(
        columns, (*np.broadcast_shapes(a.shape[:-2], columns.shape[:-2]), a.shape[-1], columns.shape[-1])
    )
    y = np.take_along_axis(columns, order[..., None], axis=-2)
    y = triangular_solve(packed, y, lower=True, unit_diagonal=True)
    x = triangular_solve(packed, y, lower=False, unit_diagonal=False)
    return x[..., 0] if b.ndim == 1 else x


def solve_vjp(xbar, x, a, b):
    """bbar = a^-T xbar and abar = -bbar x^T, from xdot = a^-1 (bdot - adot x)."""
    if b.ndim == 1:
        x, xbar = x[..., None], xbar[..., None]
    bbar = transposed(*eliminated("solve", a), xbar)
    abar = unbroadcast(-bbar @ x.mT, a.shape)
    return abar, unbroadcast(bbar[..., 0] if b.ndim == 1 else bbar, b.shape)


def solve_residuals(x, a, b):
    """a x - b, measured by the sizes of a and x: the solution of a system as near to a as floats are."""
    x, b = (x[:, None], b[:, None]) if b.ndim == 1 else (x, b)
    return ((a @ x - b, row_sum(a) * row_sum(x)),)


def solve_cases(rng):
    yield Case("columns", (np.roll(coupled(rng, 4, 4), 1, axis=0) * [2, -5, 1, 0.3], rng.normal(size=(4, 3))))
    yield Case("vector", (np.roll(coupled(rng, 3, 3), 1, axis=0) * [30, 1, 0.02], rng.normal(size=3)))
    yield Case("batch", (-np.roll(coupled(rng, 2, 3, 3), 2, axis=-2), rng.normal(size=(2, 3, 5))))
    yield Case(
        "zero-on-the-diagonal",
        (np.array([[0.0, 2.0], [4.0, 1.0]]), np.array([[2.0, 4.0, -6.0], [9.0, 2.0, 5.0]])),
        {},
        "special",
        np.array([[2.0, 0.0, 2.0], [1.0, 2.0, -3.0]]),
    )
    yield Case("no-columns", (near_diagonal(rng, 3, 3), np.zeros((3, 0))), {}, "empty", np.zeros((3, 0)))
    yield Case("not-square", (rng.normal(size=(4, 3)), rng.normal(size=(4, 2))), {}, "refused")
    yield Case("rows-differ", (near_diagonal(rng, 3, 3), rng.normal(size=(4, 2))), {}, "refused")


def solve_sized(rng, n):
    a = square(rng, n / 2)
    return Case("sized", (a, rng.normal(size=a.shape)))


def inv(a):
    """y = a^-1, a y = y a = 1: the solution for every column of the identity.

    Shapes: a and y (..., n, n), y in the reciprocal units of a.

    Where only a^-1 b is wanted, ``solve`` is faster and more accurate.

    Raises ValueError unless the matrices are square.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 3.4.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"inv: got a of shape {a.shape}, want (..., n, n)")
    return solve(a, identity(a))


def inv_vjp(ybar, y, a):
    """abar = -y^T ybar y^T, from adot y + a ydot = 0."""
    return (-y.mT @ ybar @ y.mT,)


def inv_residuals(y, a):
    """a y - 1 and y a - 1, measured by the condition."""
    size = row_sum(a) * row_sum(y)
    return (a @ y - identity(a), size), (y @ a - identity(a), size)


def inv_cases(rng):
    yield Case("four", (shuffled(rng, 4, 4) * [2, -5, 1, 0.3],))
    yield Case("batch", (shuffled(rng, 2, 3, 3) * [1, 40, -0.5],))
    yield Case("small", (1e-3 * near_diagonal(rng, 3, 3) * [1, -2, 7],))
    a, y = np.array([[0.0, 0.25], [-2.0, 1.0]]), np.array([[2.0, -0.5], [4.0, 0.0]])
    yield Case("exact", (a,), {}, "special", y)
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", np.zeros((0, 0)))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def inv_sized(rng, n):
    return Case("sized", (square(rng, n),))


OPS = [
    Op(lu, lu_cases, None, lu_sized, wrt=(), residuals=lu_residuals),
    Op(solve, solve_cases, solve_vjp, solve_sized, residuals=solve_residuals),
    Op(inv, inv_cases, inv_vjp, inv_sized, residuals=inv_residuals),
]

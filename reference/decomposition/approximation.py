"""What the singular value decomposition is good for: the nearest matrix of a rank, and the pseudo-inverse."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import near_diagonal, row_sum
from .singular import svd


def low_rank_approximation(a, *, rank):
    """y = sum_i s_i u_i v_i^T, i running over the ``rank`` largest singular values of a.

    Shapes: a and y (..., m, n).

    No matrix of that rank is nearer to a, in the spectral and the Frobenius norm alike; the distances are s_(rank+1),
    and the root of the sum of the squares of all that are left out. Signs and rotations of the singular vectors cancel
    in it: it is determined, and smooth, where s_rank > s_(rank+1), whether others are equal or not.

    Raises ValueError for less than two dimensions, and for a rank that is not among 1 ... min(m, n).
    Source: Eckart and Young (1936), The approximation of one matrix by another of lower rank, Psychometrika 1.
    """
    if a.ndim < 2 or not 1 <= rank <= min(a.shape[-2:]):
        raise ValueError(f"low_rank_approximation: got a of shape {a.shape} and rank {rank}, want 1 to min(m, n)")
    u, s, vh = svd(a)
    return u[..., :rank] * s[..., None, :rank] @ vh[..., :rank, :]


def low_rank_approximation_vjp(ybar, y, a, *, rank):
    """abar = u M vh + (1 - u u^T) ybar v_r v_r^T + u_r u_r^T ybar (1 - v v^T), u_r and v_r the vectors that are kept.

    With G = u^T ybar v: M_ij is G_ij where i and j are both kept, 0 where neither is, and (s^2 G_ij + s_i s_j G_ji) /
    (s^2 - t^2) where one is kept, s being its singular value and t that of the other. It is the derivative itself, a
    symmetric map: only singular values that are kept and such that are not are told apart, never two of one side.
    From y = a v_r v_r^T, with the turn of v_r out of its space, (s_j adot_ji + s_i adot_ij) / (s_i^2 - s_j^2).
    """
    u, s, vh = svd(a)
    kept = np.arange(s.shape[-1]) < rank
    one = kept[:, None] != kept
    row, column = s[..., None, :], s[..., :, None]
    inner = u.mT @ ybar @ vh.mT
    larger = np.where(kept, row, column)
    gap = np.where(kept, row - column, column - row) * (row + column)
    mixed = (larger * larger * inner + row * column * inner.mT) / np.where(one, gap, 1)
    inside = np.where(one, mixed, np.where(kept, inner, 0))
    beside, below = ybar @ vh[..., :rank, :].mT, u[..., :rank].mT @ ybar
    beside, below = beside - u @ (u.mT @ beside), below - (below @ vh.mT) @ vh
    return (u @ inside @ vh + beside @ vh[..., :rank, :] + u[..., :rank] @ below,)


def low_rank_approximation_residuals(y, a, *, rank):
    """What is left, a - y, has nothing in the space of the rows of y, nor in that of its columns; and y is as large as
    the ``rank`` largest singular values are together."""
    size, (_, s, _) = row_sum(a), svd(a)
    together = np.sum(s[..., :rank] * s[..., :rank], axis=-1)
    return (
        ((a - y) @ y.mT, size * row_sum(a.mT)),
        (y.mT @ (a - y), size * row_sum(a.mT)),
        (np.sum(y * y, axis=(-2, -1)) - together, together),
    )


def low_rank_approximation_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, 3, 0.4],), {"rank": 2})
    yield Case("wide", ((near_diagonal(rng, 4, 3) * [4, 0.6, 1.5]).T,), {"rank": 1})
    yield Case("batch", (near_diagonal(rng, 2, 4, 3) * [2, 5, 0.8],), {"rank": 2})
    exact = np.array([[0.0, -2.0], [4.0, 0.0], [0.0, 0.0]])
    yield Case("permutation", (exact,), {"rank": 1}, "special", np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 0.0]]))
    yield Case("rank-too-large", (rng.normal(size=(5, 3)),), {"rank": 4}, "refused")
    yield Case("rank-0", (rng.normal(size=(5, 3)),), {"rank": 0}, "refused")


def _stack(rng, n):
    """Many small matrices: the text of ``svd`` is an algorithm for those."""
    return near_diagonal(rng, max(n // 12, 1), 4, 3) * [1, 3, 0.4]


def low_rank_approximation_sized(rng, n):
    return Case("sized", (_stack(rng, n),), {"rank": 2})


def pinv(a, *, rtol):
    """y = v diag(1 / s) u^T, of a = u diag(s) v^T and the singular values s that exceed rtol times the largest.

    Shapes: a (..., m, n), y (..., n, m) in the reciprocal units of a.

    y is the one matrix with a y a = a, y a y = y, and a y and y a symmetric (Penrose); y b is the shortest of the
    solutions of a x = b, or of the least squares solutions. What is below rtol counts as 0: without that, rounding
    makes singular values of 1e-17 of those that are 0, and their reciprocals are all that is left.

    The rank jumps where a singular value passes the limit: y has a derivative only where none does.

    Raises ValueError for less than two dimensions.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 5.5.2; Python array API standard, pinv.
    """
    if a.ndim < 2:
        raise ValueError(f"pinv: got a of shape {a.shape}, want (..., m, n)")
    u, s, vh = svd(a)
    kept = s > rtol * s[..., :1]
    reciprocal = np.where(kept, 1 / np.where(kept, s, 1), 0)
    return vh.mT * reciprocal[..., None, :] @ u.mT


def pinv_vjp(ybar, y, a, *, rtol):
    """abar = -y^T ybar y^T + (1 - a y) ybar^T y y^T + y^T y ybar^T (1 - y a), where no singular value is left out.

    From ydot = -y adot y + y y^T adot^T (1 - a y) + (1 - y a) adot^T y^T y: the inverse's term, and what the spaces of
    columns and of rows turn, of which the first is 0 unless a is tall and the second unless a is wide.
    Source: Golub and Pereyra (1973), The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate, SIAM Journal on Numerical Analysis 10, eq. 4.12.
    """
    columns, rows = ybar.mT @ y @ y.mT, y.mT @ y @ ybar.mT
    return (-y.mT @ ybar @ y.mT + columns - a @ (y @ columns) + rows - (rows @ y) @ a,)


def pinv_residuals(y, a, *, rtol):
    """Penrose's conditions, measured with the condition: y has the error of its largest elements in all of them."""
    size = row_sum(a) * row_sum(y)
    return (
        (a @ y @ a - a, size * row_sum(a)),
        (y @ a @ y - y, size * row_sum(y)),
        (a @ y - (a @ y).mT, size),
        (y @ a - (y @ a).mT, size),
    )


def pinv_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, 3, 0.4],), {"rtol": 1e-3})
    yield Case("wide", ((near_diagonal(rng, 4, 3) * [4, 0.6, 1.5]).T,), {"rtol": 1e-2})
    yield Case("batch", (1e-4 * near_diagonal(rng, 2, 4, 3) * [2, 5, 0.8],), {"rtol": 1e-3})
    left, right = rng.normal(size=(5, 2)), rng.normal(size=(2, 4))
    yield Case("rank-two", (left @ right,), {"rtol": 1e-3}, "degenerate")
    exact, y = np.array([[0.0, -2.0], [4.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.25, 0.0], [-0.5, 0.0, 0.0]])
    yield Case("permutation", (exact,), {"rtol": 1e-3}, "special", y)
    yield Case("below-rtol", (exact,), {"rtol": 0.75}, "special", np.array([[0.0, 0.25, 0.0], [0.0, 0.0, 0.0]]))
    yield Case("vector", (rng.normal(size=3),), {"rtol": 1e-3}, "refused")


def pinv_sized(rng, n):
    return Case("sized", (_stack(rng, n),), {"rtol": 1e-3})


OPS = [
    Op(
        low_rank_approximation,
        low_rank_approximation_cases,
        low_rank_approximation_vjp,
        low_rank_approximation_sized,
        residuals=low_rank_approximation_residuals,
    ),
    Op(pinv, pinv_cases, pinv_vjp, pinv_sized, residuals=pinv_residuals),
]

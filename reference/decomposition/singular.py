"""The singular value decomposition."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .qr import qr
from .rotation import diagonal, half_angle, identity, in_order, near_diagonal, row_sum, signs, sweeps, turn


def svd(a):
    """a = u diag(s) vh, s descending and not negative, the columns of u and the rows of vh orthonormal.

    Shapes: a (..., m, n), k = min(m, n); u (..., m, k), s (..., k), vh (..., k, n): the thin decomposition.

    a = q r first; then r is carried to diagonal form like a symmetric matrix in ``eigh``, but rows and
    columns turn by angles of their own (Kogbetliantz's method). To make x and y of the block [[w, x], [y, z]]
    zero, the angles of columns and rows have the sum arctan((x + y) / (z - w)) and the difference
    arctan((y - x) / (z + w)). The squares in a^T a, by which small singular values lose twice as many
    digits, never appear.

    A column of u and its row of vh may change their signs together: left as the rotations give them. Vectors of equal
    singular values are determined up to a rotation, those of 0 up to one of u and one of vh: both have no derivative.

    Raises ValueError for less than two dimensions.
    Source: Forsythe and Henrici (1960), The cyclic Jacobi method for computing the principal values of a
    complex matrix, Transactions of the American Mathematical Society 94.
    """
    if a.ndim < 2:
        raise ValueError(f"svd: got a of shape {a.shape}, want (..., m, n)")
    if a.shape[-2] < a.shape[-1]:
        u, s, vh = svd(a.mT)
        return vh.mT, s, u.mT
    n = a.shape[-1]
    i = np.arange(n)
    basis, a = qr(a)
    u, v = identity(a), identity(a)
    for r in range(sweeps(n) * n):
        partner = (r - i) % n
        p, q, meets = np.minimum(i, partner), np.maximum(i, partner), i != partner
        w, x, y, z = a[..., p, p], a[..., p, q], a[..., q, p], a[..., q, q]
        half_sum, half_difference = half_angle(x + y, z - w, meets), half_angle(y - x, z + w, meets)
        left, right = half_sum - half_difference, half_sum + half_difference
        left, right = np.where(i < partner, -left, left), np.where(i < partner, -right, right)
        a = turn(turn(a, partner, right).mT, partner, left).mT
        a = np.where((i[:, None] == partner) & meets, 0, a)
        u, v = turn(u, partner, left), turn(v, partner, right)
    s = a[..., i, i]
    u = basis @ np.where(s[..., None, :] < 0, -u, u)
    s = np.abs(s)
    order = np.argsort(-s, axis=-1)
    return in_order(order, u), np.take_along_axis(s, order, axis=-1), in_order(order, v).mT


def svd_vjp(ybar, y, a):
    """abar = u M vh + (1 - u u^T) ubar s^-1 vh + u s^-1 vhbar (1 - v v^T), where M_ii = sbar_i and
    M_ij = (A_ij s_j + s_i B_ij) / (s_j^2 - s_i^2), A = u^T ubar - ubar^T u, B = v^T vbar - vbar^T v.

    M holds what turns u and v within the spaces they span and what stretches s; the other two terms hold
    what turns them out of these spaces: the first is 0 unless a is tall, the second unless a is wide.
    Source: Townsend (2016), Differentiating the singular value decomposition.
    """
    (ubar, sbar, vhbar), (u, s, vh) = ybar, y
    row, column = s[..., None, :], s[..., :, None]
    turned_u, turned_v = u.mT @ ubar, vh @ vhbar.mT
    same = diagonal(s.shape[-1])
    turned = (turned_u - turned_u.mT) * row + column * (turned_v - turned_v.mT)
    inside = np.where(same, sbar[..., None, :], turned / np.where(same, 1, (row - column) * (row + column)))
    out_of_u, out_of_v = ubar / row, vhbar / column
    out_of_u = out_of_u - u @ (u.mT @ out_of_u)
    out_of_v = out_of_v - (out_of_v @ vh.mT) @ vh
    return (u @ inside @ vh + out_of_u @ vh + u @ out_of_v,)


def svd_gauge(got, want):
    flips = signs(got[0], want[0])
    return flips[..., None, :], 1.0, flips[..., :, None]


def svd_residuals(y, a):
    """a - u diag(s) vh; u^T u - 1; vh vh^T - 1; what s ascends, and what lies below 0."""
    u, s, vh = y
    one = identity(u.mT @ u)
    descends = np.concat([s[..., :-1] - s[..., 1:], s[..., -1:]], axis=-1)
    return (
        (a - u * s[..., None, :] @ vh, row_sum(a)),
        (u.mT @ u - one, 1),
        (vh @ vh.mT - one, 1),
        (np.minimum(descends, 0), row_sum(a)[..., 0]),
    )


def svd_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, 3, 0.4],))
    yield Case("wide", ((near_diagonal(rng, 4, 3) * [4, 0.6, 1.5]).T,))
    yield Case("square", (near_diagonal(rng, 3, 3) * [0.5, -2, 5],))
    yield Case("batch", (near_diagonal(rng, 2, 4, 3) * [2, 5, 0.8],))
    yield Case("small", (1e-4 * near_diagonal(rng, 6, 3) * [1, 3, 0.5],))
    left, right = (np.linalg.qr(rng.normal(size=(n, 3))).Q for n in (5, 3))
    yield Case("repeated", (left * [3.0, 0.5, 3.0] @ right.T,), {}, "degenerate")
    yield Case("rank-one", (np.outer(rng.normal(size=4), rng.normal(size=3)),), {}, "degenerate")
    weighted = np.array([[0.0, -2.0], [4.0, 0.0], [0.0, 0.0]])
    parts = (np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]]), np.array([4.0, 2.0]), np.eye(2))
    yield Case("permutation", (weighted,), {}, "special", parts)
    yield Case("no-columns", (np.zeros((3, 0)),), {}, "empty", (np.zeros((3, 0)), np.zeros(0), np.zeros((0, 0))))
    yield Case("no-rows", (np.zeros((0, 3)),), {}, "empty", (np.zeros((0, 0)), np.zeros(0), np.zeros((0, 3))))
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def svd_sized(rng, n):
    side = max(round((n / 2) ** 0.5), 1)
    return Case("sized", (rng.normal(size=(2 * side, side)),))


OPS = [
    Op(svd, svd_cases, svd_vjp, svd_sized, gauge=svd_gauge, residuals=svd_residuals),
]

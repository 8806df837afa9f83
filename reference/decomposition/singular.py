"""The singular value decomposition."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import diagonal, half_angle, identity, in_order, near_diagonal, signs, sweeps, turn


def _mirrored(x, h, half):
    """x - h (h^T x) / half, half = h^T h / 2: every column of x mirrored in the plane orthogonal to h."""
    return x - h @ (h.mT @ x / half)


def _qr(a):
    """a = q r for m >= n: q (..., m, n) with orthonormal columns, r (..., n, n) upper triangular.

    The k-th of n reflections carries x, what column k has from row k on, to a multiple of e_k. Of the two of
    its length it is the one with the other sign than x_k, so that h, the difference, suffers no cancellation.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 5.2.
    """
    m, n = a.shape[-2:]
    i, j = np.arange(m)[:, None], np.arange(n)
    q = np.where(i == j, np.ones_like(a), np.zeros_like(a))
    mirrors = []
    for k in range(n):
        x = np.where(i >= k, a[..., :, k : k + 1], 0)
        xk = x[..., k : k + 1, :]
        length = np.sqrt(x.mT @ x)
        image = np.where(i == k, np.where(xk < 0, length, -length), 0)
        half = length * (length + np.abs(xk))
        mirrors.append((x - image, np.where(half == 0, 1, half)))
        a = np.where((j == k) & (i >= k), image, _mirrored(a, *mirrors[-1]))
    for mirror in reversed(mirrors):
        q = _mirrored(q, *mirror)
    return q, a[..., :n, :]


def svd(a):
    """a = u diag(s) vh, s descending and not negative, the columns of u and the rows of vh orthonormal.

    Shapes: a (..., m, n), k = min(m, n); u (..., m, k), s (..., k), vh (..., k, n): the thin decomposition.

    a = q r first; then r is carried to diagonal form like a symmetric matrix in ``eigh``, but rows and
    columns turn by angles of their own (Kogbetliantz's method). To make x and y of the block [[w, x], [y, z]]
    zero, the angles of columns and rows have the sum arctan((x + y) / (z - w)) and the difference
    arctan((y - x) / (z + w)). The squares in a^T a, by which small singular values lose twice as many
    digits, never appear.

    A column of u and its row of vh may change their signs together: left as the rotations give them.

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
    basis, a = _qr(a)
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


def svd_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, 3, 0.4],))
    yield Case("wide", ((near_diagonal(rng, 4, 3) * [4, 0.6, 1.5]).T,))
    yield Case("square", (near_diagonal(rng, 3, 3) * [0.5, -2, 5],))
    yield Case("batch", (near_diagonal(rng, 2, 4, 3) * [2, 5, 0.8],))
    yield Case("small", (1e-4 * near_diagonal(rng, 6, 3) * [1, 3, 0.5],))
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
    Op(svd, svd_cases, svd_vjp, svd_sized, gauge=svd_gauge),
]

"""Eigenvalues and eigenvectors of symmetric matrices."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import diagonal, half_angle, identity, in_order, near_diagonal, row_sum, signs, sweeps, turn


def eigh(a):
    """a = v diag(w) v^T, w ascending, v orthogonal: the eigenvalues and eigenvectors of a symmetric matrix.

    Shapes: a (..., n, n); w (..., n), v (..., n, n) with the eigenvectors as columns.

    Only the symmetric part (a + a^T) / 2 is read. In round r, row and column i meet number (r - i) mod n:
    pairs are disjoint within a round, and n rounds, a sweep, bring every pair together once. Turning
    columns p and q, then rows p and q, by the angle arctan(2 a_pq / (a_qq - a_pp)) / 2 makes a_pq zero.

    An eigenvector is determined up to its sign, which is left as the rotations give it; vectors of equal
    eigenvalues are determined up to a rotation, and have no derivative.

    Raises ValueError unless the matrices are square.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 8.5.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"eigh: got a of shape {a.shape}, want (..., n, n)")
    n = a.shape[-1]
    i = np.arange(n)
    a = (a + a.mT) / 2
    v = identity(a)
    for r in range(sweeps(n) * n):
        partner = (r - i) % n
        p, q, meets = np.minimum(i, partner), np.maximum(i, partner), i != partner
        angle = half_angle(2 * a[..., p, q], a[..., q, q] - a[..., p, p], meets)
        angle = np.where(i < partner, -angle, angle)
        a = turn(turn(a, partner, angle).mT, partner, angle)
        a = np.where((i[:, None] == partner) & meets, 0, a)
        v = turn(v, partner, angle)
    w = a[..., i, i]
    order = np.argsort(w, axis=-1)
    return np.take_along_axis(w, order, axis=-1), in_order(order, v)


def eigh_vjp(ybar, y, a):
    """abar = v (diag(wbar) + F * (v^T vbar)) v^T made symmetric, F_ij = 1 / (w_j - w_i), F_ii = 0.

    With P = v^T adot v: wdot_i = P_ii (Hellmann and Feynman), and v^T vdot = F * P, which is antisymmetric
    because v stays orthogonal. A cotangent of a symmetric matrix is its symmetric part.
    Source: Giles (2008), An extended collection of matrix derivative results, on eigenvalues.
    """
    (wbar, vbar), (w, v) = ybar, y
    same = diagonal(a.shape[-1])
    gap = np.where(same, 1, w[..., None, :] - w[..., :, None])
    abar = v @ np.where(same, wbar[..., None, :], v.mT @ vbar / gap) @ v.mT
    return ((abar + abar.mT) / 2,)


def eigh_gauge(got, want):
    return 1.0, signs(got[1], want[1])[..., None, :]


def eigh_residuals(y, a):
    """The symmetric part times v less v diag(w), measured by its largest row sum; and v^T v - 1."""
    w, v = y
    a = (a + a.mT) / 2
    return (a @ v - v * w[..., None, :], row_sum(a)), (v.mT @ v - identity(a), 1)


def _symmetric(rng, *spectrum, batch=()):
    """Random symmetric matrices with eigenvalues around these."""
    v = near_diagonal(rng, *batch, len(spectrum), len(spectrum))
    a = v * spectrum @ v.mT
    return (a + a.mT) / 2


def eigh_cases(rng):
    yield Case("indefinite", (_symmetric(rng, 0.5, -2, 3),))
    yield Case("four", (_symmetric(rng, 4, -2, 9, 1),))
    yield Case("batch", (_symmetric(rng, 5, -1, 2, batch=(2,)),))
    yield Case("large", (1e6 * _symmetric(rng, 3, 9, 0.5),))
    x, y, z = np.array([0.2, -0.1, 0.5]) + rng.uniform(-0.05, 0.05, size=3)
    yield Case("equal-diagonal", (np.array([[3, x, y], [x, 1, z], [y, z, 1]]),))  # the first pair turns by 45 degrees
    q = np.linalg.qr(rng.normal(size=(4, 4))).Q
    yield Case("repeated", (q * [2.0, -1.0, 2.0, 2.0] @ q.T,), {}, "degenerate")
    yield Case("multiple-of-one", (3.0 * np.eye(3),), {}, "degenerate")
    vectors = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    yield Case("diagonal", (np.diag([3.0, -1.0, 2.0]),), {}, "special", (np.array([-1.0, 2.0, 3.0]), vectors))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", (np.zeros(0), np.zeros((0, 0))))
    yield Case("no-matrices", (np.zeros((0, 3, 3)),), {}, "empty", (np.zeros((0, 3)), np.zeros((0, 3, 3))))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def eigh_sized(rng, n):
    side = max(round(n**0.5), 1)
    a = rng.normal(size=(side, side))
    return Case("sized", (a + a.T,))


OPS = [
    Op(eigh, eigh_cases, eigh_vjp, eigh_sized, gauge=eigh_gauge, residuals=eigh_residuals, symmetric=(0,)),
]

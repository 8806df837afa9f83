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
    """The symmetric part times v less v diag(w), measured by its largest row sum; v^T v - 1; what w descends."""
    w, v = y
    a = (a + a.mT) / 2
    steps = np.concat([w[..., 1:] - w[..., :-1], np.zeros_like(w[..., :1])], axis=-1)
    return (
        (a @ v - v * w[..., None, :], row_sum(a)),
        (v.mT @ v - identity(a), 1),
        (np.minimum(steps, 0), row_sum(a)[..., 0]),
    )


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


def eigvalsh(a):
    """w = eigenvalues of the symmetric matrix a, ascending.

    Shapes: a (..., n, n), w (..., n) in the units of a.

    Only the symmetric part is read. Each eigenvalue moves by at most the norm of what is added to a (Weyl): unlike the
    vectors it is determined, and continuous, where eigenvalues meet. There it has a kink: of the m that meet, the
    directional derivatives are the eigenvalues of the block of adot in their space, and those are linear in adot for
    m = 1 alone. Clarke's derivatives of such an eigenvalue are all matrices v p v^T with p positive semidefinite of
    trace 1, a set with infinitely many corners: it is the hull of no few gradients nearby.

    Raises ValueError unless the matrices are square.
    Source: Lewis (1999), Nonsmooth analysis of eigenvalues, Mathematical Programming 84, theorem 6 and corollary 9;
    Golub and Van Loan (2013), Matrix Computations, 4th edition, section 8.1.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"eigvalsh: got a of shape {a.shape}, want (..., n, n)")
    return eigh(a)[0]


def eigvalsh_vjp(wbar, w, a):
    """abar = v diag(wbar) v^T, as wdot_i = v_i^T adot v_i (Hellmann and Feynman).

    No differences of eigenvalues divide it, and where they meet it is one of Clarke's derivatives, whichever vectors
    ``eigh`` takes.
    """
    _, v = eigh(a)
    return (v * wbar[..., None, :] @ v.mT,)


def eigvalsh_residuals(w, a):
    """w less the eigenvalues, measured by the largest row sum of the symmetric part, as by Weyl's theorem."""
    return ((w - eigvalsh(a), row_sum((a + a.mT) / 2)[..., 0]),)


def eigvalsh_cases(rng):
    yield Case("indefinite", (_symmetric(rng, 0.5, -2, 3),))
    yield Case("batch", (_symmetric(rng, 5, -1, 2, 9, batch=(2,)),))
    yield Case("small", (1e-5 * _symmetric(rng, 3, 9, -0.5),))
    q = np.linalg.qr(rng.normal(size=(4, 4))).Q
    yield Case("repeated", (q * [2.0, -1.0, 2.0, 2.0] @ q.T,), {}, "degenerate")
    yield Case("multiple-of-one", (3.0 * np.eye(3),), {}, "degenerate")
    yield Case("diagonal", (np.diag([3.0, -1.0, 2.0]),), {}, "special", np.array([-1.0, 2.0, 3.0]))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", np.zeros(0))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def eigvalsh_sized(rng, n):
    """Many small matrices, for which the text is meant."""
    return Case("sized", (_symmetric(rng, 1, -6, 3, batch=(max(n // 9, 1),)),))


def power_iteration(a, start, *, steps):
    """w = v^T a v, v = a^steps start / |a^steps start|: the eigenvalue of largest magnitude, and its vector.

    Shapes: a (n, n) and start (n,), not 0; w (), v (n,).

    Each step stretches what v has along the first eigenvector by |w_1 / w_2| more than the rest, so the error of v
    falls by that factor. That of the Rayleigh quotient w, of a symmetric a, falls by its square, because v^T a v is
    stationary at eigenvectors. Dividing by the length changes no direction, and keeps the numbers from overflowing.
    Where start has nothing along the first eigenvector, or two are largest, other vectors come out, or none.

    Raises ValueError unless a is a square matrix and start a vector that fits, and for steps < 1.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 8.2.1.
    """
    if a.ndim != 2 or a.shape[0] != a.shape[1] or start.shape != a.shape[:1]:
        raise ValueError(f"power_iteration: got shapes {a.shape} and {start.shape}, want (n, n) and (n,)")
    if steps < 1:
        raise ValueError(f"power_iteration: got {steps} steps, want at least 1")
    v = start
    for _ in range(steps):
        v = a @ v
        v = v / np.sqrt(v @ v)
    return v @ (a @ v), v


def power_iteration_vjp(ybar, y, a, start, *, steps):
    """abar = wbar v v^T + sum over the steps v = z / |z|, z = a u, of zbar u^T; startbar = a^T zbar of the first.

    Backwards: zbar = (vbar - v (v^T vbar)) / |z|, as only what turns v counts, and ubar = a^T zbar is the vbar of the
    step before. The last vbar also has (a + a^T) v wbar, from w = v^T a v.
    """
    wbar, vbar = ybar
    _, v = y
    path = [start]
    for _ in range(steps):
        z = a @ path[-1]
        path.append(z / np.sqrt(z @ z))
    abar = wbar * v[:, None] * v
    vbar = vbar + wbar * (a @ v + v @ a)
    for before, after in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
        z = a @ before
        zbar = (vbar - after * (after @ vbar)) / np.sqrt(z @ z)
        abar = abar + zbar[:, None] * before
        vbar = zbar @ a
    return abar, vbar


def power_iteration_cases(rng):
    yield Case("symmetric", (_symmetric(rng, 1, 6, 3), rng.uniform(1, 2, size=3)), {"steps": 3})
    yield Case("general", (near_diagonal(rng, 4, 4) * [3, 1, -0.5, 2], rng.uniform(1, 2, size=4)), {"steps": 2})
    a, start = np.diag([0.0, -4.0]), np.array([3.0, 2.0])
    yield Case("one-step-is-enough", (a, start), {"steps": 1}, "special", (np.array(-4.0), np.array([0.0, -1.0])))
    yield Case("not-square", (rng.normal(size=(4, 3)), rng.normal(size=3)), {"steps": 2}, "refused")
    yield Case("start-too-long", (rng.normal(size=(3, 3)), rng.normal(size=4)), {"steps": 2}, "refused")
    yield Case("no-steps", (rng.normal(size=(3, 3)), rng.normal(size=3)), {"steps": 0}, "refused")


def power_iteration_sized(rng, n):
    (a,) = eigh_sized(rng, n).args
    return Case("sized", (a / len(a), rng.uniform(1, 2, size=len(a))), {"steps": 5})


OPS = [
    Op(eigh, eigh_cases, eigh_vjp, eigh_sized, gauge=eigh_gauge, residuals=eigh_residuals, symmetric=(0,)),
    Op(eigvalsh, eigvalsh_cases, eigvalsh_vjp, eigvalsh_sized, residuals=eigvalsh_residuals, symmetric=(0,)),
    Op(power_iteration, power_iteration_cases, power_iteration_vjp, power_iteration_sized),
]

"""Bases: the part of a vector along another, orthonormal vectors made of any, coordinates."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def projection(v, u):
    """y = (u.v / u.u) u, the part of v along u: of all multiples of u the one nearest to v.

    Shapes: v and u (..., n), y as their broadcast; in the unit of v: the length of u does not matter, nor its sign.

    Raises ValueError when the last axes differ. A vector u = 0 has no direction: y is nan.

    Source: Strang (2016), Introduction to Linear Algebra, section 4.2, Projection onto a line.
    """
    if v.ndim == 0 or u.ndim == 0 or v.shape[-1] != u.shape[-1]:
        raise ValueError(f"projection: got v and u of shapes {v.shape} and {u.shape}, want (..., n) and (..., n)")
    return _along(u, v) / _along(u, u) * u


def projection_vjp(ybar, y, v, u):
    """With c = u.v / u.u and cbar = u.ybar / u.u: vbar = cbar u and ubar = c ybar + cbar (v - 2 y).

    The map v -> y is its own adjoint. With u, y = c u moves by c udot, and by cdot u,
    where u.u cdot = v.udot - 2 c u.udot.
    """
    c, cbar = _along(u, v) / _along(u, u), _along(u, ybar) / _along(u, u)
    return unbroadcast(cbar * u, v.shape), unbroadcast(c * ybar + cbar * (v - 2 * y), u.shape)


def _along(u, v):
    """u.v along the last axis, which is kept with length 1."""
    return np.sum(u * v, axis=-1, keepdims=True)


def projection_cases(rng):
    yield Case("vectors", (rng.normal(size=5), 100 * rng.normal(size=5)))
    yield Case("broadcast", (rng.normal(size=(4, 1, 3)), rng.normal(size=(2, 3))))
    v, u = np.array([[3.0, 1.0], [1.0, 2.0], [np.nan, 1.0]]), np.array([[0.0, -2.0], [0.0, 0.0], [2.0, 2.0]])
    answer = np.array([[0.0, 1.0], [np.nan, np.nan], [np.nan, np.nan]])
    yield Case("axis-and-nothing", (v, u), {}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)), rng.normal(size=3)), {}, "empty", np.zeros((0, 3)))
    yield Case("lengths-differ", (rng.normal(size=(4, 3)), rng.normal(size=(4, 1))), {}, "refused")


def projection_sized(rng, n):
    shape = (n // 128 + 1, 64)
    return Case("sized", (rng.normal(size=shape), rng.normal(size=shape)))


def gram_schmidt(a):
    """q_j = v / |v|, where v is a_j less its part along each of q_1 ... q_(j-1): orthonormal columns.

    Shapes: a (..., m, n) of m >= n independent columns, q (..., m, n) without a unit. Columns 1 to j of q span what
    columns 1 to j of a do, and q_j.a_j > 0, so q is the only one.

    Each part is taken from what the earlier ones have left of a_j, not from a_j itself: the modified method. In
    exact arithmetic it is the same; in floating point, the error in q_1 is seen and removed by the later steps.

    Raises ValueError when there are more columns than rows, which cannot be independent.

    Source: Golub and Van Loan (2013), Matrix Computations, section 5.2.8.
    """
    if a.ndim < 2 or a.shape[-2] < a.shape[-1]:
        raise ValueError(f"gram_schmidt: got a of shape {a.shape}, want (..., m, n) with m >= n")
    q = []
    for j in range(a.shape[-1]):
        v = _remainders(a[..., j], q)[-1]
        q.append(v / np.sqrt(_along(v, v)))
    return np.stack(q, axis=-1)


def _remainders(v, q):
    """v, and what is left of it after each of the orthonormal vectors q."""
    left = [v]
    for u in q:
        left.append(left[-1] - _along(u, left[-1]) * u)
    return left


def gram_schmidt_vjp(ybar, y, a):
    """Back through the steps, the last column first.

    q_j = v / |v| gives vbar = (qbar_j - (q_j.qbar_j) q_j) / |v|. Each step w = v - (u.v) u, u one of the earlier
    columns, gives vbar = wbar - (u.wbar) u and adds -(u.v) wbar - (u.wbar) v to the cotangent of that u. What arrives
    in front of the first step is abar_j.
    """
    q, qbar = [y[..., j] for j in range(a.shape[-1])], [ybar[..., j] for j in range(a.shape[-1])]
    abar = []
    for j in reversed(range(a.shape[-1])):
        *before, v = _remainders(a[..., j], q[:j])
        vbar = (qbar[j] - _along(q[j], qbar[j]) * q[j]) / np.sqrt(_along(v, v))
        for i in reversed(range(j)):
            u, v = q[i], before[i]
            s = _along(u, vbar)
            qbar[i] = qbar[i] - _along(u, v) * vbar - s * v
            vbar = vbar - s * u
        abar.append(vbar)
    return (np.stack(abar[::-1], axis=-1),)


def gram_schmidt_residuals(y, a):
    """q^T q - 1; and a less q times the upper triangle of q^T a, measured by the largest row sum of |a|."""
    i = np.arange(a.shape[-1])
    gram, largest = y.mT @ y, np.max(np.sum(np.abs(a), axis=-1, keepdims=True), axis=-2, keepdims=True)
    return (gram - np.where(i[:, None] == i, np.ones_like(gram), 0), 1), (a - y @ np.triu(y.mT @ a), largest)


def gram_schmidt_cases(rng):
    yield Case("batch", (_even(rng, 2, 4, 3),))
    yield Case("scales", (_even(rng, 1, 4, 2) * [1000.0, 0.01],))
    yield Case("oblique", (_even(rng, 1, 8, 2) @ [[1.0, 0.75], [0.0, 0.5]],))
    by_hand, answer = [[0.0, 5.0], [-2.0, 7.0], [0.0, 0.0]], [[0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]]
    yield Case("by-hand", (np.array(by_hand),), {}, "special", np.array(answer))
    yield Case("no-matrices", (np.zeros((0, 3, 2)),), {}, "empty", np.zeros((0, 3, 2)))
    yield Case("wide", (rng.normal(size=(2, 3)),), {}, "refused")
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def _even(rng, batch, m, n):
    """Nearly orthogonal columns whose elements are all of one size: a program that errs by an ulp of the column, as
    reflections do, errs by many ulps of an element that is small."""
    signs = np.array([[1.0]])
    while len(signs) < m:
        signs = np.block([[signs, signs], [signs, -signs]])
    signs = signs[:, rng.permutation(m)[:n]] * rng.choice([-1.0, 1.0], size=(batch, m, 1))
    return signs * rng.uniform(0.75, 1.25, size=(batch, m, n))


def gram_schmidt_sized(rng, n):
    return Case("sized", (_even(rng, n // 56 + 1, 8, 7),))


def change_of_basis(x, basis):
    """y = P^-1 x, P the matrix of the basis vectors: x = sum_j y_j p_j has the coordinates y in that basis.

    Shapes: x (..., n), basis P (n, n) with the new basis vectors as columns, in the old coordinates; y (..., n).

    The coordinates change against the basis: where the basis vectors double, the coordinates halve. P y leads back to
    x. P y = x is solved by elimination; of each column the largest element is the pivot, which keeps every multiplier
    at most 1 in size.

    Raises ValueError unless P is square and fits x. Dependent vectors are not found out: their y means nothing.

    Source: Strang (2016), Introduction to Linear Algebra, section 8.2; Golub and Van Loan (2013), Matrix
    Computations, section 3.4, for the elimination.
    """
    if x.ndim == 0 or basis.shape != (x.shape[-1], x.shape[-1]):
        raise ValueError(
            f"change_of_basis: got x and basis of shapes {x.shape} and {basis.shape}, want (..., n) and (n, n)"
        )
    return _solve(basis, x)


def change_of_basis_vjp(ybar, y, x, basis):
    """xbar = P^-T ybar and Pbar = -sum xbar y^T along all leading axes, from P ydot = xdot - Pdot y."""
    xbar = _solve(basis.mT, ybar)
    n = basis.shape[0]
    return xbar, -np.reshape(xbar, (-1, n)).T @ np.reshape(y, (-1, n))


def _solve(p, x):
    """P^-1 x of each vector along the last axis."""
    n = p.shape[0]
    i = np.arange(n)
    rows = np.concat([p, np.reshape(x, (-1, n)).T], axis=1)
    for k in range(n):
        pivot = k + np.argmax(np.abs(rows[k:, k]), axis=0)
        rows = np.take(rows, np.where(i == k, pivot, np.where(i == pivot, k, i)), axis=0)
        multiplier = np.where(i > k, rows[:, k] / rows[k, k], 0)
        rows = rows - multiplier[:, None] * rows[k]
    y = []
    for k in reversed(range(n)):
        known = [rows[k, j] * solved for j, solved in zip(range(k + 1, n), y, strict=True)]
        y = [(rows[k, n:] - np.sum(np.stack(known), axis=0) if known else rows[k, n:]) / rows[k, k], *y]
    return np.reshape(np.stack(y, axis=-1), x.shape)


def change_of_basis_cases(rng):
    def basis(n):
        return np.linalg.qr(rng.normal(size=(n, n))).Q + 0.1 * rng.normal(size=(n, n))

    yield Case("one-vector", (rng.normal(size=3), basis(3)))
    yield Case("many-vectors", (100 * rng.normal(size=(2, 4, 3)), 2 * basis(3)))
    yield Case("scales", (rng.normal(size=(5, 2)), basis(2) * [1000.0, 0.01]))
    swapped = np.array([[0.0, 2.0], [-4.0, 0.0]])
    yield Case(
        "swapped", (np.array([[6.0, 8.0], [1.0, -2.0]]), swapped), {}, "special", np.array([[-2.0, 3.0], [0.5, 0.5]])
    )
    yield Case("no-vectors", (np.zeros((0, 3)), basis(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("basis-of-a-plane", (rng.normal(size=3), rng.normal(size=(3, 2))), {}, "refused")
    yield Case("other-space", (rng.normal(size=(4, 2)), rng.normal(size=(3, 3))), {}, "refused")


def change_of_basis_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 8 + 1, 8)), np.eye(8) + rng.uniform(-0.25, 0.25, size=(8, 8))))


OPS = [
    Op(projection, projection_cases, projection_vjp, projection_sized),
    Op(gram_schmidt, gram_schmidt_cases, gram_schmidt_vjp, gram_schmidt_sized, residuals=gram_schmidt_residuals),
    Op(change_of_basis, change_of_basis_cases, change_of_basis_vjp, change_of_basis_sized),
]

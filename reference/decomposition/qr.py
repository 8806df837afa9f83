"""The QR decomposition by reflections, and least squares."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import identity, near_diagonal, row_sum, signs
from .triangular import triangular_solve


def mirrored(x, h, half):
    """x - h (h^T x) / half, half = h^T h / 2: every column of x mirrored in the plane orthogonal to h."""
    return x - h @ (h.mT @ x / half)


def qr(a):
    """a = q r, the columns of q orthonormal, r upper triangular.

    Shapes: a (..., m, n), k = min(m, n); q (..., m, k), r (..., k, n): the reduced decomposition.

    The j-th of k reflections (Householder) carries x, what column j has from row j on, to a multiple of e_j. Of the two
    of its length it is the one with the other sign than x_j, so that h, the difference, suffers no cancellation. q is
    the product of the reflections: orthonormal to the last bits, however close to singular a is, as the columns that
    Gram and Schmidt make one from another are not.

    A column of q and its row of r may change their signs together: left as the reflections give them. Of linearly
    dependent columns q is not determined, and has no derivative.

    Raises ValueError for less than two dimensions.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 5.2.
    """
    if a.ndim < 2:
        raise ValueError(f"qr: got a of shape {a.shape}, want (..., m, n)")
    m, n = a.shape[-2:]
    i, j = np.arange(m)[:, None], np.arange(n)
    q = np.where(i == j[:m], np.ones_like(a[..., :m]), np.zeros_like(a[..., :m]))
    mirrors = []
    for k in range(min(m, n)):
        x = np.where(i >= k, a[..., :, k : k + 1], 0)
        xk = x[..., k : k + 1, :]
        length = np.sqrt(x.mT @ x)
        image = np.where(i == k, np.where(xk < 0, length, -length), 0)
        half = length * (length + np.abs(xk))
        mirrors.append((x - image, np.where(half == 0, 1, half)))
        a = np.where((j == k) & (i >= k), image, mirrored(a, *mirrors[-1]))
    for mirror in reversed(mirrors):
        q = mirrored(q, *mirror)
    return q, a[..., :n, :]


def qr_vjp(ybar, y, a):
    """abar = (qbar + q sym(r rbar^T - qbar^T q)) r^-T, sym(m) being symmetric with the lower triangle of m.

    From adot = qdot r + q rdot: q^T adot r^-1 = q^T qdot + rdot r^-1, an antisymmetric matrix and an upper triangular
    one, which its lower triangle tells apart; and what qdot has outside of q's columns is that of adot r^-1.
    Of a wide matrix, the columns beyond the first m are q times those of r, and are pulled back as a product.
    Source: Walter and Lehmann (2010), Algorithmic differentiation of linear algebra functions, section 3.
    """
    (qbar, rbar), (q, r) = ybar, y
    m = q.shape[-2]
    qbar = qbar + a[..., m:] @ rbar[..., m:].mT
    square, squarebar = r[..., : q.shape[-1]], rbar[..., : q.shape[-1]]
    middle = square @ squarebar.mT - qbar.mT @ q
    middle = np.tril(middle) + np.tril(middle, -1).mT
    abar = triangular_solve(square, (qbar + q @ middle).mT, lower=False, unit_diagonal=False).mT
    return (np.concat([abar, q @ rbar[..., m:]], axis=-1),)


def qr_gauge(got, want):
    flips = signs(got[0], want[0])
    return flips[..., None, :], flips[..., :, None]


def qr_residuals(y, a):
    """a - q r; q^T q - 1; what r has below the diagonal."""
    q, r = y
    return (a - q @ r, row_sum(a)), (q.mT @ q - identity(q.mT @ q), 1), (np.tril(r, -1), row_sum(a))


def qr_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, -30, 0.4],))
    yield Case("wide", (near_diagonal(rng, 3, 4) * [4, 0.6, 1.5, 2],))
    yield Case("batch", (rng.normal(size=(2, 4, 3)),))
    columns = rng.normal(size=(5, 2))
    yield Case("dependent", (np.stack([columns[:, 0], 2 * columns[:, 0], columns[:, 1]], axis=1),), {}, "degenerate")
    yield Case("zero-column", (rng.normal(size=(4, 3)) * [1, 0, 2],), {}, "degenerate")
    exact = np.array([[0.0, 2.0], [4.0, 1.0], [0.0, 0.0]])
    parts = (np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), np.array([[4.0, 1.0], [0.0, 2.0]]))
    yield Case("exact", (exact,), {}, "special", parts)
    yield Case("no-columns", (np.zeros((3, 0)),), {}, "empty", (np.zeros((3, 0)), np.zeros((0, 0))))
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def qr_sized(rng, n):
    side = max(round((n / 2) ** 0.5), 1)
    return Case("sized", (np.eye(2 * side, side) + rng.normal(size=(2 * side, side)) / (8 * side),))


def lstsq(a, b):
    """x = argmin |a x - b|^2 = r^-1 q^T b, of a = q r: the least squares solution for each column of b.

    Shapes: a (..., m, n) with m >= n and independent columns; b (..., m, k) or (m,), x (..., n, k) or (n,).

    q^T b are the coordinates of b in the space of the columns of a; what b has outside of it no x can reach. The normal
    equations a^T a x = a^T b have the square of the condition of a, and are not formed.

    Raises ValueError for m < n and where the rows of a and b differ in number.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 5.3.
    """
    if a.ndim < 2 or b.ndim < 1 or a.shape[-2] < a.shape[-1] or b.shape[-2:][0] != a.shape[-2]:
        raise ValueError(
            f"lstsq: got shapes {a.shape} and {b.shape}, want (..., m, n), m >= n, and (..., m, k) or (m,)"
        )
    q, r = qr(a)
    columns = b[:, None] if b.ndim == 1 else b
    x = triangular_solve(r, q.mT @ columns, lower=False, unit_diagonal=False)
    return x[..., 0] if b.ndim == 1 else x


def lstsq_vjp(xbar, x, a, b):
    """bbar = q r^-T xbar and abar = (b - a x) z^T - bbar x^T, z = (a^T a)^-1 xbar = r^-1 r^-T xbar.

    From a^T (b - a x) = 0: a^T a xdot = adot^T (b - a x) + a^T (bdot - adot x). The first term is what a turn of the
    columns takes out of the residual: it is large where the fit is bad.
    Source: Golub and Pereyra (1973), The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate, SIAM Journal on Numerical Analysis 10.
    """
    one = b.ndim == 1
    if one:
        x, xbar, b = x[..., None], xbar[..., None], b[:, None]
    q, r = qr(a)
    w = triangular_solve(r.mT, xbar, lower=True, unit_diagonal=False)
    z = triangular_solve(r, w, lower=False, unit_diagonal=False)
    bbar = q @ w
    return (b - a @ x) @ z.mT - bbar @ x.mT, bbar[..., 0] if one else bbar


def lstsq_residuals(x, a, b):
    """a^T (b - a x), measured by the sizes of a and of what it multiplies."""
    x, b = (x[:, None], b[:, None]) if b.ndim == 1 else (x, b)
    size = row_sum(b) + row_sum(a) * row_sum(x)
    return ((a.mT @ (b - a @ x), row_sum(a.mT) * size),)


def lstsq_cases(rng):
    yield Case("columns", (near_diagonal(rng, 5, 3) * [1, -3, 0.6], rng.normal(size=(5, 2))))
    yield Case("vector", (rng.normal(size=(6, 3)), 10 * rng.normal(size=6)))
    yield Case("line", (np.stack([np.ones(4), np.arange(4) + rng.normal(size=4)], axis=1), rng.normal(size=(4, 3))))
    a = np.array([[0.0, 2.0], [4.0, 0.0], [0.0, 0.0]])
    yield Case("unreachable", (a, np.array([6.0, 8.0, 5.0])), {}, "special", np.array([2.0, 3.0]))
    yield Case("rows-differ", (rng.normal(size=(5, 3)), rng.normal(size=(4, 2))), {}, "refused")
    yield Case("vector-too-long", (rng.normal(size=(5, 3)), rng.normal(size=6)), {}, "refused")


def lstsq_sized(rng, n):
    (a,) = qr_sized(rng, n).args
    return Case("sized", (a, rng.normal(size=len(a))))


OPS = [
    Op(qr, qr_cases, qr_vjp, qr_sized, gauge=qr_gauge, residuals=qr_residuals),
    Op(lstsq, lstsq_cases, lstsq_vjp, lstsq_sized, residuals=lstsq_residuals),
]

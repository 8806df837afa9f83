"""Information of normal densities of several variables that depend on each other."""

from __future__ import annotations

import numpy as np

from ..decomposition.cholesky import cholesky
from ..decomposition.rotation import identity
from ..decomposition.triangular import triangular_solve
from ..op import Case, Op
from .continuous import kl_normal


def kl_multivariate_normal(mean0, cov0, mean1, cov1):
    """y = (tr(cov1^-1 cov0) + (mean1 - mean0)^T cov1^-1 (mean1 - mean0) - d + log(det cov1 / det cov0)) / 2.

    Shapes: mean0 and mean1 (..., d), cov0 and cov1 (..., d, d) symmetric and positive definite, y (...,); the means in
    the units of the variables, the covariances in their products, y in nats.

    With Cholesky's factors cov = l l^T nothing is inverted: for m = l1^-1 l0, which is triangular too, the trace is
    the sum of m_ij^2 and the quotient of the determinants the product of m_ii^-2. So the diagonal of m contributes what
    independent normals of those widths would, without constants that cancel when the two are close, and the
    rest of m, and z = l1^-1 (mean0 - mean1), half of their squares.

    Raises ValueError where the shapes do not belong together.

    Source: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section A.5, eq. A.23.
    """
    want = (*mean0.shape, *mean0.shape[-1:])
    if not mean0.ndim or mean1.shape != mean0.shape or cov0.shape != want or cov1.shape != want:
        got = [a.shape for a in (mean0, cov0, mean1, cov1)]
        raise ValueError(f"means and covariances: got shapes {got}, want (..., d) and (..., d, d)")
    l0, l1 = cholesky(cov0), cholesky(cov1)
    m, z = _solve(l1, l0), _solve(l1, (mean0 - mean1)[..., None])
    width0, width1 = (np.diagonal(l, axis1=-2, axis2=-1) for l in (l0, l1))
    zero = np.zeros_like(width0)
    below = np.tril(m, -1)
    squares = np.sum(below * below, axis=(-2, -1)) + np.sum(z * z, axis=(-2, -1))
    return np.sum(kl_normal(zero, width0, zero, width1), axis=-1) + squares / 2


def kl_multivariate_normal_vjp(ybar, y, mean0, cov0, mean1, cov1):
    """mean0bar = -mean1bar = ybar cov1^-1 (mean0 - mean1), cov0bar = ybar (cov1^-1 - cov0^-1) / 2 and
    cov1bar = ybar k^T (1 - m m^T - z z^T) k / 2, k = l1^-1, m = k l0, z = k (mean0 - mean1).

    From d log det a = tr(a^-1 adot) and d a^-1 = -a^-1 adot a^-1; cov1^-1 is k^T k. Of a symmetric matrix the
    cotangent is symmetric.
    """
    l0, l1 = cholesky(cov0), cholesky(cov1)
    k0, k1 = _solve(l0, identity(l0)), _solve(l1, identity(l1))
    m, z = _solve(l1, l0), _solve(l1, (mean0 - mean1)[..., None])
    i, squares = np.arange(mean0.shape[-1]), m @ m.mT + z @ z.mT
    excess = np.where(i[:, None] == i, 1 - squares, -squares)
    mean0bar = ybar[..., None] * (k1.mT @ z)[..., 0]
    half = ybar[..., None, None] / 2
    return mean0bar, half * (k1.mT @ k1 - k0.mT @ k0), -mean0bar, half * (k1.mT @ excess @ k1)


def _solve(l, b):
    return triangular_solve(l, b, lower=True, unit_diagonal=False)


def kl_multivariate_normal_cases(rng):
    def mean(*shape):
        return rng.normal(size=shape)

    yield Case("three", (mean(3), _covariance(rng, 3), 2 + mean(3), _covariance(rng, 3)))
    yield Case("batch", (mean(3, 2), _covariance(rng, 3, 2), 3 + mean(3, 2), _covariance(rng, 3, 2)))
    m, c = mean(2), _covariance(rng, 2)
    yield Case("close", (m, c, m + 0.01 * mean(2), c + 0.02 * _covariance(rng, 2)))
    mean0, wide = np.array([[1.0, 2.0], [3.0, 2.0]]), np.array([[4.0, 0.0], [0.0, 1.0]])
    equal = mean0, np.stack([wide, wide]), mean0[[0, 0]], np.stack([wide, wide])
    yield Case("equal", equal, {}, "special", np.array([0.0, 0.5]))
    yield Case("shapes-differ", (mean(3), _covariance(rng, 3), mean(3), _covariance(rng, 2)), {}, "refused")
    yield Case("widths", (mean(3), 1 + mean(3) ** 2, mean(3), 1 + mean(3) ** 2), {}, "refused")


def kl_multivariate_normal_sized(rng, n):
    m = max(n // 40, 1)
    mean0, mean1 = rng.normal(size=(2, m, 4))
    return Case("sized", (mean0, _covariance(rng, m, 4), mean1, _covariance(rng, m, 4)))


def _covariance(rng, *shape):
    """Symmetric matrices with eigenvalues of order 1."""
    d = shape[-1]
    a = rng.normal(size=(*shape, d + 2))
    cov = a @ a.mT / d
    return (cov + cov.mT) / 2 + np.eye(d) / 4


OPS = [
    Op(
        kl_multivariate_normal,
        kl_multivariate_normal_cases,
        kl_multivariate_normal_vjp,
        kl_multivariate_normal_sized,
        symmetric=(1, 3),
    ),
]

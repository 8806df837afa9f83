"""The multivariate normal distribution, by the Cholesky factor of its covariance."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..decomposition.cholesky import cholesky, cholesky_vjp
from ..decomposition.rotation import identity
from ..decomposition.triangular import triangular_solve
from ..op import Case, Op


def multivariate_normal_log_density(x, mean, covariance):
    """y = -(x - mean)^T covariance^-1 (x - mean) / 2 - log det(covariance) / 2 - d log(2 pi) / 2.

    Shapes: x (..., d), mean (..., d) and covariance (..., d, d), symmetric and positive definite,
    whose leading axes broadcast together, y as these; y has the unit of -log x.

    With covariance = L L^T, z = L^-1 (x - mean) has d independent standard normal components: the
    quadratic form is z . z, never negative, and half of the log-determinant is the sum of the logs
    of L's diagonal. The determinant itself would overflow already where d is a few hundred.

    Raises ValueError when the numbers of components differ.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.3, eq. 2.43.
    """
    _require_same_dimension("x", x, mean, covariance)
    l = cholesky(covariance)
    z = _solve(l, (x - mean)[..., None])[..., 0]
    return -np.sum(z * z + np.log(np.full_like(z, 2 * np.pi)), axis=-1) / 2 - _half_log_determinant(l)


def multivariate_normal_log_density_vjp(ybar, y, x, mean, covariance):
    """xbar = -ybar w, meanbar = ybar w, covariancebar = ybar (w w^T - covariance^-1) / 2.

    w = covariance^-1 (x - mean) is the slope of half the quadratic form. The inverse moves by
    -covariance^-1 covariancedot covariance^-1, which makes the form move by -w^T covariancedot w;
    the log-determinant moves by the trace of covariance^-1 covariancedot.

    Source: Petersen and Pedersen (2012), The Matrix Cookbook, eqs. 57 and 61.
    """
    l = cholesky(covariance)
    w = _solve_definite(l, (x - mean)[..., None])[..., 0]
    wbar = ybar[..., None] * w
    covariancebar = ybar[..., None, None] * (w[..., :, None] * w[..., None, :] - _solve_definite(l, identity(l))) / 2
    return (
        unbroadcast(-wbar, x.shape),
        unbroadcast(wbar, mean.shape),
        unbroadcast(covariancebar, covariance.shape),
    )


def multivariate_normal_log_density_hvp(ybar, dots, y, x, mean, covariance):
    """xbardot = -ybar wdot, meanbardot = ybar wdot, covariancebardot = ybar (wdot w^T + w wdot^T + P Cdot P) / 2.

    P is the inverse of the covariance C. From C w = x - mean: wdot = P (xdot - meandot - Cdot w), and from C P = 1:
    Pdot = -P Cdot P.
    """
    xdot, meandot, covariancedot = dots
    l = cholesky(covariance)
    w = _solve_definite(l, (x - mean)[..., None])
    wdot = _solve_definite(l, (xdot - meandot)[..., None] - covariancedot @ w)
    inverse_moves = _solve_definite(l, _solve_definite(l, covariancedot).mT)
    cross = wdot @ w.mT
    wbardot = ybar[..., None] * wdot[..., 0]
    covariancebardot = ybar[..., None, None] * (cross + cross.mT + inverse_moves) / 2
    return (
        unbroadcast(-wbardot, x.shape),
        unbroadcast(wbardot, mean.shape),
        unbroadcast(covariancebardot, covariance.shape),
    )


def multivariate_normal_log_density_cases(rng):
    yield Case("one-normal", (rng.normal(size=(5, 3)), rng.normal(size=(3,)), _covariance(rng, [1, 2, 0.5])))
    many = rng.normal(size=(2,)), rng.normal(size=(4, 2)), _covariance(rng, [0.5, 3], batch=(4,))
    yield Case("many-normals", many)
    scales = np.array([1e-3, 2, 1e4])
    mean = scales * rng.normal(size=3)
    yield Case("scales", (mean + scales * rng.normal(size=(2, 3)) * [[1], [9]], mean, _covariance(rng, scales)))
    x, correlated = np.array([[np.inf, 1.0], [2.0, -np.inf], [np.nan, 0.5]]), np.array([[2.0, 0.5], [0.5, 1.0]])
    yield Case("infinite", (x, np.zeros(2), correlated), {}, "special", np.array([-np.inf, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 2)), np.zeros(2), correlated), {}, "empty", np.zeros(0))
    yield Case("another-dimension", (rng.normal(size=(4, 3)), rng.normal(size=3), correlated), {}, "refused")


def multivariate_normal_log_density_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 4, 1), 4)), rng.normal(size=4), _covariance(rng, [1, 2, 3, 0.5])))


def multivariate_normal_sample(noise, mean, covariance):
    """x = mean + L noise, covariance = L L^T: a sample of the normal (mean, covariance).

    Shapes: noise (..., d), independent and standard normal; mean (..., d) and covariance
    (..., d, d), symmetric and positive definite; the leading axes broadcast together, x as noise
    with these.

    L noise has the covariance L E[noise noise^T] L^T = L L^T. Every square root of the covariance
    would do; the triangular one costs least.

    Raises ValueError when the numbers of components differ.

    Source: Gentle (2003), Random Number Generation and Monte Carlo Methods, section 5.3.
    """
    _require_same_dimension("noise", noise, mean, covariance)
    return mean + (cholesky(covariance) @ noise[..., None])[..., 0]


def multivariate_normal_sample_vjp(xbar, x, noise, mean, covariance):
    """noisebar = L^T xbar, meanbar = xbar, Lbar = xbar noise^T, and from there as the factor does."""
    l = cholesky(covariance)
    noisebar = (l.mT @ xbar[..., None])[..., 0]
    lbar = unbroadcast(xbar[..., :, None] * noise[..., None, :], covariance.shape)
    return (
        unbroadcast(noisebar, noise.shape),
        unbroadcast(xbar, mean.shape),
        *cholesky_vjp(np.tril(lbar), l, covariance),
    )


def multivariate_normal_sample_cases(rng):
    scales = np.array([1e-3, 2, 1e4])
    yield Case("one-normal", (rng.normal(size=(5, 3)), scales * rng.normal(size=(3,)), _covariance(rng, scales)))
    many = rng.normal(size=(2, 3)), rng.normal(size=(4, 1, 3)), _covariance(rng, [0.5, 3, 1], batch=(4, 1))
    yield Case("many-normals", many)
    correlated = np.array([[4.0, 2.0], [2.0, 10.0]])  # L = [[2, 0], [1, 3]]
    by_hand = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]), np.array([0.5, 100.0]), correlated
    yield Case("by-hand", by_hand, {}, "special", np.array([[2.5, 101.0], [0.5, 103.0], [4.5, 99.0]]))
    yield Case("nothing", (np.zeros((0, 2)), np.zeros(2), correlated), {}, "empty", np.zeros((0, 2)))
    yield Case("another-dimension", (rng.normal(size=(4, 3)), rng.normal(size=3), correlated), {}, "refused")


def multivariate_normal_sample_sized(rng, n):
    return multivariate_normal_log_density_sized(rng, n)


def multivariate_normal_entropy(covariance):
    """y = log det(covariance) / 2 + d log(2 pi e) / 2, the mean of -log density, in nats.

    Shapes: covariance (..., d, d), symmetric and positive definite, y (...).

    The entropy of d independent standard normals, and the logarithm of the volume by which L, the
    factor of covariance = L L^T, stretches them: the sum of the logs of its diagonal.

    Raises ValueError when the matrices are not square.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 8.4, theorem 8.4.1.
    """
    _require_square(covariance)
    l = cholesky(covariance)
    return _half_log_determinant(l) + np.sum(np.log(np.full_like(l[..., 0], 2 * np.pi * np.e)), axis=-1) / 2


def multivariate_normal_entropy_vjp(ybar, y, covariance):
    """covariancebar = ybar covariance^-1 / 2, the slope of half the log-determinant."""
    l = cholesky(covariance)
    return (ybar[..., None, None] * _solve_definite(l, identity(l)) / 2,)


def multivariate_normal_entropy_cases(rng):
    yield Case("batch", (_covariance(rng, [3, 0.5, 9], batch=(2,)),))
    yield Case("scales", (_covariance(rng, [1e-5, 2, 1e3, 0.1]),))
    yield Case("nothing", (np.zeros((0, 2, 2)),), {}, "empty", np.zeros(0))
    yield Case("not-square", (rng.normal(size=(3, 2)),), {}, "refused")


def multivariate_normal_entropy_sized(rng, n):
    return Case("sized", (_covariance(rng, [1, 2, 3, 0.5], batch=(max(n // 16, 1),)),))


def _solve(l, b):
    return triangular_solve(l, b, lower=True, unit_diagonal=False)


def _solve_definite(l, b):
    """(l l^T)^-1 b: down through l and up through l^T."""
    return triangular_solve(l.mT, _solve(l, b), lower=False, unit_diagonal=False)


def _half_log_determinant(l):
    i = np.arange(l.shape[-1])
    return np.sum(np.log(l[..., i, i]), axis=-1)


def _require_square(covariance):
    if covariance.ndim < 2 or covariance.shape[-1] != covariance.shape[-2]:
        raise ValueError(f"covariance: got shape {covariance.shape}, want (..., d, d)")


def _require_same_dimension(name, x, mean, covariance):
    _require_square(covariance)
    d = covariance.shape[-1]
    if x.shape[-1:] != (d,) or mean.shape[-1:] != (d,):
        raise ValueError(
            f"{name}, mean and covariance must be (..., d), (..., d) and (..., d, d): "
            f"got {x.shape}, {mean.shape} and {covariance.shape}"
        )


def _covariance(rng, deviations, batch=()):
    """Random covariances, well conditioned but for their scales: these are near the standard deviations."""
    deviations = np.asarray(deviations, dtype=float)
    d = len(deviations)
    root = deviations[:, None] * (np.eye(d) + rng.uniform(-0.4, 0.4, size=(*batch, d, d)))
    a = root @ root.mT
    return (a + a.mT) / 2


OPS = [
    Op(
        multivariate_normal_log_density,
        multivariate_normal_log_density_cases,
        multivariate_normal_log_density_vjp,
        multivariate_normal_log_density_sized,
        symmetric=(2,),
        hvp=multivariate_normal_log_density_hvp,
    ),
    Op(
        multivariate_normal_sample,
        multivariate_normal_sample_cases,
        multivariate_normal_sample_vjp,
        multivariate_normal_sample_sized,
        symmetric=(2,),
    ),
    Op(
        multivariate_normal_entropy,
        multivariate_normal_entropy_cases,
        multivariate_normal_entropy_vjp,
        multivariate_normal_entropy_sized,
        symmetric=(0,),
    ),
]

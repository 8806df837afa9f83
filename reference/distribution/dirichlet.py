"""The Dirichlet distribution: random probabilities of k outcomes."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..op import Case, Op
from .categorical import one_hot_covariance, one_hot_covariance_vjp


def dirichlet_log_density(x, alpha):
    """y = sum_j (alpha_j - 1) log x_j - log B(alpha), log B(alpha) = sum_j log Gamma(alpha_j) - log Gamma(sum alpha).

    Shapes: x (..., k), whose components are positive and sum to 1, and alpha > 0 (..., k); the
    leading axes broadcast together, y as these.

    A density over the first k - 1 components, of which the last is what is left to 1. The text
    does not look at the sum; its derivative takes the x_j as free.

    Raises ValueError when the numbers of components differ.

    Source: Murphy (2012), Machine Learning: A Probabilistic Perspective, section 2.5.4, eqs. 2.75 and 2.76.
    """
    if x.shape[-1:] != alpha.shape[-1:]:
        raise ValueError(f"x and alpha must be (..., k): got {x.shape} and {alpha.shape}")
    return np.sum(np.where(alpha == 1, 0, (alpha - 1) * np.log(x)), axis=-1) - _log_beta(alpha)


def dirichlet_log_density_vjp(ybar, y, x, alpha):
    """xbar_j = ybar (alpha_j - 1) / x_j, alphabar_j = ybar (log x_j + psi(sum alpha) - psi(alpha_j)).

    psi, digamma, is the slope of log Gamma.
    """
    ybar = ybar[..., None]
    xbar = ybar * (alpha - 1) / x
    alphabar = ybar * (np.log(x) + digamma(_total(alpha)) - digamma(alpha))
    return unbroadcast(xbar, x.shape), unbroadcast(alphabar, alpha.shape)


def dirichlet_log_density_cases(rng):
    yield Case("one-alpha", (_simplex(rng, 5, 3), rng.uniform(0.5, 2, size=3) * [1, 0.2, 4]))
    yield Case("many-alphas", (_simplex(rng, 4), rng.uniform(1.5, 6, size=(2, 4))))
    corners = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]), np.array([[2.0, 1], [0.5, 1], [1, 1], [1, 1]])
    yield Case("corners", corners, {}, "special", np.array([-np.inf, np.inf, 0.0, 0.0]))
    yield Case("no-rows", (np.zeros((0, 2)), np.array([0.5, 3.0])), {}, "empty", np.zeros(0))
    yield Case("another-dimension", (_simplex(rng, 4, 3), rng.uniform(0.5, 2, size=2)), {}, "refused")


def dirichlet_log_density_sized(rng, n):
    return Case("sized", (_simplex(rng, max(n // 4, 1), 4), rng.uniform(0.5, 4, size=4)))


def dirichlet_sample(gammas):
    """x = gammas / sum_j gammas_j: a Dirichlet sample when the gammas are independent and Gamma(alpha_j, 1).

    Shapes: gammas > 0 (..., k), x as gammas.

    The shares of a sum of independent gamma variables are independent of the sum, and it is alpha
    alone that shapes them: any common rate of the gammas cancels.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section XI.4.1, theorem 4.1.
    """
    return gammas / _total(gammas)


def dirichlet_sample_vjp(xbar, x, gammas):
    """gammasbar_j = (xbar_j - sum_i x_i xbar_i) / sum gammas."""
    return ((xbar - np.sum(x * xbar, axis=-1, keepdims=True)) / _total(gammas),)


def dirichlet_sample_cases(rng):
    yield Case("rows", (rng.gamma(2.0, size=(5, 3)),))
    yield Case("scales", (rng.uniform(1, 9, size=4) * [1e-8, 1e3, 0.1, 1e2],))
    yield Case("by-hand", (np.array([[1.0, 2.0, 5.0], [0.0, 3.0, 0.0]]),), {}, "special", _by_hand())


def dirichlet_sample_sized(rng, n):
    return Case("sized", (rng.gamma(2.0, size=(max(n // 4, 1), 4)),))


def dirichlet_entropy(alpha):
    """y = log B(alpha) + (a - k) psi(a) - sum_j (alpha_j - 1) psi(alpha_j), a = sum_j alpha_j, in nats.

    Shapes: alpha > 0 (..., k), y (...).

    The mean of -log density: that of log x_j is psi(alpha_j) - psi(a), psi digamma. A density's
    entropy may be negative, and here it mostly is.

    Source: Johnson and Kotz (1972), Distributions in Statistics: Continuous Multivariate Distributions,
    section 40.5; the mean of log x_j as in Minka (2000), Estimating a Dirichlet distribution, eq. 4.
    """
    a = np.sum(alpha, axis=-1)
    return _log_beta(alpha) + (a - alpha.shape[-1]) * digamma(a) - np.sum((alpha - 1) * digamma(alpha), axis=-1)


def dirichlet_entropy_vjp(ybar, y, alpha):
    """alphabar_j = ybar ((a - k) psi'(a) - (alpha_j - 1) psi'(alpha_j)): the terms in psi itself cancel."""
    a = _total(alpha)
    slope = (a - alpha.shape[-1]) * trigamma(a) - (alpha - 1) * trigamma(alpha)
    return (ybar[..., None] * slope,)


def dirichlet_entropy_cases(rng):
    yield Case("rows", (rng.uniform(0.5, 2, size=(5, 3)),))
    yield Case("scales", (rng.uniform(1, 2, size=4) * [0.1, 9, 0.6, 4],))
    yield Case("no-rows", (np.zeros((0, 3)),), {}, "empty", np.zeros(0))


def dirichlet_entropy_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 4, size=(max(n // 4, 1), 4)),))


def dirichlet_moments(alpha):
    """E[x] = m = alpha / a, Cov[x] = (diag(m) - m m^T) / (a + 1), a = sum_j alpha_j.

    Shapes: alpha > 0 (..., k); the mean (..., k), the covariance (..., k, k).

    The covariance of a one-hot vector with the probabilities m, a + 1 times smaller: a counts how
    many outcomes the distribution is as sure as having seen.

    Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, appendix A, table A.1.
    """
    mean = alpha / _total(alpha)
    return mean, one_hot_covariance(mean) / (_total(alpha)[..., None] + 1)


def dirichlet_moments_vjp(ybar, y, alpha):
    """alphabar = (mbar - sum_j m_j mbar_j) / a - sum_ij covbar_ij cov_ij / (a + 1).

    mbar gathers what comes through the mean and, divided by a + 1, through the covariance.
    """
    (meanbar, covbar), (mean, covariance) = ybar, y
    a = _total(alpha)
    mbar = meanbar + one_hot_covariance_vjp(covbar, mean) / (a + 1)
    shrinking = np.sum(covbar * covariance, axis=(-2, -1))[..., None] / (a + 1)
    return ((mbar - np.sum(mean * mbar, axis=-1, keepdims=True)) / a - shrinking,)


def dirichlet_moments_cases(rng):
    yield Case("rows", (rng.uniform(0.5, 2, size=(5, 3)),))
    yield Case("scales", (rng.uniform(1, 2, size=4) * [0.01, 9, 0.6, 400],))
    covariance = np.array([[0.046875, -0.046875], [-0.046875, 0.046875]])
    yield Case("by-hand", (np.array([0.75, 2.25]),), {}, "special", (np.array([0.25, 0.75]), covariance))


def dirichlet_moments_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 4, size=(max(n // 4, 1), 4)),))


def _total(alpha):
    return np.sum(alpha, axis=-1, keepdims=True)


def _log_beta(alpha):
    return np.sum(lgamma(alpha), axis=-1) - lgamma(np.sum(alpha, axis=-1))


def _simplex(rng, *shape):
    x = rng.uniform(0.05, 1, size=shape)
    return x / np.sum(x, axis=-1, keepdims=True)


def _by_hand():
    return np.array([[0.125, 0.25, 0.625], [0.0, 1.0, 0.0]])


OPS = [
    Op(dirichlet_log_density, dirichlet_log_density_cases, dirichlet_log_density_vjp, dirichlet_log_density_sized),
    Op(dirichlet_sample, dirichlet_sample_cases, dirichlet_sample_vjp, dirichlet_sample_sized),
    Op(dirichlet_entropy, dirichlet_entropy_cases, dirichlet_entropy_vjp, dirichlet_entropy_sized),
    Op(dirichlet_moments, dirichlet_moments_cases, dirichlet_moments_vjp, dirichlet_moments_sized),
]

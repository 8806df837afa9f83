"""The log-normal distribution: of a number whose logarithm is normal."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .normal import normal_cdf, normal_cdf_vjp, normal_log_density, normal_log_density_vjp


def log_normal_log_density(x, mu, sigma):
    """y = -z^2 / 2 - log(sigma x) - log(2 pi) / 2 for x > 0, -inf for x <= 0, where z = (log(x) - mu) / sigma.

    Shapes: x, mu and sigma > 0 any that broadcast together, y as their broadcast; y has the unit of -log x.

    mu and sigma are the mean and the standard deviation of log(X), not of X. The density is the normal one at
    log(x), times the slope 1 / x of the logarithm.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 14.1.
    """
    log_x = np.log(np.where(x <= 0, 1, x))
    return np.where(x <= 0, -np.inf, normal_log_density(log_x, mu, sigma) - log_x)


def log_normal_log_density_vjp(ybar, y, x, mu, sigma):
    """xbar = (lbar - ybar) / x, where lbar, mubar and sigmabar are those of the normal density at log(x)."""
    positive = np.where(x <= 0, 1, x)
    ybar = np.where(x <= 0, 0, ybar)
    log_x = np.broadcast_to(np.log(positive), ybar.shape)
    lbar, mubar, sigmabar = normal_log_density_vjp(ybar, y, log_x, mu, sigma)
    return unbroadcast((lbar - ybar) / positive, x.shape), mubar, sigmabar


def log_normal_log_density_cases(rng):
    yield Case("broadcast", (rng.uniform(1.2, 3, size=(5, 3)), rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("scales", _scales(rng, [0.01, -0.5, 3, -25, 60]))
    x, y = np.array([-np.inf, -0.5, 0.0, np.inf, np.nan]), np.array([-np.inf] * 4 + [np.nan])
    yield Case("limits", (x, np.full(5, 0.5), np.full(5, 1.5)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def log_normal_cdf(x, mu, sigma):
    """y = P(X <= x) = erfc(-z / sqrt(2)) / 2 for x > 0, 0 for x <= 0, where z = (log(x) - mu) / sigma.

    Shapes: x, mu and sigma > 0 any that broadcast together, y as their broadcast.

    The logarithm keeps order, so this is the cdf of the normal at log(x).

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 14.3.
    """
    return np.where(x <= 0, 0, normal_cdf(np.log(np.where(x <= 0, 1, x)), mu, sigma))


def log_normal_cdf_vjp(ybar, y, x, mu, sigma):
    """xbar = lbar / x, where lbar, mubar and sigmabar are those of the normal cdf at log(x)."""
    positive = np.where(x <= 0, 1, x)
    ybar = np.where(x <= 0, 0, ybar)
    log_x = np.broadcast_to(np.log(positive), ybar.shape)
    lbar, mubar, sigmabar = normal_cdf_vjp(ybar, y, log_x, mu, sigma)
    return unbroadcast(lbar / positive, x.shape), mubar, sigmabar


def log_normal_cdf_cases(rng):
    mu, sigma = rng.uniform(-0.5, 0.5, size=3), rng.uniform(0.8, 2, size=(5, 1))
    yield Case("broadcast", (rng.uniform(0.6, 2, size=(5, 3)), mu, sigma))
    yield Case("lower-tail", _scales(rng, [-6, -8, -7, -9, -10]))
    x, y = np.array([-np.inf, -0.5, 0.0, 1.0, np.inf, np.nan]), np.array([0.0, 0.0, 0.0, 0.5, 1.0, np.nan])
    yield Case("limits", (x, np.zeros(6), np.full(6, 1.5)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def log_normal_sample(noise, mu, sigma):
    """x = exp(mu + sigma noise).

    Shapes: noise, mu and sigma any that broadcast together, x as their broadcast.

    When noise is standard normal, x has the log-normal distribution: a product of many small factors, as the
    normal is a sum of many small terms.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 14.1.
    """
    return np.exp(mu + sigma * noise)


def log_normal_sample_vjp(xbar, x, noise, mu, sigma):
    """noisebar = xbar x sigma, mubar = xbar x, sigmabar = xbar x noise."""
    grown = xbar * x
    noisebar, sigmabar = grown * sigma, grown * noise
    return unbroadcast(noisebar, noise.shape), unbroadcast(grown, mu.shape), unbroadcast(sigmabar, sigma.shape)


def log_normal_sample_cases(rng):
    yield Case("broadcast", (rng.normal(size=(5, 3)), rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("scales", (rng.normal(size=5), *_scales(rng, 1)[1:]))
    limits = np.array([-np.inf, 0.0, np.inf, np.nan]), np.zeros(4), np.full(4, 1.5)
    yield Case("limits", limits, {}, "special", np.array([0.0, 1.0, np.inf, np.nan]))
    yield _nothing()
    yield _refused(rng)


def log_normal_entropy(mu, sigma):
    """y = mu + log(sigma) + log(2 pi e) / 2, the mean of -log density, in nats.

    Shapes: mu and sigma > 0 any that broadcast together, y as their broadcast.

    The entropy of the normal, and the mean of log(X) for the change of variable.

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    return mu + np.log(sigma) + np.log(np.full_like(sigma, 2 * np.pi * np.e)) / 2


def log_normal_entropy_vjp(ybar, y, mu, sigma):
    """mubar = ybar, sigmabar = ybar / sigma."""
    return unbroadcast(ybar, mu.shape), unbroadcast(ybar / sigma, sigma.shape)


def log_normal_entropy_cases(rng):
    yield from _parameter_cases(rng, lambda shape: np.zeros(shape))


def log_normal_moments(mu, sigma):
    """E[X] = exp(mu + sigma^2 / 2), E[(X - E[X])^2] = (exp(sigma^2) - 1) E[X]^2.

    Shapes: mu and sigma any that broadcast together, each of the two as their broadcast; in the unit of x to the
    powers 1 and 2.

    The mean lies above the median exp(mu): the long tail pulls it up. expm1 keeps the digits of a small variance.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 14.3.
    """
    mean = np.exp(mu + sigma * sigma / 2)
    return mean, np.expm1(sigma * sigma) * (mean * mean)


def log_normal_moments_vjp(ybar, y, mu, sigma):
    """mubar = m mbar + 2 v vbar, sigmabar = sigma (m mbar + 2 (v + exp(sigma^2) m^2) vbar).

    m and v are the mean and the variance. Both grow with mu, to the powers 1 and 2; with sigma^2 / 2 alike, and v
    has the factor exp(sigma^2) - 1 besides.
    """
    (mbar, vbar), (m, v) = ybar, y
    mubar = m * mbar + 2 * v * vbar
    sigmabar = sigma * (m * mbar + 2 * (v + np.exp(sigma * sigma) * (m * m)) * vbar)
    return unbroadcast(mubar, mu.shape), unbroadcast(sigmabar, sigma.shape)


def log_normal_moments_cases(rng):
    yield from _parameter_cases(rng, lambda shape: (np.zeros(shape),) * 2)


def _scales(rng, z):
    """Five numbers whose logarithms lie z standard deviations from the mean."""
    mu, sigma = rng.normal(size=5) * [1, 20, 5, 3, 1], rng.uniform(0.5, 1, size=5) * [1e-3, 0.1, 1, 0.5, 0.03]
    return np.exp(mu + sigma * (rng.uniform(0.9, 1.1, size=5) * z)), mu, sigma


def _parameter_cases(rng, answer):
    yield Case("broadcast", (rng.normal(size=(5, 1)), rng.uniform(0.5, 1.5, size=(4, 1, 3))))
    yield Case("scales", _scales(rng, 1)[1:])
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3)), {}, "empty", answer((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=4), rng.uniform(0.5, 2, size=3)), {}, "refused")


def _nothing():
    return Case("nothing", (np.ones((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))


def _refused(rng):
    return Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.normal(size=3), np.array(1.5)), {}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.uniform(0.1, 5, size=n), rng.normal(size=n), rng.uniform(0.5, 2, size=n)))


def _parameters_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.uniform(0.5, 1.5, size=n)))


OPS = [
    Op(log_normal_log_density, log_normal_log_density_cases, log_normal_log_density_vjp, _sized),
    Op(log_normal_cdf, log_normal_cdf_cases, log_normal_cdf_vjp, _sized),
    Op(log_normal_sample, log_normal_sample_cases, log_normal_sample_vjp, _sized),
    Op(log_normal_entropy, log_normal_entropy_cases, log_normal_entropy_vjp, _parameters_sized),
    Op(log_normal_moments, log_normal_moments_cases, log_normal_moments_vjp, _parameters_sized),
]

"""The normal distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.special import erfc
from ..op import Case, Op


def normal_log_density(x, mu, sigma):
    """y = -z^2 / 2 - log(sigma) - log(2 pi) / 2, where z = (x - mu) / sigma.

    Shapes: x, mu and sigma > 0 any that broadcast together, y as their broadcast; y has the unit
    of -log x.

    The logarithm of the density is formed directly: the density itself is 0 in floating point
    from |z| = 39 on (in float32 from 15 on).

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 1.2.4, eq. 1.46.
    """
    z = (x - mu) / sigma
    return -(z * z + np.log(np.full_like(z, 2 * np.pi))) / 2 - np.log(sigma)


def normal_log_density_vjp(ybar, y, x, mu, sigma):
    """xbar = -ybar z / sigma, mubar = ybar z / sigma, sigmabar = ybar (z^2 - 1) / sigma.

    z moves by 1/sigma with x, by -1/sigma with mu and by -z/sigma with sigma; -log(sigma) gives
    the -1. z^2 - 1 is written as a product, which keeps its accuracy where it changes sign.
    """
    z = (x - mu) / sigma
    zbar = -ybar * z
    sigmabar = ybar * (z - 1) * (z + 1) / sigma
    return unbroadcast(zbar / sigma, x.shape), unbroadcast(-zbar / sigma, mu.shape), unbroadcast(sigmabar, sigma.shape)


def normal_log_density_hvp(ybar, dots, y, x, mu, sigma):
    """xbardot = -mubardot = -ybar (m - 2 z s), sigmabardot = ybar (2 z m - (3 z^2 - 1) s), both / sigma.

    m = (xdot - mudot) / sigma and s = sigmadot / sigma are what the arguments move by, in units of sigma; z moves by
    m - z s, and each 1 / sigma in the VJP by -s / sigma.
    """
    xdot, mudot, sigmadot = dots
    z, m, s = (x - mu) / sigma, (xdot - mudot) / sigma, sigmadot / sigma
    zbardot = -ybar * (m - 2 * z * s) / sigma
    sigmabardot = ybar * (2 * z * m - (3 * z * z - 1) * s) / sigma
    return unbroadcast(zbardot, x.shape), unbroadcast(-zbardot, mu.shape), unbroadcast(sigmabardot, sigma.shape)


def normal_log_density_cases(rng):
    yield Case("broadcast", (rng.normal(size=(5, 3)), rng.normal(size=(3,)), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("one-normal", (rng.normal(size=(7,)), rng.normal(size=()), rng.uniform(0.5, 2, size=())))
    yield Case("many-normals", (rng.normal(size=(1,)), rng.normal(size=(4, 3)), rng.uniform(0.5, 2, size=(4, 3))))
    yield Case("tails", (rng.uniform(50, 90, size=(5,)), rng.normal(size=(5,)), rng.uniform(0.5, 2, size=(5,))))
    yield Case(
        "shifted", (1000 + rng.normal(size=(5,)), 1000 + rng.normal(size=(3, 1)), rng.uniform(0.5, 2, size=(5,)))
    )
    yield Case("narrow-and-wide", (rng.normal(size=(4,)), rng.normal(size=(4,)), np.array([0.01, 0.1, 100.0, 1e6])))
    ends = np.array([-np.inf, np.inf, np.nan])
    yield Case("infinite", (ends, np.zeros(3), np.ones(3)), {}, "special", np.array([-np.inf, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=(4,)), rng.normal(size=(3,)), np.array(1.5)), {}, "refused")


def normal_log_density_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)), rng.normal(size=(n,)), rng.uniform(0.5, 2, size=(n,))))


def normal_cdf(x, mu, sigma):
    """y = P(X <= x) = erfc(-z / sqrt(2)) / 2, where z = (x - mu) / sigma.

    Shapes: x, mu and sigma > 0 any that broadcast together, y as their broadcast.

    erfc is small by itself where the probability is small, so the lower tail keeps every digit;
    (1 + erf(z / sqrt(2))) / 2 is the same number, but in floating point it is 0 from z = -9 on.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, section 26.2, eq. 26.2.29.
    """
    z = (x - mu) / sigma
    return erfc(-z / np.sqrt(np.full_like(z, 2))) / 2


def normal_cdf_vjp(ybar, y, x, mu, sigma):
    """xbar = ybar phi(z) / sigma, mubar = -xbar, sigmabar = -z xbar: the slope of the cdf is the density.

    phi(z) = exp(-z^2 / 2) / sqrt(2 pi) is the standard normal density.
    """
    z = (x - mu) / sigma
    slope = ybar * np.exp(-z * z / 2) / (sigma * np.sqrt(np.full_like(z, 2 * np.pi)))
    return unbroadcast(slope, x.shape), unbroadcast(-slope, mu.shape), unbroadcast(-slope * z, sigma.shape)


def normal_cdf_cases(rng):
    yield Case("broadcast", (rng.normal(size=(5, 3)), rng.normal(size=(3,)), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("one-normal", (rng.normal(size=(7,)), rng.normal(size=()), rng.uniform(0.5, 2, size=())))
    yield Case("lower-tail", (rng.uniform(-11, -5, size=(5,)), np.array(0.125), rng.uniform(0.95, 1.05, size=(3, 1))))
    yield Case("upper-tail", (rng.uniform(3, 6, size=(5,)), rng.normal(scale=0.1, size=(5,)), np.array(1.25)))
    yield Case(
        "shifted", (1000 + rng.normal(size=(5,)), 1000 + rng.normal(size=(3, 1)), rng.uniform(0.5, 2, size=(5,)))
    )
    ends = np.array([-np.inf, 3.0, np.inf, np.nan])
    yield Case("limits", (ends, np.full(4, 3.0), np.full(4, 1.5)), {}, "special", np.array([0.0, 0.5, 1.0, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=(4,)), rng.normal(size=(3,)), np.array(1.5)), {}, "refused")


def normal_cdf_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)), rng.normal(size=(n,)), rng.uniform(0.5, 2, size=(n,))))


def normal_entropy(sigma):
    """y = log(sigma) + log(2 pi e) / 2, the mean of -log density, in nats.

    Shapes: sigma > 0 any, y as sigma.

    Where a normal lies does not matter, only how wide it is. The entropy of a density may be
    negative: it is below 0 when sigma < 0.24.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 1.6, eq. 1.110.
    """
    return np.log(sigma) + np.log(np.full_like(sigma, 2 * np.pi * np.e)) / 2


def normal_entropy_vjp(ybar, y, sigma):
    """sigmabar = ybar / sigma."""
    return (ybar / sigma,)


def normal_entropy_cases(rng):
    yield Case("matrix", (rng.uniform(0.5, 2, size=(3, 5)),))
    yield Case("negative", (rng.uniform(0.01, 0.2, size=(4,)),))
    yield Case("scales", (rng.uniform(1, 9, size=(5,)) * 10.0 ** np.array([-9, -3, 0, 6, 12]),))
    yield Case("infinite", (np.array([np.inf, np.nan]),), {}, "special", np.array([np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def normal_entropy_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 2, size=(n,)),))


def normal_moments(mu, sigma):
    """E[X] = mu, E[(X - mu)^2] = sigma^2, E[(X - mu)^3] = 0, E[(X - mu)^4] = 3 sigma^4.

    Shapes: mu and sigma any that broadcast together, each of the four as their broadcast; in the
    unit of x to the powers 1, 2, 3, 4.

    The odd central moments are 0 by symmetry; by Stein's lemma E[(X - mu)^4] = 3 sigma^2 E[(X - mu)^2].

    Source: Papoulis and Pillai (2002), Probability, Random Variables and Stochastic Processes,
    section 5-4, eq. 5-73.
    """
    mu, sigma = np.broadcast_arrays(mu, sigma)
    return mu, sigma**2, np.zeros_like(sigma), 3 * sigma**4


def normal_moments_vjp(ybar, y, mu, sigma):
    """mubar = ybar_1, sigmabar = 2 sigma ybar_2 + 12 sigma^3 ybar_4: the third is always 0."""
    first, second, _, fourth = ybar
    return unbroadcast(first, mu.shape), unbroadcast(2 * sigma * second + 12 * sigma**3 * fourth, sigma.shape)


def normal_moments_cases(rng):
    yield Case("pairs", (rng.normal(size=(5,)), rng.uniform(0.5, 2, size=(5,))))
    yield Case("broadcast", (rng.normal(size=(5, 1)), rng.uniform(0.5, 2, size=(4, 1, 3))))
    yield Case("one-width", (rng.normal(size=(3, 4)), rng.uniform(0.5, 2, size=())))
    point = (np.array([3.0]), np.zeros(1), np.zeros(1), np.zeros(1))
    yield Case("point-mass", (np.array([3.0]), np.zeros(1)), {}, "special", point)
    yield Case("nothing", (np.zeros((0,)), np.zeros((0,))), {}, "empty", (np.zeros((0,)),) * 4)
    yield Case("shapes-differ", (rng.normal(size=(4,)), rng.uniform(0.5, 2, size=(3,))), {}, "refused")


def normal_moments_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)), rng.uniform(0.5, 2, size=(n,))))


OPS = [
    Op(
        normal_log_density,
        normal_log_density_cases,
        normal_log_density_vjp,
        normal_log_density_sized,
        hvp=normal_log_density_hvp,
    ),
    Op(normal_cdf, normal_cdf_cases, normal_cdf_vjp, normal_cdf_sized),
    Op(normal_entropy, normal_entropy_cases, normal_entropy_vjp, normal_entropy_sized),
    Op(normal_moments, normal_moments_cases, normal_moments_vjp, normal_moments_sized),
]

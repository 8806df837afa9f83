"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

import numpy as np

from .elementwise import erfc
from .op import Case, Op


def _sum_to(xbar, x):
    """The cotangent of ``x`` from the cotangent of ``x`` broadcast: each copy contributes."""
    xbar = np.sum(xbar, axis=tuple(range(xbar.ndim - x.ndim)))
    stretched = tuple(i for i in range(x.ndim) if x.shape[i] == 1)
    return np.sum(xbar, axis=stretched, keepdims=True)


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
    return _sum_to(zbar / sigma, x), _sum_to(-zbar / sigma, mu), _sum_to(sigmabar, sigma)


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
    return _sum_to(slope, x), _sum_to(-slope, mu), _sum_to(-slope * z, sigma)


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
    return _sum_to(first, mu), _sum_to(2 * sigma * second + 12 * sigma**3 * fourth, sigma)


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


def box_muller(u1, u2):
    """z0 = r cos(2 pi u2), z1 = r sin(2 pi u2), where r = sqrt(-2 log u1).

    Shapes: u1 in (0, 1] and u2 any, both of one shape; z0 and z1 as they.

    In the plane, the squared radius of two independent standard normals is exponential with mean
    2 and their angle is uniform, so two uniform numbers give two independent normals.

    Raises ValueError when the shapes differ: to broadcast a noise would use it twice.

    Source: Box and Muller (1958), A note on the generation of random normal deviates, eq. 1.
    """
    if u1.shape != u2.shape:
        raise ValueError(f"u1 and u2 must have one shape: got {u1.shape} and {u2.shape}")
    r = np.sqrt(-2 * np.log(u1))
    return r * np.cos(2 * np.pi * u2), r * np.sin(2 * np.pi * u2)


def box_muller_vjp(ybar, y, u1, u2):
    """u1bar = (z0bar z0 + z1bar z1) / (2 u1 log u1), u2bar = 2 pi (z1bar z0 - z0bar z1).

    u1 moves the radius alone: dr/du1 = -1 / (u1 r), so each z moves by -z / (u1 r^2), and
    r^2 = -2 log u1. u2 turns the pair: dz0/du2 = -2 pi z1, dz1/du2 = 2 pi z0.
    """
    (z0bar, z1bar), (z0, z1) = ybar, y
    return (z0bar * z0 + z1bar * z1) / (2 * u1 * np.log(u1)), 2 * np.pi * (z1bar * z0 - z0bar * z1)


def box_muller_cases(rng):
    yield Case("vector", (rng.uniform(0.05, 0.95, size=(7,)), rng.uniform(size=(7,))))
    yield Case("matrix", (rng.uniform(0.05, 0.95, size=(3, 5)), rng.uniform(size=(3, 5))))
    yield Case("tails", (rng.uniform(1, 9, size=(5,)) * 10.0 ** np.array([-12, -9, -6, -4, -3]), rng.uniform(size=5)))
    yield Case("near-the-centre", (rng.uniform(0.99, 0.999, size=(5,)), rng.uniform(size=(5,))))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros((0, 3))), {}, "empty", (np.zeros((0, 3)),) * 2)
    yield Case("noise-used-twice", (rng.uniform(size=(3,)), rng.uniform(size=(1,))), {}, "refused")


def box_muller_sized(rng, n):
    return Case("sized", (rng.uniform(0.05, 0.95, size=(n // 2,)), rng.uniform(size=(n // 2,))))


def reparameterize(noise, mu, sigma):
    """x = mu + sigma noise, a sample of the normal (mu, sigma) when noise is standard normal.

    Shapes: noise, mu and sigma any that broadcast together, x as their broadcast.

    The randomness stands outside: for given noise the sample is a smooth function of mu and
    sigma, and so gradients pass through the act of sampling. sigma is the standard deviation,
    not the variance.

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes, section 2.4.
    """
    return mu + sigma * noise


def reparameterize_vjp(xbar, x, noise, mu, sigma):
    """noisebar = xbar sigma, mubar = xbar, sigmabar = xbar noise."""
    return _sum_to(xbar * sigma, noise), _sum_to(xbar, mu), _sum_to(xbar * noise, sigma)


def reparameterize_cases(rng):
    yield Case("diagonal", (rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.uniform(0.5, 2, size=(5, 3))))
    yield Case("many-samples", (rng.normal(size=(4, 5, 3)), rng.normal(size=(3,)), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("one-normal", (rng.normal(size=(7,)), rng.normal(size=()), rng.uniform(0.5, 2, size=())))
    yield Case("shared-noise", (rng.normal(size=(1, 3)), rng.normal(size=(5, 1)), rng.uniform(0.5, 2, size=(5, 3))))
    ends = (np.array([1.0, -np.inf, np.nan]), np.full(3, 0.5), np.array([0.0, 2.0, 2.0]))
    yield Case("limits", ends, {}, "special", np.array([0.5, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=(4,)), rng.normal(size=(3,)), np.array(1.5)), {}, "refused")


def reparameterize_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)), rng.normal(size=(n,)), rng.uniform(0.5, 2, size=(n,))))


def monte_carlo_expectation(fx):
    """m = sum_i f(x_i) / n and its standard error e = sqrt(sum_i (f(x_i) - m)^2 / (n (n - 1))).

    Shapes: fx (n,), the values f(x_i) at n >= 2 independent samples; m and e ().

    The mean of n independent values has 1/n of the variance of one, and that variance is
    estimated from the same values, with n - 1 because their own mean was fitted to them.

    Raises ValueError when fx is not a vector of at least two values.

    Source: Robert and Casella (2004), Monte Carlo Statistical Methods, section 3.2.
    """
    if fx.ndim != 1 or fx.shape[0] < 2:
        raise ValueError(f"fx must be a vector of at least two values: got shape {fx.shape}")
    n = fx.shape[0]
    mean = np.mean(fx)
    centred = fx - mean
    return mean, np.sqrt(np.sum(centred * centred) / (n * (n - 1)))


def monte_carlo_expectation_vjp(ybar, y, fx):
    """fxbar_i = mbar / n + ebar (f(x_i) - m) / (n (n - 1) e).

    The error is a norm of the centred values; that m moves too does not matter, because the
    centred values sum to 0. Where all values are equal the norm has a kink, and 0 is one of its
    subgradients.
    """
    (mbar, ebar), (mean, error) = ybar, y
    n = fx.shape[0]
    return (mbar / n + ebar * (fx - mean) / (n * (n - 1) * np.where(error > 0, error, 1)),)


def monte_carlo_expectation_cases(rng):
    yield Case("normal-values", (rng.normal(size=(7,)),))
    yield Case("skewed-values", (np.exp(rng.normal(size=(12,))),))
    yield Case("hits-and-misses", (np.where(np.arange(11) % 3 == 0, 1.0, 0.0) + rng.normal(scale=0.01, size=(11,)),))
    yield Case("shifted", (1000 + rng.normal(size=(5,)),))
    yield Case("all-equal", (np.full((5,), 1.5),), {}, "kink")
    yield Case("by-hand", (np.array([-2.0, 4.0, 4.0, 4.0]),), {}, "special", (np.array(2.5), np.array(1.5)))
    yield Case("nan", (np.array([0.5, np.nan, 2.0]),), {}, "special", (np.array(np.nan), np.array(np.nan)))
    yield Case("one-value", (rng.normal(size=(1,)),), {}, "refused")
    yield Case("matrix", (rng.normal(size=(3, 4)),), {}, "refused")


def monte_carlo_expectation_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)),))


OPS = [
    Op(normal_log_density, normal_log_density_cases, normal_log_density_vjp, normal_log_density_sized),
    Op(normal_cdf, normal_cdf_cases, normal_cdf_vjp, normal_cdf_sized),
    Op(normal_entropy, normal_entropy_cases, normal_entropy_vjp, normal_entropy_sized),
    Op(normal_moments, normal_moments_cases, normal_moments_vjp, normal_moments_sized),
    Op(box_muller, box_muller_cases, box_muller_vjp, box_muller_sized),
    Op(reparameterize, reparameterize_cases, reparameterize_vjp, reparameterize_sized),
    Op(
        monte_carlo_expectation,
        monte_carlo_expectation_cases,
        monte_carlo_expectation_vjp,
        monte_carlo_expectation_sized,
    ),
]

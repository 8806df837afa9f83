"""The exponential distribution: the wait for what happens at a constant rate."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def exponential_log_density(x, rate):
    """y = log(rate) - rate x for x >= 0, -inf for x < 0.

    Shapes: x and rate > 0 any that broadcast together, rate in the unit of 1 / x, y as their broadcast and in
    the unit of -log x.

    SciPy and JAX take the scale, which is 1 / rate.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 19.1.
    """
    return np.where(x < 0, -np.inf, np.log(rate) - rate * x)


def exponential_log_density_vjp(ybar, y, x, rate):
    """xbar = -ybar rate, ratebar = ybar (1 / rate - x): it is 0 where x is the mean. Both are 0 for x < 0."""
    ybar = np.where(x < 0, 0, ybar)
    return unbroadcast(-ybar * rate, x.shape), unbroadcast(ybar * (1 / rate - x), rate.shape)


def exponential_log_density_cases(rng):
    yield Case("broadcast", (rng.uniform(0.1, 3, size=(5, 3)), rng.uniform(0.5, 2, size=3)))
    yield Case("scales", _scales(rng, [0.01, 0.5, 3, 25, 200]))
    x, y = np.array([-np.inf, -0.5, 0.0, -0.0, np.inf, np.nan]), np.array([-np.inf] * 2 + [0.0] * 2 + [-np.inf, np.nan])
    yield Case("limits", (x, np.ones(6)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def exponential_cdf(x, rate):
    """y = P(X <= x) = 1 - exp(-rate x) for x >= 0, 0 for x < 0.

    Shapes: x and rate > 0 any that broadcast together, rate in the unit of 1 / x, y as their broadcast.

    expm1 keeps the digits of a short wait, where 1 - exp cancels.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 19.1.
    """
    return -np.expm1(-rate * np.maximum(x, 0))


def exponential_cdf_vjp(ybar, y, x, rate):
    """xbar = ybar rate exp(-rate x), ratebar = ybar x exp(-rate x); 0 for x <= 0: at x = 0 the cdf has a kink."""
    after = ybar * np.exp(-rate * np.maximum(x, 0)) * (x > 0)
    return unbroadcast(after * rate, x.shape), unbroadcast(after * x, rate.shape)


def exponential_cdf_cases(rng):
    yield Case("broadcast", (rng.uniform(0.1, 1, size=(5, 3)), rng.uniform(0.5, 1.5, size=3)))
    yield Case("short-and-long", _scales(rng, [1e-9, 1e-4, 1e-6, -3, 12]))
    yield Case("at-zero", (np.array([0.0, -0.0]), rng.uniform(0.5, 2, size=2)), {}, "kink")
    x, y = np.array([-np.inf, -0.5, 0.0, np.inf, np.nan]), np.array([0.0, 0.0, 0.0, 1.0, np.nan])
    yield Case("limits", (x, np.full(5, 1.5)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def exponential_sample(u, rate):
    """x = -log(1 - u) / rate: the inverse of the cdf.

    Shapes: u and rate > 0 any that broadcast together, x as their broadcast.

    When u is uniform in (0, 1), x has the exponential distribution. -log(u) / rate has it too, but is another
    number for the same u.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1.
    """
    return -np.log1p(-u) / rate


def exponential_sample_vjp(xbar, x, u, rate):
    """ubar = xbar / ((1 - u) rate), ratebar = -xbar x / rate."""
    return unbroadcast(xbar / ((1 - u) * rate), u.shape), unbroadcast(-xbar * x / rate, rate.shape)


def exponential_sample_hvp(xbar, dots, x, u, rate):
    """ubardot = xbar (v - r) / ((1 - u) rate) and ratebardot = -xbar (v / rate - 2 x r) / rate, v and r as follows.

    v = udot / (1 - u) and r = ratedot / rate are the shares by which 1 - u falls and rate grows.
    """
    udot, ratedot = dots
    fallen, grown = udot / (1 - u), ratedot / rate
    ubardot = xbar * (fallen - grown) / ((1 - u) * rate)
    ratebardot = -xbar * (fallen / rate - 2 * x * grown) / rate
    return unbroadcast(ubardot, u.shape), unbroadcast(ratebardot, rate.shape)


def exponential_sample_cases(rng):
    yield Case("broadcast", (rng.uniform(0.1, 0.9, size=(5, 3)), rng.uniform(0.5, 2, size=3)))
    low = rng.uniform(1, 9, size=5) * np.array([1e-8, 1e-6, 1e-3, 1e-5, 1e-4])
    yield Case("tails", (np.where([True, True, True, False, False], low, 1 - low), _scales(rng, 1)[1]))
    limits = np.array([0.0, 1.0, np.nan]), np.full(3, 1.5)
    yield Case("limits", limits, {}, "special", np.array([0.0, np.inf, np.nan]))
    yield _nothing()
    yield _refused(rng)


def exponential_entropy(rate):
    """y = 1 - log(rate), the mean of -log density, in nats.

    Shapes: rate > 0 any, y as rate.

    Of all waits with the same mean the exponential has the largest entropy.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 12.2, example 12.2.5.
    """
    return 1 - np.log(rate)


def exponential_entropy_vjp(ybar, y, rate):
    """ratebar = -ybar / rate."""
    return (-ybar / rate,)


def exponential_entropy_cases(rng):
    yield Case("matrix", (rng.uniform(0.5, 2, size=(3, 5)),))
    yield Case("scales", (_scales(rng, 1)[1],))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def exponential_moments(rate):
    """E[X] = 1 / rate, E[(X - E[X])^2] = 1 / rate^2.

    Shapes: rate > 0 any, each of the two as rate; in the unit of x to the powers 1 and 2.

    The standard deviation is the mean.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 19.4.
    """
    mean = 1 / rate
    return mean, mean * mean


def exponential_moments_vjp(ybar, y, rate):
    """ratebar = -(ybar_1 + 2 ybar_2 / rate) / rate^2."""
    first, second = ybar
    return (-(first + 2 * second / rate) / (rate * rate),)


def exponential_moments_cases(rng):
    yield Case("matrix", (rng.uniform(2, 5, size=(3, 5)),))
    yield Case("scales", (_scales(rng, 1)[1],))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", (np.zeros((0, 3)),) * 2)


def _scales(rng, waits):
    """Five waits, in units of the mean, at rates from a thousandth to a thousand."""
    rate = rng.uniform(0.5, 2, size=5) * np.array([1e3, 10.0, 1.0, 0.03, 1e-3])
    return rng.uniform(0.7, 1.3, size=5) * waits / rate, rate


def _nothing():
    return Case("nothing", (np.zeros((0, 3)), np.ones(3)), {}, "empty", np.zeros((0, 3)))


def _refused(rng):
    return Case("shapes-differ", (rng.uniform(size=4), rng.uniform(0.5, 2, size=3)), {}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.uniform(size=n), rng.uniform(0.5, 2, size=n)))


def _rates_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 2, size=n),))


OPS = [
    Op(exponential_log_density, exponential_log_density_cases, exponential_log_density_vjp, _sized),
    Op(exponential_cdf, exponential_cdf_cases, exponential_cdf_vjp, _sized),
    Op(exponential_sample, exponential_sample_cases, exponential_sample_vjp, _sized, hvp=exponential_sample_hvp),
    Op(exponential_entropy, exponential_entropy_cases, exponential_entropy_vjp, _rates_sized),
    Op(exponential_moments, exponential_moments_cases, exponential_moments_vjp, _rates_sized),
]

"""The gamma distribution: the wait for several things that happen at a constant rate."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..elementwise.incomplete_gamma import gammainc
from ..op import Case, Op


def gamma_log_density(x, concentration, rate):
    """y = log(rate) + (concentration - 1) log(rate x) - rate x - lgamma(concentration) for x >= 0, -inf for x < 0.

    Shapes: x, concentration > 0 and rate > 0 any that broadcast together, rate in the unit of 1 / x, y as their
    broadcast and in the unit of -log x.

    SciPy and JAX take the scale, which is 1 / rate. At x = 0 the density is infinite, rate or 0 as the
    concentration is below, at or above 1. For a large concentration the terms cancel near the mean: of the digits
    of y about its log10 are lost.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 17.1.
    """
    never = (x < 0) | (x == np.inf)
    t = rate * np.where(never, 1, x)
    y = np.log(rate) + xlogy(concentration - 1, t) - t - lgamma(concentration)
    return np.where(never, -np.inf, y)


def gamma_log_density_vjp(ybar, y, x, concentration, rate):
    """xbar = ybar ((a - 1) / x - rate), abar = ybar (log(rate x) - digamma(a)), ratebar = ybar (a / rate - x).

    a is the concentration. Averaged over x the last two are 0: log(rate x) has the mean digamma(a), x the mean
    a / rate. For x < 0 all are 0.
    """
    positive = np.where(x > 0, x, 1)
    ybar = np.where(x < 0, 0, ybar)
    xbar = ybar * ((concentration - 1) / positive - rate)
    abar = ybar * (np.log(rate * positive) - digamma(concentration))
    ratebar = ybar * (concentration / rate - x)
    return unbroadcast(xbar, x.shape), unbroadcast(abar, concentration.shape), unbroadcast(ratebar, rate.shape)


def gamma_log_density_cases(rng):
    x, a, rate = rng.uniform(0.2, 0.4, size=(5, 3)), rng.uniform(2.5, 5, size=3), rng.uniform(0.5, 2, size=(5, 1))
    yield Case("broadcast", (x, a, rate))
    yield Case("scales", _scales(rng))
    x = np.array([-np.inf, -0.5, 0.0, 0.0, 0.0, np.inf, np.inf, np.nan])
    a = np.array([2.0, 2.0, 0.5, 1.0, 2.0, 0.5, 2.0, 2.0])
    y = np.array([-np.inf, -np.inf, np.inf, 0.0, -np.inf, -np.inf, -np.inf, np.nan])
    yield Case("limits", (x, a, np.ones(8)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def gamma_cdf(x, concentration, rate):
    """y = P(X <= x) = P(concentration, rate x), the regularised incomplete gamma function; 0 for x < 0.

    Shapes: x, concentration > 0 and rate > 0 any that broadcast together, rate in the unit of 1 / x, y as their
    broadcast. Its derivative in the concentration is no elementary function, so it is asked for its values alone.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 17.2.
    """
    return gammainc(concentration, rate * np.maximum(x, 0))


def gamma_cdf_cases(rng):
    yield Case("broadcast", (rng.uniform(0.5, 3, size=(5, 3)), *_parameters(rng)))
    a = rng.uniform(0.5, 1, size=5) * [1.0, 2.0, 4.0, 3.0, 2.5]
    rate = rng.uniform(0.5, 2, size=5) * [1e3, 10.0, 1.0, 0.03, 1e-3]
    yield Case("scales", (a * rng.uniform(0.7, 1.3, size=5) * [1e-3, 0.1, 3.0, 0.3, 1.0] / rate, a, rate))
    x = np.array([-np.inf, -0.5, 0.0, np.inf, np.nan])
    limits = x, np.full(5, 2.5), np.full(5, 1.5)
    yield Case("limits", limits, {}, "special", np.array([0.0, 0.0, 0.0, 1.0, np.nan]))
    yield _nothing()
    yield _refused(rng)


def gamma_sample(noise, concentration, rate):
    """x = d w^3 / rate, to be kept with probability p = exp(noise^2 / 2 + d (1 - w^3 + 3 log(w))).

    Here d = concentration - 1/3 and w = 1 + noise / (3 sqrt(d)). Where w <= 0, x = 0 and p = 0: never kept.

    Shapes: noise, concentration >= 1 and rate > 0 any that broadcast together, x and p as their broadcast.

    A cubed normal is almost a gamma: when noise is standard normal, what is kept with probability p has the gamma
    distribution exactly, and p is close to 1. For given noise x moves smoothly with both parameters. For a
    concentration below 1, x of concentration + 1 times u^(1/concentration), u uniform, has the distribution.

    Source: Marsaglia and Tsang (2000), A simple method for generating gamma variables, ACM Transactions on
    Mathematical Software 26, section 2.
    """
    d = (3 * concentration - 1) / 3
    w = 1 + noise / (3 * np.sqrt(d))
    never = w <= 0
    w = np.where(never, 1, w)
    log_p = noise * noise / 2 + d * (1 - w * w * w + 3 * np.log(w))
    return np.where(never, 0, d * w * w * w / rate), np.where(never, 0, np.exp(log_p))


def gamma_sample_vjp(ybar, y, noise, concentration, rate):
    """noisebar = xbar dx/dz + lbar dl/dz, abar = xbar dx/da + lbar dl/da, ratebar = -xbar x / rate, lbar = pbar p.

    Let z be the noise, a the concentration, l = log(p), c = 1 / sqrt(9 d). Then w moves by c with z and by
    -c z / (2 d) with a; x = d w^3 / rate and l = z^2 / 2 + d (1 - w^3 + 3 log(w)) follow it:
    dx/dz = 3 c d w^2 / rate, dx/da = w^2 (1 - c z / 2) / rate,
    dl/dz = z - 3 c d (w^2 - 1 / w), dl/da = 1 - w^3 + 3 log(w) + 3 c z (w^2 - 1 / w) / 2.
    All are 0 where the sample is never kept.
    """
    (xbar, pbar), (x, p) = ybar, y
    d = (3 * concentration - 1) / 3
    step = noise / (3 * np.sqrt(d))
    never = step <= -1
    w = np.where(never, 1, 1 + step)
    xbar, lbar = np.where(never, 0, xbar), pbar * p
    bend = w * w - 1 / w
    noisebar = np.sqrt(d) * (xbar * w * w / rate - lbar * bend) + lbar * noise
    abar = xbar * w * w * (1 - step / 2) / rate + lbar * (1 - w * w * w + 3 * np.log(w) + 3 * step * bend / 2)
    ratebar = -xbar * x / rate
    return unbroadcast(noisebar, noise.shape), unbroadcast(abar, concentration.shape), unbroadcast(ratebar, rate.shape)


def gamma_sample_cases(rng):
    noise = rng.uniform(0.5, 2, size=(5, 3)) * np.array([1, -1, 1])
    yield Case("broadcast", (noise, rng.uniform(1.2, 3, size=3), rng.uniform(0.5, 2, size=(5, 1))))
    rate = rng.uniform(0.5, 2, size=4) * np.array([1e-3, 1.0, 30.0, 1e6])
    noise = np.array([-1.3, 2.5, -0.9, 1.6]) + rng.uniform(0, 0.2, size=4)
    yield Case("scales", (noise, 1 + rng.uniform(size=4), rate))
    never = np.array([-5.0]), np.array([4 / 3]), np.array([2.0])
    yield Case("never-kept", never, {}, "special", (np.zeros(1), np.zeros(1)))
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.ones(3)), {}, "empty", (np.zeros((0, 3)),) * 2)
    yield _refused(rng)


def gamma_entropy(concentration, rate):
    """y = a - log(rate) + lgamma(a) + (1 - a) digamma(a), a the concentration: the mean of -log density, in nats.

    Shapes: concentration > 0 and rate > 0 any that broadcast together, y as their broadcast.

    rate x has the mean a, its logarithm the mean digamma(a).

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    a = concentration
    return a - np.log(rate) + lgamma(a) + (1 - a) * digamma(a)


def gamma_entropy_vjp(ybar, y, concentration, rate):
    """abar = ybar (1 + (1 - a) trigamma(a)), ratebar = -ybar / rate: lgamma' - digamma cancels."""
    abar = ybar * (1 + (1 - concentration) * trigamma(concentration))
    return unbroadcast(abar, concentration.shape), unbroadcast(-ybar / rate, rate.shape)


def gamma_entropy_cases(rng):
    yield from _parameter_cases(rng, lambda shape: np.zeros(shape))


def gamma_moments(concentration, rate):
    """E[X] = concentration / rate, E[(X - E[X])^2] = concentration / rate^2.

    Shapes: concentration and rate > 0 any that broadcast together, each of the two as their broadcast; in the
    unit of x to the powers 1 and 2.

    A sum of independent waits: both add up.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 17.4.
    """
    mean = concentration / rate
    return mean, mean / rate


def gamma_moments_vjp(ybar, y, concentration, rate):
    """abar = ybar_1 / rate + ybar_2 / rate^2, ratebar = -(ybar_1 + 2 ybar_2 / rate) a / rate^2."""
    first, second = ybar
    abar = (first + second / rate) / rate
    ratebar = -(first + 2 * second / rate) * concentration / (rate * rate)
    return unbroadcast(abar, concentration.shape), unbroadcast(ratebar, rate.shape)


def gamma_moments_cases(rng):
    yield from _parameter_cases(rng, lambda shape: (np.zeros(shape),) * 2)


def xlogy(x, y):
    """x log y for y >= 0, with its limit 0 at x = 0."""
    return x * np.log(np.where((x == 0) & (y == 0), 1, y))


def _parameters(rng):
    return rng.uniform(1.5, 4, size=3), rng.uniform(0.5, 2, size=(5, 1))


def _scales(rng):
    """Five waits with concentrations from 1/2 to 40 and rates from a thousandth to a thousand."""
    a = rng.uniform(0.5, 1, size=5) * np.array([1.0, 2.0, 4.0, 9.0, 40.0])
    rate = rng.uniform(0.5, 2, size=5) * np.array([1e3, 10.0, 1.0, 0.03, 1e-3])
    return a * rng.uniform(0.7, 1.3, size=5) * [1e-3, 0.1, 4.0, 0.02, 0.5] / rate, a, rate


def _parameter_cases(rng, answer):
    yield Case("broadcast", _parameters(rng))
    yield Case("scales", _scales(rng)[1:])
    yield Case("nothing", (np.ones((0, 3)), np.ones(3)), {}, "empty", answer((0, 3)))
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(0.5, 2, size=3)), {}, "refused")


def _nothing():
    return Case("nothing", (np.zeros((0, 3)), np.ones(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))


def _refused(rng):
    return Case("shapes-differ", (rng.uniform(size=4), rng.uniform(1, 2, size=3), np.array(1.5)), {}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 3, size=n), rng.uniform(1.5, 4, size=n), rng.uniform(0.5, 2, size=n)))


def _parameters_sized(rng, n):
    return Case("sized", (rng.uniform(1.5, 4, size=n), rng.uniform(0.5, 2, size=n)))


OPS = [
    Op(gamma_log_density, gamma_log_density_cases, gamma_log_density_vjp, _sized),
    Op(gamma_cdf, gamma_cdf_cases, sized=_sized, wrt=()),
    Op(gamma_sample, gamma_sample_cases, gamma_sample_vjp, _sized),
    Op(gamma_entropy, gamma_entropy_cases, gamma_entropy_vjp, _parameters_sized),
    Op(gamma_moments, gamma_moments_cases, gamma_moments_vjp, _parameters_sized),
]

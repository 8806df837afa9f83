"""The Poisson distribution: the number of independent rare events."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import lgamma
from ..op import Case, Op
from .noise import as_numbers, require_own_noise


def poisson_log_density(x, rate):
    """y = x log(rate) - rate - log x!, -inf for x < 0.

    Shapes: x integers and rate >= 0 any that broadcast together, y as their broadcast. rate is the
    expected number of events.

    The sum of logarithms, for x! overflows from x = 171 on. Without events (x = 0) the first term
    is 0 even at rate 0.

    Source: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 4.1, eq. 4.1.
    """
    events = np.where(x > 0, x, 0)
    seen = np.where(events == 0, 0, as_numbers(events, rate) * np.log(rate))
    return np.where(x < 0, -np.inf, seen - rate - lgamma(as_numbers(events + 1, rate)))


def poisson_log_density_vjp(ybar, y, x, rate):
    """ratebar = ybar (x - rate) / rate: x / rate - 1, over one denominator."""
    slope = (as_numbers(x, rate) - rate) / rate
    return (unbroadcast(np.where(x < 0, 0, ybar * slope), rate.shape),)


def poisson_log_density_cases(rng):
    x = np.array([[0, 1, 2, 0], [3, 0, 9, 12], [1, 4, 0, 25]])
    yield Case("rates", (x, rng.uniform(1, 2, size=4) * [1e-8, 0.4, 4, 10]))
    yield Case("one-rate", (np.array([4, 0, 2, 5, 4]), rng.uniform(2, 5, size=())))
    limits = np.array([0, 2, -1, 0, 3]), np.array([0.0, 0.0, 2.5, np.inf, np.nan])
    yield Case("limits", limits, {}, "special", np.array([0.0, -np.inf, -np.inf, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3), dtype=int), np.full(3, 1.5)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), rng.uniform(size=(3,))), {}, "refused")


def poisson_log_density_sized(rng, n):
    return Case("sized", (rng.integers(8, size=max(n // 2, 1)), rng.uniform(1, 6, size=max(n // 2, 1))))


def poisson_cdf(x, rate):
    """y = P(X <= x) = sum_{j = 0}^x rate^j exp(-rate) / j!.

    Shapes: x integers and rate >= 0 any that broadcast together, y as their broadcast.

    A sum of positive terms: a small lower tail keeps its digits. Each is rate / j times the one
    before, so their logarithms are cumulated, and nothing overflows. The sum is the incomplete
    gamma function Q(x + 1, rate).

    Source: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 4.4, eq. 4.30.
    """
    j, rate = np.arange(np.max(x, initial=-1) + 1), rate[..., None]
    ratio = np.where(j == 0, 1, rate / as_numbers(np.where(j == 0, 1, j), rate))
    mass = np.exp(np.cumsum(np.log(ratio), axis=-1) - rate)
    return np.sum(np.where(j <= x[..., None], mass, 0), axis=-1)


def poisson_cdf_vjp(ybar, y, x, rate):
    """ratebar = -ybar P(X = x).

    The slope of a term is the term before it less the term itself: all cancel but the last.
    """
    return (unbroadcast(-ybar * np.exp(poisson_log_density(x, rate)), rate.shape),)


def poisson_cdf_cases(rng):
    x = np.array([[0, 1, 2, 5], [3, -1, 9, 12], [1, 4, 0, 15]])
    yield Case("rates", (x, rng.uniform(1, 2, size=4) * [1e-8, 0.4, 4, 10]))
    yield Case("lower-tail", (np.array([4, 0, 2, 5, 4]), rng.uniform(20, 30, size=())))
    limits = np.array([0, 2, -1, 0]), np.array([0.0, 0.0, 2.5, np.inf])
    yield Case("limits", limits, {}, "special", np.array([1.0, 1.0, 0.0, 0.0]))
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), rng.uniform(size=(3,))), {}, "refused")


def poisson_cdf_sized(rng, n):
    return poisson_log_density_sized(rng, n)


def poisson_sample(u, rate, *, terms):
    """x = the first count whose cdf exceeds u: a Poisson sample when u is uniform in [0, 1).

    Shapes: u any, rate >= 0 any that broadcasts to u; x integers as u, no larger than ``terms``.

    exp(-rate) is the probability of 0, and rate / j leads from that of j - 1 to that of j. As
    many cumulated probabilities as do not exceed u are counted; ``terms`` of them are looked at,
    and exp(-rate) must not underflow, so this is for rates up to about 100.

    Raises ValueError when u would be broadcast: that would use a noise twice.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section X.3.3.
    """
    require_own_noise(u, rate.shape)
    rate = rate[..., None]
    ratios = np.concat([np.exp(-rate), rate / np.arange(1, terms)], axis=-1)
    return np.sum(np.cumsum(np.cumprod(ratios, axis=-1), axis=-1) <= u[..., None], axis=-1)


def poisson_sample_cases(rng):
    yield Case("one-rate", (rng.uniform(size=(7,)), rng.uniform(2, 4, size=())), {"terms": 20})
    yield Case("rates", (rng.uniform(size=(5, 3)), rng.uniform(1, 2, size=3) * [0.1, 1, 6]), {"terms": 40})
    ends = np.array([0.0, 0.75, 0.0]), np.array([0.0, 0.0, 2.0])
    yield Case("ends", ends, {"terms": 6}, "special", np.array([0, 0, 0]))
    yield Case("noise-used-twice", (rng.uniform(size=(1,)), rng.uniform(size=(3,))), {"terms": 6}, "refused")


def poisson_sample_sized(rng, n):
    return Case("sized", (rng.uniform(size=max(n // 2, 1)), rng.uniform(1, 3, size=max(n // 2, 1))), {"terms": 16})


def poisson_moments(rate):
    """E[X] = rate, Var[X] = rate.

    Shapes: rate >= 0 any, each of the two as rate.

    n tosses that each show heads with probability rate / n have the mean rate and the variance
    rate (1 - rate / n), and n grows without bound.

    Source: Casella and Berger (2002), Statistical Inference, section 3.2, example 2.3.13.
    """
    return rate, rate


def poisson_moments_vjp(ybar, y, rate):
    """ratebar = meanbar + varbar."""
    meanbar, varbar = ybar
    return (meanbar + varbar,)


def poisson_moments_cases(rng):
    yield Case("rates", (rng.uniform(1, 9, size=(2, 3)) * [1e-3, 1, 1e6],))
    yield Case("never", (np.array([0.0, 4.0]),), {}, "special", (np.array([0.0, 4.0]), np.array([0.0, 4.0])))


def poisson_moments_sized(rng, n):
    return Case("sized", (rng.uniform(1, 6, size=n),))


OPS = [
    Op(poisson_log_density, poisson_log_density_cases, poisson_log_density_vjp, poisson_log_density_sized, (1,)),
    Op(poisson_cdf, poisson_cdf_cases, poisson_cdf_vjp, poisson_cdf_sized, wrt=(1,)),
    Op(poisson_sample, poisson_sample_cases, sized=poisson_sample_sized, wrt=()),
    Op(poisson_moments, poisson_moments_cases, poisson_moments_vjp, poisson_moments_sized),
]

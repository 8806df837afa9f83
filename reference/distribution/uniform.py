"""The uniform distribution on an interval."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def uniform_log_density(x, low, high):
    """y = -log(high - low) for low <= x <= high, -inf outside.

    Shapes: x, low and high > low any that broadcast together, y as their broadcast; y has the unit of -log x.

    Where x lies does not matter inside. Whether an end belongs to the interval is a convention, of probability 0:
    PyTorch leaves out high.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 26.1.
    """
    inside = -np.log(high - low)
    return np.where(np.isnan(x), x, np.where((x < low) | (x > high), -np.inf, inside))


def uniform_log_density_vjp(ybar, y, x, low, high):
    """lowbar = ybar / (high - low), highbar = -lowbar inside the interval, 0 outside; x has the derivative 0."""
    slope = np.where((x < low) | (x > high), 0, ybar / (high - low))
    return unbroadcast(slope, low.shape), unbroadcast(-slope, high.shape)


def uniform_log_density_cases(rng):
    yield Case("broadcast", _inside(rng))
    yield Case("scales", _scales(rng))
    y = np.array([-np.inf, -np.inf, 0.0, -np.inf, -np.inf, np.nan])
    x = np.array([-np.inf, -0.5, 1.25, 2.0, np.inf, np.nan])
    yield Case("limits", (x, np.full(6, 0.5), np.full(6, 1.5)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def uniform_cdf(x, low, high):
    """y = P(X <= x) = (x - low) / (high - low), clipped to [0, 1].

    Shapes: x, low and high > low any that broadcast together, y as their broadcast.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 26.1.
    """
    return np.clip((x - low) / (high - low), 0, 1)


def uniform_cdf_vjp(ybar, y, x, low, high):
    """xbar = s, lowbar = -s (high - x) / (high - low), highbar = -s y, with s = ybar / (high - low) inside, 0 outside.

    At the ends the cdf has kinks; 0 is one of the subgradients there.
    """
    slope = np.where((low < x) & (x < high), ybar / (high - low), 0)
    lowbar = -slope * ((high - x) / (high - low))
    return unbroadcast(slope, x.shape), unbroadcast(lowbar, low.shape), unbroadcast(-slope * y, high.shape)


def uniform_cdf_cases(rng):
    x, low, high = _inside(rng)
    yield Case("broadcast", (x + 4 * np.array([0.0, 0.0, -1.0, 1.0, 0.0])[:, np.newaxis], low, high))
    yield Case("scales", _scales(rng))
    low = rng.uniform(-2, -1, size=2)
    yield Case("at-the-low-end", (low, low, rng.uniform(1, 2, size=2)), {}, "kink")
    x, y = np.array([-np.inf, 0.5, 0.75, 1.5, np.inf, np.nan]), np.array([0.0, 0.0, 0.25, 1.0, 1.0, np.nan])
    yield Case("limits", (x, np.full(6, 0.5), np.full(6, 1.5)), {}, "special", y)
    yield _nothing()
    yield _refused(rng)


def uniform_sample(u, low, high):
    """x = low + (high - low) u: the inverse of the cdf.

    Shapes: u, low and high any that broadcast together, x as their broadcast.

    When u is uniform in (0, 1), x is uniform in (low, high).

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1.
    """
    return low + (high - low) * u


def uniform_sample_vjp(xbar, x, u, low, high):
    """ubar = xbar (high - low), lowbar = xbar (1 - u), highbar = xbar u."""
    ubar = xbar * (high - low)
    return unbroadcast(ubar, u.shape), unbroadcast(xbar * (1 - u), low.shape), unbroadcast(xbar * u, high.shape)


def uniform_sample_cases(rng):
    low = rng.normal(size=3)
    yield Case("broadcast", (rng.uniform(0.2, 0.8, size=(5, 3)), low, low + rng.uniform(0.5, 2, size=(5, 1))))
    _, low, high = _scales(rng)
    yield Case("scales", (rng.uniform(1, 9, size=5) * [1e-8, 1e-4, 0.1, 1e-3, 0.01], low, high))
    limits = np.array([0.0, 0.5, 1.0, np.nan]), np.full(4, -0.5), np.full(4, 1.5)
    yield Case("limits", limits, {}, "special", np.array([-0.5, 0.5, 1.5, np.nan]))
    yield _nothing()
    yield _refused(rng)


def uniform_entropy(low, high):
    """y = log(high - low), the mean of -log density, in nats.

    Shapes: low and high > low any that broadcast together, y as their broadcast.

    Of all distributions on an interval the uniform has the largest entropy.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 8.1, example 8.1.1.
    """
    return np.log(high - low)


def uniform_entropy_vjp(ybar, y, low, high):
    """highbar = ybar / (high - low), lowbar = -highbar."""
    slope = ybar / (high - low)
    return unbroadcast(-slope, low.shape), unbroadcast(slope, high.shape)


def uniform_entropy_cases(rng):
    yield from _interval_cases(rng, lambda shape: np.zeros(shape))


def uniform_moments(low, high):
    """E[X] = (low + high) / 2, E[(X - E[X])^2] = (high - low)^2 / 12.

    Shapes: low and high any that broadcast together, each of the two as their broadcast; in the unit of x to the
    powers 1 and 2.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 26.3.
    """
    return (low + high) / 2, (high - low) * (high - low) / 12


def uniform_moments_vjp(ybar, y, low, high):
    """lowbar = ybar_1 / 2 - ybar_2 (high - low) / 6, highbar = ybar_1 / 2 + ybar_2 (high - low) / 6."""
    first, second = ybar
    shift, stretch = first / 2, second * (high - low) / 6
    return unbroadcast(shift - stretch, low.shape), unbroadcast(shift + stretch, high.shape)


def uniform_moments_cases(rng):
    yield from _interval_cases(rng, lambda shape: (np.zeros(shape),) * 2)


def _inside(rng):
    low, width = rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))
    return low + width * rng.uniform(0.1, 0.9, size=(5, 3)), low, low + width


def _scales(rng):
    """Five points in intervals around 0, from a thousandth to a million wide."""
    width = rng.uniform(1, 3, size=5) * np.array([1e-3, 0.1, 1.0, 30.0, 1e6])
    low, high = -width * rng.uniform(0.2, 1, size=5), width * rng.uniform(0.2, 1, size=5)
    return low + (high - low) * rng.uniform(0.1, 0.9, size=5), low, high


def _interval_cases(rng, answer):
    low = rng.normal(size=(4, 1, 3))
    yield Case("broadcast", (low, 4 + rng.normal(size=(5, 1))))
    yield Case("scales", _scales(rng)[1:])
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3)), {}, "empty", answer((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=4), 4 + rng.normal(size=3)), {}, "refused")


def _nothing():
    return Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))


def _refused(rng):
    return Case("shapes-differ", (rng.uniform(size=4), rng.normal(size=3), np.array(5.5)), {}, "refused")


def _sized(rng, n):
    low, width, u = rng.normal(size=n), rng.uniform(0.5, 2, size=n), rng.uniform(size=n)
    return Case("sized", (low + width * u, low, low + width))


def _sample_sized(rng, n):
    return Case("sized", (rng.uniform(size=n), rng.normal(size=n), rng.uniform(4, 9, size=n)))


def _interval_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.uniform(6, 9, size=n)))


OPS = [
    Op(uniform_log_density, uniform_log_density_cases, uniform_log_density_vjp, _sized, wrt=(1, 2)),
    Op(uniform_cdf, uniform_cdf_cases, uniform_cdf_vjp, _sized),
    Op(uniform_sample, uniform_sample_cases, uniform_sample_vjp, _sample_sized),
    Op(uniform_entropy, uniform_entropy_cases, uniform_entropy_vjp, _interval_sized),
    Op(uniform_moments, uniform_moments_cases, uniform_moments_vjp, _interval_sized),
]

"""The logistic distribution: its cumulative distribution function is the sigmoid."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Op
from . import location_scale as asked


def logistic_log_density(x, loc, scale):
    """y = -|z| - 2 log(1 + exp(-|z|)) - log(scale), where z = (x - loc) / scale.

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast; y has the unit
    of -log x.

    The density exp(-z) / (1 + exp(-z))^2 is even in z, so the exponential may always be taken where it is
    at most 1.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 23.1.
    """
    a = np.abs(x - loc) / scale
    return -a - 2 * np.log1p(np.exp(-a)) - np.log(scale)


def logistic_log_density_vjp(ybar, y, x, loc, scale):
    """xbar = -ybar tanh(z / 2) / scale, locbar = -xbar, scalebar = ybar (z tanh(z / 2) - 1) / scale.

    The density is that of 1 / (4 scale cosh(z / 2)^2), and the logarithm of cosh has the slope tanh.
    """
    z = (x - loc) / scale
    pull = np.tanh(z / 2)
    xbar, scalebar = -ybar * pull / scale, ybar * (z * pull - 1) / scale
    return unbroadcast(xbar, x.shape), unbroadcast(-xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def logistic_log_density_cases(rng):
    yield from asked.log_density_cases(rng)


def logistic_cdf(x, loc, scale):
    """y = P(X <= x) = 1 / (1 + exp(-z)), where z = (x - loc) / scale.

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast.

    For z < 0 numerator and denominator are multiplied by exp(z), which cannot overflow as exp(-z) does.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 23.1.
    """
    e = np.exp(-np.abs(x - loc) / scale)
    return np.where(x < loc, e, 1) / (1 + e)


def logistic_cdf_vjp(ybar, y, x, loc, scale):
    """xbar = ybar exp(-|z|) / (scale (1 + exp(-|z|))^2), locbar = -xbar, scalebar = -z xbar: the density."""
    z = (x - loc) / scale
    e = np.exp(-np.abs(z))
    slope = ybar * e / (scale * (1 + e) * (1 + e))
    return unbroadcast(slope, x.shape), unbroadcast(-slope, loc.shape), unbroadcast(-slope * z, scale.shape)


def logistic_cdf_cases(rng):
    yield from asked.cdf_cases(rng, far=[60, 20, 8, 30, 12])


def logistic_sample(u, loc, scale):
    """x = loc + scale log(u / (1 - u)): the inverse of the cdf.

    Shapes: u, loc and scale > 0 any that broadcast together, x as their broadcast.

    When u is uniform in (0, 1), x has the logistic distribution: the log-odds of a uniform probability.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1.
    """
    return loc + scale * (np.log(u) - np.log1p(-u))


def logistic_sample_vjp(xbar, x, u, loc, scale):
    """ubar = xbar scale / (u (1 - u)), locbar = xbar, scalebar = xbar log(u / (1 - u))."""
    ubar = xbar * scale / (u * (1 - u))
    scalebar = xbar * (np.log(u) - np.log1p(-u))
    return unbroadcast(ubar, u.shape), unbroadcast(xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def logistic_sample_cases(rng):
    yield from asked.sample_cases(rng)


def logistic_entropy(scale):
    """y = 2 + log(scale), the mean of -log density, in nats.

    Shapes: scale > 0 any, y as scale.

    -log density is -log(u) - log(1 - u) + log(scale), where u = cdf(x) is uniform: each logarithm adds 1.

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    return 2 + np.log(scale)


def logistic_entropy_vjp(ybar, y, scale):
    """scalebar = ybar / scale."""
    return (ybar / scale,)


def logistic_entropy_cases(rng):
    yield from asked.entropy_cases(rng)


def logistic_moments(loc, scale):
    """E[X] = loc, E[(X - loc)^2] = pi^2 scale^2 / 3.

    Shapes: loc and scale any that broadcast together, each of the two as their broadcast; in the unit of x to
    the powers 1 and 2.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 23.4.
    """
    loc, scale = np.broadcast_arrays(loc, scale)
    deviation = np.pi * scale
    return loc, deviation * deviation / 3


def logistic_moments_vjp(ybar, y, loc, scale):
    """locbar = ybar_1, scalebar = 2 pi^2 scale ybar_2 / 3."""
    first, second = ybar
    scalebar = 2 * np.pi * (np.pi * scale) * second / 3
    return unbroadcast(first, loc.shape), unbroadcast(scalebar, scale.shape)


def logistic_moments_cases(rng):
    yield from asked.moments_cases(rng)


OPS = [
    Op(logistic_log_density, logistic_log_density_cases, logistic_log_density_vjp, asked.sized),
    Op(logistic_cdf, logistic_cdf_cases, logistic_cdf_vjp, asked.sized),
    Op(logistic_sample, logistic_sample_cases, logistic_sample_vjp, asked.sample_sized),
    Op(logistic_entropy, logistic_entropy_cases, logistic_entropy_vjp, asked.entropy_sized),
    Op(logistic_moments, logistic_moments_cases, logistic_moments_vjp, asked.moments_sized),
]

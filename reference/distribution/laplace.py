"""The Laplace distribution: exponential on both sides of its location."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from . import location_scale as asked


def laplace_log_density(x, loc, scale):
    """y = -|x - loc| / scale - log(2 scale).

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast; y has the unit
    of -log x.

    As a loss this is the absolute error: the best loc for many x is their median.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 24.1.
    """
    return -np.abs(x - loc) / scale - np.log(2 * scale)


def laplace_log_density_vjp(ybar, y, x, loc, scale):
    """xbar = -ybar sign(x - loc) / scale, locbar = -xbar, scalebar = ybar (|z| - 1) / scale, z = (x - loc) / scale.

    At x = loc the density has a kink; there 0 is the middle of the subgradients.
    """
    xbar = -ybar * np.sign(x - loc) / scale
    scalebar = ybar * (np.abs(x - loc) / scale - 1) / scale
    return unbroadcast(xbar, x.shape), unbroadcast(-xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def laplace_log_density_cases(rng):
    yield from asked.log_density_cases(rng)
    loc = rng.normal(size=3)
    yield Case("at-the-peak", (loc, loc, rng.uniform(0.5, 2, size=3)), {}, "kink")


def laplace_cdf(x, loc, scale):
    """y = P(X <= x) = exp(-|z|) / 2 for z < 0, 1 - exp(-|z|) / 2 for z >= 0, where z = (x - loc) / scale.

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast.

    Each half is small by itself where its probability is; the one formula 1/2 + sign(z) (1 - exp(-|z|)) / 2
    for both would lose every digit of the lower tail.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 24.3.
    """
    tail = np.exp(-np.abs(x - loc) / scale) / 2
    return np.where(x < loc, tail, 1 - tail)


def laplace_cdf_vjp(ybar, y, x, loc, scale):
    """xbar = ybar exp(-|z|) / (2 scale), locbar = -xbar, scalebar = -z xbar: the slope of the cdf is the density."""
    z = (x - loc) / scale
    slope = ybar * np.exp(-np.abs(z)) / (2 * scale)
    return unbroadcast(slope, x.shape), unbroadcast(-slope, loc.shape), unbroadcast(-slope * z, scale.shape)


def laplace_cdf_cases(rng):
    yield from asked.cdf_cases(rng, far=[60, 20, 8, 30, 12])


def laplace_sample(u, loc, scale):
    """x = loc + scale log(2 u) for u < 1/2, loc - scale log(2 (1 - u)) for u >= 1/2: the inverse of the cdf.

    Shapes: u, loc and scale > 0 any that broadcast together, x as their broadcast.

    When u is uniform in (0, 1), x has the Laplace distribution. Each half takes the logarithm of the
    probability beyond x, so that both tails keep their digits.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1.
    """
    return loc + scale * _standard_quantile(u)


def laplace_sample_vjp(xbar, x, u, loc, scale):
    """ubar = xbar scale / min(u, 1 - u), locbar = xbar, scalebar = xbar (x - loc) / scale."""
    ubar = xbar * scale / np.where(u < 0.5, u, 1 - u)
    scalebar = xbar * _standard_quantile(u)
    return unbroadcast(ubar, u.shape), unbroadcast(xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def laplace_sample_cases(rng):
    yield from asked.sample_cases(rng)


def laplace_entropy(scale):
    """y = 1 + log(2 scale), the mean of -log density, in nats.

    Shapes: scale > 0 any, y as scale.

    |x - loc| / scale is 1 on average.

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    return 1 + np.log(2 * scale)


def laplace_entropy_vjp(ybar, y, scale):
    """scalebar = ybar / scale."""
    return (ybar / scale,)


def laplace_entropy_cases(rng):
    yield from asked.entropy_cases(rng)


def laplace_moments(loc, scale):
    """E[X] = loc, E[(X - loc)^2] = 2 scale^2.

    Shapes: loc and scale any that broadcast together, each of the two as their broadcast; in the unit of x to
    the powers 1 and 2.

    scale is the mean absolute deviation; the standard deviation is sqrt(2) times that.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 24.3.
    """
    loc, scale = np.broadcast_arrays(loc, scale)
    return loc, 2 * scale * scale


def laplace_moments_vjp(ybar, y, loc, scale):
    """locbar = ybar_1, scalebar = 4 scale ybar_2."""
    first, second = ybar
    return unbroadcast(first, loc.shape), unbroadcast(4 * scale * second, scale.shape)


def laplace_moments_cases(rng):
    yield from asked.moments_cases(rng)


def _standard_quantile(u):
    """The quantile of location 0 and scale 1."""
    return np.where(u < 0.5, np.log(2 * u), -np.log(2 * (1 - u)))


OPS = [
    Op(laplace_log_density, laplace_log_density_cases, laplace_log_density_vjp, asked.sized),
    Op(laplace_cdf, laplace_cdf_cases, laplace_cdf_vjp, asked.sized),
    Op(laplace_sample, laplace_sample_cases, laplace_sample_vjp, asked.sample_sized),
    Op(laplace_entropy, laplace_entropy_cases, laplace_entropy_vjp, asked.entropy_sized),
    Op(laplace_moments, laplace_moments_cases, laplace_moments_vjp, asked.moments_sized),
]

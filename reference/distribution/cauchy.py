"""The Cauchy distribution: where a ray of random direction meets a line. It has no moments."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Op
from . import location_scale as asked


def cauchy_log_density(x, loc, scale):
    """y = -log(1 + z^2) - log(pi scale), where z = (x - loc) / scale.

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast; y has the unit
    of -log x.

    The tails fall like 1 / z^2 only, too slowly for a mean to exist.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 16.1.
    """
    z = (x - loc) / scale
    return -np.log1p(z * z) - np.log(np.pi * scale)


def cauchy_log_density_vjp(ybar, y, x, loc, scale):
    """xbar = -2 ybar z / ((1 + z^2) scale), locbar = -xbar, scalebar = ybar (z^2 - 1) / ((1 + z^2) scale).

    The pull of x on loc is largest at |z| = 1 and fades beyond: outliers hardly count. z^2 - 1 is written as a
    product, which keeps its accuracy where it changes sign.
    """
    z = (x - loc) / scale
    weight = ybar / ((1 + z * z) * scale)
    xbar, scalebar = -2 * weight * z, weight * (z - 1) * (z + 1)
    return unbroadcast(xbar, x.shape), unbroadcast(-xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def cauchy_log_density_cases(rng):
    yield from asked.log_density_cases(rng)


def cauchy_cdf(x, loc, scale):
    """y = P(X <= x) = arctan2(scale, loc - x) / pi.

    Shapes: x, loc and scale > 0 any that broadcast together, y as their broadcast.

    A ray from (0, scale) in a uniformly random direction meets the horizontal line at x - loc: y is the share
    of directions that fall below x. The angle is small by itself where y is; 1/2 + arctan(z) / pi is the same
    number, but in floating point it has no digit left in the lower tail.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, section 16.2.
    """
    return np.arctan2(scale, loc - x) / np.pi


def cauchy_cdf_vjp(ybar, y, x, loc, scale):
    """xbar = ybar / (pi scale (1 + z^2)), locbar = -xbar, scalebar = -z xbar: the slope of the cdf is the density."""
    z = (x - loc) / scale
    slope = ybar / (np.pi * scale * (1 + z * z))
    return unbroadcast(slope, x.shape), unbroadcast(-slope, loc.shape), unbroadcast(-slope * z, scale.shape)


def cauchy_cdf_cases(rng):
    yield from asked.cdf_cases(rng, far=[1e5, 1e3, 1e8, 1e6, 1e4])


def cauchy_sample(u, loc, scale):
    """x = loc - scale / tan(pi u), the inverse of the cdf.

    Shapes: u, loc and scale > 0 any that broadcast together, x as their broadcast.

    When u is uniform in (0, 1), x has the Cauchy distribution. tan(pi (u - 1/2)) is the same number as
    -1 / tan(pi u), but u - 1/2 has forgotten a small u; for u >= 1/2 the angle pi (1 - u) from the other end
    is taken, so that both tails keep their digits.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1.
    """
    return loc + scale * _standard_quantile(u)


def cauchy_sample_vjp(xbar, x, u, loc, scale):
    """ubar = xbar pi scale / sin(pi u)^2, locbar = xbar, scalebar = -xbar / tan(pi u)."""
    sine = np.sin(np.pi * np.where(u < 0.5, u, 1 - u))
    ubar, scalebar = xbar * np.pi * scale / (sine * sine), xbar * _standard_quantile(u)
    return unbroadcast(ubar, u.shape), unbroadcast(xbar, loc.shape), unbroadcast(scalebar, scale.shape)


def cauchy_sample_cases(rng):
    yield from asked.sample_cases(rng)


def cauchy_entropy(scale):
    """y = log(4 pi scale), the mean of -log density, in nats.

    Shapes: scale > 0 any, y as scale.

    The logarithm grows so slowly that it has a mean where x itself has none.

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    return np.log(4 * np.pi * scale)


def cauchy_entropy_vjp(ybar, y, scale):
    """scalebar = ybar / scale."""
    return (ybar / scale,)


def cauchy_entropy_cases(rng):
    yield from asked.entropy_cases(rng)


def _standard_quantile(u):
    """The quantile of location 0 and scale 1."""
    upper = u >= 0.5
    cotangent = 1 / np.tan(np.pi * np.where(upper, 1 - u, u))
    return np.where(upper, cotangent, -cotangent)


OPS = [
    Op(cauchy_log_density, cauchy_log_density_cases, cauchy_log_density_vjp, asked.sized),
    Op(cauchy_cdf, cauchy_cdf_cases, cauchy_cdf_vjp, asked.sized),
    Op(cauchy_sample, cauchy_sample_cases, cauchy_sample_vjp, asked.sample_sized),
    Op(cauchy_entropy, cauchy_entropy_cases, cauchy_entropy_vjp, asked.entropy_sized),
]

"""Slips of the Laplace and the Cauchy distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.cauchy import (
    cauchy_cdf,
    cauchy_cdf_vjp,
    cauchy_entropy,
    cauchy_entropy_vjp,
    cauchy_log_density,
    cauchy_log_density_vjp,
    cauchy_sample_vjp,
)
from ..distribution.laplace import (
    laplace_cdf,
    laplace_cdf_vjp,
    laplace_entropy,
    laplace_entropy_vjp,
    laplace_log_density,
    laplace_log_density_vjp,
    laplace_moments,
    laplace_moments_vjp,
    laplace_sample,
    laplace_sample_vjp,
)
from ..op import Slip
from .variants import added, deviation, in_bits, inner_missing, raw, standardised, upper_tail, weighed


def _half_turn_missing(xbar, x, u, loc, scale):
    t = np.tan(np.pi * u)
    ubar = xbar * np.pi * scale * (1 + t * t)
    return unbroadcast(ubar, u.shape), unbroadcast(xbar, loc.shape), unbroadcast(xbar * t, scale.shape)


SLIPS = {
    "laplace_log_density": (
        Slip(
            "two-missing",
            "The function exp(-|z|) has the integral 1 on either side of 0, so 2 in all: the density is exp(-|z|) / (2 "
            "scale), and its logarithm has -log(2 scale).",
            forward=lambda x, loc, scale: laplace_log_density(x, loc, scale) + np.log(2),
        ),
        added(
            "log-scale-missing",
            "The wider the density, the lower its peak: y has -log(2 scale), scalebar its derivative -ybar / scale. "
            "Without it no scale is too large.",
            laplace_log_density,
            laplace_log_density_vjp,
            lambda x, loc, scale: np.log(scale),
            {2: lambda x, loc, scale: 1 / scale},
        ),
        Slip(
            "sign-forgotten",
            "The distance |x - loc| rises on both sides of loc: its derivative is sign(x - loc), not 1. xbar = -ybar "
            "sign(x - loc) / scale.",
            vjp=weighed(laplace_log_density_vjp, lambda x, loc, scale: np.sign(x - loc), 0, 1),
        ),
        Slip(
            "z-without-its-modulus",
            "The scale divides |x - loc|, so scalebar = ybar (|z| - 1) / scale. Below loc z alone is negative.",
            vjp=weighed(
                laplace_log_density_vjp,
                lambda x, loc, scale: (x - loc - scale) / (np.abs(x - loc) - scale),
                2,
            ),
        ),
    ),
    "laplace_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x): exp(z) / 2 below loc, 1 - exp(-z) / 2 above.",
            laplace_cdf,
            laplace_cdf_vjp,
        ),
        Slip(
            "lower-branch-everywhere",
            "The branch exp(z) / 2 holds below loc only; beyond it grows past 1. Above loc the cdf is 1 - exp(-z) / 2.",
            forward=lambda x, loc, scale: np.exp((x - loc) / scale) / 2,
        ),
        inner_missing(
            "half-missing",
            "The slope of the cdf is the density exp(-|z|) / (2 scale), with the half that both branches have.",
            laplace_cdf_vjp,
            lambda x, loc, scale: 2,
            0,
            1,
            2,
        ),
        inner_missing(
            "z-missing-for-scale",
            "The derivative of z = (x - loc) / scale by scale is -z / scale: scalebar = -z xbar. Here it was "
            "treated like loc, whose cotangent is -xbar.",
            laplace_cdf_vjp,
            lambda x, loc, scale: scale / (x - loc),
            2,
        ),
    ),
    "laplace_sample": (
        Slip(
            "two-missing",
            "The lower half of the noise, u < 1/2, is to be stretched to (0, 1) before the logarithm: log(2 u), and "
            "log(2 (1 - u)) above. Without the 2 the samples jump at u = 1/2.",
            forward=lambda u, loc, scale: loc + scale * np.where(u < 0.5, np.log(u), -np.log(1 - u)),
        ),
        Slip(
            "upper-half-not-mirrored",
            "The branch log(2 u) is the quantile below u = 1/2. Above it is the mirror image, -log(2 (1 - u)), or no "
            "sample is more than log(2) scales above loc.",
            forward=lambda u, loc, scale: loc + scale * np.log(2 * u),
            vjp=lambda xbar, x, u, loc, scale: (
                unbroadcast(xbar * scale / u, u.shape),
                unbroadcast(xbar, loc.shape),
                unbroadcast(xbar * np.log(2 * u), scale.shape),
            ),
        ),
        standardised(
            "deviation-for-scale",
            "The scale is no standard deviation: a Laplace sample has the standard deviation sqrt(2) scale. Multiply "
            "the quantile by scale itself.",
            laplace_sample,
            laplace_sample_vjp,
            2,
            np.sqrt(2),
        ),
        Slip(
            "inner-sign-forgotten",
            "For u >= 1/2 there are two signs: -log(2 (1 - u)) has the derivative 1 / (1 - u). No quantile falls.",
            vjp=weighed(laplace_sample_vjp, lambda u, loc, scale: np.where(u < 0.5, 1, -1), 0),
        ),
    ),
    "laplace_entropy": (
        added(
            "one-missing",
            "Minus the log density is |z| + log(2 scale), and the mean of |z| is 1: the entropy is 1 + log(2 scale).",
            laplace_entropy,
            laplace_entropy_vjp,
            lambda scale: -1.0,
            {},
        ),
        Slip(
            "inner-derivative-missing",
            "The chain rule: log(2 scale) has the derivative 2 / (2 scale) = 1 / scale. Here the inner 2 is missing.",
            vjp=lambda ybar, y, scale: (ybar / (2 * scale),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            laplace_entropy,
            laplace_entropy_vjp,
        ),
    ),
    "laplace_moments": (
        Slip(
            "two-missing",
            "The scale is no standard deviation: the variance is 2 scale^2, since E[z^2] is the integral of z^2 "
            "exp(-z) over z > 0, which is 2.",
            forward=lambda loc, scale: (laplace_moments(loc, scale)[0], laplace_moments(loc, scale)[1] / 2),
            vjp=lambda ybar, y, loc, scale: laplace_moments_vjp((ybar[0], ybar[1] / 2), y, loc, scale),
        ),
        deviation(
            "The second is the variance 2 scale^2; this is its root, the standard deviation.",
            laplace_moments,
            laplace_moments_vjp,
        ),
        raw(
            "This is E[X^2], about 0. The variance is E[(X - loc)^2] = 2 scale^2, whatever loc is.",
            laplace_moments,
            laplace_moments_vjp,
        ),
    ),
    "cauchy_log_density": (
        Slip(
            "pi-missing",
            "The function 1 / (1 + z^2) has the integral pi, so the density is 1 / (pi scale (1 + z^2)): y has -log(pi "
            "scale).",
            forward=lambda x, loc, scale: cauchy_log_density(x, loc, scale) + np.log(np.pi),
        ),
        added(
            "log-scale-missing",
            "The density in x is that in z over scale: y has -log(pi scale), and scalebar the term -ybar / scale.",
            cauchy_log_density,
            cauchy_log_density_vjp,
            lambda x, loc, scale: np.log(scale),
            {2: lambda x, loc, scale: 1 / scale},
        ),
        inner_missing(
            "two-of-the-square-missing",
            "The derivative of log(1 + z^2) is 2 z / (1 + z^2): the 2 of the square is missing.",
            cauchy_log_density_vjp,
            lambda x, loc, scale: 0.5,
            0,
            1,
        ),
        inner_missing(
            "one-over-scale-missing",
            "This -2 z / (1 + z^2) is the slope in z. x and loc move z by 1 / scale and -1 / scale: divide by scale.",
            cauchy_log_density_vjp,
            lambda x, loc, scale: scale,
            0,
            1,
        ),
    ),
    "cauchy_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x) = 1/2 + arctan(z) / pi, which rises with x.",
            cauchy_cdf,
            cauchy_cdf_vjp,
        ),
        added(
            "half-missing",
            "The arc, arctan(z) / pi, runs from -1/2 to 1/2. Half of the probability lies below loc: add 1/2.",
            cauchy_cdf,
            cauchy_cdf_vjp,
            lambda x, loc, scale: -0.5,
            {},
        ),
        inner_missing(
            "pi-missing",
            "The slope of the cdf is the density, with its pi: 1 / (pi scale (1 + z^2)).",
            cauchy_cdf_vjp,
            lambda x, loc, scale: np.pi,
            0,
            1,
            2,
        ),
        inner_missing(
            "z-missing-for-scale",
            "The derivative of z by scale is -z / scale, by loc it is -1 / scale: scalebar = -z xbar.",
            cauchy_cdf_vjp,
            lambda x, loc, scale: scale / (x - loc),
            2,
        ),
    ),
    "cauchy_sample": (
        Slip(
            "half-turn-missing",
            "The cdf is 1/2 + arctan(z) / pi, so its inverse is tan(pi (u - 1/2)): subtract 1/2 before the tangent. "
            "tan(pi u) jumps from +inf to -inf at u = 1/2.",
            forward=lambda u, loc, scale: loc + scale * np.tan(np.pi * u),
            vjp=_half_turn_missing,
        ),
        inner_missing(
            "inner-pi-missing",
            "The angle is pi u, so its derivative pi is a factor of ubar: xbar pi scale / sin(pi u)^2.",
            cauchy_sample_vjp,
            lambda u, loc, scale: 1 / np.pi,
            0,
        ),
        inner_missing(
            "sine-not-squared",
            "The derivative of the cotangent is -1 / sin^2: the sine is to be squared.",
            cauchy_sample_vjp,
            lambda u, loc, scale: np.sin(np.pi * u),
            0,
        ),
    ),
    "cauchy_entropy": (
        added(
            "four-missing",
            "This log(pi scale) is -log density at the peak alone. Its mean over the distribution is larger: the mean "
            "of log(1 + z^2) is log(4), so the entropy is log(4 pi scale).",
            cauchy_entropy,
            cauchy_entropy_vjp,
            lambda scale: -np.log(4),
            {},
        ),
        Slip(
            "inner-derivative-missing",
            "The chain rule: log(4 pi scale) has the derivative 4 pi / (4 pi scale) = 1 / scale.",
            vjp=lambda ybar, y, scale: (ybar / (4 * np.pi * scale),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            cauchy_entropy,
            cauchy_entropy_vjp,
        ),
    ),
}

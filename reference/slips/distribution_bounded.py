"""Slips of the uniform and the beta distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.beta import (
    beta_cdf,
    beta_entropy,
    beta_log_density,
    beta_log_density_vjp,
    beta_moments,
    beta_moments_vjp,
    beta_sample_vjp,
)
from ..distribution.uniform import (
    uniform_cdf,
    uniform_cdf_vjp,
    uniform_entropy,
    uniform_entropy_vjp,
    uniform_log_density,
    uniform_log_density_vjp,
    uniform_moments,
    uniform_moments_vjp,
    uniform_sample_vjp,
)
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..op import Slip
from .variants import added, deviation, in_bits, inner_missing, only, raw, upper_tail, weighed


def _not_clipped(ybar, y, x, low, high):
    width = high - low
    bars = ybar / width, -ybar * (high - x) / width**2, -ybar * (x - low) / width**2
    return tuple(unbroadcast(bar, a.shape) for bar, a in zip(bars, (x, low, high), strict=True))


def _log_beta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _beta_slopes(of_sum, slope):
    """The cotangents of the beta log density whose a and b have these derivatives of log Gamma."""

    def vjp(ybar, y, x, a, b):
        xbar = beta_log_density_vjp(ybar, y, x, a, b)[0]
        abar, bbar = ybar * (np.log(x) - slope(a) + of_sum(a + b)), ybar * (np.log1p(-x) - slope(b) + of_sum(a + b))
        return xbar, unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)

    return vjp


def _one_sided(ybar, y, low, high):
    shift, stretch = ybar[0] / 2, ybar[1] * (high - low) / 6
    return unbroadcast(shift + stretch, low.shape), unbroadcast(shift + stretch, high.shape)


SLIPS = {
    "uniform_log_density": (
        Slip(
            "width-for-its-inverse",
            "The density is 1 / (high - low), so that the area is 1: its logarithm is -log(high - low).",
            forward=lambda x, low, high: -uniform_log_density(x, low, high),
        ),
        Slip(
            "density-not-its-log",
            "This is the density 1 / (high - low). Its logarithm is asked: -log(high - low).",
            forward=lambda x, low, high: np.exp(uniform_log_density(x, low, high)),
            vjp=lambda ybar, y, x, low, high: uniform_log_density_vjp(ybar * y, y, x, low, high),
        ),
        Slip(
            "low-moved-like-high",
            "Raising low makes the interval shorter and the density higher, raising high does the opposite: the two "
            "cotangents have opposite signs.",
            vjp=weighed(uniform_log_density_vjp, lambda x, low, high: -1, 0),
        ),
    ),
    "uniform_cdf": (
        upper_tail(
            "This is P(X > x) = (high - x) / (high - low). The cdf is P(X <= x) = (x - low) / (high - low).",
            uniform_cdf,
            uniform_cdf_vjp,
        ),
        Slip(
            "not-clipped",
            "Outside of the interval (x - low) / (high - low) is no probability: it is clipped to [0, 1], and nothing "
            "comes back from there.",
            forward=lambda x, low, high: (x - low) / (high - low),
            vjp=_not_clipped,
        ),
        Slip(
            "width-held-still",
            "The end low is in both parts of (x - low) / (high - low): the quotient rule gives -(high - x) / (high - "
            "low)^2. Here only the numerator was moved.",
            vjp=weighed(uniform_cdf_vjp, lambda x, low, high: (high - low) / (high - x), 1),
        ),
    ),
    "uniform_sample": (
        Slip(
            "high-for-width",
            "The noise is stretched to the width, high - low. low + high u runs from low to low + high.",
            forward=lambda u, low, high: low + high * u,
        ),
        Slip(
            "low-in-one-place-only",
            "The end low is in x = low + (high - low) u twice: its derivative is 1 - u, not 1.",
            vjp=weighed(uniform_sample_vjp, lambda u, low, high: 1 / (1 - u), 1),
        ),
        Slip(
            "width-missing",
            "The noise moves x by the width of the interval: ubar = xbar (high - low).",
            vjp=weighed(uniform_sample_vjp, lambda u, low, high: 1 / (high - low), 0),
        ),
    ),
    "uniform_entropy": (
        Slip(
            "sign-of-the-log-density",
            "The entropy is the mean of -log density: log(high - low), which grows with the width.",
            forward=lambda low, high: -uniform_entropy(low, high),
        ),
        Slip(
            "low-moved-like-high",
            "Raising low makes the interval shorter and the entropy smaller: lowbar = -ybar / (high - low).",
            vjp=weighed(uniform_entropy_vjp, lambda low, high: -1, 0),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            uniform_entropy,
            uniform_entropy_vjp,
        ),
    ),
    "uniform_moments": (
        Slip(
            "half-the-width-for-the-middle",
            "The mean is the middle of the interval, (low + high) / 2. (high - low) / 2 is half its width.",
            forward=lambda low, high: ((high - low) / 2, uniform_moments(low, high)[1]),
        ),
        deviation(
            "The second is the variance (high - low)^2 / 12; this is its root, the standard deviation.",
            uniform_moments,
            uniform_moments_vjp,
        ),
        raw(
            "This is E[X^2], about 0. The variance (high - low)^2 / 12 does not change when the interval is shifted.",
            uniform_moments,
            uniform_moments_vjp,
        ),
        Slip(
            "low-moved-like-high",
            "The variance grows when high rises and shrinks when low does: lowbar has -ybar_2 (high - low) / 6.",
            vjp=_one_sided,
        ),
    ),
    "beta_log_density": (
        added(
            "beta-function-missing",
            "The product x^(a - 1) (1 - x)^(b - 1) has the integral B(a, b): y has -log B(a, b), which moves with a "
            "and b.",
            beta_log_density,
            beta_log_density_vjp,
            lambda x, a, b: _log_beta(a, b),
            {1: lambda x, a, b: digamma(a) - digamma(a + b), 2: lambda x, a, b: digamma(b) - digamma(a + b)},
        ),
        added(
            "a-for-a-minus-one",
            "The exponents are a - 1 and b - 1: with a = b = 1 the density is constant.",
            beta_log_density,
            beta_log_density_vjp,
            lambda x, a, b: np.log(x) + np.log1p(-x),
            {0: lambda x, a, b: 1 / x - 1 / (1 - x)},
        ),
        Slip(
            "inner-sign-forgotten",
            "As a function of x, log(1 - x) falls as x rises: the inner derivative is -1, so xbar has -(b - 1) / (1 - "
            "x).",
            vjp=lambda ybar, y, x, a, b: (
                unbroadcast(ybar * ((a - 1) / x + (b - 1) / (1 - x)), x.shape),
                *beta_log_density_vjp(ybar, y, x, a, b)[1:],
            ),
        ),
        Slip(
            "gamma-of-the-sum-held-still",
            "B(a, b) = Gamma(a) Gamma(b) / Gamma(a + b): the last moves with both, and gives each + digamma(a + b).",
            vjp=_beta_slopes(lambda n: 0 * n, digamma),
        ),
        Slip(
            "log-for-digamma",
            "The derivative of log Gamma is digamma. log is close to it for large arguments only: digamma(t) is "
            "nearly log(t) - 1 / (2 t).",
            vjp=_beta_slopes(np.log, np.log),
        ),
    ),
    "beta_cdf": (
        Slip(
            "upper-tail",
            "This is P(X > x) = I_{1-x}(b, a). The cdf is P(X <= x) = I_x(a, b), which rises with x.",
            forward=lambda *args: 1 - beta_cdf(*args),
        ),
        Slip(
            "a-and-b-exchanged",
            "I_x(a, b) has a, the exponent of x, first. Exchanging a and b goes with exchanging x and 1 - x.",
            forward=lambda x, a, b: beta_cdf(x, b, a),
        ),
        Slip(
            "not-regularised",
            "The integral of t^(a - 1) (1 - t)^(b - 1) is to be divided by B(a, b), or it does not end at 1.",
            forward=lambda x, a, b: beta_cdf(x, a, b) * np.exp(_log_beta(a, b)),
        ),
    ),
    "beta_sample": (
        Slip(
            "share-of-the-second",
            "This is h / (g + h), the share of the second, with the distribution beta(b, a). The first is asked: "
            "g / (g + h).",
            forward=lambda g, h: h / (g + h),
        ),
        Slip(
            "ratio-for-share",
            "The quotient g / h is the ratio of the two, which may be above 1. The share of the first in both is g / "
            "(g + h).",
            forward=lambda g, h: g / h,
            vjp=lambda xbar, x, g, h: (unbroadcast(xbar / h, g.shape), unbroadcast(-xbar * g / (h * h), h.shape)),
        ),
        Slip(
            "sum-held-still",
            "The numerator g is in the denominator too: the quotient rule gives ((g + h) - g) / (g + h)^2 = h / (g + "
            "h)^2. Here only the numerator was moved.",
            vjp=weighed(beta_sample_vjp, lambda g, h: (g + h) / h, 0),
        ),
        inner_missing(
            "sum-not-squared",
            "The quotient rule divides by the square of the denominator: h / (g + h)^2 and -g / (g + h)^2.",
            beta_sample_vjp,
            lambda g, h: g + h,
            0,
            1,
        ),
    ),
    "beta_entropy": (
        Slip(
            "sign-of-log-beta",
            "The density is divided by B(a, b), so its logarithm has -log B(a, b), and the entropy +log B(a, b).",
            forward=lambda a, b: beta_entropy(a, b) - 2 * _log_beta(a, b),
        ),
        Slip(
            "minus-two-missing",
            "The term digamma(a + b) comes with (a - 1) + (b - 1) = a + b - 2, not with a + b.",
            forward=lambda a, b: beta_entropy(a, b) + 2 * digamma(a + b),
        ),
        Slip(
            "sum-held-still",
            "The term digamma(a + b) moves with both: abar and bbar share the term (a + b - 2) trigamma(a + b).",
            vjp=lambda ybar, y, a, b: (
                unbroadcast(-ybar * (a - 1) * trigamma(a), a.shape),
                unbroadcast(-ybar * (b - 1) * trigamma(b), b.shape),
            ),
        ),
    ),
    "beta_moments": (
        Slip(
            "n-for-n-plus-one",
            "The variance is p q / (n + 1) with n = a + b, not p q / n: with a = b = 1 it must be 1/12.",
            forward=lambda a, b: (beta_moments(a, b)[0], beta_moments(a, b)[1] * (1 + 1 / (a + b))),
        ),
        deviation(
            "The second is the variance a b / ((a + b)^2 (a + b + 1)); this is its root, the standard deviation.",
            beta_moments,
            beta_moments_vjp,
        ),
        raw(
            "This is E[X^2] = a (a + 1) / (n (n + 1)), n = a + b. The variance is less by the square of the mean.",
            beta_moments,
            beta_moments_vjp,
        ),
        Slip(
            "second-output-dropped",
            "Both a and b move the variance as well as the mean: what comes back from both is added.",
            vjp=only(beta_moments_vjp, 0),
        ),
    ),
}

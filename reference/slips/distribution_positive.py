"""Slips of the exponential and the gamma distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.exponential import (
    exponential_cdf,
    exponential_cdf_vjp,
    exponential_entropy,
    exponential_entropy_vjp,
    exponential_log_density,
    exponential_log_density_vjp,
    exponential_moments,
    exponential_moments_vjp,
    exponential_sample,
    exponential_sample_vjp,
)
from ..distribution.gamma import (
    gamma_cdf,
    gamma_entropy,
    gamma_entropy_vjp,
    gamma_log_density,
    gamma_log_density_vjp,
    gamma_moments,
    gamma_moments_vjp,
    gamma_sample,
    gamma_sample_vjp,
)
from ..elementwise.gamma import digamma, lgamma
from ..op import Slip
from .variants import added, deviation, in_bits, inner_missing, inverse, only, raw, upper_tail, weighed


def _survivals(ybar, y, u, rate):
    return unbroadcast(-ybar / (u * rate), u.shape), unbroadcast(-ybar * y / rate, rate.shape)


def _third_missing(noise, concentration, rate):
    return gamma_sample(noise, concentration + 1 / 3, rate)


def _w_held_still(ybar, y, noise, concentration, rate):
    d = concentration - 1 / 3
    w = np.maximum(1 + noise / (3 * np.sqrt(d)), 1e-300)
    right = gamma_sample_vjp(ybar, y, noise, concentration, rate)
    abar = ybar[0] * w**3 / rate + ybar[1] * y[1] * (1 - w**3 + 3 * np.log(w))
    return right[0], unbroadcast(abar, concentration.shape), right[2]


SLIPS = {
    "exponential_log_density": (
        inverse(
            "scale-for-rate",
            "SciPy's expon takes the scale, which is the mean wait 1 / rate, and so does this. Here the rate is given: "
            "write log(rate) - rate * x.",
            exponential_log_density,
            exponential_log_density_vjp,
            1,
            "SciPy",
        ),
        added(
            "log-rate-missing",
            "The function exp(-rate x) has the integral 1 / rate: the density is rate exp(-rate x). y has log(rate), "
            "and ratebar its derivative ybar / rate.",
            exponential_log_density,
            exponential_log_density_vjp,
            lambda x, rate: -np.log(rate),
            {1: lambda x, rate: -1 / rate},
        ),
        Slip(
            "density-not-its-log",
            "This is the density rate exp(-rate x). Its logarithm is asked, which does not underflow: "
            "log(rate) - rate x.",
            forward=lambda x, rate: np.exp(exponential_log_density(x, rate)),
            vjp=lambda ybar, y, x, rate: exponential_log_density_vjp(ybar * y, y, x, rate),
        ),
        Slip(
            "sign-of-x",
            "The density falls as x grows: xbar = -ybar rate, with a minus.",
            vjp=weighed(exponential_log_density_vjp, lambda x, rate: -1, 0),
        ),
    ),
    "exponential_cdf": (
        upper_tail(
            "This exp(-rate x) is P(X > x), that the wait is longer. The cdf is P(X <= x) = 1 - exp(-rate x).",
            exponential_cdf,
            exponential_cdf_vjp,
        ),
        inverse(
            "scale-for-rate",
            "SciPy's expon takes the scale, which is the mean wait 1 / rate, and so does this. Here the rate is given: "
            "write 1 - exp(-rate * x).",
            exponential_cdf,
            exponential_cdf_vjp,
            1,
            "SciPy",
        ),
        inner_missing(
            "inner-rate-missing",
            "The power exp(-rate x) has the inner derivative -rate in x: the slope of the cdf is the density, rate "
            "exp(-rate x).",
            exponential_cdf_vjp,
            lambda x, rate: 1 / rate,
            0,
        ),
        Slip(
            "rate-for-x",
            "In rate the inner derivative of exp(-rate x) is -x: ratebar = ybar x exp(-rate x). The factor rate "
            "belongs to xbar.",
            vjp=weighed(exponential_cdf_vjp, lambda x, rate: rate / x, 1),
        ),
    ),
    "exponential_sample": (
        Slip(
            "u-for-one-minus-u",
            "This -log(u) / rate has the same distribution, since 1 - u is as uniform as u (Art of Computer "
            "Programming, section 3.4.1), but it falls as u rises. Here it is the inverse of the cdf: take log(1 - u).",
            forward=lambda u, rate: -np.log(u) / rate,
            vjp=_survivals,
            convention="Knuth",
        ),
        inverse(
            "scale-for-rate",
            "NumPy's rng.exponential takes the scale, which is the mean wait 1 / rate, and so does this. Here the rate "
            "is given: divide by it, -log(1 - u) / rate.",
            exponential_sample,
            exponential_sample_vjp,
            1,
            "NumPy",
        ),
        Slip(
            "inner-sign-forgotten",
            "There are two signs: -log(1 - u) has the derivative 1 / (1 - u), as 1 - u falls when u rises.",
            vjp=weighed(exponential_sample_vjp, lambda u, rate: -1, 0),
        ),
        inner_missing(
            "one-over-rate-once",
            "The derivative of 1 / rate is -1 / rate^2, which makes ratebar = -xbar x / rate. Here one power of the "
            "rate is missing.",
            exponential_sample_vjp,
            lambda u, rate: rate,
            1,
        ),
    ),
    "exponential_entropy": (
        inverse(
            "scale-for-rate",
            "This 1 + log(scale) is the entropy for the scale that scipy.stats.expon takes, the mean wait. The rate is "
            "1 / scale: write 1 - log(rate).",
            exponential_entropy,
            exponential_entropy_vjp,
            0,
            "SciPy",
        ),
        added(
            "one-missing",
            "Minus the log density is rate x - log(rate), and rate x has the mean 1: the entropy is 1 - log(rate).",
            exponential_entropy,
            exponential_entropy_vjp,
            lambda rate: -1.0,
            {},
        ),
        Slip(
            "constant-kept",
            "The derivative of a constant is 0: of 1 - log(rate) only -1 / rate is left.",
            vjp=lambda ybar, y, rate: (ybar * (1 - 1 / rate),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            exponential_entropy,
            exponential_entropy_vjp,
        ),
    ),
    "exponential_moments": (
        inverse(
            "scale-for-rate",
            "With NumPy's scale, the mean wait, the moments are scale and scale^2. Here the rate is given: "
            "replace scale by 1 / rate.",
            exponential_moments,
            exponential_moments_vjp,
            0,
            "NumPy",
        ),
        deviation(
            "The second is the variance 1 / rate^2. This is its root, the standard deviation, which for waits equals "
            "the mean.",
            exponential_moments,
            exponential_moments_vjp,
        ),
        raw(
            "E[X^2] = 2 / rate^2 is the mean of the square. The variance is less by the squared mean: 1 / rate^2.",
            exponential_moments,
            exponential_moments_vjp,
        ),
        Slip(
            "two-of-the-power-missing",
            "The power rate^-2 has the derivative -2 rate^-3: the exponent 2 comes down as a factor.",
            vjp=lambda ybar, y, rate: exponential_moments_vjp((ybar[0], ybar[1] / 2), y, rate),
        ),
    ),
    "gamma_log_density": (
        inverse(
            "scale-for-rate",
            "SciPy's gamma takes the scale, 1 / rate, and so does this. Here the rate is given: multiply x by it, t = "
            "rate * x, and add log(rate).",
            gamma_log_density,
            gamma_log_density_vjp,
            2,
            "SciPy",
        ),
        added(
            "lgamma-missing",
            "The function t^(a - 1) exp(-t) has the integral Gamma(a): y has -lgamma(a), and abar its derivative, "
            "-ybar digamma(a).",
            gamma_log_density,
            gamma_log_density_vjp,
            lambda x, a, rate: lgamma(a),
            {1: lambda x, a, rate: digamma(a)},
        ),
        added(
            "rate-once-only",
            "The density is rate (rate x)^(a - 1) exp(-rate x) / Gamma(a): the rate comes with the power a, so y has "
            "a log(rate), not log(rate).",
            gamma_log_density,
            gamma_log_density_vjp,
            lambda x, a, rate: -(a - 1) * np.log(rate),
            {1: lambda x, a, rate: -np.log(rate), 2: lambda x, a, rate: -(a - 1) / rate},
        ),
        Slip(
            "log-for-digamma",
            "The derivative of log Gamma(a) is digamma(a). log(a) is close to it for large a only: digamma(a) is "
            "nearly log(a) - 1 / (2 a).",
            vjp=lambda ybar, y, x, a, rate: (
                *gamma_log_density_vjp(ybar, y, x, a, rate)[:1],
                unbroadcast(ybar * (np.log(rate * x) - np.log(a)), a.shape),
                *gamma_log_density_vjp(ybar, y, x, a, rate)[2:],
            ),
        ),
    ),
    "gamma_cdf": (
        Slip(
            "upper-tail",
            "This is P(X > x), the upper incomplete gamma function Q. The cdf is P(X <= x), the lower one.",
            forward=lambda *args: 1 - gamma_cdf(*args),
        ),
        Slip(
            "scale-for-rate",
            "SciPy's gamma takes the scale, 1 / rate, and so does this. Here the rate is given: write rate * x.",
            forward=lambda x, a, rate: gamma_cdf(x, a, 1 / rate),
            convention="SciPy",
        ),
        Slip(
            "not-regularised",
            "The integral of t^(a - 1) exp(-t) is to be divided by Gamma(a), or it does not end at 1.",
            forward=lambda x, a, rate: gamma_cdf(x, a, rate) * np.exp(lgamma(a)),
        ),
    ),
    "gamma_sample": (
        Slip(
            "third-missing",
            "In the density of the noise w comes with the power 3 a - 1, which is to be 3 d: d is a - 1/3, not a.",
            forward=_third_missing,
        ),
        Slip(
            "scale-for-rate",
            "NumPy's rng.gamma takes the scale, 1 / rate, and multiplies by it. Here the rate is given: divide by it.",
            forward=lambda noise, a, rate: (gamma_sample(noise, a, 1 / rate)[0], gamma_sample(noise, a, rate)[1]),
            convention="NumPy",
        ),
        Slip(
            "acceptance-dropped",
            "The probability of being kept depends on the noise and the concentration too: both outputs lead back.",
            vjp=only(gamma_sample_vjp, 0),
        ),
        Slip(
            "w-held-still",
            "Also w = 1 + noise / (3 sqrt(d)) moves with the concentration through d: dw/dd = -(w - 1) / (2 d). Here "
            "only the d in front was moved.",
            vjp=_w_held_still,
        ),
    ),
    "gamma_entropy": (
        inverse(
            "scale-for-rate",
            "With SciPy's scale, 1 / rate, the entropy has +log(scale). Here the rate is given: write -log(rate).",
            gamma_entropy,
            gamma_entropy_vjp,
            1,
            "SciPy",
        ),
        Slip(
            "log-for-digamma",
            "The mean of log(rate X) is digamma(a), which lies below log(a): the mean of a logarithm is not the "
            "logarithm of the mean.",
            forward=lambda a, rate: gamma_entropy(a, rate) + (1 - a) * (np.log(a) - digamma(a)),
        ),
        Slip(
            "product-rule-half-done",
            "The term (1 - a) digamma(a) is a product: its derivative is -digamma(a) + (1 - a) trigamma(a). The first "
            "term cancels the derivative of lgamma(a); here it is missing.",
            vjp=lambda ybar, y, a, rate: (
                gamma_entropy_vjp(ybar, y, a, rate)[0] + unbroadcast(ybar * digamma(a), a.shape),
                gamma_entropy_vjp(ybar, y, a, rate)[1],
            ),
        ),
    ),
    "gamma_moments": (
        inverse(
            "scale-for-rate",
            "With NumPy's scale the moments are a scale and a scale^2. Here the rate is given: let scale be 1 / rate.",
            gamma_moments,
            gamma_moments_vjp,
            1,
            "NumPy",
        ),
        deviation(
            "The second is the variance a / rate^2; this is its root, the standard deviation.",
            gamma_moments,
            gamma_moments_vjp,
        ),
        raw(
            "This is E[X^2] = a (a + 1) / rate^2, about 0. The variance is a / rate^2.",
            gamma_moments,
            gamma_moments_vjp,
        ),
        Slip(
            "second-output-dropped",
            "Both parameters move the variance as well as the mean: what comes back from both is added.",
            vjp=only(gamma_moments_vjp, 0),
        ),
    ),
}

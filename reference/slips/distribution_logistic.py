"""Slips of the logistic distribution and of Student's t."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.logistic import (
    logistic_cdf,
    logistic_cdf_vjp,
    logistic_entropy,
    logistic_entropy_vjp,
    logistic_log_density,
    logistic_log_density_vjp,
    logistic_moments,
    logistic_moments_vjp,
    logistic_sample,
    logistic_sample_vjp,
)
from ..distribution.normal import normal_cdf
from ..distribution.student_t import (
    student_t_cdf,
    student_t_entropy,
    student_t_entropy_vjp,
    student_t_log_density,
    student_t_log_density_vjp,
    student_t_moments,
    student_t_moments_vjp,
    student_t_sample,
    student_t_sample_vjp,
)
from ..elementwise.gamma import digamma, trigamma
from ..op import Slip
from .variants import added, deviation, in_bits, inner_missing, raw, standardised, upper_tail, weighed


def _log_for_digamma(ybar, y, x, df, loc, scale):
    right = student_t_log_density_vjp(ybar, y, x, df, loc, scale)
    half = (df + 1) / 2
    excess = np.log(half) - np.log(df / 2) - digamma(half) + digamma(df / 2)
    return right[0], right[1] + unbroadcast(ybar * excess / 2, df.shape), *right[2:]


def _inner_half_missing(ybar, y, df, scale):
    half = (df + 1) / 2
    dfbar = ybar * (half * (trigamma(half) - trigamma(df / 2)) + 1 / (2 * df))
    return unbroadcast(dfbar, df.shape), unbroadcast(ybar / scale, scale.shape)


SLIPS = {
    "logistic_log_density": (
        Slip(
            "sigmoid-not-its-slope",
            "This -|z| - log(1 + exp(-|z|)) is the logarithm of one sigmoid. The density is the product of two, "
            "sigmoid(z) sigmoid(-z) / scale, so log(1 + exp(-|z|)) is subtracted twice.",
            forward=lambda x, loc, scale: (
                logistic_log_density(x, loc, scale) + np.log1p(np.exp(-np.abs(x - loc) / scale))
            ),
        ),
        added(
            "log-scale-missing",
            "The density in x is that in z over scale: y has -log(scale), and scalebar the term -ybar / scale.",
            logistic_log_density,
            logistic_log_density_vjp,
            lambda x, loc, scale: np.log(scale),
            {2: lambda x, loc, scale: 1 / scale},
        ),
        Slip(
            "half-inside-tanh-missing",
            "The slope's 2 sigmoid(z) - 1 is tanh(z / 2), not tanh(z): xbar = -ybar tanh(z / 2) / scale.",
            vjp=weighed(
                logistic_log_density_vjp,
                lambda x, loc, scale: np.tanh((x - loc) / scale) / np.tanh((x - loc) / scale / 2),
                0,
                1,
            ),
        ),
        inner_missing(
            "one-over-scale-missing",
            "This -tanh(z / 2) is the slope in z. x and loc move z by 1 / scale and -1 / scale: divide by scale.",
            logistic_log_density_vjp,
            lambda x, loc, scale: scale,
            0,
            1,
        ),
    ),
    "logistic_cdf": (
        upper_tail(
            "This is sigmoid(-z) = P(X > x). The cdf is sigmoid(z) = 1 / (1 + exp(-z)).",
            logistic_cdf,
            logistic_cdf_vjp,
        ),
        standardised(
            "deviation-for-scale",
            "The scale is no standard deviation, which is pi scale / sqrt(3): z = (x - loc) / scale with scale itself.",
            logistic_cdf,
            logistic_cdf_vjp,
            2,
            np.pi / np.sqrt(3),
        ),
        inner_missing(
            "one-minus-y-missing",
            "The slope of the sigmoid is y (1 - y), not y: the second factor is missing.",
            logistic_cdf_vjp,
            lambda x, loc, scale: 1 + np.exp((x - loc) / scale),
            0,
            1,
            2,
        ),
        inner_missing(
            "z-missing-for-scale",
            "The derivative of z by scale is -z / scale, by loc it is -1 / scale: scalebar = -z xbar.",
            logistic_cdf_vjp,
            lambda x, loc, scale: scale / (x - loc),
            2,
        ),
    ),
    "logistic_sample": (
        Slip(
            "logit-upside-down",
            "This is the logit of 1 - u, which falls as u rises: the quantile is loc + scale log(u / (1 - u)). "
            "By symmetry the samples have the right distribution, but each is the mirror image of the one asked.",
            forward=lambda u, loc, scale: 2 * loc - logistic_sample(u, loc, scale),
        ),
        standardised(
            "deviation-for-scale",
            "The scale is no standard deviation: log(u / (1 - u)) has the standard deviation pi / sqrt(3), and is "
            "multiplied by scale as it is.",
            logistic_sample,
            logistic_sample_vjp,
            2,
            np.pi / np.sqrt(3),
        ),
        inner_missing(
            "one-minus-u-missing",
            "The logit log(u) - log(1 - u) has the derivative 1 / u + 1 / (1 - u) = 1 / (u (1 - u)). Here the second "
            "logarithm was held still.",
            logistic_sample_vjp,
            lambda u, loc, scale: 1 - u,
            0,
        ),
    ),
    "logistic_entropy": (
        added(
            "two-missing",
            "The mean of -log density in z is 2, which belongs to the entropy: 2 + log(scale).",
            logistic_entropy,
            logistic_entropy_vjp,
            lambda scale: -2.0,
            {},
        ),
        Slip(
            "constant-kept",
            "The derivative of a constant is 0: of 2 + log(scale) only 1 / scale is left.",
            vjp=lambda ybar, y, scale: (ybar * (2 + 1 / scale),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            logistic_entropy,
            logistic_entropy_vjp,
        ),
    ),
    "logistic_moments": (
        Slip(
            "scale-for-deviation",
            "The scale is no standard deviation: the logistic density is wider, with the variance pi^2 scale^2 / 3.",
            forward=lambda loc, scale: (
                logistic_moments(loc, scale)[0],
                logistic_moments(loc, scale)[1] * 3 / np.pi**2,
            ),
            vjp=lambda ybar, y, loc, scale: logistic_moments_vjp((ybar[0], ybar[1] * 3 / np.pi**2), y, loc, scale),
        ),
        deviation(
            "The second is the variance pi^2 scale^2 / 3; this is its root, the standard deviation.",
            logistic_moments,
            logistic_moments_vjp,
        ),
        raw(
            "This is E[X^2], about 0. The variance is E[(X - loc)^2] = pi^2 scale^2 / 3, whatever loc is.",
            logistic_moments,
            logistic_moments_vjp,
        ),
    ),
    "student_t_log_density": (
        added(
            "log-scale-missing",
            "The density in x is that in z over scale: y has -log(scale), and scalebar the term -ybar / scale.",
            student_t_log_density,
            student_t_log_density_vjp,
            lambda x, df, loc, scale: np.log(scale),
            {3: lambda x, df, loc, scale: 1 / scale},
        ),
        Slip(
            "df-for-df-plus-one",
            "The exponent is -(df + 1) / 2: with df = 1 it must be -1, that of the Cauchy density.",
            forward=lambda x, df, loc, scale: (
                student_t_log_density(x, df, loc, scale) + np.log1p(((x - loc) / scale) ** 2 / df) / 2
            ),
        ),
        Slip(
            "log-df-missing",
            "The normaliser is scale sqrt(df) B(df / 2, 1/2): t is measured in units of sqrt(df), and -log(df) / 2 "
            "belongs to y.",
            forward=lambda x, df, loc, scale: student_t_log_density(x, df, loc, scale) + np.log(df) / 2,
        ),
        Slip(
            "log-for-digamma",
            "The derivative of log Gamma is digamma. log is close to it for large arguments only: "
            "digamma(t) is nearly log(t) - 1 / (2 t).",
            vjp=_log_for_digamma,
        ),
        Slip(
            "pull-of-the-normal",
            "Points in a heavy tail pull less: xbar = -ybar z (df + 1) / (df + z^2) / scale. As df grows that comes to "
            "-z / scale, the slope of the normal log density.",
            vjp=weighed(
                student_t_log_density_vjp,
                lambda x, df, loc, scale: (df + ((x - loc) / scale) ** 2) / (df + 1),
                0,
                2,
            ),
        ),
    ),
    "student_t_cdf": (
        Slip(
            "upper-tail",
            "This is P(X > x). The cdf is P(X <= x), which rises with x: 1 - I / 2 belongs to z > 0.",
            forward=lambda *args: 1 - student_t_cdf(*args),
        ),
        Slip(
            "normal-for-t",
            "This is the normal cdf at z, which the t distribution comes to as df grows. With few degrees of freedom "
            "the tails are heavier: use the incomplete beta function.",
            forward=lambda x, df, loc, scale: normal_cdf(x, loc, scale) + 0 * df,
        ),
        Slip(
            "one-branch-for-both",
            "I_w(df / 2, 1/2) / 2 knows z^2 alone: it is the tail beyond |z|. For z > 0 the cdf is 1 minus that.",
            forward=lambda x, df, loc, scale: student_t_cdf(loc - np.abs(x - loc), df, loc, scale),
        ),
    ),
    "student_t_sample": (
        Slip(
            "df-missing",
            "The noise is divided by the root of the mean square chi_square / df, not by that of the sum chi_square: "
            "scale noise sqrt(df / chi_square).",
            forward=lambda noise, chi_square, df, loc, scale: student_t_sample(
                noise, chi_square, np.ones_like(df), loc, scale
            ),
        ),
        Slip(
            "root-missing",
            "The mean of squares, chi_square / df, is a variance. The noise is divided by its root.",
            forward=lambda noise, chi_square, df, loc, scale: loc + scale * noise * df / chi_square,
        ),
        Slip(
            "half-missing",
            "The power chi_square^(-1/2) has the derivative -chi_square^(-3/2) / 2, and df^(1/2) has 1 / (2 sqrt(df)): "
            "both keep the half of the exponent.",
            vjp=weighed(student_t_sample_vjp, lambda *args: 2, 1, 2),
        ),
        Slip(
            "sign-of-the-denominator",
            "The sum chi_square stands in the denominator: where it grows, the sample shrinks towards loc. Its "
            "cotangent is -s / (2 chi_square), with a minus.",
            vjp=weighed(student_t_sample_vjp, lambda *args: -1, 1),
        ),
    ),
    "student_t_entropy": (
        Slip(
            "log-for-digamma",
            "The mean of log(1 + z^2 / df) is digamma((df + 1) / 2) - digamma(df / 2). A logarithm in the place of "
            "digamma is close for large df only.",
            forward=lambda df, scale: (
                student_t_entropy(df, scale)
                + (df + 1) / 2 * (np.log((df + 1) / df) - digamma((df + 1) / 2) + digamma(df / 2))
            ),
        ),
        added(
            "log-scale-missing",
            "Stretching X by scale adds log(scale) to its entropy, and ybar / scale to the cotangent of scale.",
            student_t_entropy,
            student_t_entropy_vjp,
            lambda df, scale: -np.log(scale),
            {1: lambda df, scale: -1 / scale},
        ),
        Slip(
            "inner-half-missing",
            "The term digamma((df + 1) / 2) has the derivative trigamma((df + 1) / 2) / 2: the half inside is a factor "
            "of its own, beside that of (df + 1) / 2.",
            vjp=_inner_half_missing,
        ),
    ),
    "student_t_moments": (
        Slip(
            "scale-for-deviation",
            "The scale is no standard deviation: the heavy tails make the variance scale^2 df / (df - 2), which is "
            "larger.",
            forward=lambda df, loc, scale: (
                student_t_moments(df, loc, scale)[0],
                student_t_moments(df, loc, scale)[1] * (df - 2) / df,
            ),
        ),
        deviation(
            "The second is the variance scale^2 df / (df - 2); this is its root, the standard deviation.",
            student_t_moments,
            student_t_moments_vjp,
        ),
        Slip(
            "denominator-held-still",
            "The degrees of freedom df are in both parts of df / (df - 2): the quotient rule gives (df - 2 - df) / (df "
            "- 2)^2 = -2 / (df - 2)^2. Here only the numerator was moved.",
            vjp=lambda ybar, y, df, loc, scale: (
                unbroadcast(ybar[1] * scale**2 / (df - 2), df.shape),
                *student_t_moments_vjp(ybar, y, df, loc, scale)[1:],
            ),
        ),
    ),
}

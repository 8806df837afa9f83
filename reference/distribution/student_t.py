"""Student's t distribution: of a mean, measured by the standard deviation of the same few numbers."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..elementwise.incomplete_beta import betainc
from ..op import Case, Op


def student_t_log_density(x, df, loc, scale):
    """y = -(df + 1) / 2 log(1 + z^2 / df) - log(scale) - log(df) / 2 - log B(df / 2, 1/2), where z = (x - loc) / scale.

    B(df / 2, 1/2) = sqrt(pi) Gamma(df / 2) / Gamma((df + 1) / 2).

    Shapes: x, df > 0, loc and scale > 0 any that broadcast together, y as their broadcast; y has the unit of -log x.

    df = 1 is the Cauchy distribution, df = infinity the normal. scale is not the standard deviation. The two
    log-gammas of B cancel for large df: of the digits of y about log10(df) are lost.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 28.2.
    """
    z = (x - loc) / scale
    return -(df + 1) / 2 * np.log1p(z * z / df) - np.log(scale) - np.log(df) / 2 - _log_beta(df)


def student_t_log_density_vjp(ybar, y, x, df, loc, scale):
    """xbar = -ybar (df + 1) z / ((df + z^2) scale), locbar = -xbar, scalebar = ybar df (z^2 - 1) / ((df + z^2) scale).

    dfbar = ybar / 2 ((z^2 - 1) / (df + z^2) - log(1 + z^2 / df) + digamma((df + 1) / 2) - digamma(df / 2)). Its
    first term collects what comes from log(df) / 2 and from z^2 / df; z^2 - 1 is written as a product, which
    keeps its accuracy where it changes sign.
    """
    z = (x - loc) / scale
    weight = ybar / (df + z * z)
    excess = weight * (z - 1) * (z + 1)
    xbar = -weight * (df + 1) * z / scale
    dfbar = (excess + ybar * (digamma((df + 1) / 2) - digamma(df / 2) - np.log1p(z * z / df))) / 2
    return (
        unbroadcast(xbar, x.shape),
        unbroadcast(dfbar, df.shape),
        unbroadcast(-xbar, loc.shape),
        unbroadcast(excess * df / scale, scale.shape),
    )


def student_t_log_density_cases(rng):
    x = rng.uniform(1, 3, size=(5, 3)) * np.array([1, -1, 1])
    df, scale = rng.uniform(2, 9, size=(5, 1)), rng.uniform(0.5, 2, size=(5, 1))
    yield Case("broadcast", (x, df, rng.uniform(-0.5, 0.5, size=3), scale))
    df, loc, scale = _scales(rng)
    yield Case("scales", (loc + scale * rng.uniform(0.7, 1.3, size=5) * [0.01, -0.5, 30, -200, 4], df, loc, scale))
    ends = np.array([-np.inf, np.inf, np.nan])
    limits = ends, np.full(3, 2.5), np.full(3, 0.5), np.full(3, 1.5)
    yield Case("limits", limits, {}, "special", np.array([-np.inf, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    differ = rng.normal(size=4), rng.uniform(2, 9, size=3), np.array(0.5), np.array(1.5)
    yield Case("shapes-differ", differ, {}, "refused")


def student_t_cdf(x, df, loc, scale):
    """y = P(X <= x) = I_w(df / 2, 1/2) / 2 for z < 0, and 1 - I_w(df / 2, 1/2) / 2 for z > 0.

    Here z = (x - loc) / scale and w = df / (df + z^2).

    Shapes: x, df > 0, loc and scale > 0 any that broadcast together, y as their broadcast. Its derivative in df is no
    elementary function, so it is asked for its values alone.

    I_w / 2 is the tail, and keeps its digits. Near the centre w has rounded z^2 away, and y is 1/2 and half the
    probability of [-|z|, |z|], which is I_(1 - w)(1/2, df / 2).

    Source: NIST Digital Library of Mathematical Functions, section 8.17 for the incomplete beta function; Johnson,
    Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 28.2.
    """
    z = (x - loc) / scale
    square, half = z * z, np.full_like(z, 0.5)
    tail = betainc(df / 2, half, df / (df + square)) / 2
    centre = (1 + np.sign(z) * betainc(half, df / 2, square / (df + square))) / 2
    return np.where(square < 1, centre, np.where(z < 0, tail, 1 - tail))


def student_t_cdf_cases(rng):
    x = rng.uniform(1, 3, size=(5, 3)) * np.array([1, -1, 1])
    df, scale = rng.uniform(2, 9, size=(5, 1)), rng.uniform(0.5, 2, size=(5, 1))
    yield Case("broadcast", (x, df, rng.uniform(-0.5, 0.5, size=3), scale))
    df, loc, scale = _scales(rng)
    yield Case("scales", (loc - scale * rng.uniform(0.7, 1.3, size=5) * [1e3, 0.01, 30, 5, 4], 1 + df, loc, scale))
    limits = np.array([-np.inf, 0.5, np.inf, np.nan]), np.full(4, 2.5), np.full(4, 0.5), np.full(4, 1.5)
    yield Case("limits", limits, {}, "special", np.array([0.0, 0.5, 1.0, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    differ = rng.normal(size=4), rng.uniform(2, 9, size=3), np.array(0.5), np.array(1.5)
    yield Case("shapes-differ", differ, {}, "refused")


def student_t_sample(noise, chi_square, df, loc, scale):
    """x = loc + scale noise sqrt(df / chi_square).

    Shapes: noise, chi_square > 0, df > 0, loc and scale any that broadcast together, x as their broadcast.

    When noise is standard normal and chi_square, independent of it, has the chi-square distribution with df
    degrees of freedom, x has Student's distribution. chi_square is twice a gamma sample of concentration df / 2
    and rate 1: gamma_sample gives it, with its derivative in df.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section IX.5.1.
    """
    return loc + scale * noise * np.sqrt(df / chi_square)


def student_t_sample_vjp(xbar, x, noise, chi_square, df, loc, scale):
    """noisebar = xbar scale r, cbar = -s / (2 c), dfbar = s / (2 df), locbar = xbar, scalebar = xbar noise r.

    Here c is chi_square, r = sqrt(df / c) and s = xbar scale noise r: c and df enter by the powers -1/2 and 1/2.
    """
    root = np.sqrt(df / chi_square)
    spread = xbar * scale * noise * root
    return (
        unbroadcast(xbar * scale * root, noise.shape),
        unbroadcast(-spread / (2 * chi_square), chi_square.shape),
        unbroadcast(spread / (2 * df), df.shape),
        unbroadcast(xbar, loc.shape),
        unbroadcast(xbar * noise * root, scale.shape),
    )


def student_t_sample_cases(rng):
    df = rng.uniform(2, 9, size=(5, 1))
    drawn = rng.normal(size=(5, 3)), df * rng.uniform(0.5, 2, size=(5, 3))
    yield Case("broadcast", (*drawn, df, rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))))
    df, loc, scale = _scales(rng)
    yield Case("scales", (rng.normal(size=5), df * rng.uniform(0.1, 3, size=5), df, loc, scale))
    nothing = np.zeros((0, 3)), np.ones((0, 3)), np.ones(3), np.zeros(3), np.ones(3)
    yield Case("nothing", nothing, {}, "empty", np.zeros((0, 3)))
    differ = rng.normal(size=4), rng.uniform(1, 2, size=3), np.array(3.0), np.array(0.5), np.array(1.5)
    yield Case("shapes-differ", differ, {}, "refused")


def student_t_entropy(df, scale):
    """y = (df + 1) / 2 (digamma((df + 1) / 2) - digamma(df / 2)) + log(df) / 2 + log B(df / 2, 1/2) + log(scale).

    Shapes: df > 0 and scale > 0 any that broadcast together, y as their broadcast, in nats.

    The mean of -log density: log(1 + z^2 / df) has the mean digamma((df + 1) / 2) - digamma(df / 2).

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    half = (df + 1) / 2
    return half * (digamma(half) - digamma(df / 2)) + np.log(df) / 2 + _log_beta(df) + np.log(scale)


def student_t_entropy_vjp(ybar, y, df, scale):
    """dfbar = ybar ((df + 1) / 4 (trigamma((df + 1) / 2) - trigamma(df / 2)) + 1 / (2 df)), scalebar = ybar / scale.

    The digammas of the product rule and those of log B cancel.
    """
    half = (df + 1) / 2
    dfbar = ybar * (half * (trigamma(half) - trigamma(df / 2)) + 1 / df) / 2
    return unbroadcast(dfbar, df.shape), unbroadcast(ybar / scale, scale.shape)


def student_t_entropy_cases(rng):
    yield Case("broadcast", (rng.uniform(1, 3, size=3), rng.uniform(0.5, 2, size=(5, 1))))
    df, _, scale = _scales(rng)
    yield Case("scales", (df, scale))
    yield Case("nothing", (np.ones((0, 3)), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def student_t_moments(df, loc, scale):
    """E[X] = loc for df > 1, E[(X - loc)^2] = scale^2 df / (df - 2) for df > 2.

    Shapes: df > 0, loc and scale any that broadcast together, each of the two as their broadcast; in the unit of
    x to the powers 1 and 2.

    For df <= 1, as of the Cauchy distribution, there is no mean, and so no variance about it: both are nan. For
    1 < df <= 2 the tails make the variance infinite.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 28.4.
    """
    df, loc, scale = np.broadcast_arrays(df, loc, scale)
    variance = scale * scale * (df / np.where(df > 2, df - 2, 1))
    none = df <= 1
    return np.where(none, np.nan, loc), np.where(none, np.nan, np.where(df > 2, variance, np.inf))


def student_t_moments_vjp(ybar, y, df, loc, scale):
    """dfbar = -2 ybar_2 scale^2 / (df - 2)^2, locbar = ybar_1, scalebar = 2 ybar_2 scale df / (df - 2), for df > 2."""
    first, second = ybar
    second = np.where(df > 2, second, 0)
    beyond = np.where(df > 2, df - 2, 1)
    dfbar = -2 * second * (scale / beyond) * (scale / beyond)
    scalebar = 2 * second * scale * (df / beyond)
    return unbroadcast(dfbar, df.shape), unbroadcast(first, loc.shape), unbroadcast(scalebar, scale.shape)


def student_t_moments_cases(rng):
    yield Case("broadcast", (rng.uniform(3, 9, size=(5, 1)), rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))))
    scale = rng.uniform(1, 3, size=5) * np.array([1e-3, 0.1, 1.0, 30.0, 1e3])
    yield Case("scales", (rng.uniform(2.5, 5, size=5), scale * rng.normal(size=5), scale))
    df, nan = np.array([0.5, 1.0, 1.5, 2.0, 4.0]), np.nan
    answer = np.array([nan, nan, 3.0, 3.0, 3.0]), np.array([nan, nan, np.inf, np.inf, 8.0])
    yield Case("missing", (df, np.full(5, 3.0), np.full(5, 2.0)), {}, "special", answer)
    yield Case("nothing", (np.ones((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", (np.zeros((0, 3)),) * 2)
    differ = rng.uniform(3, 9, size=4), rng.normal(size=3), np.array(1.5)
    yield Case("shapes-differ", differ, {}, "refused")


def _log_beta(df):
    """log B(df / 2, 1/2)."""
    return lgamma(df / 2) - lgamma((df + 1) / 2) + np.log(np.full_like(df, np.pi)) / 2


def _scales(rng):
    """Five degrees of freedom from 1/4 to 30, with locations and scales in units from a thousandth to a million."""
    df = rng.uniform(0.5, 1, size=5) * np.array([0.5, 3.0, 1.5, 7.0, 30.0])
    scale = rng.uniform(1, 3, size=5) * np.array([1e-3, 0.1, 1.0, 30.0, 1e6])
    return df, scale * rng.normal(size=5), scale


def _sized(rng, n):
    df, scale = rng.uniform(2, 9, size=n), rng.uniform(0.5, 2, size=n)
    return Case("sized", (rng.normal(size=n), df, rng.normal(size=n), scale))


def _sample_sized(rng, n):
    noise, chi_square = rng.normal(size=n), rng.uniform(1, 9, size=n)
    return Case("sized", (noise, chi_square, np.array(4.5), np.array(0.5), rng.uniform(0.5, 2, size=n)))


def _entropy_sized(rng, n):
    return Case("sized", (rng.uniform(2, 9, size=n), rng.uniform(0.5, 2, size=n)))


def _moments_sized(rng, n):
    return Case("sized", (rng.uniform(3, 9, size=n), rng.normal(size=n), rng.uniform(0.5, 2, size=n)))


OPS = [
    Op(student_t_log_density, student_t_log_density_cases, student_t_log_density_vjp, _sized),
    Op(student_t_cdf, student_t_cdf_cases, sized=_sized, wrt=()),
    Op(student_t_sample, student_t_sample_cases, student_t_sample_vjp, _sample_sized),
    Op(student_t_entropy, student_t_entropy_cases, student_t_entropy_vjp, _entropy_sized),
    Op(student_t_moments, student_t_moments_cases, student_t_moments_vjp, _moments_sized),
]

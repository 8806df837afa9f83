"""Slips of z-scores, skewness and kurtosis."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..statistics.moments import std, variance
from ..statistics.shape import kurtosis, kurtosis_vjp, skewness, skewness_vjp, standardize, standardize_vjp
from .statistics import BY_N, BY_N_LESS_1, fixed


def _both_held_constant(ybar, y, x, *, axis, correction):
    return (ybar / std(x, axis=axis, correction=correction, keepdims=True),)


def _mean_held_constant(ybar, y, x, *, axis, correction):
    mean = np.mean(ybar, axis=axis, keepdims=True)
    s = std(x, axis=axis, correction=correction, keepdims=True)
    return (standardize_vjp(ybar, y, x, axis=axis, correction=correction)[0] + mean / s,)


def _deviation_held_constant(ybar, y, x, *, axis, correction):
    mean = np.mean(ybar, axis=axis, keepdims=True)
    return ((ybar - mean) / std(x, axis=axis, correction=correction, keepdims=True),)


def _by_the_variance(x, *, axis, correction):
    centred = x - np.mean(x, axis=axis, keepdims=True)
    return centred / variance(x, axis=axis, correction=correction, keepdims=True)


def _b1(x, *, axis, bias):
    n = x.shape[axis]
    return skewness(x, axis=axis, bias=True) * ((n - 1) / n) ** 1.5


def _by_the_variance_alone(x, *, axis, bias):
    return skewness(x, axis=axis, bias=bias) * std(x, axis=axis, correction=0, keepdims=False)


def _kurtosis_factor(x, axis, bias):
    n = x.shape[axis]
    return 1 if bias else (n * n - 1) / ((n - 2) * (n - 3))


def _skewness_mean_fixed(ybar, y, x, *, axis, bias):
    """The term of the moving mean, -3 ybar a / (n m2^(1/2)), is missing."""
    n, s = x.shape[axis], std(x, axis=axis, correction=0, keepdims=True)
    a = 1 if bias else np.sqrt(n * (n - 1)) / (n - 2)
    return (skewness_vjp(ybar, y, x, axis=axis, bias=bias)[0] + 3 * np.expand_dims(ybar, axis) * a / (n * s),)


def _skewness_deviation_fixed(ybar, y, x, *, axis, bias):
    n, s = x.shape[axis], std(x, axis=axis, correction=0, keepdims=True)
    z = (x - np.mean(x, axis=axis, keepdims=True)) / s
    along = 3 * np.expand_dims(ybar * skewness(x, axis=axis, bias=bias), axis) * z / (n * s)
    return (skewness_vjp(ybar, y, x, axis=axis, bias=bias)[0] + along,)


def _kurtosis_mean_fixed(ybar, y, x, *, axis, fisher, bias):
    n, s = x.shape[axis], std(x, axis=axis, correction=0, keepdims=True)
    skew = np.expand_dims(skewness(x, axis=axis, bias=True), axis)
    term = 4 * np.expand_dims(ybar, axis) * _kurtosis_factor(x, axis, bias) * skew / (n * s)
    return (kurtosis_vjp(ybar, y, x, axis=axis, fisher=fisher, bias=bias)[0] + term,)


def _kurtosis_deviation_fixed(ybar, y, x, *, axis, fisher, bias):
    n, s = x.shape[axis], std(x, axis=axis, correction=0, keepdims=True)
    ratio = np.expand_dims(kurtosis(x, axis=axis, fisher=False, bias=True), axis)
    z = (x - np.mean(x, axis=axis, keepdims=True)) / s
    term = 4 * np.expand_dims(ybar, axis) * _kurtosis_factor(x, axis, bias) * ratio * z / (n * s)
    return (kurtosis_vjp(ybar, y, x, axis=axis, fisher=fisher, bias=bias)[0] + term,)


SLIPS = {
    "standardize": (
        fixed(
            "divided-by-n",
            f"{BY_N} It is what StandardScaler does; multiply by sqrt((n - correction) / n).",
            standardize,
            standardize_vjp,
            "scikit-learn",
            correction=0,
        ),
        fixed(
            "divided-by-n-minus-1",
            f"{BY_N_LESS_1} It is the default of std in pandas; pass ddof=correction.",
            standardize,
            standardize_vjp,
            "pandas",
            correction=1,
        ),
        Slip(
            "divided-by-the-variance",
            "The deviations are measured in standard deviations: divide by the root of the variance, or the result "
            "has a unit.",
            forward=_by_the_variance,
        ),
        Slip(
            "mean-and-deviation-held-constant",
            "Every value moves the mean and the standard deviation, so two terms are missing: xbar = (ybar - "
            "mean(ybar) - y sum(y ybar) / (n - correction)) / s.",
            vjp=_both_held_constant,
        ),
        Slip(
            "mean-held-constant",
            "Every value moves the mean, and with it all results: the mean of ybar is to be subtracted.",
            vjp=_mean_held_constant,
        ),
        Slip(
            "deviation-held-constant",
            "Every value moves the standard deviation, and with it all results: y sum(y ybar) / (n - correction) is "
            "to be subtracted.",
            vjp=_deviation_held_constant,
        ),
    ),
    "skewness": (
        fixed(
            "bias-not-corrected",
            "This is g1 = m3 / m2^(3/2) whatever is asked for. Where bias=False is asked, multiply by sqrt(n (n - 1)) "
            "/ (n - 2).",
            skewness,
            skewness_vjp,
            "SciPy, by default",
            bias=True,
        ),
        Slip(
            "deviation-of-the-sample",
            "The third moment over the cube of the deviation with divisor n - 1 is Minitab's b1; g1 has both with "
            "divisor n. Multiply by (n / (n - 1))^(3/2).",
            forward=_b1,
            convention="Minitab",
        ),
        Slip(
            "cube-missing",
            "The third moment has the cube of the unit, so it is divided by the cube of the standard deviation, "
            "m2^(3/2), and not by the variance.",
            forward=_by_the_variance_alone,
        ),
        Slip(
            "mean-held-constant",
            "Every value moves the mean too, which gives the term -m2: the third moment changes by 3 (c^2 - m2) / n.",
            vjp=_skewness_mean_fixed,
        ),
        Slip(
            "deviation-held-constant",
            "The quotient rule has two terms: the divisor m2^(3/2) moves as well, which gives -c m3 / m2.",
            vjp=_skewness_deviation_fixed,
        ),
    ),
    "kurtosis": (
        fixed(
            "three-not-subtracted",
            "This is Pearson's kurtosis, 3 for normal values. Fisher's is the excess over that: subtract 3.",
            kurtosis,
            kurtosis_vjp,
            "Pearson",
            fisher=False,
        ),
        fixed(
            "three-always-subtracted",
            "This is Fisher's kurtosis, the excess over the 3 of normal values, as scipy.stats.kurtosis and pandas "
            "give it. Pearson's has the 3: add it unless fisher.",
            kurtosis,
            kurtosis_vjp,
            "Fisher",
            fisher=True,
        ),
        fixed(
            "bias-not-corrected",
            "This is g2 = m4 / m2^2 - 3 whatever is asked for. Where bias=False is asked, take (n - 1) ((n + 1) g2 + "
            "6) / ((n - 2) (n - 3)).",
            kurtosis,
            kurtosis_vjp,
            "SciPy, by default",
            bias=True,
        ),
        Slip(
            "mean-held-constant",
            "Every value moves the mean too, which gives the term -m3: the fourth moment changes by 4 (c^3 - m3) / n.",
            vjp=_kurtosis_mean_fixed,
        ),
        Slip(
            "deviation-held-constant",
            "The quotient rule has two terms: the divisor m2^2 moves as well, which gives -c m4 / m2.",
            vjp=_kurtosis_deviation_fixed,
        ),
    ),
}

"""Slips of the moments of a sample, all at once or as it passes by."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..statistics.moments import std, std_vjp, variance, variance_vjp


def _with(f, **fixed):
    """The function with some of its parameters fixed, whatever it is given for them."""
    return lambda *args, **params: f(*args, **{**params, **fixed})


def fixed(name, why, forward, vjp, convention="", **fixed):
    return Slip(name, why, _with(forward, **fixed), _with(vjp, **fixed), convention)


def _size(x, y):
    return x.size / max(np.size(y), 1)


def _sum_of_squares(x, *, axis, correction, keepdims):
    y = np.sum(x * x, axis=axis, keepdims=keepdims)
    return y / (_size(x, y) - correction)


def _difference_of_squares(x, *, axis, correction, keepdims):
    mean = np.mean(x, axis=axis, keepdims=keepdims)
    n = _size(x, mean)
    return (np.sum(x * x, axis=axis, keepdims=keepdims) - n * mean * mean) / (n - correction)


def _absolute_deviation(x, *, axis, correction, keepdims):
    y = np.sum(np.abs(x - np.mean(x, axis=axis, keepdims=True)), axis=axis, keepdims=keepdims)
    return y / (_size(x, y) - correction)


def _not_centred_backward(ybar, y, x, *, axis, correction, keepdims):
    return (
        variance_vjp(ybar, y, x, axis=axis, correction=correction, keepdims=keepdims)[0]
        + _mean_share(ybar, x, axis, correction, keepdims),
    )


def _mean_share(ybar, x, axis, correction, keepdims):
    mean = np.mean(x, axis=axis, keepdims=True)
    whole = ybar if keepdims or axis is None else np.expand_dims(ybar, axis)
    return 2 * whole * mean / (_size(x, mean) - correction)


def _two_missing(ybar, y, x, *, axis, correction, keepdims):
    return (variance_vjp(ybar, y, x, axis=axis, correction=correction, keepdims=keepdims)[0] / 2,)


def _stream(x, update):
    mean, m2 = x[0], np.zeros_like(x[0])
    for k in range(1, len(x)):
        mean, m2 = update(mean, m2, x[k], k)
    return mean, m2


def _old_mean_twice(mean, m2, value, k):
    return mean + (value - mean) / (k + 1), m2 + (value - mean) ** 2


def _new_mean_twice(mean, m2, value, k):
    new = mean + (value - mean) / (k + 1)
    return new, m2 + (value - new) ** 2


def _counted_from_0(mean, m2, value, k):
    new = mean + (value - mean) / k
    return new, m2 + (value - mean) * (value - new)


def _divided(x):
    mean, m2 = _stream(x, lambda m, s, v, k: (m + (v - m) / (k + 1), s + (v - m) ** 2 * k / (k + 1)))
    return mean, m2 / len(x)


def _between_missing(mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    return (n_a * mean_a + n_b * mean_b) / (n_a + n_b), m2_a + m2_b


def _weights_exchanged(mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    d, n = mean_b - mean_a, n_a + n_b
    return mean_a + d * n_a / n, m2_a + m2_b + d * d * n_a * n_b / n


def _plain_mean_of_means(mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    d, n = mean_b - mean_a, n_a + n_b
    return (mean_a + mean_b) / 2, m2_a + m2_b + d * d * n_a * n_b / n


def _between_held_constant(ybar, y, mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    n = n_a + n_b
    return n_a * ybar[0] / n, ybar[1], n_b * ybar[0] / n, ybar[1]


BY_N = "This divides by n, correction 0, whatever is asked for: the sum of squares belongs over n - correction."
BY_N_LESS_1 = (
    "This divides by n - 1, correction 1, whatever correction is asked for: the sum of squares belongs over n - "
    "correction."
)
_NUMPY = f"{BY_N} It is np.{{}}'s default; pass ddof=correction."
_TORCH = f"{BY_N_LESS_1} It is torch.{{}}'s default; pass correction=correction."

SLIPS = {
    "variance": (
        fixed("divided-by-n", _NUMPY.format("var"), variance, variance_vjp, "NumPy", correction=0),
        fixed("divided-by-n-minus-1", _TORCH.format("var"), variance, variance_vjp, "PyTorch", correction=1),
        Slip(
            "not-centred",
            "The mean is to be subtracted before squaring: the mean of x^2 is the variance plus the square of the "
            "mean.",
            forward=_sum_of_squares,
        ),
        Slip(
            "difference-of-squares",
            "The difference sum x^2 - n m^2 is the same number in exact arithmetic; where the mean is large against "
            "the deviation it is a difference of two large numbers, and their rounding is what remains. Subtract the "
            "mean first.",
            forward=_difference_of_squares,
        ),
        Slip(
            "standard-deviation",
            "This is the standard deviation: the variance is its square, without a root.",
            forward=std,
        ),
        Slip(
            "two-missing",
            "Each deviation is squared, and the derivative of a square has the factor 2: xbar = 2 ybar (x - m) / (n - "
            "correction).",
            vjp=_two_missing,
        ),
        Slip(
            "not-centred-backward",
            "The derivative of the square of x - m is 2 (x - m): the mean is subtracted on the way back too.",
            vjp=_not_centred_backward,
        ),
    ),
    "std": (
        fixed("divided-by-n", _NUMPY.format("std"), std, std_vjp, "NumPy", correction=0),
        fixed("divided-by-n-minus-1", _TORCH.format("std"), std, std_vjp, "PyTorch", correction=1),
        Slip(
            "variance",
            "This is the variance, in the square of the unit of x: the standard deviation is its root.",
            forward=variance,
        ),
        Slip(
            "mean-absolute-deviation",
            "The root of a sum of squares is not the sum of the absolute values: the deviations are squared, "
            "averaged, and the root is taken of the whole.",
            forward=_absolute_deviation,
        ),
        Slip(
            "derivative-of-the-variance",
            "The root on the outside has a derivative too, 1 / (2 y): xbar = ybar (x - m) / ((n - correction) y).",
            vjp=lambda ybar, y, x, *, axis, correction, keepdims: variance_vjp(
                ybar, y, x, axis=axis, correction=correction, keepdims=keepdims
            ),
        ),
    ),
    "welford": (
        Slip(
            "old-mean-twice",
            "M2 grows by the product of two differences, one from the mean before the step and one from the mean "
            "after it. With the old mean twice it comes out too large.",
            forward=lambda x: _stream(x, _old_mean_twice),
        ),
        Slip(
            "new-mean-twice",
            "M2 grows by the product of two differences, one from the mean before the step and one from the mean "
            "after it. With the new mean twice it comes out too small.",
            forward=lambda x: _stream(x, _new_mean_twice),
        ),
        Slip(
            "counted-from-0",
            "The k-th value moves the mean by 1/k of its distance, counted from 1: in a loop that starts at 0 divide "
            "by k + 1. Here the first value is forgotten.",
            forward=lambda x: _stream(x, _counted_from_0),
        ),
        Slip(
            "divided-by-n",
            "M2 is the sum of the squared deviations; it is divided by n or n - 1 only where the variance is wanted.",
            forward=_divided,
        ),
        Slip(
            "two-missing",
            "M2 is a sum of squares (x - m)^2, whose derivative has the factor 2: xbar = mbar / n + 2 M2bar (x - m).",
            vjp=lambda ybar, y, x: (ybar[0] / len(x) + ybar[1] * (x - y[0]),),
        ),
        Slip(
            "share-of-the-mean-missing",
            "Each value moves the mean by 1/n of its step, and every one gets mbar / n beside its part of M2.",
            vjp=lambda ybar, y, x: (2 * ybar[1] * (x - y[0]),),
        ),
    ),
    "merge_moments": (
        Slip(
            "between-the-parts-missing",
            "M2_a and M2_b are deviations from the means of their own parts. From the common mean they are larger by "
            "d^2 n_a n_b / n, where d = m_b - m_a.",
            forward=_between_missing,
        ),
        Slip(
            "weights-exchanged",
            "From m_a the common mean goes the share n_b / n of the way to m_b: the more values b has, the farther.",
            forward=_weights_exchanged,
        ),
        Slip(
            "mean-of-the-means",
            "The mean of two means is that of all values only where the parts are of one size: weigh them by n_a and "
            "n_b.",
            forward=_plain_mean_of_means,
        ),
        Slip(
            "between-the-parts-held-constant",
            "M2 depends on both means by d^2 n_a n_b / n: with t = 2 d n_a n_b M2bar / n, m_a gets -t and m_b gets +t.",
            vjp=_between_held_constant,
        ),
    ),
}

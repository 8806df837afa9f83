"""Slips of means with weights and of means of another kind."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..statistics.means import weighted_mean, weighted_variance, weighted_variance_vjp
from .statistics import fixed


def _divisor_held_constant(ybar, y, x, w, *, axis):
    share = np.expand_dims(ybar / np.sum(w, axis=axis), axis)
    return share * w, share * x


def _around_the_plain_mean(x, w, *, axis, weights, correction):
    shift = np.mean(x, axis=axis) - weighted_mean(x, w, axis=axis)
    y = weighted_variance(x, w, axis=axis, weights=weights, correction=correction)
    total = np.sum(w, axis=axis)
    rest = np.sum(w * w, axis=axis) / total if weights == "reliability" else 1
    return y + total * shift * shift / (total - correction * rest)


def _weights_held_constant(ybar, y, x, w, *, axis, weights, correction):
    """Without the part of wbar that comes from the divisor."""
    return weighted_variance_vjp(ybar, np.zeros_like(y), x, w, axis=axis, weights=weights, correction=correction)


def _weighted_two_missing(ybar, y, x, w, *, axis, weights, correction):
    xbar, wbar = weighted_variance_vjp(ybar, y, x, w, axis=axis, weights=weights, correction=correction)
    return xbar / 2, wbar


SLIPS = {
    "weighted_mean": (
        Slip(
            "not-normalised",
            "The weighted sum is divided by the sum of the weights. Only weights that sum to 1 need no divisor.",
            forward=lambda x, w, *, axis: np.sum(w * x, axis=axis),
        ),
        Slip(
            "divided-by-the-count",
            "The divisor is the sum of the weights, not the number of the values: np.mean(w x) is off by the mean "
            "weight.",
            forward=lambda x, w, *, axis: np.mean(w * x, axis=axis),
        ),
        Slip(
            "weights-ignored",
            "Every value counts as often as its weight says: sum w x / sum w. Here all count alike.",
            forward=lambda x, w, *, axis: np.mean(x, axis=axis),
        ),
        Slip(
            "divisor-held-constant",
            "A weight stands in the divisor as well: wbar = ybar (x - y) / sum w. The quotient rule's second term, "
            "-y, is missing.",
            vjp=_divisor_held_constant,
        ),
    ),
    "weighted_variance": (
        Slip(
            "around-the-plain-mean",
            "The deviations are those from the weighted mean; around any other point the sum of squares is larger.",
            forward=_around_the_plain_mean,
        ),
        fixed(
            "weights-as-counts",
            "The correction is that for frequencies, sum w - correction, for weights that are reliabilities. Doubling "
            "all of these must change nothing: the divisor is W - correction sum w^2 / W, W = sum w.",
            weighted_variance,
            weighted_variance_vjp,
            weights="frequency",
        ),
        fixed(
            "correction-ignored",
            "This divides by the sum of the weights alone, whatever correction is asked for: one degree of freedom "
            "goes to the mean.",
            weighted_variance,
            weighted_variance_vjp,
            correction=0,
        ),
        Slip(
            "divisor-held-constant",
            "A weight stands in the divisor D as well: wbar = ybar ((x - m)^2 - y dD/dw) / D. The quotient rule's "
            "second term is missing.",
            vjp=_weights_held_constant,
        ),
        Slip(
            "two-missing",
            "Each deviation is squared, and the derivative of a square has the factor 2: xbar = 2 ybar w (x - m) / D.",
            vjp=_weighted_two_missing,
        ),
    ),
    "geometric_mean": (
        Slip(
            "arithmetic-mean",
            "This is the arithmetic mean, of the sum. The geometric one is the n-th root of the product, exp(mean(log "
            "x)), and never larger.",
            forward=lambda x, *, axis: np.mean(x, axis=axis),
        ),
        Slip(
            "root-missing",
            "The product of the n values is not yet a mean: its n-th root is.",
            forward=lambda x, *, axis: np.prod(x, axis=axis),
        ),
        Slip(
            "exponential-missing",
            "This is the mean of the logarithms; its exponential is the geometric mean.",
            forward=lambda x, *, axis: np.mean(np.log(x), axis=axis),
        ),
        Slip(
            "value-missing",
            "The outer function is exp, whose derivative is the value: xbar = ybar y / (n x), not ybar / (n x).",
            vjp=lambda ybar, y, x, *, axis: (np.expand_dims(ybar, axis) / (x.shape[axis] * x),),
        ),
        Slip(
            "count-missing",
            "The mean of the logarithms has the factor 1/n, which stays: xbar = ybar y / (n x).",
            vjp=lambda ybar, y, x, *, axis: (np.expand_dims(ybar * y, axis) / x,),
        ),
    ),
    "harmonic_mean": (
        Slip(
            "not-inverted",
            "This is the mean of 1/x; the harmonic mean is one over it, in the unit of x.",
            forward=lambda x, *, axis: np.mean(1 / x, axis=axis),
        ),
        Slip(
            "count-missing",
            "One over the sum of 1/x is n times too small: the harmonic mean is n / sum(1/x), and of equal values "
            "that value.",
            forward=lambda x, *, axis: 1 / np.sum(1 / x, axis=axis),
        ),
        Slip(
            "arithmetic-mean",
            "This is the arithmetic mean. Speeds over equal distances average as n / sum(1/x), which is never larger.",
            forward=lambda x, *, axis: np.mean(x, axis=axis),
        ),
        Slip(
            "inner-derivative-missing",
            "The derivative of 1/x_i is -1/x_i^2: xbar = ybar y^2 / (n x^2), where the small values have most of it. "
            "Here all get the same.",
            vjp=lambda ybar, y, x, *, axis: (np.expand_dims(ybar * y * y, axis) / x.shape[axis] * np.ones_like(x),),
        ),
        Slip(
            "outer-derivative-missing",
            "One over the mean is the outer function, with the derivative -y^2: xbar = ybar (y / x)^2 / n.",
            vjp=lambda ybar, y, x, *, axis: (np.expand_dims(ybar, axis) / (x.shape[axis] * x * x),),
        ),
    ),
}

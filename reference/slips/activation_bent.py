"""Slips of rectifiers and of curves broken into lines."""

from __future__ import annotations

import numpy as np

from ..activation.hard import (
    hardshrink,
    hardsigmoid,
    hardtanh,
    hardtanh_vjp,
    relu6_vjp,
    softshrink,
    sparse_plus,
)
from ..activation.rectified import prelu_vjp, relu
from ..op import Slip


def _slope(of):
    """The VJP of an elementwise function with the slope ``of(y, x, **params)``."""
    return lambda ybar, y, x, **params: (ybar * of(y, x, **params),)


def _straight_through(ybar, y, x, **params):
    return (ybar,)


def _only_above(ybar, y, x, **params):
    return (np.where(x > 0, ybar, 0),)


def _abar_of_all(ybar, y, x, a):
    """As if every element belonged to the line of slope a."""
    xbar = prelu_vjp(ybar, y, x, a)[0]
    others = tuple(k for k in range(x.ndim) if k != 1 or len(a) == 1)
    return xbar, np.reshape(np.sum(ybar * x, axis=others), a.shape)


def _input_not_multiplied(ybar, y, x, a):
    others = tuple(k for k in range(x.ndim) if k != 1 or len(a) == 1)
    return prelu_vjp(ybar, y, x, a)[0], np.reshape(np.sum(np.where(x > 0, 0, ybar), axis=others), a.shape)


_PASSED = "Where the value is held it does not move with x: the cotangent is 0 there, not ybar."
_BELOW = "Below 0 the line has a slope, and hands the cotangent on times that slope: it is not 0 as that of relu."

SLIPS = {
    "relu": (
        Slip(
            "by-the-sign-of-the-cotangent",
            "It is x that decides what passes, not the cotangent: where x > 0 a negative cotangent passes too.",
            vjp=lambda ybar, y, x: (np.maximum(ybar, 0),),
        ),
        Slip(
            "value-for-the-slope",
            "Where x > 0 the slope is 1, whatever x is: max(x, 0) is the value.",
            vjp=_slope(lambda y, x: y),
        ),
        Slip("passed-through", _PASSED, vjp=_straight_through),
    ),
    "leaky_relu": (
        Slip("slope-of-relu", _BELOW, vjp=_only_above),
        Slip(
            "value-for-the-slope",
            "Below 0 the slope is negative_slope itself: negative_slope x is the value.",
            vjp=_slope(lambda y, x, negative_slope: np.where(x > 0, 1, y)),
        ),
        Slip(
            "subtracted",
            "The negative side is negative_slope x, with the sign of x: this one bends upwards.",
            forward=lambda x, *, negative_slope: np.where(x > 0, x, -negative_slope * x),
        ),
    ),
    "rrelu": (
        Slip("slope-of-relu", _BELOW, vjp=_only_above),
        Slip(
            "lower-slope",
            "Evaluated, the negative side has the mean of the slopes drawn in training, (lower + upper) / 2.",
            forward=lambda x, *, lower, upper: np.where(x > 0, x, lower * x),
            vjp=lambda ybar, y, x, *, lower, upper: (np.where(x > 0, ybar, lower * ybar),),
        ),
    ),
    "prelu": (
        Slip(
            "slope-of-relu",
            _BELOW,
            vjp=lambda ybar, y, x, a: (np.where(x > 0, ybar, 0), prelu_vjp(ybar, y, x, a)[1]),
        ),
        Slip(
            "positive-side-counted",
            "The parameter a acts on the elements x <= 0 alone: the others send it nothing.",
            vjp=_abar_of_all,
        ),
        Slip(
            "input-not-multiplied",
            "The derivative of a x by a is x: each element x <= 0 sends ybar x.",
            vjp=_input_not_multiplied,
        ),
    ),
    "threshold": (
        Slip("passed-through", _PASSED, vjp=_straight_through),
        Slip(
            "zero-for-the-value",
            "What is not above the threshold becomes value, which need not be 0.",
            forward=lambda x, *, threshold, value: np.where(x > threshold, x, 0),
        ),
        Slip(
            "threshold-for-the-value",
            "What is not above the threshold becomes value, not the threshold: max(x, threshold) is another function.",
            forward=lambda x, *, threshold, value: np.maximum(x, threshold),
        ),
    ),
    "hardtanh": (
        Slip("passed-through", _PASSED, vjp=_straight_through),
        Slip(
            "bounds-of-tanh",
            "The bounds are min_val and max_val, which need not be -1 and 1.",
            forward=lambda x, *, min_val, max_val: hardtanh(x, min_val=-1, max_val=1),
            vjp=lambda ybar, y, x, *, min_val, max_val: hardtanh_vjp(ybar, y, x, min_val=-1, max_val=1),
        ),
        Slip(
            "upper-bound-alone",
            "Below min_val the value is held as well: both bounds decide where the slope is 0.",
            vjp=_slope(lambda y, x, min_val, max_val: np.where(x < max_val, 1, 0)),
        ),
    ),
    "relu6": (
        Slip("slope-of-relu", "Above 6 the value is held: the slope is 1 between 0 and 6 alone.", vjp=_only_above),
        Slip("six-forgotten", "Above 6 the value is held: it is min(max(x, 0), 6).", forward=relu),
        Slip(
            "value-for-the-slope",
            "Between 0 and 6 the slope is 1, whatever x is: x is the value.",
            vjp=lambda ybar, y, x: relu6_vjp(ybar * x, y, x),
        ),
    ),
    "hardsigmoid": (
        Slip(
            "slope-of-one-fifth",
            "There it is x / 5 + 1/2, which reaches 0 and 1 at -2.5 and 2.5; here x / 6 + 1/2: divide x by 6.",
            forward=lambda x: np.minimum(np.maximum(x / 5 + 0.5, 0), 1),
            vjp=lambda ybar, y, x: (np.where(np.abs(x) < 2.5, ybar / 5, 0),),
            convention="Keras 2",
        ),
        Slip(
            "not-divided-by-6",
            "From -3 to 3 the value rises by 1, so the slope is 1/6.",
            vjp=_slope(lambda y, x: np.where(np.abs(x) < 3, 1, 0)),
        ),
        Slip(
            "everywhere-one-sixth",
            _PASSED,
            vjp=_slope(lambda y, x: 1 / 6),
        ),
    ),
    "hardswish": (
        Slip(
            "gate-alone",
            "The input stands twice, as a factor and in the gate: by the product rule the slope is (x + 3) / 6 + "
            "x / 6, of which the second term is missing.",
            vjp=_slope(lambda y, x: hardsigmoid(x)),
        ),
        Slip(
            "parabola-everywhere",
            "From 3 on the value is x, with the slope 1, and up to -3 it is 0: (2 x + 3) / 6 is the slope in between.",
            vjp=_slope(lambda y, x: (2 * x + 3) / 6),
        ),
        Slip(
            "slope-of-the-gate",
            "By the product rule the slope of x times the gate is gate + x gate': 1/6 is gate' alone.",
            vjp=_slope(lambda y, x: np.where(np.abs(x) < 3, 1 / 6, 0)),
        ),
    ),
    "softshrink": (
        Slip(
            "not-moved",
            "What is kept moves towards 0 by lambd, so that nothing jumps: kept as it is, this is hardshrink.",
            forward=hardshrink,
        ),
        Slip(
            "sign-lost",
            "The sign of x is kept: sign(x) max(|x| - lambd, 0).",
            forward=lambda x, *, lambd: np.maximum(np.abs(x) - lambd, 0),
        ),
        Slip("passed-through", _PASSED, vjp=_straight_through),
    ),
    "hardshrink": (
        Slip(
            "moved",
            "What is kept stays where it is: moved towards 0 by lambd, this is softshrink.",
            forward=softshrink,
        ),
        Slip(
            "positive-side-alone",
            "It is |x| that decides: what is below -lambd is kept too.",
            forward=lambda x, *, lambd: np.where(x <= lambd, 0, x),
        ),
        Slip("passed-through", _PASSED, vjp=_straight_through),
    ),
    "sparse_sigmoid": (
        Slip(
            "not-halved",
            "From -1 to 1 the value rises by 1, so the slope is 1/2.",
            vjp=_slope(lambda y, x: np.where(np.abs(x) < 1, 1, 0)),
        ),
        Slip(
            "not-moved",
            "The middle, where the value is 1/2, is at x = 0: it is (x + 1) / 2, not x, that is clipped to [0, 1].",
            forward=lambda x: np.minimum(np.maximum(x, 0), 1),
        ),
        Slip("everywhere-one-half", _PASSED, vjp=_slope(lambda y, x: 1 / 2)),
    ),
    "sparse_plus": (
        Slip(
            "divided-by-2",
            "The parabola meets the line at x = 1, where it is 1 with the slope 1: (x + 1)^2 / 4.",
            forward=lambda x: np.where(np.abs(x) < 1, (x + 1) ** 2 / 2, sparse_plus(x)),
        ),
        Slip(
            "slope-of-relu",
            "Between -1 and 1 the slope rises from 0 to 1 as (x + 1) / 2: it does not jump at 0.",
            vjp=_only_above,
        ),
        Slip(
            "slope-not-clipped",
            "Up to -1 the slope is 0, and from 1 on it is 1: (x + 1) / 2 in between alone.",
            vjp=_slope(lambda y, x: (x + 1) / 2),
        ),
        Slip(
            "slope-of-the-slope",
            "The slope is sparse_sigmoid(x); 1/2 between -1 and 1, and 0 elsewhere, is the second derivative.",
            vjp=_slope(lambda y, x: np.where(np.abs(x) < 1, 1 / 2, 0)),
        ),
    ),
}

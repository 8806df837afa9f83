"""Slips of smooth curves: sigmoids and smooth rectifiers."""

from __future__ import annotations

import numpy as np

from ..activation.exponential import celu, elu, elu_vjp, selu_vjp
from ..activation.sigmoidal import log_sigmoid, sigmoid, softplus, squareplus
from ..op import Slip

_SCALE = 1.0507009873554805


def _slope(of):
    """The VJP of an elementwise function with the slope ``of(y, x)``."""
    return lambda ybar, y, x: (ybar * of(y, x),)


def _below(of):
    """Where x is negative the slope ``of(y, x, alpha)``."""

    def vjp(ybar, y, x, *, alpha):
        return (np.where(x > 0, ybar, ybar * of(y, np.minimum(x, 0), alpha)),)

    return vjp


def _softplus_not_divided(x, *, beta, threshold):
    return np.where(beta * x > threshold, x, beta * softplus(x, beta=beta, threshold=np.inf))


def _softplus_slope(of):
    def vjp(ybar, y, x, *, beta, threshold):
        return (np.where(beta * x > threshold, ybar, ybar * of(sigmoid(beta * x), beta)),)

    return vjp


SLIPS = {
    "sigmoid": (
        Slip(
            "input-for-the-value",
            "The slope is y (1 - y) of the value y = sigmoid(x): x (1 - x), of the input, is something else.",
            vjp=_slope(lambda y, x: x * (1 - x)),
        ),
        Slip(
            "one-factor-alone",
            "The slope is y (1 - y): of these two factors only y is here.",
            vjp=_slope(lambda y, x: y),
        ),
        Slip(
            "sigmoid-twice",
            "The value y is the sigmoid already: in y (1 - y) it is not put into the sigmoid once more.",
            vjp=_slope(lambda y, x: sigmoid(y) * (1 - sigmoid(y))),
        ),
    ),
    "tanh": (
        Slip(
            "input-for-the-value",
            "The slope is 1 - y^2 of the value y = tanh(x), not 1 - x^2 of the input.",
            vjp=_slope(lambda y, x: 1 - x * x),
        ),
        Slip(
            "not-squared",
            "The slope is 1 - y^2, of the square of the value: 1 - y is not even symmetric about 0.",
            vjp=_slope(lambda y, x: 1 - y),
        ),
        Slip(
            "tanh-twice",
            "The value y is the hyperbolic tangent already: in 1 - y^2 it is not put into tanh once more.",
            vjp=_slope(lambda y, x: 1 - np.tanh(y) ** 2),
        ),
        Slip(
            "slope-of-the-sigmoid",
            "The slope y (1 - y) is that of the sigmoid; that of tanh is 1 - y^2.",
            vjp=_slope(lambda y, x: y * (1 - y)),
        ),
    ),
    "softplus": (
        Slip(
            "not-divided-by-beta",
            "The logarithm is divided by beta, so that the slope tends to 1 whatever beta is.",
            forward=_softplus_not_divided,
        ),
        Slip(
            "beta-times-the-slope",
            "The inner derivative beta cancels against the division by beta: the slope is sigmoid(beta x) alone.",
            vjp=_softplus_slope(lambda s, beta: beta * s),
        ),
        Slip(
            "slope-of-the-slope",
            "The sigmoid is the slope of softplus already: s (1 - s) is the second derivative.",
            vjp=_softplus_slope(lambda s, beta: s * (1 - s)),
        ),
    ),
    "log_sigmoid": (
        Slip(
            "slope-of-the-other-side",
            "The slope is 1 - s(x) = s(-x), near 1 where the sigmoid is small: s(x) is that of softplus.",
            vjp=_slope(lambda y, x: sigmoid(x)),
        ),
        Slip(
            "inner-derivative-forgotten",
            "The slope of log s is s' / s = s (1 - s) / s = 1 - s: with 1 / s alone the sigmoid's own slope is "
            "missing.",
            vjp=_slope(lambda y, x: 1 / sigmoid(x)),
        ),
        Slip(
            "of-the-complement",
            "It is log s(x), which is -softplus(-x): -softplus(x) is log(1 - s(x)).",
            forward=lambda x: log_sigmoid(-x),
        ),
    ),
    "softsign": (
        Slip(
            "not-squared",
            "By the quotient rule the slope is ((1 + |x|) - |x|) / (1 + |x|)^2 = 1 / (1 + |x|)^2: the denominator is "
            "squared.",
            vjp=_slope(lambda y, x: 1 / (1 + np.abs(x))),
        ),
        Slip(
            "absolute-value-forgotten",
            "The slope is 1 / (1 + |x|)^2, the same on both sides of 0: without |x| it has a pole at -1.",
            vjp=_slope(lambda y, x: 1 / (1 + x) ** 2),
        ),
    ),
    "tanhshrink": (
        Slip(
            "slope-of-tanh",
            "The slope of x - tanh(x) is 1 - (1 - tanh(x)^2) = tanh(x)^2: 1 - tanh(x)^2 is what is taken away.",
            vjp=_slope(lambda y, x: 1 - np.tanh(x) ** 2),
        ),
        Slip(
            "not-squared",
            "The slope is tanh(x)^2, which is positive on both sides of 0.",
            vjp=_slope(lambda y, x: np.tanh(x)),
        ),
    ),
    "squareplus": (
        Slip(
            "inner-derivative-forgotten",
            "The slope of the root of x^2 + b is 2 x / (2 r) = x / r: with 1 / r the inner derivative is missing.",
            vjp=lambda ybar, y, x, *, b: (ybar * (1 + 1 / np.sqrt(x * x + b)) / 2,),
        ),
        Slip(
            "b-squared",
            "It is b itself that is added to x^2: it has the unit of x^2 already.",
            forward=lambda x, *, b: squareplus(x, b=b * b),
        ),
        Slip(
            "not-halved",
            "The sum is halved, so that the slope tends to 1 for large x.",
            forward=lambda x, *, b: 2 * squareplus(x, b=b),
        ),
    ),
    "elu": (
        Slip(
            "alpha-forgotten-on-the-way-back",
            "The negative side is alpha (exp(x) - 1), whose slope is alpha exp(x).",
            vjp=_below(lambda y, x, alpha: np.exp(x)),
        ),
        Slip(
            "value-for-the-slope",
            "The slope of the negative side is alpha exp(x) = y + alpha: the value y lacks alpha.",
            vjp=_below(lambda y, x, alpha: y),
        ),
        Slip(
            "one-not-subtracted",
            "The negative side is alpha (exp(x) - 1), which is 0 at 0 where it meets the line: alpha exp(x) jumps.",
            forward=lambda x, *, alpha: np.where(x > 0, x, elu(np.minimum(x, 0), alpha=alpha) + alpha),
        ),
    ),
    "selu": (
        Slip(
            "scale-forgotten",
            "Both sides are multiplied by scale = 1.0507, without which variances shrink from layer to layer.",
            forward=lambda x: elu(x, alpha=1.6732632423543772),
        ),
        Slip(
            "scale-forgotten-on-the-way-back",
            "Both sides are multiplied by scale = 1.0507, so both slopes are too.",
            vjp=lambda ybar, y, x: selu_vjp(ybar / _SCALE, y, x),
        ),
    ),
    "celu": (
        Slip(
            "argument-not-divided",
            "The exponential is that of x / alpha, which makes the slope 1 on both sides of 0: with exp(x) this is "
            "elu.",
            forward=elu,
            vjp=elu_vjp,
        ),
        Slip(
            "alpha-times-the-slope",
            "The factor alpha and the inner derivative 1 / alpha cancel: the slope is exp(x / alpha).",
            vjp=_below(lambda y, x, alpha: alpha * np.exp(x / alpha)),
        ),
        Slip(
            "alpha-multiplied",
            "The argument is divided by alpha: alpha x has the slope alpha^2 at 0.",
            forward=lambda x, *, alpha: alpha**2 * celu(x, alpha=1 / alpha),
        ),
    ),
}

"""Slips of choices between numbers, of the error function and of the gamma and beta functions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma
from ..elementwise.incomplete_beta import betainc
from ..elementwise.incomplete_gamma import gammainc, gammaincc
from ..elementwise.selection import maximum_vjp, minimum_vjp, where_vjp
from ..elementwise.special import erf, erfc, erfinv
from ..op import Slip

_ROOT = np.sqrt(2.0)
_NOT_SUMMED = (
    "An argument that was broadcast is used once for each of its copies, so its cotangent is the sum over them and "
    "has its own shape, not that of the result."
)
_TO_BOTH = (
    "Only the chosen argument moves the result; the other one gets 0 at that place. Here both get the whole "
    "cotangent, as the terms of a sum do."
)


def _gaussian(x):
    return 2 / np.sqrt(np.pi) * np.exp(-x * x)


def _gamma(a):
    with np.errstate(over="ignore"):
        return np.exp(lgamma(a))


def _to_both(zbar, z, x, y):
    return unbroadcast(zbar, x.shape), unbroadcast(zbar, y.shape)


def _mask_inverted(ybar, y, x, *, min, max):
    inside = np.clip(x, min, max) == x
    return (np.where(inside, 0, ybar),)


SLIPS = {
    "sign": (
        Slip(
            "zero-is-positive",
            "Zero has no sign: sign(0) is 0. Comparing x >= 0 puts it with the positive numbers.",
            forward=lambda x: np.where(np.isnan(x), x, np.where(x >= 0, 1.0, -1.0)),
        ),
        Slip(
            "step",
            "This is the step function, 0 on the left and 1 on the right. The sign of a negative number is -1.",
            forward=lambda x: np.where(np.isnan(x), x, np.where(x > 0, 1.0, 0.0)),
        ),
    ),
    "maximum": (
        Slip(
            "to-the-smaller",
            "The larger argument is the one that moves the maximum, and so it gets the cotangent: x where x > y.",
            vjp=lambda zbar, z, x, y: minimum_vjp(zbar, z, x, y),
        ),
        Slip("to-both", _TO_BOTH, vjp=_to_both),
        Slip(
            "broadcast-not-summed",
            _NOT_SUMMED,
            vjp=lambda zbar, z, x, y: maximum_vjp(zbar, z, *np.broadcast_arrays(x, y)),
        ),
    ),
    "minimum": (
        Slip(
            "to-the-larger",
            "The smaller argument is the one that moves the minimum, and so it gets the cotangent: x where x < y.",
            vjp=lambda zbar, z, x, y: maximum_vjp(zbar, z, x, y),
        ),
        Slip("to-both", _TO_BOTH, vjp=_to_both),
        Slip(
            "broadcast-not-summed",
            _NOT_SUMMED,
            vjp=lambda zbar, z, x, y: minimum_vjp(zbar, z, *np.broadcast_arrays(x, y)),
        ),
    ),
    "clip": (
        Slip(
            "mask-forgotten",
            "A value beyond a bound can move a little without moving the result: its cotangent is 0. To pass it on "
            "nevertheless is called a straight-through estimator, and is no derivative.",
            vjp=lambda ybar, y, x, *, min, max: (ybar,),
        ),
        Slip(
            "cotangent-clipped",
            "On the way back it is not the cotangent that is clipped: it passes unchanged where min < x < max, and is "
            "0 elsewhere.",
            vjp=lambda ybar, y, x, *, min, max: (np.clip(ybar, min, max),),
        ),
        Slip(
            "mask-inverted",
            "The cotangent passes where x lies between the bounds, for there y = x; beyond them the result is "
            "constant.",
            vjp=_mask_inverted,
        ),
    ),
    "where": (
        Slip("to-both", _TO_BOTH, vjp=lambda zbar, z, condition, x, y: _to_both(zbar, z, x, y)),
        Slip(
            "condition-inverted",
            "The first value is taken where the condition holds, so x gets the cotangent there, and y elsewhere.",
            vjp=lambda zbar, z, condition, x, y: where_vjp(zbar, z, ~condition, x, y),
        ),
        Slip(
            "branches-exchanged",
            "The value comes first for the places where the condition holds: where(condition, x, y) is x there, else "
            "y.",
            forward=lambda condition, x, y: np.where(condition, y, x),
            vjp=lambda zbar, z, condition, x, y: where_vjp(zbar, z, condition, x, y),
        ),
        Slip(
            "broadcast-not-summed",
            _NOT_SUMMED,
            vjp=lambda zbar, z, condition, x, y: (np.where(condition, zbar, 0), np.where(condition, 0, zbar)),
        ),
    ),
    "erf": (
        Slip(
            "normal-distribution",
            "This is the distribution function of a standard normal variable, (1 + erf(x / sqrt(2))) / 2, which runs "
            "from 0 to 1. erf runs from -1 to 1, and without the root.",
            forward=lambda x: (1 + erf(x / _ROOT)) / 2,
            vjp=lambda ybar, y, x: (ybar * np.exp(-x * x / 2) / np.sqrt(2 * np.pi),),
        ),
        Slip(
            "factor-missing",
            "The integral of exp(-t^2) is scaled so that erf tends to 1: its derivative is 2 / sqrt(pi) exp(-x^2).",
            vjp=lambda ybar, y, x: (ybar * np.exp(-x * x),),
        ),
    ),
    "erfc": (
        Slip(
            "one-minus-erf",
            "On the right erf is so close to 1 that the difference keeps few digits of the tail, and from 6 on none: "
            "erfc has to be computed by itself.",
            forward=lambda x: 1 - erf(x),
        ),
        Slip(
            "sign-missing",
            "The function falls from 2 to 0: its derivative is -2 / sqrt(pi) exp(-x^2), for x is the lower end of the "
            "integral.",
            vjp=lambda ybar, y, x: (ybar * _gaussian(x),),
        ),
        Slip(
            "normal-tail",
            "This is the probability that a standard normal variable lies above x, erfc(x / sqrt(2)) / 2, which runs "
            "from 1 to 0. erfc runs from 2 to 0, and without the root.",
            forward=lambda x: erfc(x / _ROOT) / 2,
            vjp=lambda ybar, y, x: (-ybar * np.exp(-x * x / 2) / np.sqrt(2 * np.pi),),
        ),
    ),
    "erfinv": (
        Slip(
            "normal-quantile",
            "With the factor sqrt(2) this is the quantile of a standard normal variable at (1 + x) / 2. The y whose "
            "erf(y) is x has no such factor.",
            forward=lambda x: _ROOT * erfinv(x),
        ),
        Slip(
            "slope-not-inverted",
            "The slope of an inverse function is one over that of the function: xbar = ybar / (2 / sqrt(pi) "
            "exp(-y^2)).",
            vjp=lambda ybar, y, x: (ybar * _gaussian(y),),
        ),
        Slip(
            "slope-at-the-argument",
            "The slope of erf is needed where erf has the value x, which is at y = erfinv(x): xbar = ybar sqrt(pi) / "
            "2 exp(y^2), not exp(x^2).",
            vjp=lambda ybar, y, x: (ybar / _gaussian(x),),
        ),
    ),
    "lgamma": (
        Slip(
            "factorial",
            "The logarithm of n! is lgamma(n + 1), for Gamma(n) is the factorial of n - 1. This answer is off by log "
            "x.",
            forward=lambda x: lgamma(x + 1),
            vjp=lambda ybar, y, x: (ybar * digamma(x + 1),),
        ),
        Slip(
            "logarithm-as-derivative",
            "The derivative of log Gamma is digamma, which is only nearly log x, and that for large x: psi(x) = log x "
            "- 1/(2 x) - ...",
            vjp=lambda ybar, y, x: (ybar * np.log(np.abs(x)),),
        ),
        Slip(
            "inner-derivative-missing",
            "The derivative of log u is du / u: here 1 / Gamma(x) is still to be multiplied by the derivative of "
            "Gamma. Their quotient is digamma.",
            vjp=lambda ybar, y, x: (ybar * np.exp(-y),),
        ),
    ),
    "digamma": (
        Slip(
            "one-too-far",
            "By the recurrence digamma(x + 1) = digamma(x) + 1/x: the harmonic number of n less Euler's constant is "
            "digamma(n + 1).",
            forward=lambda x: digamma(x + 1),
        ),
        Slip(
            "derivative-of-the-logarithm",
            "The function is only nearly log x; its derivative is trigamma, the sum of 1 / (x + k)^2 over k = 0, 1, "
            "..., and 1/x no more than the first term of its expansion for large x.",
            vjp=lambda ybar, y, x: (ybar / x,),
        ),
        Slip(
            "first-pole-only",
            "The derivative is trigamma, the sum of 1 / (x + k)^2 over all k = 0, 1, ...: 1 / x^2 is its first term.",
            vjp=lambda ybar, y, x: (ybar / (x * x),),
        ),
    ),
    "trigamma": (
        Slip(
            "digamma-squared",
            "The derivative of digamma is trigamma, psi', not its square, psi^2.",
            forward=lambda x: digamma(x) ** 2,
        ),
        Slip(
            "first-pole-only",
            "The trigamma function is the sum of 1 / (x + k)^2 over all k = 0, 1, ...: 1 / x^2 is its first term.",
            forward=lambda x: 1 / (x * x),
        ),
    ),
    "gammainc": (
        Slip(
            "other-tail",
            "This is Q(a, x), the integral from x to infinity. P(a, x) = 1 - Q(a, x) runs from 0 to x.",
            forward=lambda a, x: gammaincc(a, x),
        ),
        Slip(
            "arguments-exchanged",
            "The shape a comes first and the end of the integral second: gammainc(a, x).",
            forward=lambda a, x: gammainc(x, a),
        ),
        Slip(
            "not-regularised",
            "P(a, x) is divided by the whole integral Gamma(a), so that it runs from 0 to 1.",
            forward=lambda a, x: gammainc(a, x) * _gamma(a),
        ),
    ),
    "gammaincc": (
        Slip(
            "other-tail",
            "This is P(a, x), the integral from 0 to x. Q(a, x) = 1 - P(a, x) runs from x to infinity.",
            forward=lambda a, x: gammainc(a, x),
        ),
        Slip(
            "arguments-exchanged",
            "The shape a comes first and the end of the integral second: gammaincc(a, x).",
            forward=lambda a, x: gammaincc(x, a),
        ),
        Slip(
            "not-regularised",
            "Q(a, x) is divided by the whole integral Gamma(a), so that it runs from 1 to 0.",
            forward=lambda a, x: gammaincc(a, x) * _gamma(a),
        ),
    ),
    "betainc": (
        Slip(
            "shapes-exchanged",
            "The first shape a is the exponent of t and b that of 1 - t: I_x(b, a) is another function, 1 - "
            "I_(1-x)(a, b).",
            forward=lambda a, b, x: betainc(b, a, x),
        ),
        Slip(
            "other-tail",
            "This is the integral from x to 1; I_x(a, b) runs from 0 to x.",
            forward=lambda a, b, x: 1 - betainc(a, b, x),
        ),
        Slip(
            "not-regularised",
            "I_x(a, b) is divided by the whole integral B(a, b) = Gamma(a) Gamma(b) / Gamma(a + b), so that it runs "
            "from 0 to 1.",
            forward=lambda a, b, x: betainc(a, b, x) * np.exp(lgamma(a) + lgamma(b) - lgamma(a + b)),
        ),
    ),
}

"""Slips of powers, exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.algebraic import power_vjp
from ..elementwise.exponential import logaddexp_vjp
from ..op import Slip

_NOT_SUMMED = (
    "An argument that was broadcast is used once for each of its copies, so its cotangent is the sum over them and "
    "has its own shape, not that of the result."
)


def _to_the_larger(zbar, z, x, y):
    return unbroadcast(np.where(x > y, zbar, 0), x.shape), unbroadcast(np.where(x > y, 0, zbar), y.shape)


def _shares(zbar, z, x, y):
    return zbar * np.exp(x - z), zbar * np.exp(y - z)


def _shares_exchanged(zbar, z, x, y):
    of_x, of_y = _shares(zbar, z, x, y)
    return unbroadcast(of_y, x.shape), unbroadcast(of_x, y.shape)


def _power_unsummed(ybar, y, x, p):
    return ybar * p * np.power(x, p - 1), ybar * y * np.log(x)


SLIPS = {
    "sqrt": (
        Slip(
            "divided-by-the-argument",
            "The derivative of the root is 1 / (2 sqrt(x)): the root stands below, not x itself.",
            vjp=lambda ybar, y, x: (ybar / (2 * x),),
        ),
        Slip(
            "half-missing",
            "The exponent 1/2 comes down as a factor: xbar = ybar / (2 y).",
            vjp=lambda ybar, y, x: (ybar / y,),
        ),
    ),
    "square": (
        Slip(
            "exponent-not-reduced",
            "The derivative of x^2 is 2 x: the exponent comes down as a factor and is one less afterwards.",
            vjp=lambda ybar, y, x: (2 * y * ybar,),
        ),
        Slip(
            "two-missing",
            "The product x x has two factors, and each of them is moved: xbar = 2 x ybar.",
            vjp=lambda ybar, y, x: (x * ybar,),
        ),
    ),
    "absolute": (
        Slip(
            "sign-of-the-value",
            "The slope is the sign of x, not that of y = |x|, which is never negative: the cotangent of a negative x "
            "changes its sign, xbar = ybar sign(x).",
            vjp=lambda ybar, y, x: (ybar * np.sign(y),),
        ),
        Slip(
            "absolute-value-of-the-cotangent",
            "On the way back the function is not applied again: the cotangent is multiplied by the slope, xbar = ybar "
            "sign(x), and may well be negative.",
            vjp=lambda ybar, y, x: (np.abs(ybar),),
        ),
        Slip(
            "multiplied-by-the-argument",
            "The slope of |x| is 1 or -1, however large x is: xbar = ybar sign(x), not ybar x.",
            vjp=lambda ybar, y, x: (ybar * x,),
        ),
    ),
    "reciprocal": (
        Slip(
            "sign-missing",
            "Where x grows 1/x falls: the derivative of x^-1 is -x^-2, with the sign of the exponent.",
            vjp=lambda ybar, y, x: (ybar * y * y,),
        ),
        Slip(
            "exponent-not-reduced",
            "The derivative of x^-1 is -x^-2: the exponent -1 is one less afterwards, so y stands there squared.",
            vjp=lambda ybar, y, x: (-ybar * y,),
        ),
    ),
    "rsqrt": (
        Slip(
            "exponent-not-reduced",
            "The derivative of x^(-1/2) is -x^(-3/2) / 2: the exponent is one less afterwards, which divides by x "
            "once more.",
            vjp=lambda ybar, y, x: (-ybar * y / 2,),
        ),
        Slip(
            "derivative-of-the-root",
            "The derivative of sqrt(x) is 1 / (2 sqrt(x)); that of 1 / sqrt(x) is -1 / (2 x sqrt(x)).",
            vjp=lambda ybar, y, x: (ybar * y / 2,),
        ),
        Slip(
            "inner-derivative-missing",
            "Of 1/u with u = sqrt(x) the derivative -1/u^2 is that by u; the chain rule multiplies by that of the "
            "root, 1 / (2 sqrt(x)).",
            vjp=lambda ybar, y, x: (-ybar * y * y,),
        ),
    ),
    "power": (
        Slip(
            "exponent-not-reduced",
            "The derivative of x^p by x is p x^(p-1): the exponent comes down as a factor and is one less afterwards.",
            vjp=lambda ybar, y, x, p: (unbroadcast(ybar * p * y, x.shape), power_vjp(ybar, y, x, p)[1]),
        ),
        Slip(
            "exponent-not-a-factor",
            "The derivative of x^p by x is p x^(p-1): the exponent comes down as a factor too.",
            vjp=lambda ybar, y, x, p: (unbroadcast(ybar * np.power(x, p - 1), x.shape), power_vjp(ybar, y, x, p)[1]),
        ),
        Slip(
            "logarithm-missing",
            "By its exponent a power grows like an exponential: x^p = e^(p log x), so pbar = ybar y log x. Only for x "
            "= e is the logarithm 1.",
            vjp=lambda ybar, y, x, p: (power_vjp(ybar, y, x, p)[0], unbroadcast(ybar * y, p.shape)),
        ),
        Slip(
            "exponent-held-constant",
            "The exponent is an argument like x, and moving it moves the power: pbar = ybar y log x, not 0.",
            vjp=lambda ybar, y, x, p: (power_vjp(ybar, y, x, p)[0], np.zeros_like(p)),
        ),
        Slip("broadcast-not-summed", _NOT_SUMMED, vjp=_power_unsummed),
    ),
    "exp": (
        Slip(
            "argument-as-derivative",
            "The exponential is its own derivative: xbar = ybar e^x = ybar y, not ybar x.",
            vjp=lambda ybar, y, x: (ybar * x,),
        ),
        Slip(
            "power-rule",
            "The rule p x^(p-1) is for a variable base and a constant exponent. In e^x the exponent varies, and the "
            "derivative is e^x itself.",
            vjp=lambda ybar, y, x: (ybar * x * np.exp(x - 1),),
        ),
    ),
    "log": (
        Slip(
            "base-10",
            "This is the logarithm to base 10. The natural one is log(10) = 2.303 times as large, and only its "
            "derivative is 1/x without a factor.",
            forward=lambda x: np.log10(x),
            vjp=lambda ybar, y, x: (ybar / (x * np.log(10)),),
        ),
        Slip(
            "base-2",
            "This is the logarithm to base 2, in bits. The natural one, in nats, is log(2) = 0.693 times as large.",
            forward=lambda x: np.log2(x),
            vjp=lambda ybar, y, x: (ybar / (x * np.log(2)),),
        ),
        Slip(
            "divided-by-the-value",
            "The derivative of log x is 1/x, at the argument: divide by x, not by y = log x.",
            vjp=lambda ybar, y, x: (ybar / y,),
        ),
    ),
    "log1p": (
        Slip(
            "one-added-first",
            "The sum 1 + x is rounded before the logarithm sees it, and of a small x that loses most digits, or all: "
            "1 + 1e-17 is 1. np.log1p(x) never forms the sum.",
            forward=lambda x: np.log(1 + x),
        ),
        Slip(
            "one-missing-in-the-derivative",
            "The argument of the logarithm is 1 + x, so the derivative is 1 / (1 + x), not 1/x.",
            vjp=lambda ybar, y, x: (ybar / x,),
        ),
        Slip(
            "derivative-at-the-value",
            "The derivative is 1 / (1 + x), at the argument x, not at the value y = log(1 + x).",
            vjp=lambda ybar, y, x: (ybar / (1 + y),),
        ),
    ),
    "expm1": (
        Slip(
            "one-subtracted-afterwards",
            "For small x the exponential is 1 and a little, rounded to the digits that fit behind the 1; subtracting "
            "leaves only those. np.expm1(x) keeps all of them.",
            forward=lambda x: np.exp(x) - 1,
        ),
        Slip(
            "value-as-derivative",
            "The exponential is its own derivative, e^x - 1 is not: xbar = ybar e^x, which is y + 1 and not y.",
            vjp=lambda ybar, y, x: (ybar * y,),
        ),
        Slip(
            "one-added-to-the-value",
            "The sum y + 1 is e^x in exact arithmetic, but far on the left y is nearly -1, and the sum keeps few "
            "digits of a small exponential: form np.exp(x) itself.",
            vjp=lambda ybar, y, x: (ybar * (y + 1),),
        ),
    ),
    "log1mexp": (
        Slip(
            "difference-formed",
            "The difference 1 - e^-x loses the digits of a small x, and those of a large x in the rounding to 1: "
            "log(-expm1(-x)) keeps the first, log1p(-exp(-x)) the second.",
            forward=lambda x: np.log(1 - np.exp(-x)),
        ),
        Slip(
            "inner-derivative-missing",
            "Of log(1 - e^-x) the logarithm gives 1 / (1 - e^-x), and the chain rule multiplies by the derivative of "
            "1 - e^-x, which is e^-x.",
            vjp=lambda ybar, y, x: (ybar / -np.expm1(-x),),
        ),
        Slip(
            "sign-of-the-inner-derivative",
            "The derivative of -e^-x is +e^-x: the sign of the exponent and that before the exponential cancel. The "
            "function rises.",
            vjp=lambda ybar, y, x: (ybar * np.exp(-x) / np.expm1(-x),),
        ),
    ),
    "logaddexp": (
        Slip(
            "larger-only",
            "The maximum is only the larger part of log(e^x + e^y); log1p(exp(-|x - y|)) is still to be added, which "
            "is log 2 where both are equal.",
            forward=lambda x, y: np.maximum(x, y),
            vjp=_to_the_larger,
        ),
        Slip(
            "shares-exchanged",
            "Each argument has its own share: xbar = zbar e^x / (e^x + e^y), and that with e^y is for y.",
            vjp=_shares_exchanged,
        ),
        Slip(
            "shares-missing",
            "Each argument gets a share, xbar = zbar e^(x - z) and ybar = zbar e^(y - z); the two shares sum to 1. "
            "Here both get all, as the terms of a sum do.",
            vjp=lambda zbar, z, x, y: (unbroadcast(zbar, x.shape), unbroadcast(zbar, y.shape)),
        ),
        Slip(
            "broadcast-not-summed",
            _NOT_SUMMED,
            vjp=lambda zbar, z, x, y: logaddexp_vjp(zbar, z, *np.broadcast_arrays(x, y)),
        ),
    ),
}

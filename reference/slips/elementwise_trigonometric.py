"""Slips of trigonometric and hyperbolic functions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.trigonometric import arctan2_vjp
from ..op import Slip


def _radius_not_squared(thetabar, theta, y, x):
    r = np.sqrt(x * x + y * y)
    return unbroadcast(thetabar * x / r, y.shape), unbroadcast(-thetabar * y / r, x.shape)


def _both_positive(thetabar, theta, y, x):
    ybar, xbar = arctan2_vjp(thetabar, theta, y, x)
    return ybar, -xbar


def _degrees(name, f):
    why = f"Computers take angles in radians: {name}(x) with x in degrees is {name}(pi x / 180)."
    return Slip("degrees", why, forward=lambda x: f(np.pi * x / 180))


SLIPS = {
    "sin": (
        Slip(
            "minus-cosine",
            "The derivative of the sine is +cos x, for at 0 it rises. The minus belongs to the derivative of the "
            "cosine (and to the integral of the sine).",
            vjp=lambda ybar, y, x: (-ybar * np.cos(x),),
        ),
        Slip(
            "derivative-at-the-value",
            "The derivative is the cosine of the argument x, not of the value y = sin x.",
            vjp=lambda ybar, y, x: (ybar * np.cos(y),),
        ),
        _degrees("sin", np.sin),
    ),
    "cos": (
        Slip(
            "sign-missing",
            "The derivative of the cosine is -sin x: just right of 0 it falls.",
            vjp=lambda ybar, y, x: (ybar * np.sin(x),),
        ),
        Slip(
            "derivative-at-the-value",
            "The derivative is minus the sine of the argument x, not of the value y = cos x.",
            vjp=lambda ybar, y, x: (-ybar * np.sin(y),),
        ),
        _degrees("cos", np.cos),
    ),
    "tan": (
        Slip(
            "argument-in-place-of-the-value",
            "The derivative is 1 + tan(x)^2 = 1 + y^2, with the value; 1 / (1 + x^2), with x, is the derivative of "
            "arctan.",
            vjp=lambda ybar, y, x: (ybar * (1 + x * x),),
        ),
        Slip(
            "cosine-not-squared",
            "The quotient rule for sin x / cos x leaves (cos^2 x + sin^2 x) / cos^2 x = 1 / cos^2 x: the square stays.",
            vjp=lambda ybar, y, x: (ybar / np.cos(x),),
        ),
        _degrees("tan", np.tan),
    ),
    "arctan": (
        Slip(
            "reciprocal-of-the-tangent",
            "By tan^-1 the inverse function is meant, the angle whose tangent is x; 1 / tan x is the cotangent.",
            forward=lambda x: 1 / np.tan(x),
        ),
        Slip(
            "derivative-at-the-value",
            "In terms of x the derivative is 1 / (1 + x^2). In terms of the value it is cos(y)^2, not 1 / (1 + y^2).",
            vjp=lambda ybar, y, x: (ybar / (1 + y * y),),
        ),
        Slip(
            "root-in-the-denominator",
            "The derivative of arctan is 1 / (1 + x^2), without a root: that of arcsin has one, 1 / sqrt(1 - x^2), "
            "and that of arsinh, 1 / sqrt(1 + x^2).",
            vjp=lambda ybar, y, x: (ybar / np.sqrt(1 + x * x),),
        ),
    ),
    "arctan2": (
        Slip(
            "arguments-exchanged",
            "The ordinate comes first: arctan2(y, x) is the angle of the point (x, y), whose tangent is y / x. "
            "Exchanged it is the angle from the other axis.",
            forward=lambda y, x: np.arctan2(x, y),
        ),
        Slip(
            "quadrant-lost",
            "The quotient y / x is the same for opposite points, so arctan(y / x) cannot tell left from right: for x "
            "< 0 it is off by pi. arctan2 looks at both signs.",
            forward=lambda y, x: np.arctan(y / x),
        ),
        Slip(
            "radius-not-squared",
            "In ybar = thetabar x / (x^2 + y^2) the divisor is the square of the radius. A step across it turns by 1 "
            "/ r of its length, and x / r says how much of the step goes across.",
            vjp=_radius_not_squared,
        ),
        Slip(
            "sign-missing",
            "The angle of a point above the axis falls as x grows: xbar = -thetabar y / (x^2 + y^2).",
            vjp=_both_positive,
        ),
    ),
    "sinh": (
        Slip(
            "half-missing",
            "The hyperbolic sine is half the difference: (e^x - e^-x) / 2.",
            forward=lambda x: np.exp(x) - np.exp(-x),
            vjp=lambda ybar, y, x: (ybar * (np.exp(x) + np.exp(-x)),),
        ),
        Slip(
            "value-as-derivative",
            "The exponential is its own derivative, sinh is not: the derivative of -e^-x is +e^-x, which makes cosh "
            "of it.",
            vjp=lambda ybar, y, x: (ybar * y,),
        ),
        Slip(
            "difference-formed",
            "For small x both exponentials are nearly 1, and their difference keeps few digits: np.sinh(x) or, with t "
            "= expm1(x), (t + t / (t + 1)) / 2 keeps all.",
            forward=lambda x: (np.exp(x) - np.exp(-x)) / 2,
        ),
    ),
    "cosh": (
        Slip(
            "half-missing",
            "The hyperbolic cosine is half the sum: (e^x + e^-x) / 2, which is 1 at 0.",
            forward=lambda x: np.exp(x) + np.exp(-x),
            vjp=lambda ybar, y, x: (ybar * (np.exp(x) - np.exp(-x)),),
        ),
        Slip(
            "sign-as-of-the-cosine",
            "The derivative of cosh is +sinh: unlike the cosine it rises to the right of 0.",
            vjp=lambda ybar, y, x: (-ybar * np.sinh(x),),
        ),
        Slip(
            "value-as-derivative",
            "The exponential is its own derivative, cosh is not: the derivative of e^-x is -e^-x, which makes sinh of "
            "it.",
            vjp=lambda ybar, y, x: (ybar * y,),
        ),
    ),
}

"""Slips of products, quotients and the relative error."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.quotients import relative_error, relative_error_vjp
from ..op import Slip

SLIPS = {
    "multiply": (
        Slip(
            "own-factor",
            "The product rule weights each factor's change with the other factor: xbar = zbar y. Here x was multiplied "
            "with itself.",
            vjp=lambda zbar, z, x, y: (unbroadcast(zbar * x + 0 * y, x.shape), unbroadcast(zbar * y + 0 * x, y.shape)),
        ),
        Slip(
            "not-summed",
            "An argument that was repeated by broadcasting gets the sum of the cotangents of its copies, in its own "
            "shape. Here nothing was summed.",
            vjp=lambda zbar, z, x, y: (zbar * y, zbar * x),
        ),
        Slip(
            "averaged-over-the-copies",
            "An argument that was repeated by broadcasting gets the sum of the cotangents of its copies. Here they "
            "were averaged.",
            vjp=lambda zbar, z, x, y: (
                unbroadcast(zbar * y, x.shape) * (x.size / z.size),
                unbroadcast(zbar * x, y.shape) * (y.size / z.size),
            ),
        ),
    ),
    "divide": (
        Slip(
            "sign-of-the-denominator",
            "A larger denominator makes the quotient smaller: ybar = -z zbar / y. Here the minus is missing.",
            vjp=lambda zbar, z, x, y: (unbroadcast(zbar / y, x.shape), unbroadcast(z * zbar / y, y.shape)),
        ),
        Slip(
            "denominator-not-squared",
            "The quotient rule divides by y^2: ybar = -x zbar / y^2, which is -z zbar / y. Here it was divided by y "
            "once.",
            vjp=lambda zbar, z, x, y: (unbroadcast(zbar / y, x.shape), unbroadcast(-z * zbar, y.shape)),
        ),
        Slip(
            "numerator-missing",
            "The slope of x / y to y is -x / y^2. Here it is that of 1 / y, without the x above.",
            vjp=lambda zbar, z, x, y: (
                unbroadcast(zbar / y, x.shape),
                unbroadcast(-zbar / (y * y) + 0 * x, y.shape),
            ),
        ),
        Slip(
            "multiplied-by-the-denominator",
            "In z = x / y, z moves by xdot / y, so xbar = zbar / y. Here it was multiplied by y, as of a product.",
            vjp=lambda zbar, z, x, y: (unbroadcast(zbar * y + 0 * x, x.shape), unbroadcast(-z * zbar / y, y.shape)),
        ),
    ),
    "relative_error": (
        Slip(
            "absolute",
            "That is the absolute error |x - wanted|, which has a unit and says nothing without the size of what is "
            "wanted. Divide it by |wanted|.",
            forward=lambda x, wanted: np.abs(x - wanted),
        ),
        Slip(
            "sign-kept",
            "An error has a size: too small is as wrong as too large. Take np.abs of the difference too.",
            forward=lambda x, wanted: relative_error(x, wanted) * np.where(x < wanted, -1, 1),
        ),
        Slip(
            "measured-by-itself",
            "The error is measured by what is right, |wanted|. Here it was divided by |x|, which may be wrong by any "
            "factor.",
            forward=lambda x, wanted: np.abs(x - wanted) / np.abs(x),
        ),
        Slip(
            "measured-by-the-larger",
            "Courses on deep learning divide by the larger of |x| and |wanted| where it is not known which is right. "
            "Here wanted is: divide by np.abs(wanted).",
            forward=lambda x, wanted: np.abs(x - wanted) / np.maximum(np.abs(x), np.abs(wanted)),
            convention="gradient checks of courses",
        ),
        Slip(
            "denominator-taken-as-constant",
            "Wanted stands above and below: its cotangent is -ebar s x / (|w| w). Here only its part above the line "
            "was counted.",
            vjp=lambda ebar, e, x, wanted: (
                relative_error_vjp(ebar, e, x, wanted)[0],
                -relative_error_vjp(ebar, e, x, wanted)[0],
            ),
        ),
        Slip(
            "sign-missing",
            "The size |x - w| falls where x rises towards w from below: the slope has the sign of x - w.",
            vjp=lambda ebar, e, x, wanted: (ebar / np.abs(wanted), -ebar / np.abs(wanted) * x / wanted),
        ),
    ),
    "heaviside": (
        Slip(
            "sign-function",
            "The sign jumps from -1 to 1; the step jumps from 0 to 1: (1 + sign(x)) / 2, and value at 0.",
            forward=lambda x, *, value: np.where(x == 0, value, np.sign(x)),
        ),
        Slip(
            "fires-at-zero",
            "The threshold of a neuron is often written as x >= 0, which makes the step 1 at 0. Here the value at 0 is "
            "a parameter: put it where x is 0.",
            forward=lambda x, *, value: np.where(np.isnan(x), x, np.where(x >= 0, 1.0, 0.0)),
        ),
    ),
}

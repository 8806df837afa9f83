"""Powers, roots and magnitudes."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, positive_cases, positive_sized, sized, special


def sqrt(x):
    """y = x^(1/2), the root that is not negative.

    Shapes: x any, y as x.

    Source: IEEE 754-2019, section 5.4.1, which demands the correctly rounded root, and -0 for -0.
    """
    return np.sqrt(x)


def sqrt_vjp(ybar, y, x):
    """xbar = ybar / (2 y), from 2 y ydot = xdot."""
    return (ybar / (2 * y),)


def sqrt_cases(rng):
    yield from positive_cases(rng)
    yield special([np.inf, 0.0, -0.0, -1.0, -np.inf, np.nan, 9.0], [np.inf, 0.0, -0.0, *[np.nan] * 3, 3.0])


def square(x):
    """y = x^2.

    Shapes: x any, y as x.

    Source: Python array API standard, square.
    """
    return x * x


def square_vjp(ybar, y, x):
    """xbar = 2 x ybar."""
    return (2 * x * ybar,)


def square_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("large", (both_signs(rng, 30, 200, 5),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, -3.0], [np.inf, np.inf, np.nan, 0.0, 0.0, 9.0])


def absolute(x):
    """y = |x|.

    Shapes: x any, y as x.

    Source: Python array API standard, abs.
    """
    return np.abs(x)


def absolute_vjp(ybar, y, x):
    """xbar = ybar sign(x), which is 0 at the kink: the middle of the subgradients [-ybar, ybar]."""
    return (ybar * np.sign(x),)


def absolute_cases(rng):
    yield Case("vector", (rng.normal(size=7),))
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("scalar", (np.array(rng.normal()),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),), {}, "kink")
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, -3.0], [np.inf, np.inf, np.nan, 0.0, 0.0, 3.0])


OPS = [
    Op(sqrt, sqrt_cases, sqrt_vjp, positive_sized, half=True, domain=(0.0, np.inf)),
    Op(square, square_cases, square_vjp, sized, half=True, domain=REALS),
    Op(absolute, absolute_cases, absolute_vjp, sized, half=True, domain=REALS),
]

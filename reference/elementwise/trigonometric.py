"""Trigonometric functions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, sized, special


def sin(x):
    """y = sin x, x in radians.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.14.
    """
    return np.sin(x)


def sin_vjp(ybar, y, x):
    """xbar = ybar cos x."""
    return (ybar * np.cos(x),)


def sin_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("many-turns", (both_signs(rng, 30, 200, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0], [np.nan, np.nan, np.nan, 0.0, -0.0])


def cos(x):
    """y = cos x, x in radians.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.14.
    """
    return np.cos(x)


def cos_vjp(ybar, y, x):
    """xbar = -ybar sin x."""
    return (-ybar * np.sin(x),)


def cos_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("many-turns", (both_signs(rng, 30, 200, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0], [np.nan, np.nan, np.nan, 1.0, 1.0])


def tan(x):
    """y = tan x = sin x / cos x, x in radians.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.14.
    """
    return np.tan(x)


def tan_vjp(ybar, y, x):
    """xbar = ybar (1 + y^2) = ybar / cos^2 x."""
    return (ybar * (1 + y * y),)


def tan_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 1.4, 7),))
    yield Case("many-turns", (both_signs(rng, 30, 200, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0], [np.nan, np.nan, np.nan, 0.0, -0.0])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def arctan(x):
    """y = arctan x, the angle between -pi/2 and pi/2 whose tangent is x; in radians.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.23(ii); ISO C (2011), section F.10.1.3.
    """
    return np.arctan(x)


def arctan_vjp(ybar, y, x):
    """xbar = ybar / (1 + x^2)."""
    return (ybar / (1 + x * x),)


def arctan_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 3, 7),))
    yield Case("scales", (both_signs(rng, 1, 9, 6).reshape(2, 3) * 10.0 ** np.array([[-3], [2]]),), half=False)
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0], [np.pi / 2, -np.pi / 2, np.nan, 0.0, -0.0])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def arctan2(y, x):
    """theta = the angle of the point (x, y), -pi <= theta <= pi; in radians.

    Shapes: y and x any that broadcast together, theta as their broadcast.

    The signs of both tell the quadrant, which y / x alone does not; those of zeros, on which side of the cut along
    the negative x axis the point lies.

    Source: ISO C (2011), sections 7.12.4.4 and F.10.1.4; Python array API standard, atan2.
    """
    return np.arctan2(y, x)


def arctan2_vjp(thetabar, theta, y, x):
    """ybar = thetabar x / r^2, xbar = -thetabar y / r^2: a step across the radius r turns by 1/r of it."""
    squared = x * x + y * y
    return unbroadcast(thetabar * x / squared, y.shape), unbroadcast(-thetabar * y / squared, x.shape)


def arctan2_cases(rng):
    yield Case("quadrants", (np.array([1.0, 1, -1, -1]) * rng.uniform(0.3, 2, 4), both_signs(rng, 0.3, 2, 4)))
    yield Case("broadcast", (rng.normal(size=(3, 1)), rng.normal(size=(4,))))
    yield Case("scales", (both_signs(rng, 1, 9, 6), rng.normal(size=6) * 10.0 ** np.array([-9, -3, 0, 2, 6, 9])))
    zeros = np.array([0.0, -0.0, 0.0, -0.0, 0.0, -0.0, 0.0, -0.0, 2.0, -2.0])
    x = np.array([-0.0, -0.0, 0.0, 0.0, -3.0, -3.0, 3.0, 3.0, 0.0, -0.0])
    theta = np.array([np.pi, -np.pi, 0.0, -0.0, np.pi, -np.pi, 0.0, -0.0, np.pi / 2, -np.pi / 2])
    yield Case("zeros", (zeros, x), {}, "special", theta)
    y = np.array([2.0, -2.0, 2.0, -2.0, np.inf, -np.inf, np.inf, -np.inf, np.nan, 1.0])
    x = np.array([-np.inf, -np.inf, np.inf, np.inf, 3.0, 3.0, np.inf, np.inf, 1.0, np.nan])
    theta = np.array([np.pi, -np.pi, 0.0, -0.0, np.pi / 2, -np.pi / 2, np.pi / 4, -np.pi / 4, np.nan, np.nan])
    yield Case("infinite", (y, x), {}, "special", theta)
    yield Case("shapes-differ", (rng.normal(size=4), rng.normal(size=3)), {}, "refused")


def arctan2_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.normal(size=n // 2)))


OPS = [
    Op(sin, sin_cases, sin_vjp, sized, half=True, domain=REALS),
    Op(cos, cos_cases, cos_vjp, sized, half=True, domain=REALS),
    Op(tan, tan_cases, tan_vjp, sized, half=True, domain=REALS),
    Op(arctan, arctan_cases, arctan_vjp, sized, half=True, domain=REALS),
    Op(arctan2, arctan2_cases, arctan2_vjp, arctan2_sized),
]

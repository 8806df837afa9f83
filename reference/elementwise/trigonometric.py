"""Trigonometric functions."""

from __future__ import annotations

import numpy as np

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


OPS = [
    Op(sin, sin_cases, sin_vjp, sized, half=True, domain=REALS),
    Op(cos, cos_cases, cos_vjp, sized, half=True, domain=REALS),
]

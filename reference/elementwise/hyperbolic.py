"""Hyperbolic functions. (tanh is among the activations.)"""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .cases import both_signs, sized, special


def sinh(x):
    """y = sinh x = (e^x - e^-x) / 2.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.28; ISO C (2011), section F.10.2.5.
    """
    return np.sinh(x)


def sinh_vjp(ybar, y, x):
    """xbar = ybar cosh x."""
    return (ybar * np.cosh(x),)


def sinh_cases(rng):
    yield from _cases(rng)
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 800.0], [np.inf, -np.inf, np.nan, 0.0, -0.0, np.inf])


def cosh(x):
    """y = cosh x = (e^x + e^-x) / 2.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.28; ISO C (2011), section F.10.2.4.
    """
    return np.cosh(x)


def cosh_vjp(ybar, y, x):
    """xbar = ybar sinh x."""
    return (ybar * np.sinh(x),)


def cosh_cases(rng):
    yield from _cases(rng)
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 800.0], [np.inf, np.inf, np.nan, 1.0, 1.0, np.inf])


def _cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 9, 7),))
    yield Case("small", (both_signs(rng, 1, 9, 6).reshape(2, 3) * 10.0 ** np.array([[-3], [-2]]),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


OPS = [
    Op(sinh, sinh_cases, sinh_vjp, sized, half=True),
    Op(cosh, cosh_cases, cosh_vjp, sized, half=True),
]

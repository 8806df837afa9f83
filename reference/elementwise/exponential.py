"""Exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, positive_cases, positive_sized, sized, special


def exp(x):
    """y = e^x.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.2(iii).
    """
    return np.exp(x)


def exp_vjp(ybar, y, x):
    """xbar = ybar y: the exponential is its own derivative."""
    return (ybar * y,)


def exp_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("large", (both_signs(rng, 5, 9, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0], [np.inf, 0.0, np.nan, 1.0, 1.0, np.inf, 0.0])


def log(x):
    """y = log x, the natural logarithm.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.2(ii).
    """
    return np.log(x)


def log_vjp(ybar, y, x):
    """xbar = ybar / x."""
    return (ybar / x,)


def log_cases(rng):
    yield from positive_cases(rng)
    yield Case("near-one", (1 + 0.1 * rng.uniform(0.3, 1, size=5),))
    yield special([np.inf, 0.0, -0.0, -1.0, -np.inf, np.nan, 1.0], [np.inf, -np.inf, -np.inf, *[np.nan] * 3, 0.0])


OPS = [
    Op(exp, exp_cases, exp_vjp, sized, half=True, domain=REALS),
    Op(log, log_cases, log_vjp, positive_sized, half=True, domain=(0.0, np.inf)),
]

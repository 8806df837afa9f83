"""Rectifiers: lines with a kink."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import LIMITS, REALS, _sized, both_signs


def relu(x):
    """y = max(x, 0).

    Shapes: x any, y as x.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.1.
    """
    return np.maximum(x, 0)


def relu_vjp(ybar, y, x):
    """xbar = ybar where x > 0, else 0; at the kink every slope in [0, 1] is a subgradient, and 0 is taken."""
    return (np.where(x > 0, ybar, 0),)


def relu_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 2, 7),))
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("small", (both_signs(rng, 1e-4, 1e-3, 5),))
    yield Case("large", (both_signs(rng, 100, 1000, 9),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),), {}, "kink")
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, 0.0, np.nan, 0.0, 0.0, 1000.0, 0.0]))


OPS = [
    Op(relu, relu_cases, relu_vjp, _sized, half=True, domain=REALS),
]

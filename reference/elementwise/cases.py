"""What functions of all reals, or of the positive ones, are asked."""

from __future__ import annotations

import numpy as np

from ..op import Case

REALS = (-np.inf, np.inf)


def both_signs(rng, low, high, n):
    """n magnitudes between low and high with the signs + - + - ..."""
    return rng.uniform(low, high, size=n) * np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def ordinary_cases(rng):
    """What every smooth function of all reals is asked."""
    yield Case("vector", (rng.normal(size=7),))
    yield Case("matrix", (2 * rng.normal(size=(3, 5)),))
    yield Case("scalar", (np.array(rng.normal()),))
    yield Case("with-zeros", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def sized(rng, n):
    return Case("sized", (2 * rng.normal(size=n),))


def special(x, y):
    return Case("special", (np.array(x),), {}, "special", np.array(y))


def positive_cases(rng):
    """What a function of the positive reals is asked."""
    yield Case("vector", (rng.uniform(0.2, 3, size=7),))
    yield Case("matrix", (np.exp(2 * rng.normal(size=(3, 5))),))
    yield Case("scalar", (np.array(rng.uniform(2, 5)),))
    yield Case("large", (rng.uniform(100, 1000, size=5),))
    yield Case("small", (rng.uniform(1e-3, 1e-2, size=5),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def positive_sized(rng, n):
    return Case("sized", (rng.uniform(0.1, 10, size=n),))

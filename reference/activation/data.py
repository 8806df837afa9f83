"""The data that activations are asked on."""

from __future__ import annotations

import numpy as np

from ..op import Case

REALS = (-np.inf, np.inf)
LIMITS = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0])


def minus_distance(x):
    """-|x|, with the slope of its right side at 0: what is made of it here is smooth, and takes one side there."""
    return np.where(x >= 0, -x, x)


def require_known(name, got, known):
    if got not in known:
        raise ValueError(f"{name} is {got!r}, expected one of {', '.join(known)}")


def both_signs(rng, low, high, n):
    """n magnitudes between low and high with the signs + - + - ..."""
    return rng.uniform(low, high, size=n) * np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def ordinary_cases(rng):
    """What every smooth activation is asked near 0; each has a case of its own far out, where formulas differ."""
    yield Case("vector", (both_signs(rng, 0.1, 1.5, 7),))
    yield Case("matrix", (rng.uniform(-1.5, 1.5, size=(3, 5)),))
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("with-zeros", (np.array([0.0, *rng.uniform(-1.5, 1.5, size=2), -0.0, rng.uniform(0.1, 1.5)]),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def curve_cases(rng, limits, **params):
    """The least that a curve is asked: both sides of 0, both tails, and what it tends to."""
    yield Case("vector", (both_signs(rng, 0.1, 2.9, 9),), params)
    yield Case("tails", (np.reshape(both_signs(rng, 5, 9, 6), (2, 3)),), params)
    yield Case("limits", (LIMITS,), params, "special", np.array(limits))


def bent_cases(rng, limits, kink, **params):
    """What a curve is asked that is bent at +-kink, or at one of them: both sides of both, and what it tends to."""
    some = kink * np.linspace(0.3, 1.9, 15) * rng.uniform(0.98, 1.02, 15) * both_signs(rng, 1, 1, 15)
    yield Case("matrix", (np.reshape(rng.permutation(away_from(kink, some)), (3, 5)),), params)
    yield Case("limits", (LIMITS,), params, "special", np.array(limits))


def away_from(kink, x):
    """Numbers near +-kink moved, so far that no format of 16 bits rounds them to it."""
    return np.where(np.abs(np.abs(x) - kink) < kink / 16, x + x / 4, x)


def line_cases(rng):
    """What softmax and its logarithm are asked."""
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": -1})
    yield Case("columns", (rng.normal(size=(4, 3)),), {"axis": 0})
    yield Case("middle", (rng.normal(size=(2, 5, 3)),), {"axis": 1})
    yield Case("ties", (np.repeat(rng.normal(size=(2, 2)), [2, 3], axis=1),), {"axis": 1})
    yield Case("shifted", (1000 + rng.normal(size=(2, 5)),), {"axis": 1})
    yield Case("spread", (3 * rng.normal(size=(3, 7)),), {"axis": 1})
    yield Case("no-rows", (np.zeros((0, 5)),), {"axis": 1}, "empty", np.zeros((0, 5)))
    yield Case("no-such-axis", (rng.normal(size=(3, 2)),), {"axis": 2}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.normal(size=n),))


def _line_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1})

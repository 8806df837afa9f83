"""Choosing between numbers: sign, maximum, minimum, clip and where."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, sized, special


def sign(x):
    """y = -1, 0 or 1 = x / |x|, and 0 for 0.

    Shapes: x any, y as x, without a unit.

    Its derivative is 0 wherever it has one, and at the jump there is none: it is asked values only.

    Source: Python array API standard, sign.
    """
    return np.sign(x)


def sign_cases(rng):
    yield from ordinary_cases(rng)
    yield special([np.inf, -np.inf, np.nan, 0.0, 1e-40, -1e-40], [1.0, -1.0, np.nan, 0.0, 1.0, -1.0])


def heaviside(x, *, value):
    """y = 0 where x < 0, 1 where x > 0, and ``value`` where x = 0.

    Shapes: x any, y as x, without a unit; value is a number.

    It is the step of the first artificial neurons. Its derivative is 0 wherever it has one, so no gradient comes
    through it: that is why the sigmoid has taken its place. It is asked values only.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, section 29.1, the unit step function.
    """
    step = np.where(x > 0, np.ones_like(x), np.where(x < 0, np.zeros_like(x), np.full_like(x, value)))
    return np.where(np.isnan(x), x, step)


def heaviside_cases(rng):
    zeros = np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()])
    yield Case("half", (zeros,), {"value": 0.5})
    yield Case("fires", (rng.normal(size=(3, 5)),), {"value": 1.0})
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0])
    yield Case("special", (ends,), {"value": 0.25}, "special", np.array([1.0, 0.0, np.nan, 0.25, 0.25]))
    yield Case("nothing", (np.zeros((0, 3)),), {"value": 0.5}, "empty", np.zeros((0, 3)))


def heaviside_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"value": 0.5})


def maximum(x, y):
    """z = the larger of x and y; nan where either is.

    Shapes: x and y any that broadcast together, z as their broadcast.

    Source: IEEE 754-2019, section 9.6, maximum; Python array API standard, maximum.
    """
    return np.maximum(x, y)


def maximum_vjp(zbar, z, x, y):
    """xbar = zbar where x is larger, ybar = zbar where y is; half each where they tie, amid the subgradients."""
    share = (1 + np.sign(x - y)) / 2
    return unbroadcast(zbar * share, x.shape), unbroadcast(zbar * (1 - share), y.shape)


def maximum_cases(rng):
    yield from _pairs(rng)
    z = [np.inf, np.inf, 1.0, -np.inf, np.nan, np.nan, np.nan]
    yield Case("special", _ENDS, {}, "special", np.array(z))


def minimum(x, y):
    """z = the smaller of x and y; nan where either is.

    Shapes: x and y any that broadcast together, z as their broadcast.

    Source: IEEE 754-2019, section 9.6, minimum; Python array API standard, minimum.
    """
    return np.minimum(x, y)


def minimum_vjp(zbar, z, x, y):
    """xbar = zbar where x is smaller, ybar = zbar where y is; half each where they tie, amid the subgradients."""
    share = (1 - np.sign(x - y)) / 2
    return unbroadcast(zbar * share, x.shape), unbroadcast(zbar * (1 - share), y.shape)


def minimum_cases(rng):
    yield from _pairs(rng)
    z = [1.0, -np.inf, -np.inf, -np.inf, np.nan, np.nan, np.nan]
    yield Case("special", _ENDS, {}, "special", np.array(z))


_ENDS = (
    np.array([np.inf, np.inf, -np.inf, -np.inf, np.nan, 1.0, np.nan]),
    np.array([1.0, -np.inf, 1.0, -np.inf, 1.0, np.nan, np.nan]),
)


def _pairs(rng):
    yield Case("broadcast", (rng.normal(size=(3, 1)), rng.normal(size=(4,))))
    yield Case("pairs", (rng.normal(size=(2, 5)), rng.normal(size=(2, 5))))
    x = rng.normal(size=4)
    yield Case("ties", (x, x + np.array([0.0, 0.5, 0.0, -0.5])), {}, "kink")
    yield Case("shapes-differ", (rng.normal(size=4), rng.normal(size=3)), {}, "refused")


def pairs_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.normal(size=n // 2)))


def clip(x, *, min, max):
    """y = min where x < min, max where x > max, and x between; None for a bound that is not there.

    Shapes: x any, y as x; the bounds are numbers in its unit, min <= max.

    Source: Python array API standard, clip.
    """
    y = x if min is None else np.maximum(x, min)
    return y if max is None else np.minimum(y, max)


def clip_vjp(ybar, y, x, *, min, max):
    """xbar = ybar between the bounds, 0 beyond them, and half of it on one, amid the subgradients [0, ybar]."""
    above = 1 if min is None else (1 + np.sign(x - min)) / 2
    below = 1 if max is None else (1 + np.sign(max - x)) / 2
    return (ybar * above * below,)


def clip_cases(rng):
    yield Case("both", (both_signs(rng, 0.1, 2, 9),), {"min": -0.75, "max": 0.5})
    yield Case("below", (2 * rng.normal(size=(3, 5)),), {"min": 0.25, "max": None})
    yield Case("above", (2 * rng.normal(size=(3, 5)),), {"min": None, "max": -0.5})
    x = np.array([-0.75, rng.uniform(-0.5, 0.25), 0.5, 2.5])
    yield Case("on-the-bounds", (x,), {"min": -0.75, "max": 0.5}, "kink")
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0])
    yield Case("special", (ends,), {"min": -0.75, "max": 0.5}, "special", np.array([0.5, -0.75, np.nan, 0.0, -0.0]))
    yield Case("nothing", (np.zeros((0, 3)),), {"min": -0.75, "max": 0.5}, "empty", np.zeros((0, 3)))


def clip_sized(rng, n):
    return Case("sized", (2 * rng.normal(size=n),), {"min": -0.75, "max": 0.5})


def where(condition, x, y):
    """z = x where the condition holds, else y.

    Shapes: condition (of booleans), x and y any that broadcast together, z as their broadcast.

    What is not chosen is not looked at: it may be nan or infinite.

    Source: Python array API standard, where.
    """
    return np.where(condition, x, y)


def where_vjp(zbar, z, condition, x, y):
    """xbar = zbar where the condition holds, ybar = zbar where it does not, each 0 elsewhere."""
    return (
        unbroadcast(np.where(condition, zbar, 0), x.shape),
        unbroadcast(np.where(condition, 0, zbar), y.shape),
    )


def where_cases(rng):
    condition = np.array([[True, False, False, True], [False, True, True, True], [True, True, False, False]])
    yield Case("broadcast", (condition, rng.normal(size=(3, 1)), rng.normal(size=(4,))))
    yield Case("one-condition-a-row", (condition[:, :1], rng.normal(size=(3, 4)), rng.normal(size=(3, 4))))
    x, y = np.array([np.nan, np.inf, 1.0, np.nan, -0.0]), np.array([2.0, np.nan, np.nan, -np.inf, np.nan])
    chosen = np.array([False, True, True, False, True])
    yield Case("special", (chosen, x, y), {}, "special", np.array([2.0, np.inf, 1.0, -np.inf, -0.0]))
    yield Case("nothing", (np.zeros((0, 3), bool), np.ones(3), np.zeros(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (condition, rng.normal(size=3), rng.normal(size=4)), {}, "refused")


def where_sized(rng, n):
    return Case("sized", (rng.random(size=n // 3) < 0.5, rng.normal(size=n // 3), rng.normal(size=n // 3)))


OPS = [
    Op(sign, sign_cases, sized=sized, half=True, domain=REALS, wrt=()),
    Op(heaviside, heaviside_cases, sized=heaviside_sized, wrt=()),
    Op(maximum, maximum_cases, maximum_vjp, pairs_sized),
    Op(minimum, minimum_cases, minimum_vjp, pairs_sized),
    Op(clip, clip_cases, clip_vjp, clip_sized),
    Op(where, where_cases, where_vjp, where_sized, wrt=(1, 2)),
]

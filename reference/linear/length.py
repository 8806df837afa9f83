"""Lengths and distances."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..op import Case, Op


def norm(x, *, ord, axis, keepdims):
    """y = (sum_i |x_i|^p)^(1/p), i running along ``axis`` and p = ord.

    Shapes: x any; y as x without ``axis``, or with length 1 there when keepdims.

    ord is a number p >= 1, or float("inf") for max_i |x_i|, and axis is an int; or ord is "fro", the root of the
    sum of the squares of a matrix, and axis is a pair. The powers are taken as they stand, unscaled: y
    overflows where |x_i|^p does.

    Raises ValueError for another ord, for a pair of axes without "fro" and for "fro" without a pair.

    Source: Golub and Van Loan (2013), Matrix Computations, sections 2.2.1 and 2.3.1.
    """
    _require_norm(ord, axis)
    if isinstance(ord, str) or ord == 2:
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def norm_vjp(ybar, y, x, *, ord, axis, keepdims):
    """xbar_i = ybar sign(x_i) (|x_i| / y)^(p - 1), from p y^(p-1) ydot = sum_i p |x_i|^(p-1) sign(x_i) xdot_i.

    For p = 2 it is ybar x_i / y. For p = inf only the largest |x_i| is left, and several share ybar equally.
    Where the norm has a kink, at y = 0 or for p = 1 at x_i = 0, the subgradient 0 is taken.
    """
    y, ybar = spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims)
    scaled = x / np.where(y > 0, y, 1)
    if isinstance(ord, str) or ord == 2:
        return (ybar * scaled,)
    if ord == 1:
        return (ybar * np.sign(x),)
    if ord == np.inf:
        largest = np.where(np.abs(x) == y, np.ones_like(x), np.zeros_like(x))
        return (ybar * np.sign(x) * largest / np.sum(largest, axis=axis, keepdims=True),)
    return (ybar * np.sign(x) * np.abs(scaled) ** (ord - 1),)


def norm_cases(rng):
    yield Case("one-norm", (rng.normal(size=(3, 5)),), {"ord": 1, "axis": -1, "keepdims": False})
    yield Case("two-norm", (rng.normal(size=(4, 3)),), {"ord": 2, "axis": 0, "keepdims": True})
    yield Case("two-norm-middle", (rng.normal(size=(2, 5, 3)),), {"ord": 2, "axis": 1, "keepdims": False})
    yield Case("two-norm-shifted", (100 + rng.normal(size=(3, 4)),), {"ord": 2, "axis": 1, "keepdims": False})
    yield Case("four-norm", (rng.normal(size=(3, 5)),), {"ord": 4.0, "axis": 1, "keepdims": True})
    yield Case("five-halves-norm", (rng.normal(size=(5, 4)),), {"ord": 2.5, "axis": -2, "keepdims": False})
    yield Case("largest", (_distinct_magnitudes(rng, (3, 7)),), {"ord": np.inf, "axis": 1, "keepdims": False})
    yield Case("frobenius", (rng.normal(size=(2, 3, 5)),), {"ord": "fro", "axis": (-2, -1), "keepdims": False})
    yield Case("frobenius-apart", (rng.normal(size=(3, 2, 4)),), {"ord": "fro", "axis": (0, 2), "keepdims": True})
    at_zero = np.array([[1.5, 0.0, -0.5, 2.0], [0.0, 0.0, 0.0, 0.0], [*rng.normal(size=3), -0.0]])
    yield Case("one-norm-at-zero", (at_zero,), {"ord": 1, "axis": 1, "keepdims": False}, "kink")
    yield Case("two-norm-at-zero", (at_zero,), {"ord": 2, "axis": 1, "keepdims": False}, "kink")
    ties = np.array([[1.5, -1.5, 0.5, 0.0], [2.0, 1.0, -2.0, 2.0], [*rng.uniform(-1, 1, size=3), -3.0]])
    yield Case("largest-ties", (ties,), {"ord": np.inf, "axis": 1, "keepdims": False}, "kink")
    limits = np.array([[np.inf, 1.0], [1.0, -np.inf], [np.nan, 1.0], [0.0, -0.0], [-3.0, 4.0]])
    for ord, last in ((1, 7.0), (2, 5.0), (np.inf, 4.0)):
        params, answer = {"ord": ord, "axis": 1, "keepdims": False}, np.array([np.inf, np.inf, np.nan, 0.0, last])
        yield Case(f"limits-{ord}", (limits,), params, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)),), {"ord": 2, "axis": 1, "keepdims": False}, "empty", np.zeros(0))
    yield Case("of-nothing", (np.zeros((3, 0)),), {"ord": 2, "axis": 1, "keepdims": False}, "empty", np.zeros(3))
    x = rng.normal(size=(3, 4))
    yield Case("no-such-axis", (x,), {"ord": 2, "axis": 2, "keepdims": False}, "refused")
    yield Case("no-such-norm", (x,), {"ord": "frobenius", "axis": (0, 1), "keepdims": False}, "refused")
    yield Case("frobenius-of-a-vector", (x,), {"ord": "fro", "axis": 1, "keepdims": False}, "refused")


def norm_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"ord": 2, "axis": -1, "keepdims": False})


def _require_norm(ord, axis):
    if isinstance(ord, str):
        if ord != "fro":
            raise ValueError(f"ord is {ord!r}, expected a number of at least 1, or 'fro'")
        if not isinstance(axis, tuple) or len(axis) != 2:
            raise ValueError(f"axis is {axis!r}, expected a pair: 'fro' is the norm of a matrix")
    elif axis is None or isinstance(axis, tuple):
        raise ValueError(f"axis is {axis!r}, expected an int: order {ord!r} is the norm of a vector")
    elif not ord >= 1:
        raise ValueError(f"ord is {ord!r}, expected at least 1: below, it is no norm")


def _distinct_magnitudes(rng, shape):
    """Numbers with magnitudes at least 1/4 apart, in random order and of both signs."""
    n = int(np.prod(shape))
    signs = np.where(rng.permutation(n) % 2 == 0, 1.0, -1.0)
    return np.reshape(signs * (rng.permutation(n) + rng.uniform(0.1, 0.6, size=n)) / 2, shape)


OPS = [
    Op(norm, norm_cases, norm_vjp, norm_sized, half=True),
]

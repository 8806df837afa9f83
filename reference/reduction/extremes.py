"""Extremes along axes."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..op import Case, Op
from .totals import axis_cases, line_cases, sized


def max(x, *, axis, keepdims):
    """y = max_i x_i, i running along ``axis``; nan when any of them is.

    Shapes: x any; y as x without the axes of the maximum, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes.

    Raises ValueError when there is no element to choose from.

    Source: Python array API standard, max.
    """
    return np.max(x, axis=axis, keepdims=keepdims)


def max_vjp(ybar, y, x, *, axis, keepdims):
    """xbar_i = ybar where x_i is the largest, else 0.

    Ties share ybar equally. At a tie every division of ybar among the tied elements is a subgradient; the equal one
    prefers none of them.
    """
    largest = np.where(x == spread(y, x, axis, keepdims), np.ones_like(x), np.zeros_like(x))
    share = largest / np.sum(largest, axis=axis, keepdims=True)
    return (spread(ybar, x, axis, keepdims) * share,)


def max_cases(rng):
    yield Case("all-negative", (-1 - np.abs(distinct(rng, (3, 4))),), {"axis": 1, "keepdims": False})
    yield from line_cases(rng, lambda size: distinct(rng, size))
    tied = np.array([[2.0, -1.0, 2.0, 0.5], [0.0, -0.0, -3.0, 0.0], [*rng.uniform(-2, 0, size=3), 1.0]])
    yield Case("ties", (tied,), {"axis": 1, "keepdims": False}, "kink")
    yield Case("ties-over-two-axes", (np.stack([tied, 0.5 - tied**2]),), {"axis": (0, 2), "keepdims": True}, "kink")
    limits = np.array([[np.inf, 1.0], [-np.inf, 1.0], [-np.inf, -np.inf], [np.nan, 1.0], [1.0, np.nan]])
    answer = np.array([np.inf, 1.0, -np.inf, np.nan, np.nan])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)
    yield Case("of-nothing", (np.zeros((3, 0)),), {"axis": 1, "keepdims": False}, "refused")


def min(x, *, axis, keepdims):
    """y = min_i x_i, i running along ``axis``; nan when any of them is.

    Shapes: x any; y as x without the axes of the minimum, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes.

    Raises ValueError when there is no element to choose from.

    Source: Python array API standard, min.
    """
    return np.min(x, axis=axis, keepdims=keepdims)


def min_vjp(ybar, y, x, *, axis, keepdims):
    """xbar_i = ybar where x_i is the smallest, else 0; ties share ybar equally, as those of ``max`` do."""
    smallest = np.where(x == spread(y, x, axis, keepdims), np.ones_like(x), np.zeros_like(x))
    share = smallest / np.sum(smallest, axis=axis, keepdims=True)
    return (spread(ybar, x, axis, keepdims) * share,)


def min_cases(rng):
    yield Case("all-positive", (1 + np.abs(distinct(rng, (3, 4))),), {"axis": 1, "keepdims": False})
    yield from axis_cases(rng, lambda size: distinct(rng, size))
    tied = np.array([[-2.0, 1.0, -2.0, -0.5], [0.0, -0.0, 3.0, 0.0], [*rng.uniform(0, 2, size=3), -1.0]])
    yield Case("ties", (tied,), {"axis": 1, "keepdims": False}, "kink")
    limits = np.array([[-np.inf, 1.0], [np.inf, 1.0], [np.inf, np.inf], [np.nan, 1.0], [1.0, np.nan]])
    answer = np.array([-np.inf, 1.0, np.inf, np.nan, np.nan])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)
    yield Case("of-nothing", (np.zeros((3, 0)),), {"axis": 1, "keepdims": False}, "refused")


def argmax(x, *, axis, keepdims):
    """y = the first i at which x_i = max_j x_j, along ``axis``; where there is a nan, the first nan.

    Shapes: x any; y as x without ``axis`` (an int, or None for all axes, which counts in row-major order), or with
    length 1 there when keepdims; y holds integers. It is a step function of x, and has no derivative worth asking for.

    Raises ValueError when there is no element to choose from.

    Source: Python array API standard, argmax.
    """
    y = np.argmax(x, axis=axis)
    return np.expand_dims(y, tuple(range(x.ndim)) if axis is None else axis) if keepdims else y


def argmax_cases(rng):
    yield Case("rows", (distinct(rng, (3, 5)),), {"axis": -1, "keepdims": False})
    yield Case("columns-kept", (distinct(rng, (5, 3)),), {"axis": 0, "keepdims": True})
    yield Case("all", (distinct(rng, (3, 4)),), {"axis": None, "keepdims": False})
    tied = np.array([[2.0, -1.0, 2.0, 0.5], [-0.0, 0.0, -3.0, 0.0], [*rng.uniform(-2, 0, size=2), 1.0, 1.0]])
    yield Case("ties", (tied,), {"axis": 1, "keepdims": False})
    limits = np.array(
        [[np.inf, np.nan, 1.0], [-np.inf, -np.inf, -np.inf], [1.0, np.inf, np.inf], [0.0, np.nan, np.nan]]
    )
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", np.array([1, 0, 1, 1]))
    yield Case("no-rows", (np.zeros((0, 5)),), {"axis": 1, "keepdims": False}, "empty", np.zeros(0, dtype=int))
    yield Case("of-nothing", (np.zeros((3, 0)),), {"axis": 1, "keepdims": False}, "refused")


def distinct(rng, size):
    """Numbers at least 1/4 apart, in random order and of both signs: in no format does a maximum have ties."""
    n = int(np.prod(size))
    return np.reshape((rng.permutation(n) - n / 3 + rng.uniform(0, 0.5, size=n)) / 2, size)


OPS = [
    Op(max, max_cases, max_vjp, sized, half=True),
    Op(min, min_cases, min_vjp, sized),
    Op(argmax, argmax_cases, sized=sized, wrt=()),
]

"""Products along axes."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..op import Case, Op
from .totals import axis_cases


def prod(x, *, axis, keepdims):
    """y = prod_i x_i, i running along ``axis``.

    Shapes: x any; y as x without the axes of the product, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes. The product of nothing is 1.

    Source: Python array API standard, prod.
    """
    return np.prod(x, axis=axis, keepdims=keepdims)


def prod_vjp(ybar, y, x, *, axis, keepdims):
    """xbar_i = ybar prod_{j != i} x_j: the product of the factors before i, times that of the factors behind it.

    It is y / x_i too, but not where x_i = 0: there the product of the others is a number like any other.
    """
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    ends = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, ends)
    lines = np.reshape(moved, (*moved.shape[: -len(axes)], -1))
    others = before(lines) * np.flip(before(np.flip(lines, -1)), -1)
    return (spread(ybar, x, axis, keepdims) * np.moveaxis(np.reshape(others, moved.shape), ends, axes),)


def before(x):
    """The product of the elements in front of each, along the last axis: 1, x_1, x_1 x_2 ..."""
    return np.cumprod(np.concat([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)


def prod_cases(rng):
    yield from axis_cases(rng, rng.normal)
    zeros = rng.normal(size=(4, 3)) * np.array([[1, 0, 1], [1, 1, 1], [0, 1, 0], [0, 0, 0]])
    yield Case("zeros", (zeros,), {"axis": 1, "keepdims": False})
    limits = np.array([[np.inf, -2.0], [np.inf, 0.0], [np.nan, 0.0], [-np.inf, -np.inf], [-0.0, 3.0]])
    answer = np.array([-np.inf, np.nan, np.nan, np.inf, -0.0])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)
    yield Case("of-nothing", (np.zeros((3, 0)),), {"axis": 1, "keepdims": False}, "empty", np.ones(3))


def prod_sized(rng, n):
    return Case("sized", (rng.uniform(0.75, 1.25, size=(n // 64 + 1, 64)),), {"axis": -1, "keepdims": False})


def cumprod(x, *, axis):
    """y_i = x_1 x_2 ... x_i along ``axis``.

    Shapes: x any, y as x; axis is an int.

    Source: Python array API standard, cumulative_prod.
    """
    return np.cumprod(x, axis=axis)


def cumprod_vjp(ybar, y, x, *, axis):
    """xbar_i = (x_1 ... x_(i-1)) s_i with s_i = ybar_i + x_(i+1) s_(i+1), from the last backwards: Horner's rule.

    x_i is a factor of y_i, y_(i+1) ..., and s_i is sum_{j >= i} ybar_j x_(i+1) ... x_j. Nothing is divided by x_i, so a
    zero is a factor like any other.
    """
    x, ybar = np.moveaxis(x, axis, -1), np.moveaxis(ybar, axis, -1)
    s = [ybar[..., -1]]
    for i in reversed(range(x.shape[-1] - 1)):
        s.append(ybar[..., i] + x[..., i + 1] * s[-1])
    return (np.moveaxis(before(x) * np.stack(s[::-1], axis=-1), -1, axis),)


def cumprod_cases(rng):
    yield Case("small-factor", (rng.normal(size=(7, 4)) * np.array([1.0, 0.001, 1.0, 1.0]),), {"axis": -1})
    zeros = rng.normal(size=(2, 4, 3)) * np.array([[1, 0, 1], [0, 0, 1], [1, 1, 1], [1, 0, 0]])
    yield Case("middle-zeros", (zeros,), {"axis": 1})
    limits = np.array([[0.0, 2.0, np.inf], [2.0, -np.inf, 3.0], [4.0, np.nan, 0.0]])
    answer = np.array([[0.0, 0.0, np.nan], [2.0, -np.inf, -np.inf], [4.0, np.nan, np.nan]])
    yield Case("limits", (limits,), {"axis": 1}, "special", answer)
    yield Case("nothing", (np.zeros((3, 0)),), {"axis": 1}, "empty", np.zeros((3, 0)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": 2}, "refused")


def cumprod_sized(rng, n):
    return Case("sized", (rng.uniform(0.75, 1.25, size=(n // 64 + 1, 64)),), {"axis": -1})


OPS = [
    Op(prod, prod_cases, prod_vjp, prod_sized),
    Op(cumprod, cumprod_cases, cumprod_vjp, cumprod_sized),
]

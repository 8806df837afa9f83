"""Moments of a sample."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def variance(x, *, axis, correction, keepdims):
    """y = sum_i (x_i - m)^2 / (n - correction), where m = sum_i x_i / n runs along ``axis``.

    Shapes: x any, y as x without ``axis`` (an int, a tuple of them, or None for all), or with 1
    there when ``keepdims``; in the square of x's unit.

    The mean is subtracted first: sum x^2 / n - m^2 is the same number, but in floating point the
    difference of two large ones. correction 0 is the variance of these values; correction 1 the
    unbiased estimate for the population that they were drawn from, which one value cannot give:
    where n <= correction the answer is nan.

    Raises an IndexError or ValueError for an axis that x does not have or that is named twice.

    Source: Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, eq. 1.1.
    """
    centred = x - np.mean(x, axis=axis, keepdims=True)
    freedom = _count(x, axis) - correction
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / (freedom if freedom > 0 else np.nan)


def variance_vjp(ybar, y, x, *, axis, correction, keepdims):
    """xbar_i = 2 ybar (x_i - m) / (n - correction).

    That m moves with x does not matter: its share is multiplied by sum_i (x_i - m) = 0.
    """
    centred = x - np.mean(x, axis=axis, keepdims=True)
    return (2 * _expand(ybar, axis, keepdims) * centred / (_count(x, axis) - correction),)


def variance_hvp(ybar, dots, y, x, *, axis, correction, keepdims):
    """xbardot_i = 2 ybar (xdot_i - mean of xdot) / (n - correction): the VJP is linear in x, and centres it."""
    return variance_vjp(ybar, y, dots[0], axis=axis, correction=correction, keepdims=keepdims)


def variance_cases(rng):
    yield from _spread_cases(rng)
    constant = np.repeat([[1.5], [-3.0]], 5, axis=1)
    yield Case("constant", (constant,), {"axis": 1, "correction": 1, "keepdims": False}, "special", np.zeros(2))


def variance_sized(rng, n):
    rows = max(n // 64, 2)
    return Case("sized", (rng.normal(size=(rows, 64)),), {"axis": 0, "correction": 1, "keepdims": False})


def std(x, *, axis, correction, keepdims):
    """y = sqrt(variance of x along ``axis``), the standard deviation.

    Shapes: x any, y as x without ``axis``, or with 1 there when ``keepdims``; in x's unit.

    It is the Euclidean length of the centred values, scaled by 1 / sqrt(n - correction). Even
    with correction 1 its own mean lies below the deviation of the population, because the root
    of an unbiased estimate is not unbiased.

    Source: Casella and Berger (2002), Statistical Inference, definition 5.2.3.
    """
    return np.sqrt(variance(x, axis=axis, correction=correction, keepdims=keepdims))


def std_vjp(ybar, y, x, *, axis, correction, keepdims):
    """xbar_i = ybar (x_i - m) / ((n - correction) y), by the chain rule through the root.

    Where all values are equal y is a length with a kink at 0, and 0 is one of its subgradients.
    """
    centred = x - np.mean(x, axis=axis, keepdims=True)
    length = np.where(y > 0, y, 1)
    return (_expand(ybar / length, axis, keepdims) * centred / (_count(x, axis) - correction),)


def std_hvp(ybar, dots, y, x, *, axis, correction, keepdims):
    """xbardot = ybar (cdot - u sum(u cdot) / (n - correction)) / ((n - correction) y), where c = x - m and u = c / y.

    The quotient rule on xbar = ybar c / ((n - correction) y): c moves by what xdot is without its mean, and y moves by
    sum(u cdot) / (n - correction). Moving along x itself changes the length alone, and no direction: then it is 0.
    """
    (xdot,) = dots
    centred, moved = (v - np.mean(v, axis=axis, keepdims=True) for v in (x, xdot))
    length, freedom = _expand(np.where(y > 0, y, 1), axis, keepdims), _count(x, axis) - correction
    unit = centred / length
    along = unit * np.sum(unit * moved, axis=axis, keepdims=True) / freedom
    return (_expand(ybar, axis, keepdims) * (moved - along) / (freedom * length),)


def std_cases(rng):
    yield from _spread_cases(rng)
    some_constant = rng.normal(size=(3, 5)) * np.array([[1.0], [0.0], [1.0]]) + 1.5
    yield Case("one-constant-row", (some_constant,), {"axis": 1, "correction": 1, "keepdims": False}, "kink")


def std_sized(rng, n):
    return variance_sized(rng, n)


def _count(x, axis):
    """How many values are reduced to one."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    n = 1
    for a in axes:
        n *= x.shape[a]
    return n


def _expand(ybar, axis, keepdims):
    """The cotangent of a reduction, ready to broadcast against what was reduced."""
    return ybar if keepdims or axis is None else np.expand_dims(ybar, axis)


def _spread_cases(rng):
    """What variance and std are both asked."""
    yield Case("all", (rng.normal(size=(3, 5)),), {"axis": None, "correction": 0, "keepdims": False})
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": -1, "correction": 1, "keepdims": False})
    yield Case("columns-kept", (rng.normal(size=(5, 3)),), {"axis": 0, "correction": 2, "keepdims": True})
    yield Case("two-axes", (rng.normal(size=(3, 4, 5)),), {"axis": (0, -1), "correction": 1, "keepdims": False})
    yield Case("all-kept", (rng.normal(size=(3, 4)),), {"axis": None, "correction": 1, "keepdims": True})
    yield Case("shifted", (1000 + rng.normal(size=(3, 7)),), {"axis": 1, "correction": 0, "keepdims": False})
    scales = 10.0 ** np.array([[-10], [0], [10]])
    yield Case("scales", (scales * rng.normal(size=(3, 5)),), {"axis": 1, "correction": 1, "keepdims": False})
    unbiased = {"axis": 1, "correction": 1, "keepdims": False}
    nan = np.array([[0.0, np.nan, 1.0], [1.5, 1.5, 1.5]])
    yield Case("nan", (nan,), unbiased, "special", np.array([np.nan, 0.0]))
    yield Case("one-value", (np.array([[3.0], [-1.0]]),), unbiased, "special", np.array([np.nan, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)),), unbiased, "empty", np.zeros((0,)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {**unbiased, "axis": 2}, "refused")
    yield Case("axis-twice", (rng.normal(size=(3, 4)),), {**unbiased, "axis": (0, -2)}, "refused")


OPS = [
    Op(variance, variance_cases, variance_vjp, variance_sized, hvp=variance_hvp),
    Op(std, std_cases, std_vjp, std_sized, hvp=std_hvp),
]

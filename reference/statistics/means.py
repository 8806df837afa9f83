"""Means with weights, and means of another kind."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def weighted_mean(x, w, *, axis):
    """y = sum_i w_i x_i / sum_i w_i, along ``axis``.

    Shapes: x any, w as x, y as x without ``axis``; y in x's unit, w >= 0 in any.

    Only the ratios of the weights matter. Whole numbers as weights count how often a value was seen. Weights that
    sum to 0 weigh nothing: nan.

    Raises ValueError where the shapes of x and w differ; an IndexError or ValueError for an axis that x does not have.

    Source: Cochran (1977), Sampling Techniques, section 5.3, eq. 5.1.
    """
    _require_same_shape(x, w)
    return np.sum(w * x, axis=axis) / np.sum(w, axis=axis)


def weighted_mean_vjp(ybar, y, x, w, *, axis):
    """xbar_i = ybar w_i / W and wbar_i = ybar (x_i - y) / W, W = sum_i w_i: more weight pulls y to its value."""
    share = np.expand_dims(ybar / np.sum(w, axis=axis), axis)
    return share * w, share * (x - np.expand_dims(y, axis))


def weighted_mean_hvp(ybar, dots, y, x, w, *, axis):
    """With s = ybar / W: xbardot = s (wdot - w Wdot / W) and wbardot = s (xdot - ydot - (x - y) Wdot / W).

    y moves by ydot = sum_i (wdot_i (x_i - y) + w_i xdot_i) / W.
    """
    (xdot, wdot), total = dots, np.sum(w, axis=axis, keepdims=True)
    share, off = np.expand_dims(ybar, axis) / total, x - np.expand_dims(y, axis)
    grown = np.sum(wdot, axis=axis, keepdims=True) / total
    ydot = np.sum(wdot * off + w * xdot, axis=axis, keepdims=True) / total
    return share * (wdot - w * grown), share * (xdot - ydot - off * grown)


def weighted_mean_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)), _weights(rng, 3, 5)), {"axis": -1})
    yield Case("middle-shifted", (100 + rng.normal(size=(2, 4, 3)), _weights(rng, 2, 4, 3)), {"axis": 1})
    x, w = np.array([[1.0, 5.0], [2.0, 4.0], [np.nan, 1.0]]), np.array([[3.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    yield Case("no-weight", (x, w), {"axis": 1}, "special", np.array([2.0, np.nan, np.nan]))
    yield Case("shapes-differ", (rng.normal(size=(3, 4)), _weights(rng, 3)), {"axis": 1}, "refused")


def weighted_mean_sized(rng, n):
    shape = max(n // 128, 1), 64
    return Case("sized", (rng.normal(size=shape), _weights(rng, *shape)), {"axis": -1})


def weighted_variance(x, w, *, axis, weights, correction):
    """y = sum_i w_i (x_i - m)^2 / D along ``axis``, where m is the weighted mean.

    Shapes: x any, w as x, y as x without ``axis``; y in the square of x's unit, w >= 0 in any.

    D = W - correction, W = sum_i w_i, when ``weights`` is "frequency": w_i says how often x_i was seen, and whole
    numbers give the variance of the repeated sample. D = W - correction sum_i w_i^2 / W when it is "reliability":
    w_i is inverse to the variance of x_i, and only ratios of weights matter; equal ones give the ordinary
    variance. With correction 1 each is unbiased in its own setting, and in no other: numpy.cov and torch.cov call
    them fweights and aweights. Where D <= 0 the answer is nan.

    Raises ValueError where the shapes of x and w differ and for other ``weights``; an IndexError or ValueError for
    an axis that x does not have.

    Source: Galassi et al. (2009), GNU Scientific Library Reference Manual, section 21.7; for frequencies, section 21.1.
    """
    _require_same_shape(x, w)
    centred = x - np.expand_dims(weighted_mean(x, w, axis=axis), axis)
    d = _freedom(w, axis, weights, correction)
    return np.sum(w * centred * centred, axis=axis) / np.where(d > 0, d, np.nan)


def weighted_variance_vjp(ybar, y, x, w, *, axis, weights, correction):
    """xbar_i = 2 ybar w_i c_i / D, wbar_i = ybar (c_i^2 - y dD/dw_i) / D, c = x - m.

    That m moves matters to neither, as sum_i w_i c_i = 0. dD/dw_i is 1 of frequencies, and of reliabilities
    1 - correction (2 w_i / W - sum_k w_k^2 / W^2).
    """
    centred = x - np.expand_dims(weighted_mean(x, w, axis=axis), axis)
    share = np.expand_dims(ybar / _freedom(w, axis, weights, correction), axis)
    slope = np.ones_like(w)
    if weights == "reliability":
        total, squares = np.sum(w, axis=axis, keepdims=True), np.sum(w * w, axis=axis, keepdims=True)
        slope = 1 - correction * (2 * w - squares / total) / total
    return 2 * share * w * centred, share * (centred * centred - np.expand_dims(y, axis) * slope)


def weighted_variance_cases(rng):
    seen = {"axis": 1, "weights": "frequency", "correction": 1}
    rows = {"axis": -1, "weights": "reliability", "correction": 1}
    yield Case("reliability", (rng.normal(size=(3, 5)), _weights(rng, 3, 5)), rows)
    yield Case("frequency", (10 + rng.normal(size=(2, 4, 3)), 3 * _weights(rng, 2, 4, 3)), seen)
    yield Case("of-these", (rng.normal(size=(2, 4)), _weights(rng, 2, 4)), {**rows, "correction": 0})
    one = np.array([[3.0], [-1.0]]), np.array([[2.0], [0.5]])
    yield Case("one-value", one, rows, "special", np.full(2, np.nan))
    once = np.array([[1.0, 4.0, 2.0]]), np.array([[3.0, 0.0, 1.5]])  # of 1, 1, 1, 2 and half a 2 more
    yield Case("repeated", once, {**seen, "correction": 0.5}, "special", np.array([0.25]))
    yield Case("shapes-differ", (rng.normal(size=(3, 4)), _weights(rng, 4)), seen, "refused")
    other = rng.normal(size=(3, 4)), _weights(rng, 3, 4)
    yield Case("no-such-weights", other, {**seen, "weights": "importance"}, "refused")


def weighted_variance_sized(rng, n):
    shape = max(n // 128, 1), 64
    params = {"axis": -1, "weights": "reliability", "correction": 1}
    return Case("sized", (rng.normal(size=shape), _weights(rng, *shape)), params)


def geometric_mean(x, *, axis):
    """y = (x_1 x_2 ... x_n)^(1/n) along ``axis``, computed as exp(mean(log x)).

    Shapes: x any, > 0, y as x without ``axis``; in x's unit.

    The mean of growth factors: growing by y in each of n steps leads as far. The product itself would overflow long
    before its root does. With a 0 it is 0, with a negative number nan.

    Raises an IndexError or ValueError for an axis that x does not have.

    Source: Hardy, Littlewood and Polya (1952), Inequalities, section 2.1.
    """
    return np.exp(np.mean(np.log(x), axis=axis))


def geometric_mean_vjp(ybar, y, x, *, axis):
    """xbar_i = ybar y / (n x_i), from ydot / y = mean(xdot / x)."""
    return (np.expand_dims(ybar * y, axis) / (x.shape[axis] * x),)


def geometric_mean_cases(rng):
    yield from _positive_cases(rng)
    x = np.array([[2.0, 0.0, 1.0], [np.nan, 1.0, 3.0], [np.inf, 2.0, 0.5]])
    yield Case("limits", (x,), {"axis": 1}, "special", np.array([0.0, np.nan, np.inf]))


def geometric_mean_sized(rng, n):
    return Case("sized", (_weights(rng, max(n // 64, 1), 64),), {"axis": -1})


def harmonic_mean(x, *, axis):
    """y = n / (1/x_1 + ... + 1/x_n) along ``axis``.

    Shapes: x any, > 0, y as x without ``axis``; in x's unit.

    The mean of speeds over equal distances, and of precision and recall. The smallest value rules it: with a 0 it
    is 0.

    Raises an IndexError or ValueError for an axis that x does not have.

    Source: Hardy, Littlewood and Polya (1952), Inequalities, section 2.1.
    """
    return 1 / np.mean(1 / x, axis=axis)


def harmonic_mean_vjp(ybar, y, x, *, axis):
    """xbar_i = ybar (y / x_i)^2 / n, from ydot / y^2 = mean(xdot / x^2)."""
    ratio = np.expand_dims(y, axis) / x
    return (np.expand_dims(ybar, axis) * ratio * ratio / x.shape[axis],)


def harmonic_mean_cases(rng):
    yield from _positive_cases(rng)
    x = np.array([[2.0, 0.0, 1.0], [np.nan, 1.0, 3.0], [np.inf, 2.0, np.inf]])
    yield Case("limits", (x,), {"axis": 1}, "special", np.array([0.0, np.nan, 6.0]))


def harmonic_mean_sized(rng, n):
    return Case("sized", (_weights(rng, max(n // 64, 1), 64),), {"axis": -1})


def _freedom(w, axis, weights, correction):
    """The D that the sum of squares is divided by."""
    total = np.sum(w, axis=axis)
    if weights == "frequency":
        return total - correction
    if weights == "reliability":
        return total - correction * (np.sum(w * w, axis=axis) / total)
    raise ValueError(f'weights must be "frequency" or "reliability": got {weights!r}')


def _require_same_shape(x, w):
    if x.shape != w.shape:
        raise ValueError(f"w: got shape {w.shape}, want that of x, {x.shape}")


def _weights(rng, *shape):
    return rng.uniform(0.5, 2.5, size=shape)


def _positive_cases(rng):
    """What the means of positive numbers are both asked."""
    yield Case("rows", (_weights(rng, 3, 5),), {"axis": -1})
    yield Case("far-apart", (10 ** rng.uniform(-6, 6, size=(2, 4, 3)),), {"axis": 1})
    yield Case("no-such-axis", (_weights(rng, 3, 4),), {"axis": 2}, "refused")


OPS = [
    Op(weighted_mean, weighted_mean_cases, weighted_mean_vjp, weighted_mean_sized, hvp=weighted_mean_hvp),
    Op(weighted_variance, weighted_variance_cases, weighted_variance_vjp, weighted_variance_sized),
    Op(geometric_mean, geometric_mean_cases, geometric_mean_vjp, geometric_mean_sized),
    Op(harmonic_mean, harmonic_mean_cases, harmonic_mean_vjp, harmonic_mean_sized),
]

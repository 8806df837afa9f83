"""Optimal transport: how far what lies here must be carried to lie there."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def wasserstein_1d(x, y, *, axis):
    """w = sum_k |x_(k) - y_(k)| / n, of the sorted values x_(1) ... x_(n) and y_(1) ... y_(n) along ``axis``.

    Shapes: x any, y as x, w as x without ``axis``; in the unit of x and y.

    The earth mover's distance of two samples of one size, every value a heap of 1/n: on a line the cheapest plan never
    lets two paths cross, so it carries the k-th smallest to the k-th smallest. It is also the area between the two
    empirical distribution functions. Unlike the divergences it has a unit, and is finite for disjoint samples.

    Raises ValueError where the shapes of x and y differ.

    Source: Peyre and Cuturi (2019), Computational Optimal Transport, section 2.6, remark 2.28, for p = 1.
    """
    _require_same_shape(x, y)
    return np.mean(np.abs(np.sort(x, axis=axis) - np.sort(y, axis=axis)), axis=axis)


def wasserstein_1d_vjp(ybar, w, x, y, *, axis):
    """xbar_i = ybar sign(x_i - y_j) / n, y_j the partner of x_i, and ybar_j minus that of its partner.

    The plan does not change where no two values of a sample are equal. Sorting by ranks puts each derivative back
    where its value came from; where partners are equal there is a kink, and the subgradient 0 is taken.
    """
    order_x, order_y = np.argsort(x, axis=axis), np.argsort(y, axis=axis)
    difference = np.take_along_axis(x, order_x, axis) - np.take_along_axis(y, order_y, axis)
    pull = np.expand_dims(ybar, axis) * np.sign(difference) / x.shape[axis]
    to_x, to_y = (np.take_along_axis(pull, np.argsort(order, axis=axis), axis) for order in (order_x, order_y))
    return to_x, -to_y


def wasserstein_1d_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)), 1 + rng.normal(size=(3, 5))), {"axis": -1})
    yield Case("middle", (10 + rng.normal(size=(2, 4, 3)), 10 + 2 * rng.normal(size=(2, 4, 3))), {"axis": 1})
    x = rng.normal(size=(2, 4))
    yield Case("shared-value", (x, np.sort(x, axis=1)[:, ::-1] + np.array([2.0, 0.0, -1.0, 0.0])), {"axis": 1}, "kink")
    x = np.array([[3.0, 1.0, 2.0, 5.0], [1.0, 2.0, 0.0, 4.0], [np.nan, 1.0, 0.0, 0.0]])
    y = np.array([[1.0, 5.0, 3.0, 2.0], [4.0, 2.0, 3.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    yield Case("by-hand", (x, y), {"axis": 1}, "special", np.array([0.0, 0.5, np.nan]))
    yield Case("sizes-differ", (rng.normal(size=(3, 4)), rng.normal(size=(3, 5))), {"axis": 1}, "refused")


def wasserstein_1d_sized(rng, n):
    x, y = rng.normal(size=(2, max(n // 128, 1), 64))
    return Case("sized", (x, 1 + y), {"axis": -1})


def wasserstein_1d_weighted(x, y, u, v):
    """w = the integral of |F(t) - G(t)| dt, F(t) = sum_i u_i [x_i <= t] / sum_i u_i and G(t) so of y and v.

    Shapes: x and u (..., n), y and v (..., m), w (...,); x, y and w in one unit, u > 0 and v > 0 in any.

    The samples may have different sizes, and each value its own share. F - G is the net mass that must cross t, and it
    only changes at a value: between two neighbours of all values together, sorted, it is a constant.

    Raises ValueError where the shapes do not belong together.

    Source: Peyre and Cuturi (2019), Computational Optimal Transport, section 2.6, remark 2.30.
    """
    _require_same_shape(x, u, "u", "x")
    _require_same_shape(y, v, "v", "y")
    ends = np.sort(np.concat([x, y], axis=-1), axis=-1)
    gap = _share_below(x, u, ends)[1] - _share_below(y, v, ends)[1]
    return np.sum(np.abs(gap[..., :-1]) * (ends[..., 1:] - ends[..., :-1]), axis=-1)


def wasserstein_1d_weighted_vjp(ybar, w, x, y, u, v):
    """Of the k-th of all values: ybar (|gap_(k-1)| - |gap_k|), gap = F - G from there to the next, 0 outside;
    ubar_i = ybar sum_k sign(gap_k) step_k ([x_i <= t_k] - F_k) / sum_i u_i, step_k = t_(k+1) - t_k, and -vbar alike.

    A value that moves to the right lengthens the step before it and shortens the one behind. A weight that grows
    raises F from its value on, and lowers all of F as the whole grows. Values that are equal make a kink.
    """
    values = np.concat([x, y], axis=-1)
    order = np.argsort(values, axis=-1)
    ends = np.take_along_axis(values, order, -1)
    (in_x, below_x), (in_y, below_y) = _share_below(x, u, ends), _share_below(y, v, ends)
    gap, ybar = below_x - below_y, np.expand_dims(ybar, -1)
    size = np.concat([np.zeros_like(gap[..., :1]), np.abs(gap[..., :-1]), np.zeros_like(gap[..., :1])], axis=-1)
    moved = np.take_along_axis(ybar * (size[..., :-1] - size[..., 1:]), np.argsort(order, axis=-1), -1)
    pull = ybar * np.sign(gap[..., :-1]) * (ends[..., 1:] - ends[..., :-1])

    def to_weights(inside, below, weights):
        rise = np.where(inside, 1 - below[..., None, :], -below[..., None, :])[..., :-1]
        return np.sum(pull[..., None, :] * rise, axis=-1) / np.sum(weights, axis=-1, keepdims=True)

    n = x.shape[-1]
    return moved[..., :n], moved[..., n:], to_weights(in_x, below_x, u), -to_weights(in_y, below_y, v)


def wasserstein_1d_weighted_cases(rng):
    def weights(*shape):
        return rng.uniform(0.5, 2, size=shape)

    yield Case("rows", (rng.normal(size=(3, 5)), 1 + rng.normal(size=(3, 4)), weights(3, 5), weights(3, 4)))
    yield Case("shifted", (10 + rng.normal(size=4), 10 + 2 * rng.normal(size=3), weights(4), 5 * weights(3)))
    x, u = np.array([[0.0, 1.0], [3.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 1.0]])
    y, v = np.array([[1.0, 0.0, 0.0], [5.0, 5.0, 6.0]]), np.array([[2.0, 1.0, 1.0], [1.0, 1.0, 2.0]])
    yield Case("by-hand", (x, y, u, v), {}, "special", np.array([0.25, 4.0]))
    yield Case("weights-differ", (rng.normal(size=4), rng.normal(size=3), weights(3), weights(4)), {}, "refused")


def wasserstein_1d_weighted_sized(rng, n):
    x, y = rng.normal(size=(2, max(n // 32, 1), 8))
    u, v = rng.uniform(0.5, 2, size=(2, *x.shape))
    return Case("sized", (x, 1 + y, u, v))


def _share_below(x, u, ends):
    """Which values lie at or below each end, (..., n, ends), and their share of the weights."""
    inside = x[..., :, None] <= ends[..., None, :]
    return inside, np.sum(np.where(inside, u[..., :, None], 0), axis=-2) / np.sum(u, axis=-1, keepdims=True)


def _require_same_shape(x, y, name="y", of="x"):
    if x.shape != y.shape:
        raise ValueError(f"{name}: got shape {y.shape}, want that of {of}, {x.shape}")


OPS = [
    Op(wasserstein_1d, wasserstein_1d_cases, wasserstein_1d_vjp, wasserstein_1d_sized),
    Op(
        wasserstein_1d_weighted,
        wasserstein_1d_weighted_cases,
        wasserstein_1d_weighted_vjp,
        wasserstein_1d_weighted_sized,
    ),
]

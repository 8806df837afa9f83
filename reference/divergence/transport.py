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

    Source: Peyre and Cuturi (2019), Computational Optimal Transport, section 2.6, eq. 2.33, for p = 1.
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


def _require_same_shape(x, y):
    if x.shape != y.shape:
        raise ValueError(f"y: got shape {y.shape}, want that of x, {x.shape}")


OPS = [
    Op(wasserstein_1d, wasserstein_1d_cases, wasserstein_1d_vjp, wasserstein_1d_sized),
]

"""Elements along an axis put in order."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .extremes import distinct


def sort(x, *, axis, descending):
    """y = the elements of x in ascending order along ``axis``, y_1 <= y_2 <= ..., or in descending order.

    Shapes: x any, y as x. A nan counts as larger than all numbers: it comes last, or first when descending.

    Raises IndexError or ValueError for an axis that x does not have.

    Source: Python array API standard, sort.
    """
    return np.take_along_axis(x, _order(x, axis, descending), axis=axis)


def sort_vjp(ybar, y, x, *, axis, descending):
    """xbar_i = ybar_r(i), r(i) the rank of x_i: a permutation is undone by its transpose.

    Among equal elements the order is free and the derivative has a kink; here they keep their order.
    """
    rank = np.argsort(_order(x, axis, descending), axis=axis)
    return (np.take_along_axis(ybar, rank, axis=axis),)


def _order(x, axis, descending):
    """The indices of the elements in order; equal ones from the first to the last, whatever the direction."""
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    backwards = np.argsort(np.flip(x, axis), axis=axis, stable=True)
    return np.flip(x.shape[axis] - 1 - backwards, axis)


def sort_cases(rng):
    yield Case("rows", (distinct(rng, (3, 5)),), {"axis": -1, "descending": False})
    yield Case("middle-descending", (distinct(rng, (2, 5, 3)),), {"axis": 1, "descending": True})
    tied = np.array([[2.0, -1.0, 2.0, 0.5], [*rng.uniform(-2, 0, size=2), 1.0, 1.0]])
    yield Case("ties", (tied,), {"axis": 1, "descending": False}, "kink")
    limits = np.array([[1.0, np.nan, -np.inf, np.inf], [np.nan, 3.0, np.nan, -5.0]])
    answer = np.array([[-np.inf, 1.0, np.inf, np.nan], [-5.0, 3.0, np.nan, np.nan]])
    yield Case("limits", (limits,), {"axis": 1, "descending": False}, "special", answer)
    answer = np.array([[np.nan, np.inf, 1.0, -np.inf], [np.nan, np.nan, 3.0, -5.0]])
    yield Case("limits-descending", (limits,), {"axis": 1, "descending": True}, "special", answer)
    yield Case("nothing", (np.zeros((3, 0)),), {"axis": 1, "descending": False}, "empty", np.zeros((3, 0)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": 2, "descending": False}, "refused")


def sort_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1, "descending": False})


def topk(x, *, k, axis, largest):
    """y = the k largest elements of x along ``axis``, y_1 >= y_2 >= ..., or the k smallest, y_1 <= y_2 <= ...

    Shapes: x any; y as x with length k along ``axis``. A nan counts as larger than all numbers.

    Raises ValueError when there are fewer than k elements, IndexError or ValueError for an axis that x does not have.

    Source: Knuth (1998), The Art of Computer Programming, volume 3, section 5.3.3.
    """
    return np.take_along_axis(x, topk_indices(x, k=k, axis=axis, largest=largest), axis=axis)


def topk_vjp(ybar, y, x, *, k, axis, largest):
    """xbar_i = ybar_r where x_i is the r-th that was chosen, else 0: what was gathered is scattered."""
    chosen = np.expand_dims(np.moveaxis(topk_indices(x, k=k, axis=axis, largest=largest), axis, -1), -1)
    hit = chosen == np.arange(x.shape[axis])
    xbar = np.sum(np.where(hit, np.expand_dims(np.moveaxis(ybar, axis, -1), -1), 0), axis=-2)
    return (np.moveaxis(xbar, -1, axis),)


def topk_cases(rng):
    yield Case("rows", (distinct(rng, (3, 5)),), {"k": 3, "axis": -1, "largest": True})
    yield Case("middle", (distinct(rng, (2, 6, 3)),), {"k": 4, "axis": 1, "largest": True})
    yield Case("smallest", (distinct(rng, (5, 2)),), {"k": 3, "axis": 0, "largest": False})
    tied = np.array([[2.0, -1.0, 2.0, 0.5], [*rng.uniform(-2, 0, size=2), 1.0, 1.0]])
    yield Case("ties", (tied,), {"k": 1, "axis": 1, "largest": True}, "kink")
    limits = np.array([[1.0, np.nan, -np.inf, np.inf], [-np.inf, -np.inf, 5.0, -np.inf]])
    answer = np.array([[np.nan, np.inf], [5.0, -np.inf]])
    yield Case("limits", (limits,), {"k": 2, "axis": 1, "largest": True}, "special", answer)
    yield Case("none", (rng.normal(size=(3, 4)),), {"k": 0, "axis": 1, "largest": True}, "empty", np.zeros((3, 0)))
    yield Case("too-many", (rng.normal(size=(3, 4)),), {"k": 5, "axis": 1, "largest": True}, "refused")


def topk_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"k": 5, "axis": -1, "largest": True})


def topk_indices(x, *, k, axis, largest):
    """y = the indices i_1, i_2, ... of what ``topk`` chooses, in its order; of equal elements the first ones.

    Shapes: x any; y as x with length k along ``axis``; y holds integers.

    Raises as topk does.

    Source: Knuth (1998), The Art of Computer Programming, volume 3, section 5.3.3.
    """
    order = _order(x, axis, largest)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(f"topk: got k = {k}, want 0 to {x.shape[axis]}, the length of axis {axis} of shape {x.shape}")
    return np.take(order, np.arange(k), axis=axis)


def topk_indices_cases(rng):
    yield Case("rows", (distinct(rng, (3, 5)),), {"k": 2, "axis": -1, "largest": True})
    yield Case("smallest", (distinct(rng, (2, 6, 3)),), {"k": 4, "axis": 1, "largest": False})
    tied = np.array([[2.0, -1.0, 2.0, 0.5, 2.0], [*rng.uniform(-2, 0, size=3), 1.0, 1.0]])
    yield Case("ties", (tied,), {"k": 2, "axis": 1, "largest": True})
    limits = np.array([[1.0, np.nan, -np.inf, np.inf]])
    yield Case("limits", (limits,), {"k": 3, "axis": 1, "largest": True}, "special", np.array([[1, 3, 0]]))
    yield Case("too-many", (rng.normal(size=(3, 4)),), {"k": 5, "axis": 1, "largest": True}, "refused")


OPS = [
    Op(sort, sort_cases, sort_vjp, sort_sized),
    Op(topk, topk_cases, topk_vjp, topk_sized),
    Op(topk_indices, topk_indices_cases, sized=topk_sized, wrt=()),
]

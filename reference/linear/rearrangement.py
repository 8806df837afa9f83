"""Elements moved, repeated and looked up: linear maps without arithmetic, and the sums that are their transposes."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def transpose(x, *, axes):
    """y[j_1, ..., j_n] = x[i_1, ..., i_n] with j_k = i_axes[k]: axis k of y is axis axes[k] of x.

    Shapes: x (s_1, ..., s_n), y (s_axes[1], ..., s_axes[n]); axes are the numbers of the axes, each once.

    For a matrix, axes (1, 0) make (A^T)_ji = A_ij, and (A B)^T = B^T A^T. Nothing is computed, and nothing is rounded.

    Raises ValueError when axes are not those of x.

    Source: Python array API standard, permute_dims.
    """
    return np.permute_dims(x, axes)


def transpose_vjp(ybar, y, x, *, axes):
    """xbar is ybar with the axes sent back: the transpose of a permutation is its inverse."""
    back = sorted(range(x.ndim), key=lambda k: axes[k] % x.ndim)
    return (np.permute_dims(ybar, back),)


def transpose_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),), {"axes": (1, 0)})
    yield Case("three-axes", (rng.normal(size=(2, 3, 4)),), {"axes": (2, 0, 1)})
    limits = np.array([[np.nan, np.inf, -0.0]])
    yield Case("limits", (limits,), {"axes": (1, 0)}, "special", limits.T)
    yield Case("nothing", (np.zeros((0, 3)),), {"axes": (1, 0)}, "empty", np.zeros((3, 0)))
    yield Case("an-axis-twice", (rng.normal(size=(3, 3)),), {"axes": (1, 1)}, "refused")
    yield Case("an-axis-missing", (rng.normal(size=(2, 3, 4)),), {"axes": (1, 0)}, "refused")


def transpose_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 16, 4)),), {"axes": (1, 2, 0)})


def reshape(x, *, shape):
    """y = the elements of x in their order, y.ravel()[k] = x.ravel()[k], with the axes ``shape``.

    Shapes: x any, y of ``shape``, in which one length may be -1: what is left for it. Both have as many elements.

    The last axis runs fastest. A vector (n,) becomes a column by (n, 1) and a row by (1, n); with a vector (n,), the
    column broadcasts to an n by n table of all pairs.

    Raises ValueError when the elements do not fit.

    Source: Python array API standard, reshape.
    """
    return np.reshape(x, shape)


def reshape_vjp(ybar, y, x, *, shape):
    """xbar = ybar in the shape of x: the order of the elements has not changed."""
    return (np.reshape(ybar, x.shape),)


def reshape_cases(rng):
    yield Case("column", (rng.normal(size=5),), {"shape": (5, 1)})
    yield Case("fold", (rng.normal(size=(3, 4)),), {"shape": (2, -1, 3)})
    limits = np.array([[np.nan, np.inf], [-0.0, 2.0]])
    yield Case("limits", (limits,), {"shape": (-1,)}, "special", np.array([np.nan, np.inf, -0.0, 2.0]))
    yield Case("nothing", (np.zeros((0, 3)),), {"shape": (2, 0)}, "empty", np.zeros((2, 0)))
    yield Case("too-many", (rng.normal(size=(3, 4)),), {"shape": (5, 2)}, "refused")
    yield Case("two-lengths-left-open", (rng.normal(size=(3, 4)),), {"shape": (-1, -1)}, "refused")


def reshape_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 12 + 1, 12)),), {"shape": (-1, 3, 4)})


def broadcast_to(x, *, shape):
    """y[..., i, ...] = x[..., 0, ...] along each axis where x has length 1 or none, and y = x along the others.

    Shapes: x any, y of ``shape``. The axes are lined up from the last one; those that x lacks come in front.

    It is what NumPy does before every sum of a matrix and a row. What was repeated in the forward is summed in the
    backward: a copy for each row gets a cotangent from each row.

    Raises ValueError when a length of x is neither 1 nor that of ``shape``.

    Source: Python array API standard, broadcast_to and the rules of broadcasting.
    """
    return np.broadcast_to(x, shape)


def broadcast_to_vjp(ybar, y, x, *, shape):
    """xbar = the sum of ybar along the axes that were repeated, in the shape of x."""
    return (unbroadcast(ybar, x.shape),)


def broadcast_to_cases(rng):
    yield Case("rows", (rng.normal(size=4),), {"shape": (3, 4)})
    yield Case("columns", (rng.normal(size=(3, 1)),), {"shape": (3, 5)})
    yield Case("both", (rng.normal(size=(3, 1, 5)),), {"shape": (2, 3, 4, 5)})
    limits = np.array([np.nan, -np.inf, -0.0])
    yield Case("limits", (limits,), {"shape": (2, 3)}, "special", np.stack([limits, limits]))
    yield Case("nothing", (rng.normal(size=(1, 3)),), {"shape": (0, 3)}, "empty", np.zeros((0, 3)))
    yield Case("wrong-axis", (rng.normal(size=3),), {"shape": (3, 4)}, "refused")


def broadcast_to_sized(rng, n):
    return Case("sized", (rng.normal(size=(n, 1)),), {"shape": (n, 3)})


def take(x, indices, *, axis):
    """y_k = x[indices_k] along ``axis``: what stands at each index, once for each time that it is named.

    Shapes: x any, indices (K,) integers from 0 to the length n of ``axis`` less 1, y as x with length K along it.

    It is a product with the rows of the unit matrix that the indices name: y = E x, E (K, n).

    Raises IndexError for an index out of range, ValueError for indices that are no vector.

    Source: Python array API standard, take.
    """
    if indices.ndim != 1:
        raise ValueError(f"take: got indices of shape {indices.shape}, want (K,)")
    if np.any((indices < 0) | (indices >= x.shape[axis])):
        raise IndexError(f"take: got indices {indices}, want them from 0 to {x.shape[axis] - 1}")
    return np.take(x, indices, axis=axis)


def take_vjp(ybar, y, x, indices, *, axis):
    """xbar = E^T ybar: an element gets the sum of the cotangents of all places where it was named, and 0 if of none."""
    named = indices[:, None] == np.arange(x.shape[axis])
    places = np.expand_dims(np.moveaxis(ybar, axis, -1), -1)
    return (np.moveaxis(np.sum(np.where(named, places, 0), axis=-2), -1, axis),)


def take_cases(rng):
    yield Case("rows", (rng.normal(size=(5, 3)), np.array([3, 0, 3, 1])), {"axis": 0})
    yield Case("middle", (rng.normal(size=(2, 4, 3)), np.array([2, 3, 3, 0, 3])), {"axis": 1})
    limits = np.array([np.nan, np.inf, 2.0])
    yield Case("apart", (limits, np.array([2, 1, 2])), {"axis": 0}, "special", np.array([2.0, np.inf, 2.0]))
    none = np.zeros(0, dtype=int)
    yield Case("nothing", (rng.normal(size=(2, 3)), none), {"axis": 1}, "empty", np.zeros((2, 0)))
    yield Case("too-large", (rng.normal(size=(5, 3)), np.array([3, 5])), {"axis": 0}, "refused")
    yield Case("negative", (rng.normal(size=(5, 3)), np.array([3, -1])), {"axis": 0}, "refused")


def take_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 16 + 1, 16)), np.array([3, 0, 3, 9, 15])), {"axis": 1})


OPS = [
    Op(transpose, transpose_cases, transpose_vjp, transpose_sized),
    Op(reshape, reshape_cases, reshape_vjp, reshape_sized),
    Op(broadcast_to, broadcast_to_cases, broadcast_to_vjp, broadcast_to_sized),
    Op(take, take_cases, take_vjp, take_sized, wrt=(0,)),
]

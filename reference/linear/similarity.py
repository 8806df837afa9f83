"""Directions and how far apart they are: unit vectors, the cosine of an angle, the distance of two points."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .length import norm, norm_vjp


def normalize(x, *, p, axis, eps):
    """y = x / max(|x|_p, eps), |x|_p the norm along ``axis``.

    Shapes: x any, y as x; eps in x's unit, y has none. p >= 1 is a number or float("inf").

    A vector shorter than eps is divided by eps: it stays short, and the vector 0 stays 0. It is not the same as
    adding eps, which shortens every vector.

    Raises ValueError for p < 1.

    Source: Golub and Van Loan (2013), Matrix Computations, section 2.2.1, for the norms; PyTorch Foundation (2026),
    documentation of PyTorch 2.13, torch.nn.functional.normalize, for eps.
    """
    return x / np.maximum(norm(x, ord=p, axis=axis, keepdims=True), eps)


def normalize_vjp(ybar, y, x, *, p, axis, eps):
    """xbar = (ybar - (sum_i ybar_i y_i) grad |x|_p) / |x|_p where |x|_p > eps; below, xbar = ybar / eps.

    The first term is x's own, the second comes through the length: y does not change when x grows along itself. At
    |x|_p = eps the derivative jumps; the one from above is taken.
    """
    length = norm(x, ord=p, axis=axis, keepdims=True)
    scale = np.maximum(length, eps)
    pulled = np.where(length >= eps, np.sum(ybar * y, axis=axis, keepdims=True), 0)
    (through,) = norm_vjp(pulled / scale, length, x, ord=p, axis=axis, keepdims=True)
    return (ybar / scale - through,)


def normalize_cases(rng):
    short_and_long = rng.normal(size=(3, 5)) * np.array([[0.01], [1.0], [100.0]])
    yield Case("two-norm", (short_and_long,), {"p": 2.0, "axis": -1, "eps": 0.25})
    yield Case("one-norm", (rng.normal(size=(2, 4, 3)),), {"p": 1.0, "axis": 1, "eps": 1e-12})
    yield Case("three-norm", (rng.normal(size=(3, 4)),), {"p": 3.0, "axis": 0, "eps": 1e-6})
    at_eps = np.array([[3.0, -4.0], [0.0, 5.0], [*rng.uniform(1, 2, size=2)], [6.0, 8.0]])
    yield Case("at-eps", (at_eps,), {"p": 2.0, "axis": 1, "eps": 5.0}, "kink")
    limits = np.array([[0.0, -0.0], [np.inf, 1.0], [np.nan, 1.0], [0.0, -3.0]])
    answer = np.array([[0.0, -0.0], [np.nan, 0.0], [np.nan, np.nan], [0.0, -1.0]])
    yield Case("limits", (limits,), {"p": 2.0, "axis": 1, "eps": 1e-12}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)),), {"p": 2.0, "axis": 1, "eps": 1e-12}, "empty", np.zeros((0, 3)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"p": 2.0, "axis": 2, "eps": 1e-12}, "refused")


def normalize_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"p": 2.0, "axis": -1, "eps": 1e-12})


def cosine_similarity(x1, x2, *, axis, eps):
    """y = x1.x2 / (max(|x1|, eps) max(|x2|, eps)), the cosine of the angle between x1 and x2.

    Shapes: x1 and x2 any that broadcast together, y as their broadcast without ``axis``; eps in the unit of both.

    The product of two unit vectors: that of the lengths might overflow or underflow where neither of them does. Each
    length has its own lower bound eps; bounding their product is another function, and so is adding eps to it.

    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 6.3.1, for the cosine;
    PyTorch Foundation (2026), documentation of PyTorch 2.13, torch.nn.functional.cosine_similarity, for eps.
    """
    x1, x2 = np.broadcast_arrays(x1, x2)
    return np.sum(normalize(x1, p=2, axis=axis, eps=eps) * normalize(x2, p=2, axis=axis, eps=eps), axis=axis)


def cosine_similarity_vjp(ybar, y, x1, x2, *, axis, eps):
    """With the unit vectors u1 and u2: u1bar = ybar u2 and u2bar = ybar u1, each back through its normalization."""
    full1, full2 = np.broadcast_arrays(x1, x2)
    u1, u2 = normalize(full1, p=2, axis=axis, eps=eps), normalize(full2, p=2, axis=axis, eps=eps)
    ybar = np.expand_dims(ybar, axis)
    (x1bar,) = normalize_vjp(ybar * u2, u1, full1, p=2, axis=axis, eps=eps)
    (x2bar,) = normalize_vjp(ybar * u1, u2, full2, p=2, axis=axis, eps=eps)
    return unbroadcast(x1bar, x1.shape), unbroadcast(x2bar, x2.shape)


def cosine_similarity_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)), 100 * rng.normal(size=(3, 5))), {"axis": 1, "eps": 1e-8})
    yield Case("broadcast", (rng.normal(size=(4, 1, 3)), rng.normal(size=(2, 3))), {"axis": -1, "eps": 1e-6})
    short = rng.normal(size=(5, 3)) * np.array([0.01, 1.0, 1.0])
    yield Case("short", (short, 2 * rng.normal(size=(5, 3))), {"axis": 0, "eps": 0.25})
    x1, x2 = np.array([[3.0, -4.0], [8.0, -1.0]]), np.array([rng.uniform(6, 7, size=2), [3.0, 4.0]])
    yield Case("at-eps", (x1, x2), {"axis": 1, "eps": 5.0}, "kink")
    x1 = np.array([[0.0, 0.0], [0.0, 3.0], [3.0, 0.0], [np.nan, 1.0]])
    x2 = np.array([[1.0, 2.0], [0.0, -8.0], [0.0, 5.0], [1.0, 1.0]])
    answer = np.array([0.0, -1.0, 0.0, np.nan])
    yield Case("limits", (x1, x2), {"axis": 1, "eps": 0.5}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros((0, 3))), {"axis": 1, "eps": 1e-8}, "empty", np.zeros(0))
    shapes = rng.normal(size=(3, 4)), rng.normal(size=(3, 5))
    yield Case("lengths-differ", shapes, {"axis": 1, "eps": 1e-8}, "refused")


def cosine_similarity_sized(rng, n):
    shape = (n // 128 + 1, 64)
    return Case("sized", (rng.normal(size=shape), rng.normal(size=shape)), {"axis": -1, "eps": 1e-8})


def pairwise_distance(x1, x2, *, p, eps, keepdims):
    """y = |x1 - x2 + eps|_p along the last axis: the distance of each pair of rows.

    Shapes: x1 and x2 (..., n) that broadcast together, y (...) or, when keepdims, (..., 1); all in one unit, eps too.

    eps is added to every difference, not to the distance: equal points are eps n^(1/p) apart, and the distance of
    (x1, x2) is not quite that of (x2, x1). In return, the root has a slope where points coincide. p as in ``norm``.

    Raises ValueError for p < 1, or when x1 and x2 differ in their last axis.

    Source: PyTorch Foundation (2026), documentation of PyTorch 2.13, torch.nn.PairwiseDistance.
    """
    _require_points(x1, x2)
    return norm(x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdims)


def pairwise_distance_vjp(ybar, y, x1, x2, *, p, eps, keepdims):
    """x1bar is the norm's cotangent at x1 - x2 + eps, and x2bar = -x1bar."""
    (difference,) = norm_vjp(ybar, y, x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdims)
    return unbroadcast(difference, x1.shape), unbroadcast(-difference, x2.shape)


def _require_points(x1, x2):
    if x1.ndim == 0 or x2.ndim == 0 or x1.shape[-1] != x2.shape[-1]:
        raise ValueError(f"pairwise_distance: got shapes {x1.shape} and {x2.shape}, want (..., n) and (..., n)")


def pairwise_distance_cases(rng):
    two = {"p": 2.0, "eps": 1e-6, "keepdims": False}
    yield Case("two-norm", (rng.normal(size=(3, 5)), rng.normal(size=(3, 5))), two)
    x1 = 10 + rng.normal(size=(4, 3))
    near = {"p": 2.0, "eps": 0.0625, "keepdims": False}
    yield Case("near", (x1, x1 + rng.uniform(-0.125, 0.125, size=(4, 3))), near)
    broadcast = rng.normal(size=(2, 1, 3)), rng.normal(size=(4, 3))
    yield Case("three-norm-broadcast", broadcast, {"p": 3.0, "eps": 0.125, "keepdims": True})
    far_apart = rng.normal(size=(5, 2)), 4 * rng.normal(size=2)
    yield Case("one-norm", far_apart, {"p": 1.0, "eps": 0.25, "keepdims": False})
    x1 = np.array([[1.0, -2.0, 0.25], rng.uniform(1, 2, size=3)])
    x2 = np.array([[1.5, -1.5, 0.75], [-1.0, -2.0, 4.0]])
    yield Case("at-zero", (x1, x2), {"p": 2.0, "eps": 0.5, "keepdims": False}, "kink")
    x1 = np.array([[np.inf, 1.0], [np.nan, 1.0], [3.0, 4.0], [np.inf, 1.0]])
    x2 = np.array([[1.0, 1.0], [1.0, 1.0], [0.5, 0.5], [np.inf, 1.0]])
    args = (x1, x2)
    answer = np.array([np.inf, np.nan, 5.0, np.nan])
    yield Case("limits", args, {"p": 2.0, "eps": 0.5, "keepdims": False}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros((0, 3))), two, "empty", np.zeros(0))
    yield Case("lengths-differ", (rng.normal(size=(3, 4)), rng.normal(size=(3, 1))), two, "refused")


def pairwise_distance_sized(rng, n):
    shape = (n // 128 + 1, 64)
    args = (rng.normal(size=shape), rng.normal(size=shape))
    return Case("sized", args, {"p": 2.0, "eps": 1e-6, "keepdims": False})


def pdist(x, *, p):
    """y = |x_i - x_j|_p for each pair of rows i < j, in the order (0, 1), (0, 2), ..., (1, 2), ...

    Shapes: x (N, n), y (N (N - 1) / 2,), in the unit of x. p as in ``norm``.

    The distance of i and j is that of j and i, and that of a row from itself is 0: half of the table says it all.

    Raises ValueError for p < 1, or when x is no matrix.

    Source: SciPy community (2026), SciPy manual, scipy.spatial.distance.pdist.
    """
    i, j = _pairs(x)
    return norm(x[i] - x[j], ord=p, axis=-1, keepdims=False)


def pdist_vjp(ybar, y, x, *, p):
    """Each pair sends the norm's cotangent to its first row, and takes it from its second one: rows add up."""
    i, j = _pairs(x)
    (difference,) = norm_vjp(ybar, y, x[i] - x[j], ord=p, axis=-1, keepdims=False)
    rows = np.expand_dims(np.arange(len(x)), 1)
    signs = np.where(rows == i, np.ones_like(ybar), np.zeros_like(ybar)) - np.where(rows == j, np.ones_like(ybar), 0)
    return (signs @ difference,)


def _pairs(x):
    """The first and the second row of each pair."""
    if x.ndim != 2:
        raise ValueError(f"pdist: got x of shape {x.shape}, want (N, n)")
    pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x))]
    return np.array([i for i, _ in pairs], dtype=int), np.array([j for _, j in pairs], dtype=int)


def pdist_cases(rng):
    yield Case("two-norm", (rng.normal(size=(5, 3)),), {"p": 2.0})
    yield Case("three-norm", (4 * rng.normal(size=(4, 2)),), {"p": 3.0})
    yield Case(
        "triangle", (np.array([[0.0, 3.0], [4.0, 0.0], [0.0, 0.0]]),), {"p": 2.0}, "special", np.array([5.0, 3, 4])
    )
    yield Case("one-row", (rng.normal(size=(1, 3)),), {"p": 2.0}, "empty", np.zeros(0))
    yield Case("vector", (rng.normal(size=3),), {"p": 2.0}, "refused")


def pdist_sized(rng, n):
    return Case("sized", (rng.normal(size=(20, n // 20 + 1)),), {"p": 2.0})  # as many pairs as fit into memory


OPS = [
    Op(normalize, normalize_cases, normalize_vjp, normalize_sized),
    Op(cosine_similarity, cosine_similarity_cases, cosine_similarity_vjp, cosine_similarity_sized),
    Op(pairwise_distance, pairwise_distance_cases, pairwise_distance_vjp, pairwise_distance_sized),
    Op(pdist, pdist_cases, pdist_vjp, pdist_sized),
]

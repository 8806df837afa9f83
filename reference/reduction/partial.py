"""Sums of some of the elements: those up to each, and those of each segment."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def cumsum(x, *, axis):
    """y_i = x_1 + x_2 + ... + x_i along ``axis``.

    Shapes: x any, y as x; axis is an int.

    Source: Python array API standard, cumulative_sum.
    """
    return np.cumsum(x, axis=axis)


def cumsum_vjp(ybar, y, x, *, axis):
    """xbar_i = ybar_i + ybar_(i+1) + ...: x_i is part of y_i and of all that follow, so the sum runs backwards."""
    return (np.flip(np.cumsum(np.flip(ybar, axis), axis=axis), axis),)


def cumsum_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": -1})
    yield Case("middle-shifted", (100 + rng.normal(size=(2, 4, 3)),), {"axis": 1})
    limits = np.array([[1.0, np.inf, 2.0, -np.inf], [2.0, np.nan, 1.0, 0.0]])
    answer = np.array([[1.0, np.inf, np.inf, np.nan], [2.0, np.nan, np.nan, np.nan]])
    yield Case("limits", (limits,), {"axis": 1}, "special", answer)
    yield Case("nothing", (np.zeros((3, 0)),), {"axis": 1}, "empty", np.zeros((3, 0)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": 2}, "refused")


def cumsum_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1})


def segment_sum(x, segment_ids, *, num_segments):
    """y_s = sum of x_i over all i with segment_ids_i = s: what belongs together is added up, wherever it stands.

    Shapes: x (n, ...), segment_ids (n,) of integers from 0 to num_segments - 1, y (num_segments, ...). The sum of a
    segment without elements is 0.

    Elements of other segments are left out, not multiplied by 0: an infinity stays in its own segment.

    Raises ValueError when the ids are not one for each x_i, or beyond num_segments.

    Source: Blelloch (1990), Prefix sums and their applications, on segmented scans.
    """
    if segment_ids.shape != x.shape[:1]:
        raise ValueError(f"segment_sum: got segment_ids of shape {segment_ids.shape}, want {x.shape[:1]}")
    if np.any((segment_ids < 0) | (segment_ids >= num_segments)):
        raise ValueError(f"segment_sum: got ids {segment_ids}, want them from 0 to {num_segments - 1}")
    belongs = np.reshape(segment_ids == np.arange(num_segments)[:, None], (num_segments, -1) + (1,) * (x.ndim - 1))
    return np.sum(np.where(belongs, x, 0), axis=1)


def segment_sum_vjp(ybar, y, x, segment_ids, *, num_segments):
    """xbar_i = ybar of the segment of x_i: what was added up is handed out."""
    return (np.take(ybar, segment_ids, axis=0),)


def segment_sum_cases(rng):
    ids = np.array([2, 0, 2, 4, 0, 2, 2])
    yield Case("vector", (rng.normal(size=7), ids), {"num_segments": 6})
    yield Case("rows", (100 + rng.normal(size=(5, 3)), np.array([1, 1, 3, 0, 1])), {"num_segments": 4})
    x, answer = np.array([np.inf, 1.0, 2.0, -np.inf, 4.0, np.nan]), np.array([np.nan, 7.0, np.nan, 0.0])
    yield Case("apart", (x, np.array([0, 1, 1, 0, 1, 2])), {"num_segments": 4}, "special", answer)
    nothing = np.zeros((0, 3)), np.zeros(0, dtype=int)
    yield Case("nothing", nothing, {"num_segments": 2}, "empty", np.zeros((2, 3)))
    yield Case("no-such-segment", (rng.normal(size=7), ids), {"num_segments": 4}, "refused")
    yield Case("too-few-ids", (rng.normal(size=7), ids[:6]), {"num_segments": 6}, "refused")


def segment_sum_sized(rng, n):
    return Case(
        "sized", (rng.normal(size=(n // 16 + 1, 16)), rng.integers(0, 7, size=n // 16 + 1)), {"num_segments": 7}
    )


OPS = [
    Op(cumsum, cumsum_cases, cumsum_vjp, cumsum_sized),
    Op(segment_sum, segment_sum_cases, segment_sum_vjp, segment_sum_sized, wrt=(0,)),
]

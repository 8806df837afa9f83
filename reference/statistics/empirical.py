"""What a sample says of the distribution that it was drawn from: a histogram, and an interval by resampling."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .order import quantile


def histogram(x, edges):
    """y_j = the number of values with e_j <= x < e_(j+1), and in the last bin also those with x = e_last.

    Shapes: x any, edges (b + 1,) ascending and in x's unit, y (b,) of integers.

    Bins are half-open, so that a value on an inner edge is counted once; the last is closed, so that edges from the
    least value to the largest hold them all. Each count is a difference of two numbers of values below an edge.
    What lies outside is not counted, and a nan lies nowhere.

    Raises ValueError unless there are two edges in one dimension.

    Source: Freedman and Diaconis (1981), On the histogram as a density estimator: L2 theory, section 1.
    """
    if edges.ndim != 1 or len(edges) < 2:
        raise ValueError(f"edges: got shape {edges.shape}, want (b + 1,) for b >= 1 bins")
    values = np.reshape(x, (-1, 1))
    below = [np.sum(values < edges[:-1], axis=0), np.sum(values <= edges[-1:], axis=0)]
    numbers = np.concat(below)
    return numbers[1:] - numbers[:-1]


def histogram_cases(rng):
    x = rng.normal(size=(3, 7))
    yield Case("uneven", (x, np.array([-1.5, -0.25, 0.0, 0.5, 2.0]) + rng.uniform(0, 0.1)))
    whole = rng.integers(0, 5, size=12) / 1.0
    yield Case("on-the-edges", (np.concat([whole, [0.0, 4.0, 2.0]]), np.array([0.0, 1.0, 2.0, 4.0])))
    x = np.array([np.nan, -np.inf, 0.5, 2.0, np.inf, 1.0, -0.0])
    yield Case("outside", (x, np.array([0.0, 1.0, 2.0])), {}, "special", np.array([2, 2]))
    yield Case("nothing", (np.zeros(0), np.array([0.0, 1.0, 3.0])), {}, "empty", np.zeros(2, dtype=np.int64))
    yield Case("one-edge", (rng.normal(size=4), np.array([0.5])), {}, "refused")


def histogram_sized(rng, n):
    return Case("sized", (rng.normal(size=n), np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])))


def bootstrap_interval(x, indices, *, q):
    """y = the quantiles q of the means of the resamples, mean_b = sum_k x_(indices_bk) / n.

    Shapes: x (..., n), indices (b, n) of integers in [0, n), y (len(q), ...); q in [0, 1]; in x's unit.

    Each row of ``indices`` draws n values with replacement. How their mean scatters stands for how the mean of new
    samples would: q = [0.025, 0.975] is Efron's percentile interval, at 95 %. The quantiles are those of straight
    lines, method "linear". What is random is in ``indices``, so the answer is a function.

    Raises ValueError where a resample has not the size of the sample, IndexError for an index that x does not have,
    and as quantile does.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.
    """
    if indices.ndim != 2 or indices.shape[1] != x.shape[-1]:
        raise ValueError(f"indices: got shape {indices.shape}, want (b, {x.shape[-1]}), of x's {x.shape[-1]} values")
    means = np.mean(np.take(x, indices, axis=-1), axis=-1)
    return quantile(means, q=q, axis=-1, method="linear")


def bootstrap_interval_cases(rng):
    # No two resamples hold the same values, whose means would differ by rounding alone.
    resamples = np.array([[0, 0, 1, 2], [3, 1, 1, 0], [2, 2, 3, 3], [3, 3, 3, 0], [1, 2, 0, 3], [2, 0, 2, 2]])
    yield Case("rows", (rng.normal(size=(2, 4)), resamples), {"q": [0.05, 0.95]})
    yield Case("shifted", (100 + rng.normal(size=(3, 4)), resamples[:5]), {"q": [0.1, 0.5, 0.75]})
    by_hand = np.array([1.0, 2.0, 3.0, 4.0]), np.array([[0, 0, 0, 0], [3, 3, 3, 3], [0, 1, 2, 3]])
    yield Case("by-hand", by_hand, {"q": [0.0, 0.5, 0.75]}, "special", np.array([1.0, 2.5, 3.25]))
    nan = np.array([1.0, np.nan, 2.0]), np.array([[0, 2, 2], [1, 0, 0]])
    yield Case("nan", nan, {"q": [0.25, 0.75]}, "special", np.full(2, np.nan))
    yield Case("too-few", (rng.normal(size=(2, 4)), resamples[:, :3]), {"q": [0.25, 0.75]}, "refused")
    yield Case("no-such-value", (rng.normal(size=(2, 4)), resamples + 1), {"q": [0.25, 0.75]}, "refused")


def bootstrap_interval_sized(rng, n):
    x = rng.normal(size=(max(n // 32, 1), 32))
    return Case("sized", (x, rng.integers(0, 32, size=(10, 32))), {"q": [0.05, 0.95]})


OPS = [
    Op(histogram, histogram_cases, sized=histogram_sized, wrt=()),
    Op(bootstrap_interval, bootstrap_interval_cases, sized=bootstrap_interval_sized, wrt=()),
]

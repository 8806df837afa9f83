"""Slips of medians, quantiles, histograms and of an interval by resampling."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..statistics.empirical import bootstrap_interval
from ..statistics.order import quantile, quartiles


def _lines(x, axis):
    return np.reshape(x, (-1, 1)) if axis is None else np.moveaxis(x, axis, 0)


def _picked(of_lines):
    """A median of what is along the first axis, for any axis and keepdims."""

    def median(x, *, axis, keepdims):
        y = of_lines(_lines(x, axis))
        if axis is None:
            return np.reshape(y, (1,) * x.ndim) if keepdims else y[0]
        return np.expand_dims(y, axis) if keepdims else y

    return median


def _middle(lines):
    n = len(lines)
    return (lines[(n - 1) // 2] + lines[n // 2]) / 2


def _unsorted_quantile(x, *, q, axis, method="linear"):
    lines = _lines(x, axis)
    positions = np.asarray(q) * (len(lines) - 1)
    j = np.floor(positions).astype(int)
    g = np.reshape(positions - j, positions.shape + (1,) * (lines.ndim - 1))
    y = (1 - g) * lines[j] + g * lines[np.minimum(j + 1, len(lines) - 1)]
    return y[..., 0] if axis is None else y


def _medians_of_halves(x, *, axis):
    lines = np.sort(_lines(x, axis), axis=0)
    n = len(lines)
    y = np.stack([_middle(lines[: n // 2]), _middle(lines), _middle(lines[(n + 1) // 2 :])])
    return y[:, 0] if axis is None else y


def _quarters_of_the_range(x, *, axis):
    low, high = np.min(x, axis=axis), np.max(x, axis=axis)
    return np.stack([low + share * (high - low) for share in (0.25, 0.5, 0.75)])


def _per_cent(q):
    return [level / 100 for level in q] if isinstance(q, list | tuple) else q / 100


def _right_closed(x, edges):
    values = np.reshape(x, (-1, 1))
    below = [np.sum(values < edges[:1], axis=0), np.sum(values <= edges[1:], axis=0)]
    return np.diff(np.concat(below))


def _last_open(x, edges):
    return np.diff(np.sum(np.reshape(x, (-1, 1)) < edges, axis=0))


def _all_within(x, edges):
    return np.histogram(np.clip(x[~np.isnan(x)], edges[0], edges[-1]), edges)[0]


def _density(x, edges):
    counts = np.histogram(x[~np.isnan(x)], edges)[0]
    return counts / (max(np.sum(counts), 1) * np.diff(edges))


def _reflected(x, indices, *, q):
    return 2 * np.mean(x, axis=-1) - bootstrap_interval(x, indices, q=[1 - level for level in q])


def _of_medians(x, indices, *, q):
    return np.quantile(np.median(np.take(x, indices, axis=-1), axis=-1), q, axis=-1)


_UNSORTED = "The values are to be sorted first: the middle of a list is its median only when it is in order."

SLIPS = {
    "median": (
        Slip("not-sorted", _UNSORTED, forward=_picked(_middle)),
        Slip(
            "lower-of-the-middle-two",
            "Of an even count the median is the mean of the middle two values; this is the lower one, which "
            "torch.median returns. Take torch.quantile(x, 0.5), or the mean of both.",
            forward=_picked(lambda lines: np.sort(lines, axis=0)[(len(lines) - 1) // 2]),
            convention="PyTorch",
        ),
        Slip(
            "upper-of-the-middle-two",
            "Of an even count the median is the mean of the middle two values; sorted[n // 2] is the upper one.",
            forward=_picked(lambda lines: np.sort(lines, axis=0)[len(lines) // 2]),
        ),
        Slip(
            "mean",
            "This is the mean, which one wild value moves as far as it likes. The median is the value in the middle "
            "of the order.",
            forward=lambda x, *, axis, keepdims: np.mean(x, axis=axis, keepdims=keepdims),
        ),
    ),
    "quantile": (
        Slip(
            "not-sorted",
            "The values are to be sorted first: their positions mean nothing before that.",
            forward=_unsorted_quantile,
        ),
        Slip(
            "always-linear",
            "This is the definition called linear, number 7 of Hyndman and Fan, whatever method is asked for. It is "
            "the default of np.quantile; pass method=method.",
            forward=lambda x, *, q, axis, method: quantile(x, q=q, axis=axis, method="linear"),
            convention="NumPy, R and PyTorch, by default",
        ),
        Slip(
            "per-cent",
            "A quantile takes q between 0 and 1. np.percentile takes it between 0 and 100, and then 0.5 is half a per "
            "cent.",
            forward=lambda x, *, q, axis, method: quantile(x, q=_per_cent(q), axis=axis, method=method),
        ),
        Slip(
            "not-interpolated",
            "Between two values the quantile is read off a line from one to the other; here the position is cut off "
            "to a whole number, which takes the lower one.",
            forward=lambda x, *, q, axis, method: np.quantile(x, q, axis=axis, method="lower"),
        ),
    ),
    "quartiles": (
        Slip(
            "medians-of-the-halves",
            "These are the medians of the lower and the upper half, without the middle value of an odd count, as "
            "schoolbooks and the TI-83 have it. NumPy's quartiles lie on straight lines between the sorted values: "
            "take np.quantile(x, [0.25, 0.5, 0.75], axis=axis).",
            forward=_medians_of_halves,
            convention="Moore and McCabe, Khan Academy and the TI-83",
        ),
        Slip(
            "not-interpolated",
            "The position 1 + (n - 1) q is rarely whole; here it is cut off, which takes the lower value. Between two "
            "values the quartile is read off a line.",
            forward=lambda x, *, axis: np.quantile(x, [0.25, 0.5, 0.75], axis=axis, method="lower"),
        ),
        Slip(
            "not-sorted",
            "The values are to be sorted first: their positions mean nothing before that.",
            forward=lambda x, *, axis: _unsorted_quantile(x, q=[0.25, 0.5, 0.75], axis=axis),
        ),
        Slip(
            "quarters-of-the-range",
            "A quarter of the values lies below the first quartile, wherever they are. Here the way from the least to "
            "the largest value is cut in four.",
            forward=_quarters_of_the_range,
        ),
        Slip(
            "last-first",
            "The order is that of the levels: 1/4, 1/2, 3/4, and so the least comes first.",
            forward=lambda x, *, axis: quartiles(x, axis=axis)[::-1],
        ),
    ),
    "histogram": (
        Slip(
            "closed-on-the-right",
            "Here a value on an inner edge counts in the bin to its left, and the first bin holds both of its edges. "
            "Where bins hold e_j <= x < e_(j+1), as in NumPy, it belongs to the right one: say right=FALSE to hist.",
            forward=_right_closed,
            convention="R",
        ),
        Slip(
            "last-edge-open",
            "The last bin holds its right edge too; otherwise the largest value is lost where the edges end with it.",
            forward=_last_open,
        ),
        Slip(
            "outside-in-the-end-bins",
            "What lies below the first or above the last edge is not counted; here it is put into the bins at the "
            "ends.",
            forward=_all_within,
        ),
        Slip(
            "density",
            "These are densities, counts over n times the width, whose bars have the area 1. The counts are whole "
            "numbers: leave density=True out.",
            forward=_density,
        ),
    ),
    "bootstrap_interval": (
        Slip(
            "quantiles-of-the-values",
            "The interval is one of the mean: first the mean of each resample, then the quantiles of these means. The "
            "quantiles of all values say where single values lie.",
            forward=lambda x, indices, *, q: quantile(x, q=q, axis=-1, method="linear"),
        ),
        Slip(
            "reflected",
            "This is the basic interval, 2 m - (the quantile 1 - q of the means), which reflects Efron's percentile "
            "interval at the mean m of the sample. Take the quantile q of the means themselves.",
            forward=_reflected,
            convention="Davison and Hinkley (1997), called the basic bootstrap",
        ),
        Slip(
            "medians-of-the-resamples",
            "Of each resample the mean is taken, not the median.",
            forward=_of_medians,
        ),
    ),
}

"""Padding: what lies beyond the edges of an array."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op

MODES = ("constant", "reflect", "replicate", "circular")


def pad(x, *, pad_width, mode, constant_values):
    """y[i] = x[s(i - before)], along each axis; with mode "constant" y[i] = constant_values outside x.

    Shapes: x any, y longer by before + after along each axis; pad_width holds a pair (before, after) for each axis,
    the first axis first. constant_values is a number in the unit of x, and is looked at in mode "constant" alone.

    s brings an index back into 0, ..., n - 1. "replicate" repeats the ends: 0 before and n - 1 behind. "circular" goes
    round, i mod n. "reflect" turns at the ends, which are not repeated: 3 2 1 [0 1 2 3] 2 1 0, of period 2 (n - 1).

    Raises ValueError for another mode, without a pair for each axis and for negative widths.

    Source: Gonzalez and Woods (2018), Digital Image Processing, section 3.4.
    """
    _require_pad(x, pad_width, mode)
    if mode == "constant":
        return np.pad(x, pad_width, constant_values=constant_values)
    for axis, (before, after) in enumerate(pad_width):
        x = np.take(x, _source(x.shape[axis], before, after, mode), axis=axis)
    return x


def pad_vjp(ybar, y, x, *, pad_width, mode, constant_values):
    """xbar[j] = the sum of ybar[i] over all i with s(i - before) = j; what is constant gives nothing back."""
    if mode == "constant":
        return (ybar[tuple(slice(before, before + n) for (before, _), n in zip(pad_width, x.shape, strict=True))],)
    for axis, (before, after) in enumerate(pad_width):
        n = x.shape[axis]
        comes_from = _source(n, before, after, mode)[:, None] == np.arange(n)
        ybar = np.moveaxis(np.moveaxis(ybar, axis, -1) @ comes_from, -1, axis)
    return (ybar,)


def _source(n, before, after, mode):
    """For each index of the padded axis the one of x that is seen there."""
    i = np.arange(-before, n + after)
    if mode == "replicate":
        return np.clip(i, 0, n - 1)
    if mode == "circular":
        return i % n
    period = 2 * max(n - 1, 1)
    return np.minimum(i % period, -i % period) % n


def _require_pad(x, pad_width, mode):
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
    if len(pad_width) != x.ndim or any(len(pair) != 2 or min(pair) < 0 for pair in pad_width):
        raise ValueError(f"pad_width is {pad_width}, expected {x.ndim} pairs of numbers that are not negative")


def pad_cases(rng):
    def params(mode, *pad_width, constant_values=0.0):
        return {"pad_width": pad_width, "mode": mode, "constant_values": constant_values}

    yield Case("constant", (rng.normal(size=(2, 3)),), params("constant", (1, 0), (2, 3), constant_values=-1.5))
    yield Case("reflect", (rng.normal(size=(1, 2, 3, 5)),), params("reflect", (0, 0), (0, 0), (2, 1), (3, 4)))
    yield Case("replicate", (rng.normal(size=(2, 3, 4)),), params("replicate", (0, 0), (0, 0), (3, 5)))
    volume = rng.normal(size=(1, 2, 3, 1, 4))
    yield Case("replicate-volume", (volume,), params("replicate", (0, 0), (0, 0), (1, 0), (2, 1), (0, 2)))
    yield Case("circular", (rng.normal(size=(1, 2, 3, 5)),), params("circular", (0, 0), (0, 0), (3, 1), (2, 4)))
    ends = np.array([[np.nan, 1.0, -np.inf]])
    answer = np.array([[-np.inf, 1.0, np.nan, 1.0, -np.inf, 1.0]])
    yield Case("nan-and-infinite", (ends,), params("reflect", (0, 0), (2, 1)), "special", answer)
    answer = np.full((2, 3), 0.25)
    yield Case(
        "nothing", (np.zeros((0, 3)),), params("constant", (0, 2), (0, 0), constant_values=0.25), "empty", answer
    )
    yield Case("no-such-mode", (rng.normal(size=(2, 3)),), params("mirror", (0, 0), (1, 1)), "refused")
    yield Case("negative", (rng.normal(size=(2, 5)),), params("constant", (0, 0), (1, -1)), "refused")


def pad_sized(rng, n):
    params = {"pad_width": ((0, 0), (0, 0), (1, 2), (3, 1)), "mode": "reflect", "constant_values": 0.0}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


OPS = [
    Op(pad, pad_cases, pad_vjp, pad_sized),
]

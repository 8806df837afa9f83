"""What a wrong answer has in common with the right one, found from both; each docstring is a page as of a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .context import Context, axes_of, fitted

NEARLY = {"float64": 1e-9, "float32": 1e-5}
"""A relation explains an answer when it leaves less than this of the largest value: far above the rounding of an answer
in the format, far below a mistake."""

Explains = Callable[[np.ndarray], bool]


def same_everywhere(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """Every element is off by one factor, which is no number of this problem that we know.

    As with constant-factor: divide your answer by the right one, and ask where this number comes from: a scale, a
    rate or a count that was applied once too often, or forgotten.
    """
    if want.size > 1:
        k = float(np.vdot(got, want) / np.vdot(want, want))
        if explains(k * want):
            return f"the right answer times {k:.15g}"
    return ""


def factor_by_row(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """Along one axis every element is off by the same factor, which changes from row to row or column to column.

    Something with one value for each row (a normaliser, the count of a mask, a weight) or for each column (gamma, a
    standard deviation) is missing, or was applied twice, or belongs to another row.

    To see it: divide your answer by the right one, and look along which axis the quotient is constant.
    """
    for axes in axes_of(want.ndim)[:-1] if want.ndim >= 2 else ():
        size = np.prod([want.shape[i] for i in axes])
        if size > 1 and size < want.size:
            square = np.sum(want * want, axis=axes, keepdims=True)
            if np.all(square > 0):
                k = np.sum(got * want, axis=axes, keepdims=True) / square
                if explains(k * want):
                    others = [i for i in range(want.ndim) if i not in axes]
                    place = ", ".join(map(str, others))
                    return f"the right answer times a factor for each index of axis {place}: {_some(k)}"
    return ""


def missing_term(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """A term is missing, or one is there that should not be: what is left over has a simple shape.

    Constant along an axis: a mean over it is missing. In batch norm every input moves the mean of its column, so
    xbar = (gbar - mean(gbar) - xhat mean(gbar xhat)) / std; without the second term a column is off by one number. A
    multiple of an input: a penalty on the weights with the wrong sign or strength, or the term of the variance above.

    To see it: subtract the right answer from yours and look at the difference alone.
    """
    left = got - want
    if want.size < 3:
        return ""
    for axes in reversed(axes_of(want.ndim)):
        size = np.prod([want.shape[i] for i in axes])
        if size > 1:
            constant = np.mean(left, axis=axes, keepdims=True)
            place = "everywhere" if size == want.size else f"all along axis {', '.join(map(str, axes))}"
            if (size < want.size or size > 2) and explains(want + constant):
                return f"the right answer with the same number added {place}: {_some(constant)}"
    for name, a in about.multipliers(want.shape):
        a = np.broadcast_to(a, want.shape)
        for axes in reversed(axes_of(want.ndim)):
            size = np.prod([want.shape[i] for i in axes])
            square = np.sum(a * a, axis=axes, keepdims=True)
            if size > 2 and np.all(square > 0):
                k = np.sum(left * a, axis=axes, keepdims=True) / square
                if explains(want + k * a):
                    each = "" if size == want.size else f" for each index of the axes other than {axes}"
                    return f"the right answer with {name} added, times {_some(k)}{each}"
    return ""


def at_the_boundary(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """The first or the last element, row or step alone is right, or alone is wrong.

    A recursion that starts or stops one step too early, that forgets what the later steps send back (truncated
    backpropagation through time), an index that is off by one, a border that is treated otherwise than the inside.

    To see it: look at T = 1, then at T = 2, and compute the second step by hand.
    """
    for axis, n in enumerate(want.shape):
        if n < 3:
            continue
        other = tuple(i for i in range(want.ndim) if i != axis)
        right = ~np.any(_off(got, want), axis=other)
        for place, index in (("first", 0), ("last", n - 1)):
            alone = np.arange(n) == index
            if np.array_equal(right, alone):
                return f"right at the {place} index of axis {axis} alone"
            if np.array_equal(right, ~alone):
                return f"wrong at the {place} index of axis {axis} alone"
    return ""


def at_some_inputs(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """The answer is wrong only where an input has some property: zero, negative, a tie, the same index twice, masked.

    Zeros and ties: the branch of a comparison (> for >=, a maximum that is reached twice). Duplicates: ``a[i] += g``
    with an index that occurs twice keeps only the last contribution, ``np.add.at`` adds them all. Negative numbers: an
    absolute value or a root. Masked or padded places: the mask was left out on the way back.

    To see it: print the indices that are wrong, and the inputs at these places.
    """
    wrong = _off(got, want)
    if not 0 < np.sum(wrong) < want.size:
        return ""
    for name, a in about.args.items():
        if not isinstance(a, np.ndarray):
            continue
        for property_, holds in _properties(a):
            for where in fitted(holds.astype(np.float64), want.shape) if holds.shape != want.shape else (holds,):
                if np.array_equal(np.broadcast_to(where, want.shape).astype(bool), wrong):
                    return f"wrong exactly where {name} {property_}"
            if holds.ndim == 1 and a.dtype.kind in "iu" and want.ndim and property_ == "occurs more than once":
                rows = np.isin(np.arange(want.shape[0]), a[holds])
                if np.array_equal(rows, np.any(wrong.reshape(len(wrong), -1), axis=1)):
                    return f"wrong only in the rows whose index occurs more than once in {name}"
    count = int(np.sum(wrong))
    return f"right but for {count} of {got.size} elements" if count <= got.size // 4 else ""


def _properties(a: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    if a.dtype.kind == "b":
        yield "is True", a
        yield "is False", ~a
        return
    yield "is 0", a == 0
    yield "is negative", a < 0
    yield "is positive", a > 0
    _, inverse, counts = np.unique(a, return_inverse=True, return_counts=True)
    yield "occurs more than once", (counts > 1)[inverse].reshape(a.shape)
    yield "is above 1", a > 1
    yield "is below -1", a < -1
    yield "is beyond 1 in size", np.abs(a) > 1


def float32_inside(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """A float64 answer has the digits of float32 only.

    Somewhere on the way a number was held in 32 bits: an array made without a dtype by a framework whose default is
    float32, a cast, a constant of a table, or JAX without ``jax_enable_x64``. About seven digits are right.

    To see it: print the dtype of every intermediate.
    """
    with np.errstate(over="ignore"):
        narrow = got.astype(np.float32).astype(np.float64)
    off = np.max(np.abs(got - want), initial=0) / np.max(np.abs(want), initial=1e-300)
    if np.any(got != 0) and np.array_equal(got, narrow) and not np.array_equal(want, narrow) and off < 1e-4:
        return "every element is a float32 number: a part of it was computed in 32 bits"
    return "about seven digits are right: a part of it was computed in 32 bits" if 1e-9 < off < 1e-6 else ""


def upstream_ignored(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """The cotangents do not depend on the upstream cotangent.

    What was returned is the gradient of the sum of the outputs, or of a loss whose own cotangent is 1. A VJP is linear
    in ybar: every term of every cotangent has it as a factor. Tests with ybar = 1 cannot see the difference.

    To see it: double ybar. Every cotangent must double.
    """
    again = about.scaled(2.0) if about.scaled else None
    same = again is not None and again.shape == got.shape and np.any(got) and np.array_equal(again, got)
    return "the same answer for every upstream cotangent ybar" if same else ""


def upstream_squared(got: np.ndarray, want: np.ndarray, about: Context, explains: Explains) -> str:
    """The cotangents are quadratic in the upstream cotangent: it was multiplied in twice.

    A VJP is linear in ybar. Where a layer multiplies by ybar and hands on the product to a helper that does so again,
    doubling ybar makes the answer four times as large. Tests with ybar = 1 cannot see the difference.

    To see it: double ybar. Every cotangent must double.
    """
    again = about.scaled(2.0) if about.scaled else None
    if again is None or again.shape != got.shape or not np.any(got):
        return ""
    return "multiplied by the upstream cotangent ybar twice" if np.array_equal(again, 4 * got) else ""


SPECIFIC = (upstream_ignored, upstream_squared, missing_term, at_the_boundary, at_some_inputs)
VAGUE = (same_everywhere, factor_by_row, float32_inside)
"""They say less than two guesses do, one after the other."""


def _off(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where an answer is wrong; the others are a thousand times nearer to the right one than the worst is."""
    error = np.abs(got - want)
    return error > np.max(error, initial=0) / 1000


def _some(k: np.ndarray) -> str:
    numbers = ", ".join(f"{v:.6g}" for v in np.ravel(k)[:4])
    return numbers + (", ..." if np.size(k) > 4 else "")

"""What can be said of an answer whose shape or dtype is another one; each docstring is a page as of a guess."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from .context import Context

NEAR = 1e-5
"""Relative to the largest number: that much may be left by arithmetic in 32 bits."""


def shape(got: np.ndarray, want: np.ndarray, about: Context) -> str:
    """The answer has another shape than it must have.

    Broadcasting is the usual cause: (n,) against (n, 1) gives (n, n) without a word, as row against column; write
    both as (n,) or both as (n, 1). What was broadcast on the way forward is summed on the way back, over the axes along
    which it was repeated and over no others: a cotangent has the shape of what it is the cotangent of. ``keepdims``
    decides whether a reduced axis stays as one of size 1.

    To see it: print the shapes of every line, beginning with the arguments.
    """
    if got.dtype.kind in "fiu" and want.dtype.kind in "fiu" and got.size and want.size:
        for axes in _axes(got.ndim):
            for done, of in (("summed", np.sum), ("averaged", np.mean)):
                for keepdims in (False, True):
                    if _equal(of(got, axis=axes, keepdims=keepdims), want):
                        return f"not {done} over axis {_list(axes)}: what was broadcast is {done} on the way back"
        for axes in _axes(want.ndim):
            for done, of in (("summed", np.sum), ("averaged", np.mean)):
                for keepdims in (False, True):
                    if _equal(of(want, axis=axes, keepdims=keepdims), got):
                        return f"{done} over axis {_list(axes)}, which must stay"
    n = want.size
    if n > 1 and got.shape == (n, n) and want.shape in ((n,), (n, 1), (1, n)):
        return f"({n},) against ({n}, 1): broadcasting made {n} by {n} of it"
    if sorted(got.shape) == sorted(want.shape):
        return "the axes of the right answer in another order, and other numbers too"
    if [m for m in got.shape if m != 1] == [m for m in want.shape if m != 1]:
        return "an axis of size 1 too many or too few (keepdims), and other numbers too"
    if got.size == want.size:
        return "as many numbers as the right answer, in another shape"
    if got.ndim == want.ndim:
        off = [(axis, m - n) for axis, (m, n) in enumerate(zip(got.shape, want.shape, strict=True)) if m != n]
        if len(off) == 1 and abs(off[0][1]) == 1:
            axis, by = off[0]
            return f"one too {'many' if by > 0 else 'few'} along axis {axis}: a border, or a range that is off by one"
    if got.ndim < want.ndim:
        return "summed or averaged over an axis too many, and other numbers too"
    if got.ndim > want.ndim:
        return "an axis too many: not summed, or broadcast"
    return f"{got.shape} in place of {want.shape}"


def dtype(got: np.ndarray, want: np.ndarray, about: Context) -> str:
    """The answer has another dtype than the inputs.

    Integers: ``np.zeros_like(ids)`` of an integer array holds integers, and cuts off what is written into it; so does
    ``np.array([1, 2])``. Booleans: a comparison was returned. float64 where float32 came in: a NumPy scalar or an array
    of float64 (``np.ones(n)``, ``np.arange(n) / n``) among the factors; Python numbers do not widen. float32 where
    float64 came in: a framework's default. object: numbers that are no floats, or rows of different lengths. complex:
    an eigenvalue, a root or a Fourier transform whose imaginary part was kept.

    To see it: print the dtype of every intermediate, and make arrays with ``np.zeros(shape, x.dtype)``.
    """
    ask = f"{got.dtype} in place of {about.dtype}"
    if got.dtype.kind == "b":
        return f"{ask}: the outcome of a comparison was returned"
    if got.dtype.kind == "O":
        return f"{ask}: an array of Python objects, made of rows of different lengths or of numbers that are no floats"
    if got.dtype.kind == "c":
        return f"{ask}: take the real part, np.real(...), where the imaginary one is 0"
    if got.dtype.kind in "iu":
        cut = got.shape == want.shape and np.array_equal(got, np.trunc(want))
        return f"{ask}: the right answer cut off to integers" if cut else f"{ask}: made like an array of integers"
    if got.shape == want.shape and got.dtype.kind == "f" and _equal(got.astype(np.float64), want):
        return f"{ask}, the numbers are right: an array of {got.dtype} among the factors, or a cast"
    return f"{ask}, and the numbers are others too"


def _axes(ndim: int) -> Iterator[tuple[int, ...]]:
    return (axes for k in range(1, ndim + 1) for axes in combinations(range(ndim), k)) if ndim <= 5 else iter(())


def _list(axes: tuple[int, ...]) -> str:
    return ", ".join(map(str, axes))


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    if np.shape(a) != np.shape(b) or not np.any(b):
        return False
    with np.errstate(all="ignore"):
        return bool(np.max(np.abs(a - b), initial=0) <= NEAR * np.max(np.abs(b), initial=0))

"""Slips of transposing, reshaping, broadcasting and looking up."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..linear.rearrangement import take_vjp
from ..op import Slip


def _moved(x, axes):
    """The axes sent where they are named, instead of fetched from there."""
    return np.moveaxis(x, range(x.ndim), axes)


def _taken_last_only(ybar, y, x, indices, *, axis):
    xbar = np.moveaxis(np.zeros_like(x), axis, 0).copy()
    xbar[indices] = np.moveaxis(ybar, axis, 0)
    return (np.moveaxis(xbar, 0, axis),)


def _taken_averaged(ybar, y, x, indices, *, axis):
    (xbar,) = take_vjp(ybar, y, x, indices, axis=axis)
    named = np.maximum(np.bincount(indices, minlength=x.shape[axis]), 1)
    return (np.moveaxis(np.moveaxis(xbar, axis, -1) / named, -1, axis),)


SLIPS = {
    "transpose": (
        Slip(
            "axes-not-sent-back",
            "The way back is the inverse permutation, np.argsort(axes). Here the axes were permuted by axes once more, "
            "which is right for an exchange of two axes alone.",
            vjp=lambda ybar, y, x, *, axes: (np.permute_dims(ybar, axes),),
        ),
        Slip(
            "axes-sent-instead-of-fetched",
            "Axis k of the result is axis axes[k] of x. Here axis k of x became axis axes[k] of the result, which is "
            "the inverse permutation; for an exchange of two axes both are the same.",
            forward=lambda x, *, axes: _moved(x, axes),
        ),
        Slip(
            "reshaped-instead",
            "A reshape keeps the order of the elements and only writes down other lengths: the shape is that of the "
            "transpose, and the elements stand in other places. Transposing moves them.",
            vjp=lambda ybar, y, x, *, axes: (np.reshape(ybar, x.shape),),
        ),
    ),
    "reshape": (
        Slip(
            "first-axis-fastest",
            "In NumPy, PyTorch and JAX the last axis runs fastest, as in C. Here the elements were counted along the "
            "first axis, as in Fortran and MATLAB: leave out order='F'.",
            forward=lambda x, *, shape: np.reshape(x, shape, order="F"),
            vjp=lambda ybar, y, x, *, shape: (np.reshape(ybar, x.shape, order="F"),),
            convention="MATLAB",
        ),
        Slip(
            "cotangent-not-reshaped",
            "A cotangent has the shape of its argument. Here it still has the shape of the result: reshape it back to "
            "x.shape.",
            vjp=lambda ybar, y, x, *, shape: (ybar,),
        ),
    ),
    "broadcast_to": (
        Slip(
            "averaged-over-the-copies",
            "Each copy of x sends its cotangent back, and they add up. Here they were averaged: dividing by the number "
            "of copies makes a gradient of a bias N times too small.",
            vjp=lambda ybar, y, x, *, shape: (unbroadcast(ybar, x.shape) * (x.size / y.size),),
        ),
        Slip(
            "one-copy-only",
            "Each copy of x sends its cotangent back, and they add up. Here one of them was taken, and the others were "
            "forgotten.",
            vjp=lambda ybar, y, x, *, shape: (
                np.reshape(ybar[tuple(slice(0, 1 if n == 1 else None) for n in _padded(x, y))], x.shape),
            ),
        ),
        Slip(
            "not-summed",
            "A cotangent has the shape of its argument: sum along the axes that were repeated. Here it still has the "
            "shape of the result.",
            vjp=lambda ybar, y, x, *, shape: (ybar,),
        ),
        Slip(
            "summed-over-everything",
            "Only the axes that were repeated are summed. Here all of them were, and the one number was given to every "
            "element of x.",
            vjp=lambda ybar, y, x, *, shape: (np.full_like(x, np.sum(ybar)),),
        ),
    ),
    "take": (
        Slip(
            "last-contribution-only",
            "An index that is named several times gets the sum of all that comes back to it. The assignment "
            "xbar[indices] += ybar keeps the last one alone; np.add.at adds them all up.",
            vjp=_taken_last_only,
        ),
        Slip(
            "averaged-over-the-places",
            "An index that is named several times gets the sum of all that comes back to it. Here it was divided by "
            "how often it is named.",
            vjp=_taken_averaged,
        ),
        Slip(
            "counted-from-one",
            "The first element has the index 0. Here it was counted as 1, as in MATLAB, R and Julia, so each element "
            "is the one before. Use the indices as they are.",
            forward=lambda x, indices, *, axis: np.take(x, indices - 1, axis=axis),
            vjp=lambda ybar, y, x, indices, *, axis: take_vjp(ybar, y, x, (indices - 1) % x.shape[axis], axis=axis),
            convention="MATLAB",
        ),
    ),
}


def _padded(x, y):
    """The shape of x with axes of length 1 in front, as many as y has axes."""
    return (1,) * (y.ndim - x.ndim) + x.shape

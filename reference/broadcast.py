"""Broadcasting and its adjoint: what a VJP does to a cotangent where an argument was repeated, or reduced."""

from __future__ import annotations

import numpy as np


def unbroadcast(xbar, shape):
    """The sum of a cotangent along the axes that broadcasting repeated, back in the shape of the argument."""
    leading = tuple(range(xbar.ndim - len(shape)))
    repeated = tuple(i for i, size in enumerate(shape, start=len(leading)) if size == 1)
    return np.reshape(np.sum(xbar, axis=(*leading, *repeated)), shape)


def spread(y, x, axis, keepdims):
    """What was reduced from x along ``axis``, repeated in the shape of x."""
    if axis is not None and not keepdims:
        y = np.expand_dims(y, axis)
    return np.broadcast_to(y, x.shape)

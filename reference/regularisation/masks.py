"""The masks of dropout, and the cases that need them."""

from __future__ import annotations

import numpy as np

from ..op import Case


def spread_mask(mask, x):
    """The mask of the leading axes of x, in the shape of x."""
    return np.broadcast_to(np.reshape(mask, mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)


def require_mask(x, mask, shape, p):
    if mask.shape != shape:
        raise ValueError(f"mask has shape {mask.shape}, expected {shape} for x of shape {x.shape}")
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}, expected a probability to drop, at least 0 and below 1")


def masked(rng, shape, shape_of_mask):
    """Values, and a mask that keeps some and drops some, the same in every draw."""
    size = int(np.prod(shape_of_mask))
    mask = np.resize([True, False, True, True, False, False, True], size).reshape(shape_of_mask)
    return rng.normal(size=shape), mask


def sized_channels(rng, shape):
    mask = rng.uniform(size=shape[:2]) < 0.75
    mask[0, 0] = True
    return Case("sized", (rng.normal(size=shape), mask), {"p": 0.25})

"""What the maps from noise to samples ask of the noise, and what those of counts need."""

from __future__ import annotations

import numpy as np


def require_own_noise(u, shape):
    """Every sample must have a noise of its own: the parameters may be broadcast to it, never the noise to them."""
    if np.broadcast_shapes(u.shape, shape) != u.shape:
        raise ValueError(f"each sample needs its own noise: got noise {u.shape} for parameters {shape}")


def as_numbers(count, like):
    """Integers in the arithmetic of ``like``, broadcast: an integer times a float32 would be computed in float64."""
    return np.full_like(np.broadcast_to(like, np.broadcast_shapes(np.shape(count), like.shape)), count)

"""Resampling in JAX."""

from __future__ import annotations

import jax

METHODS = {
    "nearest-exact": "nearest",
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic",
}


def _interpolate(x, *, size, mode, align_corners, antialias):
    if align_corners or mode in ("nearest", "area"):
        raise NotImplementedError("jax.image.resize aligns no corners, and has neither floor(p n/m) nor means of areas")
    if mode == "bicubic" and not antialias:
        raise NotImplementedError(
            "jax.image.resize has the cubic kernel with a = -1/2, which leaves out what lies outside"
        )
    if len(size) != x.ndim - 2:
        raise ValueError(f"got x of shape {x.shape} and size {size}, want a size for each axis of pixels")
    return jax.image.resize(x, (*x.shape[:2], *size), METHODS[mode], antialias=antialias)


FORWARDS = {
    "interpolate": _interpolate,
}

"""Resampling in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates

from .common import choice

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


def _grid_sample(x, grid, *, mode, padding_mode, align_corners):
    """map_coordinates takes one image, and counts in pixels, the first axis first."""
    order = choice({"nearest": 0, "bilinear": 1}, mode, "grid_sample")
    reflection = "mirror" if align_corners else "reflect"
    edges = choice({"zeros": "constant", "border": "nearest", "reflection": reflection}, padding_mode, "grid_sample")
    if grid.shape[-1] != x.ndim - 2:
        raise ValueError(
            f"got x of shape {x.shape} and grid of {grid.shape}, want a coordinate for each axis of pixels"
        )
    n = jnp.array(x.shape[2:], dtype=x.dtype)
    where = grid[..., ::-1] + 1
    where = jnp.moveaxis(where * (n - 1) / 2 if align_corners else (where * n - 1) / 2, -1, 1)

    def sample(image, coordinates):
        return map_coordinates(image, list(coordinates), order, edges)

    return jax.vmap(jax.vmap(sample, in_axes=(0, None)))(x, where)


FORWARDS = {
    "grid_sample": _grid_sample,
    "interpolate": _interpolate,
}

LEDGER = (
    (
        "beyond the outermost centres both neighbours are one pixel, whose weights add up to 1 but for rounding",
        "",
        tuple(
            f"?{kind}:grid_sample-{case}-*"
            for case in ("border-corners", "reflection")
            for kind in ("value", "layout", "batched", "eager value", "vjp", "jvp", "*-over-*")
        ),
    ),
)

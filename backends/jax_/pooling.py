"""Pooling in JAX."""

from __future__ import annotations

from functools import partial

import jax.numpy as jnp
from jax import lax

from .common import installed_flax


def max_pool(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    _require_whole_windows(ceil_mode)
    pads = [(0, 0), (0, 0), *((p, p) for p in padding)]
    strides, dilations = (1, 1, *stride), (1, 1, *dilation)
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, *kernel_size), strides, pads, window_dilation=dilations)


def _avg_pool(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override=None):
    """flax has the channels last."""
    _require_plain(ceil_mode, divisor_override)
    pads, images = [(p, p) for p in padding], jnp.moveaxis(x, 1, -1)
    return jnp.moveaxis(installed_flax().avg_pool(images, kernel_size, stride, pads, count_include_pad), -1, 1)


def _avg_pool2d(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """As who has no flax writes it."""
    _require_plain(ceil_mode, divisor_override)
    pads = [(0, 0), (0, 0), *((p, p) for p in padding)]
    sums = partial(lax.reduce_window, window_dimensions=(1, 1, *kernel_size), window_strides=(1, 1, *stride))
    counts = kernel_size[0] * kernel_size[1]
    if not count_include_pad:
        counts = sums(jnp.ones_like(x), 0.0, lax.add, padding=pads)
    return sums(x, 0.0, lax.add, padding=pads) / counts


def _require_plain(ceil_mode, divisor_override):
    _require_whole_windows(ceil_mode)
    if divisor_override is not None:
        raise NotImplementedError("flax.linen.avg_pool has no divisor but the number of pixels")


def _require_whole_windows(ceil_mode):
    if ceil_mode:
        raise NotImplementedError("jax.lax.reduce_window has no ceil_mode: all windows lie inside the padded image")


def _global_avg_pool(x):
    return x.mean(axis=tuple(range(2, x.ndim)))


FORWARDS = {
    "max_pool1d": max_pool,
    "max_pool2d": max_pool,
    "max_pool3d": max_pool,
    "avg_pool1d": _avg_pool,
    "avg_pool2d": _avg_pool2d,
    "avg_pool3d": _avg_pool,
    "global_avg_pool": _global_avg_pool,
}

LEDGER = (
    (
        "flax counts the pixels in JAX's default float type: with x64, means of float32 are float64",
        "",
        ("*:avg_pool1d-padding-not-counted-float32", "*:avg_pool3d-padding-not-counted-float32"),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:avg_pool2d-kernel-too-large-float64",
            "refused:avg_pool2d-padding-too-large-float64",
            "refused:max_pool2d-kernel-too-large-float64",
            "refused:max_pool2d-padding-too-large-float64",
            "refused:global_avg_pool-no-pixel-axes-float64",
        ),
    ),
)

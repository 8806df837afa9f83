"""Pooling in JAX."""

from __future__ import annotations

from functools import partial

import jax.numpy as jnp
from jax import lax


def _pool(x, start, combine, kernel_size, stride, padding):
    pads = [(0, 0), (0, 0), *((p, p) for p in padding)]
    return lax.reduce_window(x, start, combine, (1, 1, *kernel_size), (1, 1, *stride), pads)


def max_pool2d(x, *, kernel_size, stride, padding):
    return _pool(x, -jnp.inf, lax.max, kernel_size, stride, padding)


def avg_pool2d(x, *, kernel_size, stride, padding, count_include_pad):
    counted = partial(_pool, start=0.0, combine=lax.add, kernel_size=kernel_size, stride=stride, padding=padding)
    return counted(x) / (kernel_size[0] * kernel_size[1] if count_include_pad else counted(jnp.ones_like(x)))


FORWARDS = {
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:avg_pool2d-kernel-too-large-float64",
            "refused:avg_pool2d-padding-too-large-float64",
            "refused:max_pool2d-kernel-too-large-float64",
            "refused:max_pool2d-padding-too-large-float64",
        ),
    ),
)

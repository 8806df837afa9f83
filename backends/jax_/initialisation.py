"""Initialisation in JAX: jax.nn.initializers, with other noise in the place of theirs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.nn import initializers

OUT_FIRST = {"in_axis": 1, "out_axis": 0}
"""Our weights are (out, in, *kernel); JAX's, unless it is told, (*kernel, in, out)."""


def _scaled(initializer, noise, drawn):
    """``noise`` times what the initialiser multiplies its own noise by, which the same key draws again.

    All quotients are this factor, but for their rounding: the median is closest to it.
    """
    key = jax.random.key(0)
    return noise * jnp.median(initializer(key, noise.shape, noise.dtype) / drawn(key, noise.shape, noise.dtype))


def _from_uniform(initializer, u):
    return _scaled(initializer, 2 * u - 1, lambda *about: jax.random.uniform(*about, minval=-1))


def _from_normal(initializer, z):
    return _scaled(initializer, z, jax.random.normal)


def _kaiming_scale(nonlinearity):
    if nonlinearity != "relu":
        raise NotImplementedError("jax.nn.initializers know the gain of relu alone")
    return 2.0


def xavier_uniform(u, *, gain):
    return gain * _from_uniform(initializers.xavier_uniform(**OUT_FIRST), u)


def xavier_normal(z, *, gain):
    return gain * _from_normal(initializers.variance_scaling(1.0, "fan_avg", "normal", **OUT_FIRST), z)


def kaiming_uniform(u, *, mode, nonlinearity, a):
    scale = _kaiming_scale(nonlinearity)
    return _from_uniform(initializers.variance_scaling(scale, mode, "uniform", **OUT_FIRST), u)


def kaiming_normal(z, *, mode, nonlinearity, a):
    scale = _kaiming_scale(nonlinearity)
    return _from_normal(initializers.variance_scaling(scale, mode, "normal", **OUT_FIRST), z)


def lecun_uniform(u):
    return _from_uniform(initializers.lecun_uniform(**OUT_FIRST), u)


def lecun_normal(z):
    return _from_normal(initializers.variance_scaling(1.0, "fan_in", "normal", **OUT_FIRST), z)


FORWARDS = {
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "kaiming_uniform": kaiming_uniform,
    "kaiming_normal": kaiming_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
}

LEDGER = ()

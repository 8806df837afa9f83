"""Padding in JAX."""

from __future__ import annotations

import jax.numpy as jnp

from .common import choice

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _pad(x, *, pad_width, mode, constant_values):
    constant = {"constant_values": constant_values} if mode == "constant" else {}
    return jnp.pad(x, pad_width, choice(MODES, mode, "pad"), **constant)


FORWARDS = {
    "pad": _pad,
}

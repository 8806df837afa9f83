"""Divergences in JAX."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy import special

FORWARDS = {
    "entropy": lambda p, *, axis: jnp.sum(special.entr(p), axis),
    "cross_entropy_between": lambda p, q, *, axis: jnp.sum(-special.xlogy(p, q), axis),
    "kl_categorical": lambda p, q, *, axis: jnp.sum(special.rel_entr(p, q), axis),
}

LEDGER = (
    (
        "rel_entr(nan, q) is inf",
        "https://github.com/jax-ml/jax/issues/38262",
        ("special:kl_categorical-nan-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:kl_categorical-shapes-differ-float64",
        ),
    ),
)

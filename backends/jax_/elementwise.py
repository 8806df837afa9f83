"""Elementwise functions in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy import special

FORWARDS = {
    "exp": jnp.exp,
    "log": jnp.log,
    "sqrt": jnp.sqrt,
    "square": jnp.square,
    "absolute": jnp.absolute,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": jax.lax.erf_inv,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "trigamma": lambda x: special.polygamma(1, x),
}

LEDGER = (
    (
        "flushes subnormal inputs and intermediate results to 0",
        "",
        (
            "exhaustive:log-vector-bfloat16",
            "exhaustive:sqrt-vector-bfloat16",
        ),
    ),
)

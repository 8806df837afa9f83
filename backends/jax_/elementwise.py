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
    "log1p": jnp.log1p,
    "expm1": jnp.expm1,
    "logaddexp": jnp.logaddexp,
    "reciprocal": jnp.reciprocal,
    "rsqrt": jax.lax.rsqrt,
    "power": jnp.power,
    "tan": jnp.tan,
    "arctan": jnp.arctan,
    "arctan2": jnp.arctan2,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "sign": jnp.sign,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "clip": lambda x, *, min, max: jnp.clip(x, min, max),
    "where": jnp.where,
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": jax.lax.erf_inv,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "trigamma": lambda x: special.polygamma(1, x),
    "gammainc": special.gammainc,
    "gammaincc": special.gammaincc,
    "betainc": special.betainc,
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

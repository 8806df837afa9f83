"""Elementwise functions in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy import special

FORWARDS = {
    "multiply": jnp.multiply,
    "divide": jnp.divide,
    "heaviside": lambda x, *, value: jnp.heaviside(x, value),
    "exp": jnp.exp,
    "log": jnp.log,
    "sqrt": jnp.sqrt,
    "square": jnp.square,
    "absolute": jnp.absolute,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "log1p": jnp.log1p,
    "expm1": jnp.expm1,
    "log1mexp": jax.nn.log1mexp,
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
            "exhaustive:rsqrt-vector-bfloat16",
            "exhaustive:sign-vector-bfloat16",
            "special:sign-special-float32",
            "special:sign-special-*float16",
        ),
    ),
    (
        "lgamma loses digits by cancellation around its roots 1 and 2",
        "https://github.com/jax-ml/jax/issues/21284",
        ("value:lgamma-near-roots-*", "layout:lgamma-near-roots-*"),
    ),
    (
        "lgamma(1) is not 0",
        "https://github.com/jax-ml/jax/issues/5418",
        ("special:lgamma-special-float32",),
    ),
    (
        "digamma loses digits by cancellation around its root",
        "",
        ("value:digamma-near-root-*", "layout:digamma-near-root-*"),
    ),
    (
        "digamma(0) and digamma(-0) are nan, not the infinities on either side",
        "https://github.com/jax-ml/jax/issues/37763",
        ("special:digamma-special-*",),
    ),
    (
        "trigamma(inf) is nan, not 0",
        "https://github.com/jax-ml/jax/issues/38608",
        ("special:trigamma-special-*",),
    ),
    (
        "the incomplete gamma functions are nan at infinity",
        "https://github.com/jax-ml/jax/issues/6535",
        ("special:gammainc-special-*", "special:gammaincc-special-*"),
    ),
    (
        "the factor in front is the exponential of a difference of large logarithms, which cancels",
        "",
        tuple(
            f"{kind}:{case}-*"
            for kind in ("value", "layout")
            for case in ("gammainc-large-shape", "gammaincc-large-shape", "betainc-one-large", "betainc-large-shapes")
        ),
    ),
    (
        "the factor in front errs by 20 to 60 ulp for small shapes: the logarithms' last bits decide which is too much",
        "",
        tuple(
            f"?{kind}:{f}-broadcast-*"
            for kind in ("value", "eager value", "layout", "batched")
            for f in ("gammainc", "gammaincc", "betainc")
        ),
    ),
    (
        "the derivative of expm1 is expm1 + 1, which cancels far on the left",
        "https://github.com/jax-ml/jax/pull/40820",
        ("jvp:expm1-far-left-*", "vjp:expm1-far-left-*"),
    ),
    (
        "the derivative of logaddexp is the exponential of x - logaddexp, which has lost the digits of the difference",
        "",
        (
            *("jvp:logaddexp-beyond-exp-*", "vjp:logaddexp-beyond-exp-*"),
            *("jvp:logaddexp-far-apart-float64", "vjp:logaddexp-far-apart-float64"),
        ),
    ),
    (
        "expm1 of a subnormal number is flushed to 0, or loses digits, and so does its logarithm",
        "",
        ("exhaustive:log1mexp-vector-*",),
    ),
)

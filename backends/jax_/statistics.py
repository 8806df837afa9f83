"""Statistics in JAX."""

from __future__ import annotations

import jax.numpy as jnp


def quantile(x, *, q, axis, method):
    if method not in ("linear", "inverted_cdf"):
        raise NotImplementedError(f"jnp.quantile has the methods linear and inverted_cdf of the nine, not {method!r}")
    q = jnp.asarray(q, x.dtype)  # as it is without x64; a float64 q and float32 data: inverted_cdf raises TypeError
    return jnp.quantile(x, q, axis, method=method)


FORWARDS = {
    "median": jnp.median,
    "std": jnp.std,
    "variance": jnp.var,
    "quartiles": lambda x, *, axis: quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear"),
    "quantile": quantile,
}

LEDGER = (
    (
        "the derivative of a standard deviation of equal values is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/11716",
        ("kink:std-one-constant-row-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        ("refused:quantile-q-above-1-float64",),
    ),
)

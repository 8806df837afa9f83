"""Divergences in JAX."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy import special

FORWARDS = {
    "total_variation": lambda p, q, *, axis: jnp.linalg.vector_norm(p - q, ord=1, axis=axis) / 2,
    "hellinger": lambda p, q, *, axis: jnp.linalg.vector_norm(jnp.sqrt(p) - jnp.sqrt(q), axis=axis) / 2**0.5,
    "wasserstein_1d": lambda x, y, *, axis: jnp.mean(jnp.abs(jnp.sort(x, axis) - jnp.sort(y, axis)), axis),
    "entropy": lambda p, *, axis: jnp.sum(special.entr(p), axis),
    "cross_entropy_between": lambda p, q, *, axis: jnp.sum(-special.xlogy(p, q), axis),
    "kl_categorical": lambda p, q, *, axis: jnp.sum(special.rel_entr(p, q), axis),
}

LEDGER = (
    (
        "the derivative of a norm at 0 is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/3058",
        ("kink:hellinger-one-equal-row-*",),
    ),
    (
        "XLA multiplies by the rounded reciprocal of a constant divisor: sqrt(2) / sqrt(2) is not 1",
        "",
        ("special:hellinger-disjoint-float32",),
    ),
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
            "refused:hellinger-shapes-differ-float64",
            "refused:kl_categorical-shapes-differ-float64",
            "refused:total_variation-shapes-differ-float64",
        ),
    ),
)

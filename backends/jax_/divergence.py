"""Divergences in JAX."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy import special


def js_divergence(p, q, *, axis):
    m = (p + q) / 2
    return jnp.sum(special.rel_entr(p, m) + special.rel_entr(q, m), axis) / 2


def mutual_information(joint):
    p = joint / jnp.sum(joint, (-2, -1), keepdims=True)
    return jnp.sum(special.rel_entr(p, jnp.sum(p, -1, keepdims=True) * jnp.sum(p, -2, keepdims=True)), (-2, -1))


FORWARDS = {
    "kl_bernoulli": lambda p, q: special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q),
    "mutual_information": mutual_information,
    "js_divergence": js_divergence,
    "total_variation": lambda p, q, *, axis: jnp.linalg.vector_norm(p - q, ord=1, axis=axis) / 2,
    "hellinger": lambda p, q, *, axis: jnp.linalg.vector_norm(jnp.sqrt(p) - jnp.sqrt(q), axis=axis) / 2**0.5,
    "wasserstein_1d": lambda x, y, *, axis: jnp.mean(jnp.abs(jnp.sort(x, axis) - jnp.sort(y, axis)), axis),
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

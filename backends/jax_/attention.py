"""Attention in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def scaled_dot_product_attention(query, key, value, mask, *, causal, scale):
    """jax.nn has the heads behind the positions, (B, T, N, H), and takes one width for keys and values."""
    if value.shape[-1] != key.shape[-1]:
        raise NotImplementedError("jax.nn.dot_product_attention takes values as wide as the keys alone")

    def positions_first(x):
        return jnp.swapaxes(x if x.ndim > 2 else x[None], -3, -2)

    boolean = mask is not None and mask.dtype == bool
    y = jax.nn.dot_product_attention(
        *(positions_first(x) for x in (query, key, value)),
        bias=None if boolean else mask,
        mask=mask if boolean else None,
        is_causal=causal,
        scale=scale,
    )
    return jnp.swapaxes(y, -3, -2).reshape(*query.shape[:-1], value.shape[-1])


FORWARDS = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
}

LEDGER = (
    (
        "the softmax is computed in float32 whatever the inputs are",
        "https://github.com/jax-ml/jax/pull/21371",
        tuple(
            f"{kind}:scaled_dot_product_attention-{case}-float64"
            for kind in ("*value", "*vjp", "jvp", "*-over-*", "layout", "batched")
            for case in ("additive-mask", "boolean-mask-grouped", "causal", "sees-nothing")
        ),
    ),
    (
        "a query that sees no key reads the average of all values: hidden scores are large negative numbers, not -inf",
        "",
        tuple(
            f"{kind}:scaled_dot_product_attention-sees-nothing-float32"
            for kind in ("*value", "*vjp", "jvp", "layout", "batched")
        ),
    ),
    (
        "a query all of whose scores are -inf reads nan",
        "",
        ("special:scaled_dot_product_attention-all-hidden-*",),
    ),
)

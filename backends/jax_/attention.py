"""Attention in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import installed_flax


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


def attention_weights(query, key, mask, *, causal, scale):
    """flax has the heads behind the positions, as many of the keys as of the queries, and divides by sqrt(d)."""
    if query.shape[:-2] != key.shape[:-2]:
        raise NotImplementedError("flax.linen.dot_product_attention_weights wants a head of keys for each of queries")
    q, k = (jnp.swapaxes(x if x.ndim > 2 else x[None], -3, -2) for x in (query, key))
    boolean = mask is not None and mask.dtype == bool
    seen = mask if boolean else jnp.tri(query.shape[-2], key.shape[-2], dtype=bool) if causal else None
    bias = None if boolean else mask
    how = {"bias": bias, "mask": seen, "dtype": query.dtype}
    p = installed_flax().dot_product_attention_weights(q if scale is None else q * scale * q.shape[-1] ** 0.5, k, **how)
    return p.reshape(*query.shape[:-1], key.shape[-2])


def multi_head_attention(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
    """flax has the width of a head as an axis of its own, and takes a mask of booleans only."""
    linen = installed_flax()
    if w_q.shape[1] != w_v.shape[1]:
        raise NotImplementedError("flax.linen projects queries, keys and values to one width")
    if mask is not None and mask.dtype != bool:
        raise NotImplementedError("flax.linen.MultiHeadDotProductAttention takes a mask of booleans")
    if causal:
        earlier = jnp.tri(query.shape[-2], key.shape[-2], dtype=bool)
        mask = earlier if mask is None else mask & earlier
    layer = linen.MultiHeadDotProductAttention(
        num_heads, param_dtype=query.dtype, qkv_features=w_q.shape[1], out_features=w_o.shape[1]
    )
    pairs = {"query": (w_q, b_q), "key": (w_k, b_k), "value": (w_v, b_v)}
    params = {
        name: {"kernel": w.reshape(w.shape[0], num_heads, -1), "bias": b.reshape(num_heads, -1)}
        for name, (w, b) in pairs.items()
    }
    params["out"] = {"kernel": w_o.reshape(num_heads, -1, w_o.shape[1]), "bias": b_o}
    return layer.apply({"params": params}, query, key, value, mask=mask)


def cross_attention(x, context, mask, *projections, num_heads):
    return multi_head_attention(x, context, context, mask, *projections, num_heads=num_heads, causal=False)


FORWARDS = {
    "attention_weights": attention_weights,
    "cross_attention": cross_attention,
    "multi_head_attention": multi_head_attention,
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
        (
            "special:attention_weights-sees-nothing-*",
            "special:multi_head_attention-sees-nothing-*",
            *(
                f"{kind}:scaled_dot_product_attention-sees-nothing-float32"
                for kind in ("*value", "*vjp", "jvp", "layout", "batched")
            ),
        ),
    ),
    (
        "a query all of whose scores are -inf reads nan",
        "",
        ("special:scaled_dot_product_attention-all-hidden-*",),
    ),
)

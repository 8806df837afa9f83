"""Transformers in JAX: the attention of flax.linen, norms and activations of jax.nn, losses of optax."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import installed_flax, installed_optax
from .norm import layer_norm

BLOCK = 12
"""So many parameters has a block."""


def transformer_block(x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps):
    """flax.linen has the heads behind the positions; its softmax is computed in the format of its data."""
    n1 = layer_norm(x, gamma1, beta1, eps=eps)
    q, k, v = ((n1 @ w).reshape(*x.shape[:-1], num_heads, w.shape[1] // num_heads) for w in (w_q, w_k, w_v))
    seen = jnp.tri(x.shape[-2], dtype=bool) if causal else None
    a = x + installed_flax().dot_product_attention(q, k, v, mask=seen).reshape(*x.shape[:-1], len(w_o)) @ w_o
    n2 = layer_norm(a, gamma2, beta2, eps=eps)
    return a + jax.nn.gelu(n2 @ w1 + b1, approximate=False) @ w2 + b2


def _blocks(x, theta, **params):
    for start in range(0, len(theta), BLOCK):
        x = transformer_block(x, *theta[start : start + BLOCK], **params)
    return x


def transformer_classifier(x, w_in, positions, *theta, num_heads, eps):
    *blocks, gamma, beta, w_out, b_out = theta
    last = _blocks(x @ w_in + positions, blocks, num_heads=num_heads, causal=False, eps=eps)
    return layer_norm(last, gamma, beta, eps=eps).mean(1) @ w_out + b_out


def character_model(tokens, table, positions, *theta, num_heads, eps):
    *blocks, gamma, beta = theta
    x0 = jnp.take(table, tokens, axis=0) + positions[: tokens.shape[1]]
    last = _blocks(x0, blocks, num_heads=num_heads, causal=True, eps=eps)
    return layer_norm(last, gamma, beta, eps=eps) @ table.T


def _label_loss(logits, labels):
    return installed_optax().softmax_cross_entropy_with_integer_labels(logits, labels).mean()


FORWARDS = {
    "transformer_block": transformer_block,
    "transformer_classifier": transformer_classifier,
    "transformer_classifier_loss": lambda x, labels, *theta, **params: _label_loss(
        transformer_classifier(x, *theta, **params), labels
    ),
    "character_model": character_model,
    "character_model_loss": lambda tokens, *theta, **params: _label_loss(
        character_model(tokens[:, :-1], *theta, **params), tokens[:, 1:]
    ),
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:character_model-token-out-of-range-float64",
            "refused:transformer_classifier_loss-label-out-of-range-float64",
        ),
    ),
)

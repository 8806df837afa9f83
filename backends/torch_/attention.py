"""Attention in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F


def _scaled_dot_product_attention(query, key, value, mask, *, causal, scale):
    """With the kernel that torch chooses: for four axes and one width the fused one, which has a VJP and no more."""
    if mask is not None and causal:
        raise NotImplementedError("torch takes a mask or is_causal, not both")
    grouped = query.ndim > 2 and query.shape[-3] != key.shape[-3]
    return F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=causal, scale=scale, enable_gqa=grouped
    )


FORWARDS = {
    "scaled_dot_product_attention": _scaled_dot_product_attention,
}

LEDGER = (
    (
        "the fused kernel counts the keys by the values: it drops keys, or reads memory behind them",
        "https://github.com/pytorch/pytorch/pull/193728",
        ("refused:scaled_dot_product_attention-a-value-too-few-float64",),
    ),
)

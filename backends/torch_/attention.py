"""Attention in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _scaled_dot_product_attention(query, key, value, mask, *, causal, scale):
    """With the kernel that torch chooses: for four axes and one width the fused one, which has a VJP and no more."""
    if mask is not None and causal:
        raise NotImplementedError("torch takes a mask or is_causal, not both")
    grouped = query.ndim > 2 and query.shape[-3] != key.shape[-3]
    return F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=causal, scale=scale, enable_gqa=grouped
    )


def _attention_weights(query, key, mask, **how):
    """torch hands out no weights: they are what is read of values that are one 1 each."""
    one_each = torch.eye(key.shape[-2], dtype=key.dtype, device=key.device).expand(*key.shape[:-1], -1)
    return _scaled_dot_product_attention(query, key, one_each, mask, **how)


def _multi_head_attention(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
    """As nn.MultiheadAttention calls it: sequences before the batch, matrices transposed, one bias for all three
    projections, one mask for each example and head, True where a key is not seen; by default the weights are wanted
    too, and so torch does not take its fused kernel."""
    if not query.shape[-1] == w_q.shape[1] == w_v.shape[1]:
        raise NotImplementedError("torch projects queries, keys and values to the width of the queries")
    batched = query.ndim > 2
    scores = (*query.shape[:-2], num_heads, query.shape[-2], key.shape[-2])
    blocked = None if mask is None else (~mask if mask.dtype == torch.bool else mask).expand(scores).flatten(0, -3)
    if causal:
        later = torch.ones(scores[-2:], dtype=torch.bool).triu(1)
        blocked = later if blocked is None else blocked | later
    y, _ = F.multi_head_attention_forward(
        *(x.transpose(0, 1) if batched else x for x in (query, key, value)),
        embed_dim_to_check=query.shape[-1],
        num_heads=num_heads,
        in_proj_weight=None,
        in_proj_bias=torch.cat([b_q, b_k, b_v]),
        bias_k=None,
        bias_v=None,
        add_zero_attn=False,
        dropout_p=0.0,
        out_proj_weight=w_o.mT,
        out_proj_bias=b_o,
        attn_mask=blocked,
        use_separate_proj_weight=True,
        q_proj_weight=w_q.mT,
        k_proj_weight=w_k.mT,
        v_proj_weight=w_v.mT,
    )
    return y.transpose(0, 1) if batched else y


def _cross_attention(x, context, mask, *projections, num_heads):
    return _multi_head_attention(x, context, context, mask, *projections, num_heads=num_heads, causal=False)


FORWARDS = {
    "attention_weights": _attention_weights,
    "cross_attention": _cross_attention,
    "multi_head_attention": _multi_head_attention,
    "scaled_dot_product_attention": _scaled_dot_product_attention,
}

LEDGER = (
    (
        "a query that sees no key reads nan where the weights are wanted too, and 0 where not",
        "https://github.com/pytorch/pytorch/issues/160064",
        ("special:multi_head_attention-sees-nothing-*",),
    ),
    (
        "the fused kernel counts the keys by the values: it drops keys, or reads memory behind them",
        "https://github.com/pytorch/pytorch/pull/193728",
        ("refused:scaled_dot_product_attention-a-value-too-few-float64",),
    ),
)

"""Slips of the attention of several heads."""

from __future__ import annotations

import numpy as np

from ..attention.multi_head import cross_attention, cross_attention_vjp, multi_head_attention, multi_head_attention_vjp
from ..attention.scaled_dot_product import scaled_dot_product_attention
from ..linear.layer import linear
from ..op import Slip
from .attention import AHEAD, MASK, OVER_THE_QUERIES, mask_inverted, over_the_queries


def _split(x, heads):
    *batch, length, width = x.shape
    return np.swapaxes(np.reshape(x, (*batch, length, heads, width // heads)), -3, -2)


def _split_by_reshape(x, heads):
    *batch, length, width = x.shape
    return np.reshape(x, (*batch, heads, length, width // heads))


def _merged(x):
    *batch, heads, length, width = x.shape
    return np.reshape(np.swapaxes(x, -3, -2), (*batch, length, heads * width))


def _merged_by_reshape(x):
    *batch, heads, length, width = x.shape
    return np.reshape(x, (*batch, length, heads * width))


def _multi_head(split=_split, merged=_merged, attention=scaled_dot_product_attention):
    """Multi-head attention of other steps."""

    def forward(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
        q, k, v = (
            split(linear(x, w, b), num_heads) for x, w, b in ((query, w_q, b_q), (key, w_k, b_k), (value, w_v, b_v))
        )
        return linear(merged(attention(q, k, v, mask, causal=causal, scale=None)), w_o, b_o)

    return forward


def _of_the_context(forward):
    """The cross attention that a multi-head attention makes."""
    return lambda x, context, mask, *theta, num_heads: forward(
        x, context, context, mask, *theta, num_heads=num_heads, causal=False
    )


def _by_the_width_of_all(query, key, value, mask, w_q, b_q, *others, num_heads, causal):
    """Scores divided by sqrt(H d) instead of sqrt(d)."""
    less = np.sqrt(num_heads)
    return multi_head_attention(
        query, key, value, mask, w_q / less, b_q / less, *others, num_heads=num_heads, causal=causal
    )


def _one_use_of_the_context(which):
    def vjp(ybar, y, x, context, mask, *theta, num_heads):
        _, *others = cross_attention_vjp(ybar, y, x, context, mask, *theta, num_heads=num_heads)
        bars = multi_head_attention_vjp(ybar, y, x, context, context, mask, *theta, num_heads=num_heads, causal=False)
        return bars[0], bars[which], *others[1:]

    return vjp


_BY_RESHAPE = (
    "A reshape reads numbers in the order of memory and cannot exchange two axes, so the parts of heads and positions "
    "get mixed: "
)

SLIPS = {
    "multi_head_attention": (
        Slip(
            "divided-by-the-width-of-all",
            "Each head's scores are dot products of d numbers, the width of one head: divide by sqrt(d), not by "
            "sqrt(H d).",
            forward=_by_the_width_of_all,
        ),
        Slip(
            "split-by-reshape",
            _BY_RESHAPE + "reshape (L, H d) to (L, H, d) first, then transpose to (H, L, d).",
            forward=_multi_head(split=_split_by_reshape),
        ),
        Slip(
            "merged-by-reshape",
            _BY_RESHAPE + "transpose (H, L, d) to (L, H, d) first, then reshape to (L, H d).",
            forward=_multi_head(merged=_merged_by_reshape),
        ),
        Slip(
            "softmax-over-the-queries",
            OVER_THE_QUERIES,
            forward=_multi_head(attention=over_the_queries),
        ),
        Slip(
            "causal-forgotten",
            AHEAD + "without the causal mask each one sees all that follows.",
            forward=lambda *args, num_heads, causal: multi_head_attention(*args, num_heads=num_heads, causal=False),
            vjp=lambda *args, num_heads, causal: multi_head_attention_vjp(*args, num_heads=num_heads, causal=False),
        ),
        Slip(
            "mask-inverted",
            MASK,
            *mask_inverted(multi_head_attention, multi_head_attention_vjp, 3),
            convention="torch.nn.MultiheadAttention",
        ),
        Slip(
            "output-bias-for-each-head",
            "The output projection is one, of all heads in a row: its bias is added once, not once for each head.",
            forward=lambda *args, num_heads, causal: (
                multi_head_attention(*args, num_heads=num_heads, causal=causal) + (num_heads - 1) * args[-1]
            ),
        ),
        Slip(
            "bias-divided-by-the-positions",
            "A bias is added at every position, so its cotangent is the sum over all positions, not their mean.",
            vjp=lambda ybar, y, *args, num_heads, causal: tuple(
                bar / ybar.shape[-2] if k in (5, 9, 11) and bar is not None else bar
                for k, bar in zip(
                    (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11),
                    multi_head_attention_vjp(ybar, y, *args, num_heads=num_heads, causal=causal),
                    strict=True,
                )
            ),
        ),
    ),
    "cross_attention": (
        Slip(
            "context-as-values-alone",
            "The context is read twice, as keys and as values: the keys' cotangent is to be added to the values'.",
            vjp=_one_use_of_the_context(2),
        ),
        Slip(
            "context-as-keys-alone",
            "The context is read twice, as keys and as values: the values' cotangent is to be added to the keys'.",
            vjp=_one_use_of_the_context(1),
        ),
        Slip(
            "split-by-reshape",
            _BY_RESHAPE + "reshape (L, H d) to (L, H, d) first, then transpose to (H, L, d).",
            forward=_of_the_context(_multi_head(split=_split_by_reshape)),
        ),
        Slip(
            "mask-inverted",
            MASK,
            *mask_inverted(cross_attention, cross_attention_vjp, 2),
            convention="torch.nn.MultiheadAttention",
        ),
        Slip(
            "causal",
            "There is no order between the positions of two sequences: x at i may see all of the context that the mask "
            "leaves.",
            forward=lambda x, context, mask, *theta, num_heads: multi_head_attention(
                x, context, context, mask, *theta, num_heads=num_heads, causal=True
            ),
        ),
    ),
}

"""Slips of the attention of one head, and of biases of it."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax
from ..attention.alibi import alibi
from ..attention.scaled_dot_product import (
    attention_weights,
    attention_weights_vjp,
    scaled_dot_product_attention,
    scaled_dot_product_attention_vjp,
)
from ..op import Slip


def _with(change):
    """Attention, and its VJP, of changed mask, causal and scale: ``change(query, key, mask, causal, scale)``."""

    def forward(query, key, value, mask, *, causal, scale):
        mask, causal, scale = change(query, key, mask, causal, scale)
        return scaled_dot_product_attention(query, key, value, mask, causal=causal, scale=scale)

    def vjp(ybar, y, query, key, value, mask, *, causal, scale):
        mask, causal, scale = change(query, key, mask, causal, scale)
        return scaled_dot_product_attention_vjp(ybar, y, query, key, value, mask, causal=causal, scale=scale)

    return forward, vjp


def _weights_with(change):
    """The weights alone, likewise."""

    def forward(query, key, mask, *, causal, scale):
        mask, causal, scale = change(query, key, mask, causal, scale)
        return attention_weights(query, key, mask, causal=causal, scale=scale)

    def vjp(pbar, p, query, key, mask, *, causal, scale):
        mask, causal, scale = change(query, key, mask, causal, scale)
        return attention_weights_vjp(pbar, p, query, key, mask, causal=causal, scale=scale)

    return forward, vjp


def _weights_over_the_queries(query, key, mask, *, causal, scale):
    scores = query @ np.matrix_transpose(_as_often(key, query)) * _factor(query, scale)
    return softmax(np.maximum(_seen(scores, mask, causal), -1e30), axis=-2)


def _hidden_after_the_softmax(query, key, mask, *, causal, scale):
    added = mask if mask is not None and mask.dtype != bool else None
    p = attention_weights(query, key, added, causal=False, scale=scale)
    return np.where(_seen(0 * p, None if added is not None else mask, causal) == 0, p, 0)


def _weights_unscaled_back(pbar, p, query, key, mask, *, causal, scale):
    qbar, kbar, maskbar = attention_weights_vjp(pbar, p, query, key, mask, causal=causal, scale=scale)
    return qbar / _factor(query, scale), kbar / _factor(query, scale), maskbar


def _weights_without_the_sum(pbar, p, query, key, mask, *, causal, scale):
    """What the sum would have taken away is added to each cotangent."""
    qbar, kbar, maskbar = attention_weights_vjp(pbar, p, query, key, mask, causal=causal, scale=scale)
    k, sbar = _as_often(key, query), p * np.sum(p * pbar, axis=-1, keepdims=True)
    kmore = np.matrix_transpose(sbar) @ query * _factor(query, scale)
    if kmore.shape != key.shape:
        kmore = np.sum(np.reshape(kmore, (*key.shape[:-2], -1, *key.shape[-2:])), axis=-3)
    masked = None if maskbar is None else maskbar + np.reshape(sbar, maskbar.shape)
    return qbar + sbar @ k * _factor(query, scale), kbar + kmore, masked


def _causal_up_to(diagonal):
    """Query i sees the keys j <= i + diagonal."""

    def change(query, key, mask, causal, scale):
        seen = np.tri(query.shape[-2], key.shape[-2], diagonal, dtype=bool)
        return (seen, False, scale) if causal else (mask, causal, scale)

    return change


def inverted(mask):
    return mask if mask is None or mask.dtype != bool else ~mask


def _as_often(x, query):
    """Keys or values for each query head."""
    return x if x.ndim == 2 else np.repeat(x, query.shape[-3] // x.shape[-3], axis=-3)


def _factor(query, scale):
    return query.shape[-1] ** -0.5 if scale is None else scale


def _seen(scores, mask, causal):
    scores = scores if mask is None else np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    return np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf) if causal else scores


def over_the_queries(query, key, value, mask, *, causal, scale):
    scores = query @ np.matrix_transpose(_as_often(key, query)) * _factor(query, scale)
    return softmax(np.maximum(_seen(scores, mask, causal), -1e30), axis=-2) @ _as_often(value, query)


def _heads_in_turn(query, key, value, mask, *, causal, scale):
    if key.ndim > 2:
        times = query.shape[-3] // key.shape[-3]
        key, value = (np.concat([x] * times, axis=-3) for x in (key, value))
    return scaled_dot_product_attention(query, key, value, mask, causal=causal, scale=scale)


def _average_of_all(query, key, value, mask, *, causal, scale):
    y = scaled_dot_product_attention(query, key, value, mask, causal=causal, scale=scale)
    if mask is None or mask.dtype != bool:
        return y
    blind = ~np.any(mask, axis=-1, keepdims=True)
    return np.where(blind, np.mean(_as_often(value, query), axis=-2, keepdims=True), y)


def _through_the_softmax(of):
    """The VJP whose scores have the cotangents ``of(p, pbar)``."""

    def vjp(ybar, y, query, key, value, mask, *, causal, scale):
        k, v = _as_often(key, query), _as_often(value, query)
        one_each = np.broadcast_to(np.eye(k.shape[-2]), (*k.shape[:-1], k.shape[-2]))
        p = scaled_dot_product_attention(query, k, one_each, mask, causal=causal, scale=scale)
        sbar = of(p, ybar @ np.matrix_transpose(v))
        qbar = sbar @ k * _factor(query, scale)
        kbar = np.matrix_transpose(sbar) @ query * _factor(query, scale)
        if kbar.shape != key.shape:
            kbar = np.sum(np.reshape(kbar, (*key.shape[:-2], -1, *key.shape[-2:])), axis=-3)
        right = scaled_dot_product_attention_vjp(ybar, y, query, key, value, mask, causal=causal, scale=scale)
        if right[3] is None:
            return qbar, kbar, right[2], None
        extra = tuple(range(sbar.ndim - mask.ndim))
        return qbar, kbar, right[2], np.sum(sbar, axis=extra)

    return vjp


def _unscaled_back(ybar, y, query, key, value, mask, *, causal, scale):
    qbar, kbar, *others = scaled_dot_product_attention_vjp(ybar, y, query, key, value, mask, causal=causal, scale=scale)
    return qbar / _factor(query, scale), kbar / _factor(query, scale), *others


def _one_reader_alone(ybar, y, query, key, value, mask, *, causal, scale):
    """Of the query heads that share keys and values the last one writes over the others."""
    args = query, _as_often(key, query), _as_often(value, query), mask
    qbar, kbar, vbar, maskbar = scaled_dot_product_attention_vjp(ybar, y, *args, causal=causal, scale=scale)
    if key.ndim > 2:
        times = query.shape[-3] // key.shape[-3]
        kbar, vbar = (x[..., times - 1 :: times, :, :] for x in (kbar, vbar))
    return qbar, kbar, vbar, maskbar


def _slopes(of):
    """alibi with the slopes ``of(h, H)``."""

    def forward(scores):
        heads, queries, keys = scores.shape[-3:]
        far = np.abs(np.arange(queries)[:, None] - np.arange(keys))
        return scores - of(np.arange(1, heads + 1.0), heads)[:, None, None] * far

    return forward


def _signed(scores):
    heads, queries, keys = scores.shape[-3:]
    slopes = 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
    return scores - slopes[:, None, None] * (np.arange(queries)[:, None] - np.arange(keys))


def mask_inverted(forward, vjp, place):
    """With the other meaning of a boolean mask, the ``place``-th argument."""

    def changed(args):
        return (*args[:place], inverted(args[place]), *args[place + 1 :])

    return (
        lambda *args, **params: forward(*changed(args), **params),
        lambda ybar, y, *args, **params: vjp(ybar, y, *changed(args), **params),
    )


OVER_THE_QUERIES = (
    "The weights of one query add up to 1: the softmax runs along the keys, the last axis of the scores, not along the "
    "queries."
)
MASK = "There True hides a key, here it shows it: pass ~mask."
AHEAD = "Query i sees the keys j <= i, itself included: "
SLIPS = {
    "attention_weights": (
        Slip(
            "not-scaled",
            "The scores are divided by sqrt(d): a dot product of d random numbers grows with sqrt(d), and the softmax "
            "of large scores has hardly any slope.",
            *_weights_with(lambda query, key, mask, causal, scale: (mask, causal, 1 if scale is None else scale)),
        ),
        Slip("softmax-over-the-queries", OVER_THE_QUERIES, forward=_weights_over_the_queries),
        Slip(
            "causal-without-itself",
            AHEAD + "with j < i the first one sees nothing.",
            *_weights_with(_causal_up_to(-1)),
        ),
        Slip(
            "causal-one-ahead",
            AHEAD + "with j <= i + 1 each one sees what it is to predict.",
            *_weights_with(_causal_up_to(1)),
        ),
        Slip(
            "hidden-after-the-softmax",
            "Hidden keys have no part in the sum either: set their scores to -inf before the softmax. Weights that are "
            "set to 0 after it do not add up to 1.",
            forward=_hidden_after_the_softmax,
        ),
        Slip(
            "weighted-sum-missing",
            "The softmax's denominator depends on every score: sbar = p (pbar - sum(p pbar)), of which the sum is "
            "missing.",
            vjp=_weights_without_the_sum,
        ),
        Slip(
            "scale-forgotten-on-the-way-back",
            "The scores are scaled dot products, so by the chain rule the cotangents of queries and keys are scaled "
            "too.",
            vjp=_weights_unscaled_back,
        ),
    ),
    "scaled_dot_product_attention": (
        Slip(
            "not-scaled",
            "The scores are divided by sqrt(d): a dot product of d random numbers grows with sqrt(d), and the softmax "
            "of large scores has hardly any slope.",
            *_with(lambda query, key, mask, causal, scale: (mask, causal, 1 if scale is None else scale)),
        ),
        Slip(
            "divided-by-d",
            "The scores are divided by sqrt(d), the standard deviation of a dot product of random numbers, not by d.",
            *_with(
                lambda query, key, mask, causal, scale: (
                    mask,
                    causal,
                    1 / query.shape[-1] if scale is None else scale,
                )
            ),
        ),
        Slip(
            "scale-ignored",
            "The scale that is asked for takes the place of 1 / sqrt(d), which is for scale=None alone.",
            *_with(lambda query, key, mask, causal, scale: (mask, causal, None)),
        ),
        Slip("softmax-over-the-queries", OVER_THE_QUERIES, forward=over_the_queries),
        Slip(
            "causal-without-itself",
            AHEAD + "with j < i the first one sees nothing.",
            *_with(_causal_up_to(-1)),
        ),
        Slip(
            "causal-one-ahead",
            AHEAD + "with j <= i + 1 each one sees what it is to predict.",
            *_with(_causal_up_to(1)),
        ),
        Slip(
            "causal-forgotten",
            AHEAD + "without the causal mask each one sees all that follows.",
            *_with(lambda query, key, mask, causal, scale: (mask, False, scale)),
        ),
        Slip(
            "mask-inverted",
            MASK,
            *mask_inverted(scaled_dot_product_attention, scaled_dot_product_attention_vjp, 3),
            convention="torch.nn.MultiheadAttention",
        ),
        Slip(
            "average-where-nothing-is-seen",
            "There a hidden score is a large negative number, so that a query which sees no key reads the average of "
            "all values; here it reads 0: multiply its row by 0.",
            forward=_average_of_all,
            convention="jax.nn.dot_product_attention",
        ),
        Slip(
            "heads-in-turn",
            "Query heads in a row share a head of keys: repeat each head (np.repeat), so that 0, 0, 1, 1 are read, not "
            "0, 1, 0, 1.",
            forward=_heads_in_turn,
        ),
        Slip(
            "softmax-skipped-on-the-way-back",
            "What ybar . v gives are the cotangents of the weights. To those of the scores the way leads through the "
            "softmax: sbar = p (pbar - sum(p pbar)).",
            vjp=_through_the_softmax(lambda p, pbar: pbar),
        ),
        Slip(
            "diagonal-of-the-softmax-only",
            "Each weight depends on every score of its query: sbar = p (pbar - sum(p pbar)), not pbar p (1 - p).",
            vjp=_through_the_softmax(lambda p, pbar: pbar * p * (1 - p)),
        ),
        Slip(
            "weighted-sum-missing",
            "The softmax's denominator depends on every score: sbar = p (pbar - sum(p pbar)), of which the sum is "
            "missing.",
            vjp=_through_the_softmax(lambda p, pbar: p * pbar),
        ),
        Slip(
            "scale-forgotten-on-the-way-back",
            "The scores are scaled dot products, so by the chain rule the cotangents of queries and keys are scaled "
            "too.",
            vjp=_unscaled_back,
        ),
        Slip(
            "shared-heads-not-added",
            "Keys and values that several query heads read get a cotangent from each of them: they add up.",
            vjp=_one_reader_alone,
        ),
    ),
    "alibi": (
        Slip(
            "first-slope-one",
            "The heads are counted from 1: the slopes are 2^(-8 h / H) for h = 1 ... H, and the first is not 1.",
            forward=_slopes(lambda h, heads: 2 ** (-8 * (h - 1) / heads)),
        ),
        Slip(
            "slopes-of-eight-heads",
            "The slopes 1/2, 1/4, ... are those of 8 heads: with H heads the h-th is 2^(-8 h / H), so that the last is "
            "always 1/256.",
            forward=_slopes(lambda h, heads: 2**-h),
        ),
        Slip(
            "distance-with-its-sign",
            "The penalty grows with the distance |i - j|: i - j is negative for the keys ahead, which would be "
            "rewarded.",
            forward=_signed,
        ),
        Slip(
            "added",
            "What is far is penalised: the slope times the distance is subtracted.",
            forward=lambda scores: 2 * scores - alibi(scores),
        ),
    ),
}

"""Attention: the mistakes that people make in it are caught, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.attention.alibi import alibi
from crosscheck.reference.attention.scaled_dot_product import (
    _for_each_query_head,
    attention_weights,
    random_heads,
    scaled_dot_product_attention,
    scaled_dot_product_attention_vjp,
)


def soft(scores, axis=-1):
    e = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def attention(scores_of=None, weights_of=soft, hide=-np.inf, causal_from: int | None = 0, heads=np.repeat):
    """An attention with one thing in it replaced."""

    def variant(query, key, value, mask, *, causal, scale):
        groups = query.shape[-3] // key.shape[-3] if query.ndim > 2 else 1
        k, v = (heads(x, groups, axis=-3) if groups > 1 else x for x in (key, value))
        factor = 1 / np.sqrt(query.shape[-1]) if scale is None else scale
        scores = (query @ k.mT * factor if scores_of is None else scores_of(query, k, factor)).astype(query.dtype)
        i, j = np.arange(scores.shape[-2])[:, None], np.arange(scores.shape[-1])
        seen = (j <= i + causal_from if causal_from is not None else j - scores.shape[-1] <= i - scores.shape[-2]) | (
            not causal
        )
        if mask is not None:
            seen, scores = (seen & mask, scores) if mask.dtype == bool else (seen, scores + mask)
        return weights_of(np.where(seen, scores, np.array(hide, scores.dtype))) @ v

    return variant


def tiled(x, groups, axis):
    return np.concatenate([x] * groups, axis=axis)


FORWARDS = {
    "no scale": attention(lambda q, k, factor: q @ k.mT),
    "1/d for 1/sqrt(d)": attention(lambda q, k, factor: q @ k.mT * factor**2),
    "softmax over the queries": attention(weights_of=lambda s: soft(s, axis=-2)),
    "no softmax": attention(weights_of=lambda s: np.where(np.isinf(s), 0, s)),
    "causal without its diagonal": attention(causal_from=-1),
    "causal one too far": attention(causal_from=1),
    "causal counted from the last": attention(causal_from=None),
    "hidden scores are 0": attention(hide=0.0),
    "hidden scores are -10": attention(hide=-10.0),
    "heads dealt out in turn": attention(heads=tiled),
    "nan where nothing is seen": attention(),
}


def cotangents(weights_bar):
    """A VJP with another way from the cotangent of the weights to that of the scores."""

    def variant(ybar, y, query, key, value, mask, *, causal, scale):
        qbar, kbar, vbar, maskbar = scaled_dot_product_attention_vjp(
            ybar, y, query, key, value, mask, causal=causal, scale=scale
        )
        p = attention_weights(query, key, mask, causal=causal, scale=scale)
        sbar = weights_bar(p, ybar @ _for_each_query_head(value, query).mT, ybar, y)
        factor = 1 / np.sqrt(query.shape[-1]) if scale is None else scale
        return (sbar @ _for_each_query_head(key, query) * factor).astype(qbar.dtype), kbar, vbar, maskbar

    return variant


VJPS = {
    "softmax skipped on the way back": cotangents(lambda p, pbar, ybar, y: pbar),
    "the diagonal of the softmax alone": cotangents(lambda p, pbar, ybar, y: pbar * p * (1 - p)),
    "D forgotten": cotangents(lambda p, pbar, ybar, y: p * pbar),
    "D over the heads' width once more": cotangents(
        lambda p, pbar, ybar, y: p * (pbar - np.mean(ybar * y, axis=-1, keepdims=True))
    ),
}


def several_heads(split=None, scale_of=None, invert=False, swapped=False):
    """A multi-head attention with one thing in it replaced."""

    def variant(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
        def parts(x):
            *batch, length, width = x.shape
            if split == "interleaved":
                return np.moveaxis(np.reshape(x, (*batch, length, width // num_heads, num_heads)), -1, -3)
            return np.swapaxes(np.reshape(x, (*batch, length, num_heads, width // num_heads)), -3, -2)

        q, k, v = parts(query @ w_q + b_q), parts(key @ w_k + b_k), parts(value @ w_v + b_v)
        scale = None if scale_of is None else scale_of(w_q.shape[1], num_heads)
        mask = ~mask if invert and mask is not None and mask.dtype == bool else mask
        read = scaled_dot_product_attention(q, k, v, mask, causal=causal, scale=scale)
        read = read if swapped else np.swapaxes(read, -3, -2)
        return np.reshape(read, (*query.shape[:-1], w_v.shape[1])) @ w_o + b_o

    return variant


HEADS = {
    "heads interleaved": several_heads(split="interleaved"),
    "scaled by the width of all heads": several_heads(scale_of=lambda width, heads: width**-0.5),
    "mask the other way round": several_heads(invert=True),
    "heads not brought back behind the positions": several_heads(swapped=True),
}


def verdicts(name, functions):
    witness = Witness(type("Plain", (), {"find": staticmethod(functions.get)})(), "plain")
    return {v.outcome for v in interrogate(witness, catalogue()[name], draws=1)}


@pytest.mark.parametrize("mistake", HEADS)
def test_a_mistake_in_several_heads_is_caught(mistake):
    assert "disagrees" in verdicts("multi_head_attention", {"multi_head_attention": HEADS[mistake]})


def test_the_right_heads_are_not():
    assert verdicts("multi_head_attention", {"multi_head_attention": several_heads()}) == {"agrees", "not offered"}


@pytest.mark.parametrize("mistake", [*FORWARDS, *VJPS])
def test_a_mistake_in_attention_is_caught(mistake):
    name = "scaled_dot_product_attention" if mistake in FORWARDS else "scaled_dot_product_attention_vjp"
    assert "disagrees" in verdicts("scaled_dot_product_attention", {name: {**FORWARDS, **VJPS}[mistake]})


def test_the_right_one_is_not():
    functions = scaled_dot_product_attention, scaled_dot_product_attention_vjp
    assert "disagrees" not in verdicts("scaled_dot_product_attention", {f.__name__: f for f in functions})


def test_keys_have_no_order_and_queries_do_not_see_each_other():
    rng = np.random.default_rng(0)
    query, key, value = random_heads(rng, (2,), (2,), 3, 5, 4)
    order, plain = rng.permutation(5), {"causal": False, "scale": None}
    y = scaled_dot_product_attention(query, key, value, None, **plain)
    shuffled = scaled_dot_product_attention(query, key[:, order], value[:, order], None, **plain)
    np.testing.assert_allclose(shuffled, y, rtol=0, atol=1e-15)
    alone = scaled_dot_product_attention(query[:, 1:2], key, value, None, **plain)
    np.testing.assert_allclose(alone, y[:, 1:2], rtol=0, atol=1e-15)


def test_slopes_of_eight_heads_are_a_half_to_the_power_of_one_to_eight():
    bias = alibi(np.zeros((8, 4, 4)))
    np.testing.assert_array_equal(bias[:, 3, 0], -3 * 0.5 ** np.arange(1, 9))
    np.testing.assert_array_equal(bias[:, 1, 1], 0)

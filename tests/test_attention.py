"""Attention: the mistakes that people make in it are caught, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.attention.scaled_dot_product import (
    _for_each_query_head,
    _weights,
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
        p = _weights(query, key, value, mask, causal, scale)
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


def verdicts(**functions):
    witness = Witness(type("Plain", (), {"find": staticmethod(functions.get)})(), "plain")
    return {v.outcome for v in interrogate(witness, catalogue()["scaled_dot_product_attention"], draws=1)}


@pytest.mark.parametrize("mistake", [*FORWARDS, *VJPS])
def test_a_mistake_in_attention_is_caught(mistake):
    name = "scaled_dot_product_attention" if mistake in FORWARDS else "scaled_dot_product_attention_vjp"
    assert "disagrees" in verdicts(**{name: {**FORWARDS, **VJPS}[mistake]})


def test_the_right_one_is_not():
    functions = scaled_dot_product_attention, scaled_dot_product_attention_vjp
    assert "disagrees" not in verdicts(**{f.__name__: f for f in functions})


def test_keys_have_no_order_and_queries_do_not_see_each_other():
    rng = np.random.default_rng(0)
    query, key, value = random_heads(rng, (2,), (2,), 3, 5, 4)
    order, plain = rng.permutation(5), {"causal": False, "scale": None}
    y = scaled_dot_product_attention(query, key, value, None, **plain)
    shuffled = scaled_dot_product_attention(query, key[:, order], value[:, order], None, **plain)
    np.testing.assert_allclose(shuffled, y, rtol=0, atol=1e-15)
    alone = scaled_dot_product_attention(query[:, 1:2], key, value, None, **plain)
    np.testing.assert_allclose(alone, y[:, 1:2], rtol=0, atol=1e-15)

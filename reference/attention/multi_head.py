"""Multi-head attention: several attentions side by side, each in projections of its own."""

from __future__ import annotations

import numpy as np

from ..linear.layer import linear, linear_vjp
from ..op import Case, Op
from .scaled_dot_product import scaled_dot_product_attention, scaled_dot_product_attention_vjp

ARGUMENTS = ("query", "key", "value", "mask", "w_q", "b_q", "w_k", "w_v", "b_v", "w_o", "b_o")
"""That have a derivative: b_k has none, see multi_head_attention."""


def multi_head_attention(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
    """y = (r_1, ..., r_H) w_o + b_o, r_h attention of the h-th part of query w_q + b_q, key w_k + b_k, value w_v + b_v.

    Shapes: query (..., Lq, Eq), key (..., Lk, Ek), value (..., Lk, Ev), w_q (Eq, H d), w_k (Ek, H d), w_v (Ev, H dv),
    w_o (H dv, E), each b as wide as its w, y (..., Lq, E); mask broadcasts to (..., H, Lq, Lk). H is num_heads.

    Head h has the columns h d ... h d + d - 1 of the projections, and scores are divided by sqrt(d), the width of one
    head. b_k moves all scores of a query by the same amount, and so has no effect: it is here because the layers of all
    frameworks have one. Mask and causal as in scaled_dot_product_attention; a boolean mask means the opposite in
    torch.nn.functional.multi_head_attention_forward, True for keys that are not seen.

    Raises ValueError when num_heads does not divide the width of a projection, or the shapes do not fit.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.2.
    """
    arrays = (query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)
    return multi_head_attention_values(*arrays, num_heads=num_heads, causal=causal)["y"]


def multi_head_attention_values(query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal):
    """q, k, v (..., H, L, d): the projections, head by head; read (..., Lq, H dv): what the heads read, in a row; y."""
    q, k, v = (
        split_heads(linear(x, w, b), num_heads) for x, w, b in ((query, w_q, b_q), (key, w_k, b_k), (value, w_v, b_v))
    )
    read = joined_heads(scaled_dot_product_attention(q, k, v, mask, causal=causal, scale=None))
    return {"q": q, "k": k, "v": v, "read": read, "y": linear(read, w_o, b_o)}


def multi_head_attention_vjp(
    ybar, y, query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal
):
    """Backwards through the output projection, the attention of each head, and the three projections; b_kbar is 0."""
    arrays = (query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)
    values = multi_head_attention_values(*arrays, num_heads=num_heads, causal=causal)
    bars = multi_head_attention_cotangents(ybar, values, *arrays, num_heads=num_heads, causal=causal)
    return tuple(bars.get(name) for name in ARGUMENTS)


def multi_head_attention_cotangents(
    ybar, values, query, key, value, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads, causal
):
    q, k, v, read = (values[name] for name in ("q", "k", "v", "read"))
    readbar, w_obar, b_obar = linear_vjp(ybar, values["y"], read, w_o, b_o)
    qbar, kbar, vbar, maskbar = scaled_dot_product_attention_vjp(
        split_heads(readbar, num_heads), split_heads(read, num_heads), q, k, v, mask, causal=causal, scale=None
    )
    querybar, w_qbar, b_qbar = linear_vjp(joined_heads(qbar), None, query, w_q, b_q)
    keybar, w_kbar, _ = linear_vjp(joined_heads(kbar), None, key, w_k, b_k)
    valuebar, w_vbar, b_vbar = linear_vjp(joined_heads(vbar), None, value, w_v, b_v)
    bars = {"y": ybar, "b_o": b_obar, "w_o": w_obar, "read": readbar, "v": vbar, "k": kbar, "q": qbar}
    bars |= {"b_v": b_vbar, "w_v": w_vbar, "w_k": w_kbar, "b_q": b_qbar, "w_q": w_qbar}
    return bars | ({} if maskbar is None else {"mask": maskbar}) | {"value": valuebar, "key": keybar, "query": querybar}


def split_heads(x, num_heads):
    """(..., L, H d) as (..., H, L, d)."""
    *batch, length, width = x.shape
    if num_heads < 1 or width % num_heads:
        raise ValueError(f"num_heads is {num_heads}, expected a divisor of the width of the projections, {width}")
    return np.swapaxes(np.reshape(x, (*batch, length, num_heads, width // num_heads)), -3, -2)


def joined_heads(x):
    """(..., H, L, d) as (..., L, H d)."""
    *batch, heads, length, width = x.shape
    return np.reshape(np.swapaxes(x, -3, -2), (*batch, length, heads * width))


def multi_head_attention_cases(rng):
    seen = np.array([[True, False, True, True, False], [False, True, True, False, True], [True, True] + [False] * 3])
    args = random_sequences(rng, (2, 3, 6), (2, 5, 7), (2, 5, 8), seen)
    yield Case("boolean-mask", (*args, *projections(rng, 6, 7, 8, 6, 6, 9)), {"num_heads": 2, "causal": False})
    args = random_sequences(rng, (5, 6), (4, 3), (4, 7), None)
    yield Case("causal", (*args, *projections(rng, 6, 3, 7, 6, 6, 8)), {"num_heads": 3, "causal": True})
    args = random_sequences(rng, (2, 3, 5), (2, 4, 7), (2, 4, 9), rng.normal(size=(3, 4)))
    yield Case("additive-mask", (*args, *projections(rng, 5, 7, 9, 6, 8, 10)), {"num_heads": 2, "causal": False})
    plain = {"num_heads": 2, "causal": False}
    args = random_sequences(rng, (1, 6), (3, 2), (3, 8), np.array([[False, False, False]]))
    theta = projections(rng, 6, 2, 8, 6, 6, 5)
    yield Case("sees-nothing", (*args, *theta), plain, "special", theta[-1][None])
    nothing = tuple(x[:0] for x in args[:3])
    yield Case("no-queries", (nothing[0], *args[1:3], None, *theta), plain, "empty", np.zeros((0, 5)))
    yield Case("heads-no-divisor", (*args, *theta), {"num_heads": 4, "causal": False}, "refused")
    yield Case("a-value-too-few", (*args[:2], args[2][:2], None, *theta), plain, "refused")


def multi_head_attention_sized(rng, n):
    length = max(n // (3 * 32), 1)
    args = random_sequences(rng, (1, length, 32), (1, length, 32), (1, length, 32), None)
    return Case("sized", (*args, *projections(rng, 32, 32, 32, 32, 32, 32)), {"num_heads": 4, "causal": True})


def cross_attention(x, context, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads):
    """y = multi_head_attention with the queries from x, the keys and the values from another sequence, the context.

    Shapes: x (..., Lq, E), context (..., Lk, Ec), w_q (E, H d), w_k (Ec, H d), w_v (Ec, H dv), w_o (H dv, Ey), each b
    as wide as its w, y (..., Lq, Ey); mask broadcasts to (..., H, Lq, Lk): True, or 0, where x may see the context.

    There is no order between the positions of two sequences, so nothing is causal; a mask hides the padding.

    Raises ValueError as multi_head_attention does.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.3 ("encoder-decoder attention").
    """
    projections = (w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)
    return multi_head_attention(x, context, context, mask, *projections, num_heads=num_heads, causal=False)


def cross_attention_vjp(ybar, y, x, context, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, *, num_heads):
    """The context is read as keys and as values: its two cotangents add up."""
    arrays = (x, context, context, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)
    values = multi_head_attention_values(*arrays, num_heads=num_heads, causal=False)
    bars = multi_head_attention_cotangents(ybar, values, *arrays, num_heads=num_heads, causal=False)
    return bars["query"], bars["key"] + bars["value"], *(bars[name] for name in ARGUMENTS[4:])


def cross_attention_cases(rng):
    padding = np.array([[[[True, True, False, True, False]]], [[[False, True, True, True, True]]]])
    x, context = rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 5, 7))
    yield Case("padding", (x, context, padding, *projections(rng, 6, 7, 7, 6, 6, 8)), {"num_heads": 2})
    x, context = rng.normal(size=(4, 6)), rng.normal(size=(3, 5))
    yield Case("one-pair", (x, context, None, *projections(rng, 6, 5, 5, 6, 6, 7)), {"num_heads": 3})
    theta = projections(rng, 6, 5, 5, 6, 6, 7)
    yield Case("width-of-x", (x, rng.normal(size=(3, 6)), None, *theta), {"num_heads": 3}, "refused")


def cross_attention_sized(rng, n):
    shape = (1, max(n // (2 * 32), 1), 32)
    args = (rng.normal(size=shape), rng.normal(size=shape), None)
    return Case("sized", (*args, *projections(rng, 32, 32, 32, 32, 32, 32)), {"num_heads": 4})


def random_sequences(rng, query, key, value, mask):
    return *(rng.normal(size=shape) for shape in (query, key, value)), mask


def projections(rng, queries, keys, values, width, value_width, out):
    """w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, such that what they give is of order 1."""
    shapes = ((queries, width), (keys, width), (values, value_width), (value_width, out))
    pairs = [(rng.normal(size=shape) / np.sqrt(shape[0]), rng.normal(size=shape[1]) / 4) for shape in shapes]
    return [parameter for pair in pairs for parameter in pair]


OPS = [
    Op(
        multi_head_attention,
        multi_head_attention_cases,
        multi_head_attention_vjp,
        multi_head_attention_sized,
        wrt=(0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11),
        values=multi_head_attention_values,
        cotangents=multi_head_attention_cotangents,
    ),
    Op(
        cross_attention,
        cross_attention_cases,
        cross_attention_vjp,
        cross_attention_sized,
        wrt=(0, 1, 3, 4, 5, 7, 8, 9, 10),
    ),
]

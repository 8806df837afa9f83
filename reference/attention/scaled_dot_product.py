"""Scaled dot-product attention: an average of values, weighted by how well their keys fit the query."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax_hvp, softmax_vjp
from ..broadcast import unbroadcast
from ..op import Case, Op


def attention_weights(query, key, mask, *, causal, scale):
    """p_ij = exp(s_ij) / sum_l exp(s_il), s_ij = scale q_i . k_j + mask_ij, of the keys j and l that i sees; else 0.

    Shapes: query (..., H, Lq, d), key (..., K, Lk, d), p (..., H, Lq, Lk); H is a multiple of K, and H/K query heads in
    a row read the same head of keys. Without heads (Lq, d), (Lk, d) and (Lq, Lk). mask broadcasts to p: None, booleans
    (True: query i sees key j), or numbers that are added to the scores (-inf: it does not). scale None is 1 / sqrt(d).

    How much query i reads of value j: the weights of a query that sees anything add up to 1. Scores of random vectors
    have the variance d, so without the scale one key would get nearly all of it, and hardly any slope would be left.
    When causal, query i sees the keys j <= i: what follows is hidden, and a model can be asked to predict it.

    Raises ValueError when the shapes do not fit.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.1, eq. 1, and section 3.2.3 for the mask.
    """
    _require_fit(query, key, key, mask)
    scores = _scaled(query @ np.matrix_transpose(_for_each_query_head(key, query)), query, scale)
    if scores.shape[-1] == 0:  # there is no largest of no scores
        return scores
    visible = np.broadcast_to(_positions_seen(query, key, causal), scores.shape)
    if mask is not None and _is_boolean(mask):
        visible = visible & mask
    elif mask is not None:
        scores = scores + mask
        visible = visible & (mask > -np.inf)
    largest_seen = np.max(np.where(visible, scores, -np.inf), axis=-1, keepdims=True)
    e = np.where(visible, np.exp(np.where(visible, scores - largest_seen, 0)), 0)
    return e / np.where(np.any(visible, axis=-1, keepdims=True), np.sum(e, axis=-1, keepdims=True), 1)


def attention_weights_vjp(pbar, p, query, key, mask, *, causal, scale):
    """sbar_ij = p_ij (pbar_ij - sum_l p_il pbar_il), as of the softmax; qbar = scale sbar k, kbar = scale sbar^T q.

    Where p_ij is 0, because key j is hidden, nothing comes back. An added mask gets sbar itself.
    """
    return _scores_vjp(*softmax_vjp(pbar, p, None, axis=-1), query, key, mask, scale)


def scaled_dot_product_attention(query, key, value, mask, *, causal, scale):
    """y_i = sum_j p_ij v_j, p_ij = exp(s_ij) / sum_l exp(s_il), s_ij = scale q_i . k_j + mask_ij; j, l: visible keys.

    Shapes: query (..., H, Lq, d), key (..., K, Lk, d), value (..., K, Lk, dv), y (..., H, Lq, dv); H is a multiple of
    K, and H/K query heads in a row read the same head of keys and values. Without heads (Lq, d), (Lk, d), (Lk, dv).
    mask broadcasts to (..., H, Lq, Lk): None, booleans (True: query i sees key j), or numbers that are added to the
    scores (-inf: it does not). scale None is 1 / sqrt(d), which gives scores of random vectors the variance 1.

    Softmax is unchanged when all scores of a query move by the same amount, so the largest one that it sees is moved to
    0; one that it does not see may be of any size. When causal, query i sees the keys j <= i, counted from the first
    query and the first key even where Lq != Lk. A query that sees no key reads 0, the empty sum, and passes no
    cotangent on; so it is with Lk = 0. It is not the average of all values, as a mask of large negative numbers gives.

    Raises ValueError when the shapes do not fit.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.1, eq. 1; Ainslie et al. (2023), GQA,
    section 2.2, for query heads that share keys.
    """
    _require_fit(query, key, value, mask)
    return attention_weights(query, key, mask, causal=causal, scale=scale) @ _for_each_query_head(value, query)


def scaled_dot_product_attention_vjp(ybar, y, query, key, value, mask, *, causal, scale):
    """sbar_ij = p_ij (ybar_i . v_j - D_i) with D_i = ybar_i . y_i; vbar = p^T ybar, qbar = scale sbar k, kbar likewise.

    The softmax's own VJP has D_i = sum_j p_ij pbar_ij with pbar_ij = ybar_i . v_j, and there sum_j p_ij v_j is y_i. So
    D needs y alone, and p is computed again from queries and keys: nothing of size Lq Lk is kept on the way up (Dao
    et al. (2022), FlashAttention, appendix B.2). Of keys that several query heads share, the cotangents add up.
    """
    p, v = attention_weights(query, key, mask, causal=causal, scale=scale), _for_each_query_head(value, query)
    sbar = p * (ybar @ np.matrix_transpose(v) - np.sum(ybar * y, axis=-1, keepdims=True))
    qbar, kbar, maskbar = _scores_vjp(sbar, query, key, mask, scale)
    return qbar, kbar, _of_each_key_head(np.matrix_transpose(p) @ ybar, value), maskbar


def attention_weights_hvp(pbar, dots, p, query, key, mask, *, causal, scale):
    """d qbar = scale (d sbar k + sbar kdot), d kbar = scale (d sbar^T q + sbar^T qdot), d sbar from softmax_hvp.

    The scores move by sdot = scale (qdot k^T + q kdot^T), and by what the mask moves. Softmax and scores are bent both:
    the first makes d sbar of sdot, and what scores hand back, scale sbar k and scale sbar^T q, is a product.
    """
    querydot, keydot, maskdot = dots
    sdot = _scores_jvp(querydot, keydot, maskdot, query, key, scale)
    (sbar,), (sbardot,) = softmax_vjp(pbar, p, None, axis=-1), softmax_hvp(pbar, (sdot,), p, None, axis=-1)
    return _scores_hvp(sbar, sbardot, querydot, keydot, query, key, mask, scale)


def _scores_jvp(querydot, keydot, maskdot, query, key, scale):
    k, kdot = (_for_each_query_head(x, query) for x in (key, keydot))
    sdot = _scaled(querydot @ np.matrix_transpose(k) + query @ np.matrix_transpose(kdot), query, scale)
    return sdot if maskdot is None else sdot + maskdot


def _scores_hvp(sbar, sbardot, querydot, keydot, query, key, mask, scale):
    """The VJP is linear in sbar, and in queries and keys."""
    qbar, kbar, maskbar = _scores_vjp(sbardot, query, key, mask, scale)
    more_qbar, more_kbar, _ = _scores_vjp(sbar, querydot, keydot, None, scale)
    return qbar + more_qbar, kbar + more_kbar, maskbar


def _scores_vjp(sbar, query, key, mask, scale):
    qbar = _scaled(sbar @ _for_each_query_head(key, query), query, scale)
    kbar = _scaled(np.matrix_transpose(sbar) @ query, query, scale)
    maskbar = None if mask is None or _is_boolean(mask) else unbroadcast(sbar, mask.shape)
    return qbar, _of_each_key_head(kbar, key), maskbar


def scaled_dot_product_attention_hvp(ybar, dots, y, query, key, value, mask, *, causal, scale):
    """d sbar_ij = pdot_ij (ybar_i . v_j - D_i) + p_ij (ybar_i . vdot_j - ybar_i . ydot_i), d vbar = pdot^T ybar.

    y = p v moves by ydot = pdot v + p vdot, and with it D_i = ybar_i . y_i. The softmax's Jacobian is symmetric, so
    pdot is its VJP of sdot; sdot, and what d sbar does to queries and keys, as in attention_weights_hvp.
    """
    querydot, keydot, valuedot, maskdot = dots
    p = attention_weights(query, key, mask, causal=causal, scale=scale)
    v, vdot = (_for_each_query_head(x, query) for x in (value, valuedot))
    (pdot,) = softmax_vjp(_scores_jvp(querydot, keydot, maskdot, query, key, scale), p, None, axis=-1)
    ydot = pdot @ v + p @ vdot
    through = ybar @ np.matrix_transpose(v) - np.sum(ybar * y, axis=-1, keepdims=True)
    throughdot = ybar @ np.matrix_transpose(vdot) - np.sum(ybar * ydot, axis=-1, keepdims=True)
    sbardot = pdot * through + p * throughdot
    qbar, kbar, maskbar = _scores_hvp(p * through, sbardot, querydot, keydot, query, key, mask, scale)
    return qbar, kbar, _of_each_key_head(np.matrix_transpose(pdot) @ ybar, value), maskbar


def _positions_seen(query, key, causal):
    i, j = np.arange(query.shape[-2])[:, None], np.arange(key.shape[-2])
    return j <= i if causal else j >= 0 * i


def _scaled(scores, query, scale):
    return scores / np.sqrt(np.full_like(scores, query.shape[-1])) if scale is None else scores * scale


def _for_each_query_head(x, query):
    """Keys or values, each head as often as query heads read it."""
    if x.ndim == 2 or x.shape[-3] == query.shape[-3]:
        return x
    return np.repeat(x, query.shape[-3] // x.shape[-3], axis=-3)


def _of_each_key_head(xbar, x):
    if xbar.shape == x.shape:
        return xbar
    *batch, heads, length, width = x.shape
    return np.sum(np.reshape(xbar, (*batch, heads, xbar.shape[-3] // heads, length, width)), axis=-3)


def _is_boolean(mask):
    return np.isdtype(mask.dtype, "bool")


def _require_fit(query, key, value, mask):
    shapes = f"query, key and value have shapes {query.shape}, {key.shape} and {value.shape}"
    if not query.ndim == key.ndim == value.ndim >= 2:
        raise ValueError(f"{shapes}, expected as many axes in each, two at least")
    if query.shape[-1] != key.shape[-1] or key.shape[:-1] != value.shape[:-1]:
        raise ValueError(f"{shapes}, expected (..., Lq, d), (..., Lk, d) and (..., Lk, dv)")
    heads, groups = (*query.shape[-3:-2], 1)[0], (*key.shape[-3:-2], 1)[0]
    if query.shape[:-3] != key.shape[:-3] or groups == 0 or heads % groups:
        raise ValueError(f"{shapes}, expected (..., H, Lq, d) and (..., K, Lk, d) with H a multiple of K")
    if mask is not None:
        scores = (*query.shape[:-1], key.shape[-2])
        sizes = zip(reversed(mask.shape), reversed(scores), strict=False)
        if mask.ndim > len(scores) or any(m not in (1, n) for m, n in sizes):
            raise ValueError(
                f"mask has shape {mask.shape}, expected one that broadcasts to that of the scores, {scores}"
            )


def attention_weights_cases(rng):
    q, k, _ = random_heads(rng, (), (), 5, 3, 4)
    yield Case("additive-mask", (q, k, rng.normal(size=(5, 3)) / 2), {"causal": False, "scale": 0.3})
    q, k, _ = random_heads(rng, (2,), (2,), 4, 5, 3)
    yield Case("causal", (q, k, None), {"causal": True, "scale": None})
    mask = np.array([[True, False, True, True, False], [False, True, False, False, False], [True] * 5])
    q, k, _ = random_heads(rng, (1, 4), (1, 2), 3, 5, 6)
    yield Case("boolean-mask-grouped", (q, k, mask), {"causal": False, "scale": None})
    plain = {"causal": False, "scale": None}
    seen = np.array([[True, False, True, False], [False] * 4, [True] * 4])
    answer = np.array([[0.5, 0.0, 0.5, 0.0], [0.0] * 4, [0.25] * 4])
    yield Case("sees-nothing", (np.zeros((3, 5)), np.ones((4, 5)), seen), plain, "special", answer)
    yield Case("no-keys", (np.ones((2, 3, 5)), np.zeros((2, 0, 5)), None), plain, "empty", np.zeros((2, 3, 0)))
    yield Case("widths-differ", (q, k[..., :5], None), plain, "refused")
    yield Case("mask-transposed", (q, k, np.matrix_transpose(mask)), plain, "refused")


def attention_weights_sized(rng, n):
    heads, length = 4 * max(n // (2 * 4 * 16 * 64), 1), min(max(n // (2 * 4 * 16), 1), 64)  # all weights are kept
    q, k, _ = random_heads(rng, (heads,), (heads,), length, length, 16)
    return Case("sized", (q, k, None), {"causal": True, "scale": None})


def scaled_dot_product_attention_cases(rng):
    mask = rng.normal(size=(5, 3)) / 2
    args = random_heads(rng, (1, 2), (1, 2), 5, 3, 4)
    yield Case("additive-mask", (*args, mask), {"causal": False, "scale": 0.4})
    q, k, _ = random_heads(rng, (), (), 3, 4, 5)
    yield Case("wide-values", (q, k, rng.normal(size=(4, 7)), None), {"causal": False, "scale": None})
    mask = np.array([[True, False, True, True, False], [False, True, False, False, False], [True] * 5])
    args = random_heads(rng, (1, 4), (1, 2), 3, 5, 6)
    yield Case("boolean-mask-grouped", (*args, mask), {"causal": False, "scale": None})
    args = random_heads(rng, (3, 2), (3, 2), 4, 5, 6)
    yield Case("causal", (*args, None), {"causal": True, "scale": 0.3})
    blind = np.array([[False, True, False, True], [False] * 4, [True, True, False, True]])
    args = random_heads(rng, (1, 2), (1, 2), 3, 4, 5)
    yield Case("sees-nothing", (*args, blind), {"causal": False, "scale": None})

    # Scores 1000 and 3000 apart, the largest of which the mask hides; two of one size; nan.
    query, key = np.array([[1e3, 0.0], [-1e3, 0.0], [0.0, 0.0], [np.nan, 5.0]]), np.array([[3.0, 1], [2, 2], [-1, 3]])
    value, hidden = np.array([[1.0, -2.0], [4.0, 8.0], [7.0, 0.5]]), np.zeros((4, 3))
    hidden[0, 0] = hidden[2, 2] = -np.inf
    answer = np.array([[4.0, 8.0], [7.0, 0.5], [2.5, 3.0], [np.nan, np.nan]])
    yield Case("limits", (query, key, value, hidden), {"causal": False, "scale": 1.0}, "special", answer)
    hidden = np.array([[-np.inf, -np.inf, -np.inf], [-np.inf, 3.0, -np.inf]])
    answer = np.array([[0.0, 0.0], [4.0, 8.0]])
    yield Case("all-hidden", (query[1:3], key, value, hidden), {"causal": False, "scale": 1.0}, "special", answer)
    # More queries than keys: counted from the ends, the first two would see nothing.
    args = (np.zeros((4, 3)), np.zeros((2, 3)), np.array([[4.0, 6.0, 1.0], [8.0, -2.0, 2.0]]))
    answer = np.array([[4.0, 6.0, 1.0], [6.0, 2.0, 1.5], [6.0, 2.0, 1.5], [6.0, 2.0, 1.5]])
    yield Case("causal-more-queries", (*args, None), {"causal": True, "scale": None}, "special", answer)

    plain = {"causal": False, "scale": None}
    nothing = (np.ones((2, 3, 5)), np.zeros((2, 0, 5)), np.zeros((2, 0, 5)), None)
    yield Case("no-keys", nothing, plain, "empty", np.zeros((2, 3, 5)))
    q, k, v = random_heads(rng, (1, 2), (1, 2), 3, 4, 5)
    yield Case("widths-differ", (q[..., :4], k, v, None), plain, "refused")
    yield Case("a-value-too-few", (q, k, v[..., :3, :], None), plain, "refused")
    yield Case("heads-no-multiple", (*random_heads(rng, (1, 3), (1, 2), 3, 4, 5), None), plain, "refused")
    yield Case("mask-transposed", (q, k, v, rng.normal(size=(4, 3))), plain, "refused")


def scaled_dot_product_attention_sized(rng, n):
    length = max(n // (3 * 4 * 16), 1)
    args = random_heads(rng, (1, 4), (1, 4), length, length, 16)
    return Case("sized", (*args, None), {"causal": True, "scale": None})


def random_heads(rng, query_heads, key_heads, queries, keys, width):
    """Queries, keys and values of one width."""
    return tuple(
        rng.normal(size=(*heads, length, width))
        for heads, length in ((query_heads, queries), (key_heads, keys), (key_heads, keys))
    )


OPS = [
    Op(
        attention_weights,
        attention_weights_cases,
        attention_weights_vjp,
        attention_weights_sized,
        hvp=attention_weights_hvp,
    ),
    Op(
        scaled_dot_product_attention,
        scaled_dot_product_attention_cases,
        scaled_dot_product_attention_vjp,
        scaled_dot_product_attention_sized,
        hvp=scaled_dot_product_attention_hvp,
    ),
]

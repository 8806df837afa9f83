"""Contrastive losses: which embeddings of a batch belong together, as a classification."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, off_mean
from ..op import Case, Op
from .cosine import from_unit, from_unit_dot, require_rows, unit_vectors
from .reduction import cotangent_of_each, reduced


def info_nce(query, key, *, temperature, reduction):
    """y_i = -log(exp(s_ii) / sum_j exp(s_ij)), s_ij = cos(query_i, key_j) / temperature; then reduced.

    Shapes: query (N, D), key (N, D), whose rows of one index belong together; y (N,), in nats, or ().

    Contrastive learning: each query has to find its own key among all keys of the batch, the classes of a
    cross-entropy. A small temperature makes the nearest wrong keys count most.

    Raises ValueError where the shapes differ, the temperature is not positive or the reduction is unknown.
    Source: van den Oord, Li and Vinyals (2018), Representation Learning with Contrastive Predictive Coding,
    section 2.3, eq. 4; cosine and temperature are those of Chen et al. (2020), arXiv:2002.05709, eq. 1.
    """
    require_rows(query, key)
    _require_temperature(temperature)
    similarity = np.matmul(unit_vectors(query), unit_vectors(key).T) / temperature
    return reduced(-np.diagonal(log_softmax(similarity, axis=1)), reduction)


def info_nce_vjp(ybar, y, query, key, *, temperature, reduction):
    """simbar_ij = ybar_i (softmax_ij - [i = j]) / temperature, to the unit vectors by the product rule.

    Of a unit vector u = x / |x|, xbar = (ubar - u (u.ubar)) / |x|: what is along x changes only its length.
    """
    one, two = unit_vectors(query), unit_vectors(key)
    log_p = log_softmax(np.matmul(one, two.T) / temperature, axis=1)
    share = np.expand_dims(cotangent_of_each(ybar, len(query), reduction) * np.ones_like(query[:, 0]), 1)
    own = np.arange(len(query))[:, None] == np.arange(len(key))
    similaritybar = share * np.where(own, np.expm1(log_p), np.exp(log_p)) / temperature
    return (
        from_unit(np.matmul(similaritybar, two), one, query),
        from_unit(np.matmul(similaritybar.T, one), two, key),
    )


def info_nce_hvp(ybar, dots, y, query, key, *, temperature, reduction):
    """d simbar_ij = ybar_i p_ij (simdot_ij - sum_k p_ik simdot_ik) / temperature, p the softmax.

    Then through the product of the VJP, whose unit vectors move too.
    """
    querydot, keydot = dots
    one, two = unit_vectors(query), unit_vectors(key)
    onedot, twodot = from_unit(querydot, one, query), from_unit(keydot, two, key)
    log_p = log_softmax(np.matmul(one, two.T) / temperature, axis=1)
    similaritydot = (np.matmul(onedot, two.T) + np.matmul(one, twodot.T)) / temperature
    share = np.expand_dims(cotangent_of_each(ybar, len(query), reduction) * np.ones_like(query[:, 0]), 1)
    own, p = np.arange(len(query))[:, None] == np.arange(len(key)), np.exp(log_p)
    bar = share * np.where(own, np.expm1(log_p), p) / temperature
    bardot = share * p * off_mean(similaritydot, p, 1) / temperature
    to_one, to_two = (
        np.matmul(bardot, two) + np.matmul(bar, twodot),
        np.matmul(bardot.T, one) + np.matmul(bar.T, onedot),
    )
    return (
        from_unit_dot(np.matmul(bar, two), to_one, one, query, querydot),
        from_unit_dot(np.matmul(bar.T, one), to_two, two, key, keydot),
    )


def info_nce_cases(rng):
    yield Case("none", tuple(rng.normal(size=(2, 3, 5))), {"temperature": 0.7, "reduction": "none"})
    yield Case("mean", tuple(rng.normal(size=(2, 4, 3))), {"temperature": 0.3, "reduction": "mean"})
    pair = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 1.0]])
    sharp = {"temperature": 1 / 2048, "reduction": "none"}
    yield Case("sharp", pair, sharp, "special", np.zeros(2))
    yield Case("crossed", (pair[0], pair[1][::-1]), sharp, "special", np.full(2, 2048.0))
    one, two = rng.normal(size=(2, 3, 4))
    yield Case("too-few-keys", (one, two[:2]), {"temperature": 0.3, "reduction": "mean"}, "refused")
    yield Case("no-such-reduction", (one, two), {"temperature": 0.3, "reduction": "average"}, "refused")


def info_nce_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, 64, max(n // 128, 1)))), {"temperature": 0.3, "reduction": "mean"})


def ntxent(embeddings, labels, *, temperature):
    """y = mean over pairs i != j of one label of -log(exp(s_ij) / (exp(s_ij) + sum_{k of another label} exp(s_ik))).

    Shapes: embeddings (N, D), labels (N,); s_ij = cos(embeddings_i, embeddings_j) / temperature; y (), in nats.

    The normalised, temperature-scaled cross-entropy of SimCLR, where every label stands for two views of one image.
    With more of one label, each pair competes with the other labels alone, not with the rest of its own. The mean of
    no pairs is nan.

    Raises ValueError where the lengths differ or the temperature is not positive.
    Source: Chen, Kornblith, Norouzi and Hinton (2020), A Simple Framework for Contrastive Learning of Visual
    Representations, section 2.1, eq. 1; several of one label as in optax.losses.ntxent.
    """
    similarity, pairs, others = _compared(embeddings, labels, temperature)
    cost = _contrast(similarity, others) - similarity
    n = np.sum(np.where(pairs, np.ones_like(cost), 0))
    return np.where(n == 0, np.nan, np.sum(np.where(pairs, cost, 0)) / np.where(n == 0, 1, n))


def ntxent_vjp(ybar, y, embeddings, labels, *, temperature):
    """simbar_ij = ybar (q_ij - 1) / n at pairs, simbar_ik = ybar sum_j q_ijk / n at k of another label.

    q_ij and q_ijk the shares of the pair and of k in that pair's sum; s_ij and s_ji come of the same two unit vectors.
    """
    similarity, pairs, others = _compared(embeddings, labels, temperature)
    total = _contrast(similarity, others)
    own = np.where(pairs, np.expm1(similarity - total), 0)
    shares = np.where(pairs[:, :, None] & others[:, None, :], np.exp(similarity[:, None, :] - total[:, :, None]), 0)
    similaritybar = ybar * (own + np.sum(shares, axis=1)) / np.sum(np.where(pairs, np.ones_like(own), 0)) / temperature
    unit = unit_vectors(embeddings)
    return (from_unit(np.matmul(similaritybar + similaritybar.T, unit), unit, embeddings),)


def ntxent_hvp(ybar, dots, y, embeddings, labels, *, temperature):
    """q_ij and q_ijk are a softmax for each pair: each moves by itself times (its simdot - the mean simdot of its sum).

    Then as in the VJP, through similarities whose both unit vectors move.
    """
    (dot,) = dots
    similarity, pairs, others = _compared(embeddings, labels, temperature)
    unit = unit_vectors(embeddings)
    unitdot = from_unit(dot, unit, embeddings)
    product = np.matmul(unitdot, unit.T)
    similaritydot = (product + product.T) / temperature
    total = _contrast(similarity, others)
    own = np.where(pairs, np.exp(similarity - total), 0)
    shares = np.where(pairs[:, :, None] & others[:, None, :], np.exp(similarity[:, None, :] - total[:, :, None]), 0)
    totaldot = own * similaritydot + np.sum(shares * similaritydot[:, None, :], axis=2)
    scale = ybar / np.sum(np.where(pairs, np.ones_like(own), 0)) / temperature
    bar = scale * (np.where(pairs, np.expm1(similarity - total), 0) + np.sum(shares, axis=1))
    moved = np.sum(shares * (similaritydot[:, None, :] - totaldot[:, :, None]), axis=1)
    bardot = scale * (own * (similaritydot - totaldot) + moved)
    both, bothdot = bar + bar.T, bardot + bardot.T
    unitbardot = np.matmul(bothdot, unit) + np.matmul(both, unitdot)
    return (from_unit_dot(np.matmul(both, unit), unitbardot, unit, embeddings, dot),)


def ntxent_cases(rng):
    yield Case("two-views", (rng.normal(size=(6, 3)), np.array([0, 1, 2, 2, 0, 1])), {"temperature": 0.3})
    yield Case("three-of-one-label", (rng.normal(size=(5, 3)), np.array([4, 1, 4, 0, 4])), {"temperature": 0.7})
    alone = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    yield Case("no-pairs", alone, {"temperature": 0.5}, "special", np.array(np.nan))
    yield Case("too-few-labels", (rng.normal(size=(4, 3)), np.array([0, 1, 0])), {"temperature": 0.3}, "refused")


def ntxent_sized(rng, n):
    return Case("sized", (rng.normal(size=(32, max(n // 32, 1))), np.arange(32) % 16), {"temperature": 0.3})


def _require_temperature(temperature):
    if not temperature > 0:
        raise ValueError(f"temperature: got {temperature}, want a positive number")


def _compared(embeddings, labels, temperature):
    """All similarities, which pairs belong together, and which are of different labels: (N, N) each."""
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError(f"got embeddings {embeddings.shape} and labels {labels.shape}, want (N, D) and (N,)")
    _require_temperature(temperature)
    unit = unit_vectors(embeddings)
    places = np.arange(len(labels))
    alike = labels[:, None] == labels
    return np.matmul(unit, unit.T) / temperature, alike & (places[:, None] != places), np.logical_not(alike)


def _contrast(similarity, others):
    """log(exp(s_ij) + sum_{k of another label} exp(s_ik)) for all i and j."""
    top = np.max(similarity, axis=1, keepdims=True)
    rest = np.sum(np.where(others, np.exp(similarity - top), 0), axis=1, keepdims=True)
    return top + np.log(np.exp(similarity - top) + rest)


OPS = [
    Op(info_nce, info_nce_cases, info_nce_vjp, info_nce_sized, hvp=info_nce_hvp),
    Op(ntxent, ntxent_cases, ntxent_vjp, ntxent_sized, wrt=(0,), hvp=ntxent_hvp),
]

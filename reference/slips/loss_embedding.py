"""Slips of losses of embeddings: angles, triplets and contrasts."""

from __future__ import annotations

import numpy as np

from ..loss.contrastive import info_nce, info_nce_vjp, ntxent, ntxent_vjp
from ..loss.cosine import cosine, cosine_embedding, cosine_embedding_vjp, unit_vectors
from ..loss.reduction import cotangent_of_each, reduced
from ..loss.triplet import (
    triplet_margin,
    triplet_margin_vjp,
    triplet_margin_with_distance,
    triplet_margin_with_distance_vjp,
)
from ..op import Slip


def _dot_products(input1, input2, target, *, margin, reduction):
    dot = np.sum(input1 * input2, axis=1)
    return reduced(np.where(target > 0, 1 - dot, np.maximum(0, dot - margin)), reduction)


def _lengths_held(ybar, y, input1, input2, target, *, margin, reduction):
    share = cotangent_of_each(ybar, len(input1), reduction)
    cos = cosine(input1, input2)
    slope = np.where(target > 0, -share, np.where(cos > margin, share, 0))[:, None]
    both = np.reshape(np.sum(input1 * input2, axis=1) / cos, (-1, 1))
    return slope * input2 / both, slope * input1 / both


def _dissimilar_from_afar(ybar, y, input1, input2, target, *, margin, reduction):
    return cosine_embedding_vjp(ybar, y, input1, input2, target, margin=-2, reduction=reduction)


def _exchanged(loss, loss_vjp):
    """The positive and the negative have changed places."""

    def forward(anchor, positive, negative, **params):
        return loss(anchor, negative, positive, **params)

    def vjp(ybar, y, anchor, positive, negative, **params):
        anchorbar, negativebar, positivebar = loss_vjp(ybar, y, anchor, negative, positive, **params)
        return anchorbar, positivebar, negativebar

    return forward, vjp


def _never_swapped(loss, loss_vjp):
    return (
        lambda *args, swap, **params: loss(*args, swap=False, **params),
        lambda *args, swap, **params: loss_vjp(*args, swap=False, **params),
    )


def _one_distance_alone(loss_vjp):
    def vjp(*args, **params):
        _, positivebar, negativebar = loss_vjp(*args, **params)
        return -positivebar, positivebar, negativebar

    return vjp


def _however_far(loss_vjp):
    return lambda *args, margin, **params: loss_vjp(*args, margin=1e6, **params)


def _similarity_unscaled(query, key, *, temperature, reduction):
    s = np.matmul(query, key.T) / temperature
    top = np.max(s, axis=1, keepdims=True)
    return reduced(np.log(np.sum(np.exp(s - top), axis=1)) + top[:, 0] - np.diagonal(s), reduction)


def _own_key_left_out(query, key, *, temperature, reduction):
    s = np.matmul(unit_vectors(query), unit_vectors(key).T) / temperature
    others = np.where(np.eye(len(s)) == 1, 0, np.exp(s))
    return reduced(np.log(np.sum(others, axis=1)) - np.diagonal(s), reduction)


def _contrast(embeddings, labels, temperature, compared):
    """The mean over pairs of a label of log(sum over ``compared(pair, alike, itself)`` of exp(s)) - s."""
    unit = unit_vectors(embeddings)
    s = np.matmul(unit, unit.T) / temperature
    itself = np.eye(len(s)) == 1
    alike = labels[:, None] == labels
    pairs = np.argwhere(alike & ~itself)
    costs = [np.log(np.sum(np.exp(s[i])[compared(j, alike[i], itself[i])])) - s[i, j] for i, j in pairs]
    return np.mean(costs) if costs else np.nan


def _itself_too(embeddings, labels, *, temperature):
    places = np.arange(len(labels))
    return _contrast(embeddings, labels, temperature, lambda j, alike, itself: ~alike | (places == j) | itself)


def _all_but_itself(embeddings, labels, *, temperature):
    return _contrast(embeddings, labels, temperature, lambda j, alike, itself: ~itself)


def _temperature_turned_around(loss, loss_vjp):
    return (
        lambda *args, temperature, **params: loss(*args, temperature=1 / temperature, **params),
        lambda *args, temperature, **params: loss_vjp(*args, temperature=1 / temperature, **params),
    )


def _temperature_forgotten(loss_vjp):
    def vjp(ybar, *args, temperature, **params):
        return loss_vjp(temperature * ybar, *args, temperature=temperature, **params)

    return vjp


_MULTIPLIED = "The similarities are divided by the temperature: a small one makes the nearest wrong ones count most."
_FORGOTTEN = (
    "The softmax takes the similarities divided by the temperature, so their cotangent is divided by it too, by the "
    "chain rule."
)
_ORDER = (
    "The positive is to be near and the negative far: the loss is margin + d(anchor, positive) - d(anchor, negative)."
)
_SWAP = (
    "With swap the negative's distance is the smaller of those to the anchor and to the positive, whichever is nearer "
    "to it."
)
_ANCHOR = (
    "The anchor is part of both distances: the cotangents that it gets of the positive's and of the negative's add up."
)
_AFAR = (
    "Where the negative is farther than the positive by more than the margin the loss is 0 and does not move: no "
    "cotangent there."
)

SLIPS = {
    "cosine_embedding": (
        Slip(
            "lengths-not-divided-by",
            "The cosine is a.b / (|a| |b|): without the lengths it is a dot product, which grows with them.",
            forward=_dot_products,
        ),
        Slip(
            "margin-forgotten",
            "Dissimilar pairs pay only what their cosine exceeds the margin by: max(0, cos - margin).",
            forward=lambda input1, input2, target, *, margin, reduction: cosine_embedding(
                input1, input2, target, margin=0, reduction=reduction
            ),
        ),
        Slip(
            "lengths-taken-for-constants",
            "Each length depends on its vector: the derivative by a is (v - u cos) / |a|, u and v the unit vectors. "
            "The second term takes away what points along a, which changes no angle.",
            vjp=_lengths_held,
        ),
        Slip(
            "beyond-the-margin-too",
            "Dissimilar pairs whose cosine is below the margin cost nothing, so nothing pushes them: their slope is 0.",
            vjp=_dissimilar_from_afar,
        ),
    ),
    "triplet_margin": (
        Slip("order-turned-around", _ORDER, *_exchanged(triplet_margin, triplet_margin_vjp)),
        Slip("swap-ignored", _SWAP, *_never_swapped(triplet_margin, triplet_margin_vjp)),
        Slip("one-distance-for-the-anchor", _ANCHOR, vjp=_one_distance_alone(triplet_margin_vjp)),
        Slip("beyond-the-margin-too", _AFAR, vjp=_however_far(triplet_margin_vjp)),
        Slip(
            "root-not-taken",
            "The distance is the p-th root of the sum of the powers: without it, for p = 2, it is the squared "
            "distance, and the margin is in another unit.",
            forward=lambda anchor, positive, negative, *, margin, p, eps, swap, reduction: reduced(
                np.maximum(
                    0,
                    margin
                    + np.sum(np.abs(anchor - positive + eps) ** p, axis=1)
                    - np.minimum(
                        np.sum(np.abs(anchor - negative + eps) ** p, axis=1),
                        np.sum(np.abs(positive - negative + eps) ** p, axis=1) if swap else np.inf,
                    ),
                ),
                reduction,
            ),
        ),
    ),
    "triplet_margin_with_distance": (
        Slip(
            "order-turned-around",
            _ORDER,
            *_exchanged(triplet_margin_with_distance, triplet_margin_with_distance_vjp),
        ),
        Slip(
            "swap-ignored",
            _SWAP,
            *_never_swapped(triplet_margin_with_distance, triplet_margin_with_distance_vjp),
        ),
        Slip("one-distance-for-the-anchor", _ANCHOR, vjp=_one_distance_alone(triplet_margin_with_distance_vjp)),
        Slip("beyond-the-margin-too", _AFAR, vjp=_however_far(triplet_margin_with_distance_vjp)),
    ),
    "info_nce": (
        Slip("multiplied-by-the-temperature", _MULTIPLIED, *_temperature_turned_around(info_nce, info_nce_vjp)),
        Slip(
            "softmax-over-the-queries",
            "Each query has to find its key among all keys: the softmax runs along the keys, axis 1, so that each "
            "query's probabilities sum to 1.",
            forward=lambda query, key, **params: info_nce(key, query, **params),
            vjp=lambda ybar, y, query, key, **params: info_nce_vjp(ybar, y, key, query, **params)[::-1],
        ),
        Slip(
            "lengths-not-divided-by",
            "The similarity is the cosine: queries and keys are divided by their lengths first, or a long key attracts "
            "every query.",
            forward=_similarity_unscaled,
        ),
        Slip(
            "own-key-left-out-below",
            "The denominator sums over all keys, the query's own one too: without it the loss is no logarithm of a "
            "probability, and can be negative.",
            forward=_own_key_left_out,
        ),
        Slip("temperature-forgotten-on-the-way-back", _FORGOTTEN, vjp=_temperature_forgotten(info_nce_vjp)),
        Slip(
            "keys-taken-for-constants",
            "There the keys come from a slowly moving copy of the network and get no gradient; here they get theirs: "
            "do not detach them.",
            vjp=lambda ybar, y, query, key, **params: (
                info_nce_vjp(ybar, y, query, key, **params)[0],
                np.zeros_like(key),
            ),
            convention="MoCo",
        ),
    ),
    "ntxent": (
        Slip("multiplied-by-the-temperature", _MULTIPLIED, *_temperature_turned_around(ntxent, ntxent_vjp)),
        Slip(
            "itself-among-the-others",
            "No embedding is compared with itself: its similarity is the largest there is, 1 / temperature, and the "
            "denominator must leave out k = i.",
            forward=_itself_too,
        ),
        Slip(
            "own-label-among-the-others",
            "There the denominator has all but the embedding itself, here only the pair and what has another label: "
            "leave the others of its own label out.",
            forward=_all_but_itself,
            convention="supervised contrastive learning",
        ),
        Slip("temperature-forgotten-on-the-way-back", _FORGOTTEN, vjp=_temperature_forgotten(ntxent_vjp)),
    ),
}

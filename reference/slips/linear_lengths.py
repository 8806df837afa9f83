"""Slips of lengths, distances and directions."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread, unbroadcast
from ..linear.length import norm, norm_vjp
from ..linear.similarity import (
    cosine_similarity,
    cosine_similarity_vjp,
    normalize_vjp,
    pairwise_distance,
    pairwise_distance_vjp,
    pdist,
)
from ..op import Slip


def _finite_order(ord):
    return ord != np.inf and not isinstance(ord, str)


def _power_of_norm(x, *, ord, axis, keepdims):
    y = norm(x, ord=ord, axis=axis, keepdims=keepdims)
    return y if ord == np.inf else y ** (ord if _finite_order(ord) else 2)


def _signed_norm(x, *, ord, axis, keepdims):
    if ord == 1:
        return np.sum(x, axis=axis, keepdims=keepdims)
    return np.max(x, axis=axis, keepdims=keepdims) if ord == np.inf else norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _norm_without_division(ybar, y, x, *, ord, axis, keepdims):
    (xbar,) = norm_vjp(ybar, y, x, ord=ord, axis=axis, keepdims=keepdims)
    power = 0 if ord == np.inf else (ord if _finite_order(ord) else 2) - 1
    return (xbar * spread(y, x, axis, keepdims) ** power,)


def _norm_power_kept(ybar, y, x, *, ord, axis, keepdims):
    (xbar,) = norm_vjp(ybar, y, x, ord=ord, axis=axis, keepdims=keepdims)
    return ((1 if ord == np.inf else ord if _finite_order(ord) else 2) * xbar,)


def _norm_sign_missing(ybar, y, x, *, ord, axis, keepdims):
    (xbar,) = norm_vjp(ybar, y, x, ord=ord, axis=axis, keepdims=keepdims)
    return (xbar if ord == 2 or isinstance(ord, str) else xbar * np.sign(x),)


def _lengths(x1, x2, axis, eps):
    """Both arrays in the shape of their broadcast, and the lengths that cosine_similarity divides by."""
    x1, x2 = np.broadcast_arrays(x1, x2)
    lengths = [np.maximum(norm(x, ord=2, axis=axis, keepdims=True), eps) for x in (x1, x2)]
    return x1, x2, *lengths


def _cosine_lengths_constant(ybar, y, x1, x2, *, axis, eps):
    full1, full2, n1, n2 = _lengths(x1, x2, axis, eps)
    ybar = np.expand_dims(ybar, axis) / (n1 * n2)
    return unbroadcast(ybar * full2, x1.shape), unbroadcast(ybar * full1, x2.shape)


def _cosine_other_length(ybar, y, x1, x2, *, axis, eps):
    full1, full2, n1, n2 = _lengths(x1, x2, axis, eps)
    x1bar, x2bar = cosine_similarity_vjp(ybar, y, full1, full2, axis=axis, eps=eps)
    return unbroadcast(x1bar * n1 / n2, x1.shape), unbroadcast(x2bar * n2 / n1, x2.shape)


def _cosine_squares(x1, x2, *, axis, eps):
    x1, x2, n1, n2 = _lengths(x1, x2, axis, eps)
    return np.sum(x1 * x2 / (n1 * n1 * n2 * n2), axis=axis)


def _cosine_product_bounded(x1, x2, *, axis, eps):
    x1, x2 = np.broadcast_arrays(x1, x2)
    product = norm(x1, ord=2, axis=axis, keepdims=False) * norm(x2, ord=2, axis=axis, keepdims=False)
    return np.sum(x1 * x2, axis=axis) / np.maximum(product, eps)


def _pairs_by_column(n):
    pairs = [(i, j) for j in range(n) for i in range(j)]
    return np.array([i for i, _ in pairs], dtype=int), np.array([j for _, j in pairs], dtype=int)


def _pdist_last_pair_only(ybar, y, x, *, p):
    i, j = np.triu_indices(len(x), 1)
    (difference,) = norm_vjp(ybar, y, x[i] - x[j], ord=p, axis=-1, keepdims=False)
    xbar = np.zeros_like(x)
    xbar[i] += difference
    xbar[j] -= difference
    return (xbar,)


def _pdist_first_row_only(ybar, y, x, *, p):
    i, j = np.triu_indices(len(x), 1)
    (difference,) = norm_vjp(ybar, y, x[i] - x[j], ord=p, axis=-1, keepdims=False)
    xbar = np.zeros_like(x)
    np.add.at(xbar, i, difference)
    return (xbar,)


def _pdist_by_column(x, *, p):
    i, j = _pairs_by_column(len(x))
    return norm(x[i] - x[j], ord=p, axis=-1, keepdims=False)


def _distance_signs_equal(ybar, y, x1, x2, *, p, eps, keepdims):
    x1bar, x2bar = pairwise_distance_vjp(ybar, y, x1, x2, p=p, eps=eps, keepdims=keepdims)
    return x1bar, -x2bar


SLIPS = {
    "norm": (
        Slip(
            "root-missing",
            "The sum of |x_i|^p is the p-th power of the norm: take its root, y = (sum_i |x_i|^p)^(1/p).",
            forward=_power_of_norm,
        ),
        Slip(
            "always-the-two-norm",
            "The exponent and the root both follow ord: ord = 1 is the sum of the magnitudes, ord = inf the largest of "
            "them. Here the squares were added whatever ord is.",
            forward=lambda x, *, ord, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
        ),
        Slip(
            "magnitudes-missing",
            "A norm adds up |x_i|, or takes the largest |x_i|. Without the absolute value negative numbers take off "
            "from the length, and the length of -x is not that of x.",
            forward=_signed_norm,
        ),
        Slip(
            "not-divided-by-the-norm",
            "That is the derivative of the sum of the powers. The outer root adds the factor y^(1 - p): for p = 2, "
            "xbar = ybar x / y.",
            vjp=_norm_without_division,
        ),
        Slip(
            "power-kept",
            "The factor p from the derivative of |x_i|^p and the 1/p from that of the root cancel: for p = 2, xbar = "
            "ybar x / y, without a 2.",
            vjp=_norm_power_kept,
        ),
        Slip(
            "sign-missing",
            "Where x is negative |x| falls: its derivative is sign(x), and xbar = ybar sign(x) (|x| / y)^(p - 1).",
            vjp=_norm_sign_missing,
        ),
    ),
    "normalize": (
        Slip(
            "eps-added",
            "The eps is a lower bound of the length, y = x / max(|x|, eps). Adding it, x / (|x| + eps), shortens every "
            "vector, also those that are long.",
            forward=lambda x, *, p, axis, eps: x / (norm(x, ord=p, axis=axis, keepdims=True) + eps),
        ),
        Slip(
            "by-the-whole-array",
            "Each vector along the axis is divided by its own length: the norm needs axis=axis and keepdims=True. Here "
            "all were divided by the length of the whole array.",
            forward=lambda x, *, p, axis, eps: (
                x / np.maximum(norm(np.reshape(x, -1), ord=p, axis=0, keepdims=False), eps)
            ),
        ),
        Slip(
            "length-taken-as-constant",
            "The length depends on x too. By the quotient rule a second term takes away what ybar has along y: for p = "
            "2, xbar = (ybar - y sum(ybar y)) / |x|.",
            vjp=lambda ybar, y, x, *, p, axis, eps: (ybar / np.maximum(norm(x, ord=p, axis=axis, keepdims=True), eps),),
        ),
        Slip(
            "input-in-place-of-the-unit-vector",
            "The second term of the quotient rule has the unit vector y in its sum, sum(ybar y) = sum(ybar x) / |x|. "
            "Here x stands in it, so a factor 1 / |x| is missing.",
            vjp=lambda ybar, y, x, *, p, axis, eps: normalize_vjp(ybar, x, x, p=p, axis=axis, eps=eps),
        ),
    ),
    "cosine_similarity": (
        Slip(
            "not-divided-by-the-lengths",
            "The dot product grows with the lengths of the vectors; the cosine does not: divide by |x1| |x2|.",
            forward=lambda x1, x2, *, axis, eps: np.sum(x1 * x2, axis=axis),
        ),
        Slip(
            "divided-by-the-squares",
            "The lengths are the roots of the sums of squares. Here the sums themselves were divided by.",
            forward=_cosine_squares,
        ),
        Slip(
            "distance",
            "SciPy's scipy.spatial.distance.cosine is the distance, 1 - cos, which is 0 for vectors of one direction. "
            "The similarity is 1 minus that.",
            forward=lambda x1, x2, *, axis, eps: 1 - cosine_similarity(x1, x2, axis=axis, eps=eps),
            vjp=lambda ybar, y, x1, x2, *, axis, eps: cosine_similarity_vjp(-ybar, y, x1, x2, axis=axis, eps=eps),
            convention="SciPy",
        ),
        Slip(
            "eps-bounds-the-product",
            "Each length has the lower bound eps of its own, max(|x1|, eps) max(|x2|, eps). Here the product of both "
            "lengths was bounded, which lets a short vector pass beside a long one.",
            forward=_cosine_product_bounded,
        ),
        Slip(
            "lengths-taken-as-constant",
            "The lengths in the denominator depend on the vectors too: x1bar = ybar (u2 - y u1) / |x1|, with the unit "
            "vectors u1 and u2. Here the second term is missing.",
            vjp=_cosine_lengths_constant,
        ),
        Slip(
            "divided-by-the-other-length",
            "Right is x1bar = ybar (u2 - y u1) / |x1|: a longer x1 turns less for the same push, so its own length "
            "divides. Here that of the other vector does.",
            vjp=_cosine_other_length,
        ),
    ),
    "pairwise_distance": (
        Slip(
            "root-missing",
            "That is the distance to the power p. A distance has the unit of the points: take the root, (sum_i |x1_i - "
            "x2_i + eps|^p)^(1/p).",
            forward=lambda x1, x2, *, p, eps, keepdims: pairwise_distance(x1, x2, p=p, eps=eps, keepdims=keepdims) ** p,
        ),
        Slip(
            "eps-added-to-the-distance",
            "The eps is added to every difference inside the norm, |x1 - x2 + eps|, where it keeps the root from "
            "having no slope at equal points. Here it was added to the distance.",
            forward=lambda x1, x2, *, p, eps, keepdims: norm(x1 - x2, ord=p, axis=-1, keepdims=keepdims) + eps,
        ),
        Slip(
            "second-sign-missing",
            "The second point is subtracted, so x2bar = -x1bar: moving the second point towards the first makes the "
            "distance smaller. Here both cotangents have the sign of the first.",
            vjp=_distance_signs_equal,
        ),
        Slip(
            "not-divided-by-the-distance",
            "That is the derivative of the power inside the root. The root adds the factor 1 / y^(p - 1): for p = 2, "
            "x1bar = ybar (x1 - x2 + eps) / y.",
            vjp=lambda ybar, y, x1, x2, *, p, eps, keepdims: pairwise_distance_vjp(
                ybar * y ** (p - 1), y, x1, x2, p=p, eps=eps, keepdims=keepdims
            ),
        ),
    ),
    "pdist": (
        Slip(
            "whole-table",
            "Each pair i < j is listed once, N (N - 1) / 2 numbers in a vector. This is the whole table, with every "
            "distance twice and zeros on the diagonal: take its upper triangle.",
            forward=lambda x, *, p: norm(x[:, None] - x, ord=p, axis=-1, keepdims=False),
        ),
        Slip(
            "by-columns",
            "The pairs come row by row: (0, 1), (0, 2), ..., (1, 2), ... Here they run down the columns of the upper "
            "triangle: (0, 1), (0, 2), (1, 2), (0, 3), ...",
            forward=_pdist_by_column,
        ),
        Slip(
            "root-missing",
            "That is each distance to the power p; take the root of the sum.",
            forward=lambda x, *, p: pdist(x, p=p) ** p,
        ),
        Slip(
            "last-contribution-only",
            "A row is in many pairs, and what they send back adds up. xbar[i] += d with an index array keeps only the "
            "last of the contributions to each row: use np.add.at(xbar, i, d).",
            vjp=_pdist_last_pair_only,
        ),
        Slip(
            "second-row-forgotten",
            "Both ends of a pair move its distance: x_i gets the cotangent, and x_j gets minus the same.",
            vjp=_pdist_first_row_only,
        ),
    ),
}

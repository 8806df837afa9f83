"""Slips of distances between distributions, and of optimal transport."""

from __future__ import annotations

import numpy as np

from ..divergence.discrete import (
    kl_categorical,
)
from ..divergence.symmetric import (
    hellinger,
    hellinger_vjp,
    js_divergence,
    js_divergence_vjp,
    total_variation,
    total_variation_vjp,
)
from ..divergence.transport import wasserstein_1d, wasserstein_1d_vjp, wasserstein_1d_weighted
from ..op import Slip
from .divergence import along


def _pull_in_order(ybar, x, y, axis):
    """What each pair of partners sends back, from the smallest to the largest."""
    difference = np.sort(x, axis=axis) - np.sort(y, axis=axis)
    return along(ybar, axis) * np.sign(difference) / x.shape[axis]


def _transport_left_in_order(ybar, w, x, y, *, axis):
    pull = _pull_in_order(ybar, x, y, axis)
    return pull, -pull


def _transport_order_not_inverted(ybar, w, x, y, *, axis):
    pull = _pull_in_order(ybar, x, y, axis)
    return np.take_along_axis(pull, np.argsort(x, axis=axis), axis), -np.take_along_axis(
        pull, np.argsort(y, axis=axis), axis
    )


def _transport_unsorted_signs(ybar, w, x, y, *, axis):
    pull = along(ybar, axis) * np.sign(x - y) / x.shape[axis]
    return pull, -pull


def _gap(x, y, u, v):
    """The values in order, and F - G at each of them."""
    ends = np.sort(np.concat([x, y], axis=-1), axis=-1)

    def below(x, u):
        return np.sum(np.where(x[..., None] <= ends[..., None, :], u[..., None], 0), axis=-2)

    return ends, below(x, u / np.sum(u, axis=-1, keepdims=True)) - below(y, v / np.sum(v, axis=-1, keepdims=True))


def _largest_gap(x, y, u, v):
    return np.max(np.abs(_gap(x, y, u, v)[1]), axis=-1)


def _signed_area(x, y, u, v):
    ends, gap = _gap(x, y, u, v)
    return np.sum(gap[..., :-1] * np.diff(ends, axis=-1), axis=-1)


def _weights_left_behind(x, y, u, v):
    return wasserstein_1d_weighted(np.sort(x, axis=-1), np.sort(y, axis=-1), u, v)


def _weights_ignored(x, y, u, v):
    return wasserstein_1d_weighted(x, y, np.ones_like(u), np.ones_like(v))


def _whole_constant(ybar, w, x, y, u, v):
    ends, gap = _gap(x, y, u, v)
    pull = np.expand_dims(ybar, -1) * np.sign(gap[..., :-1]) * np.diff(ends, axis=-1)

    def to_weights(x, u):
        rise = np.where(x[..., None] <= ends[..., None, :-1], pull[..., None, :], 0)
        return np.sum(rise, axis=-1) / np.sum(u, axis=-1, keepdims=True)

    return (*_transport_weighted_values(ybar, x, y, gap), to_weights(x, u), -to_weights(y, v))


def _transport_weighted_values(ybar, x, y, gap):
    size = np.pad(np.abs(gap[..., :-1]), [(0, 0)] * (x.ndim - 1) + [(1, 1)])
    order = np.argsort(np.concat([x, y], axis=-1), axis=-1)
    moved = np.expand_dims(ybar, -1) * (size[..., :-1] - size[..., 1:])
    moved = np.take_along_axis(moved, np.argsort(order, axis=-1), -1)
    return moved[..., : x.shape[-1]], moved[..., x.shape[-1] :]


SLIPS = {
    "js_divergence": (
        Slip(
            "root-taken",
            "SciPy's scipy.spatial.distance.jensenshannon is the square root of the divergence, which is a metric. "
            "Square it.",
            forward=lambda p, q, *, axis: np.sqrt(js_divergence(p, q, axis=axis)),
            vjp=lambda ybar, y, p, q, *, axis: js_divergence_vjp(ybar / (2 * y), y, p, q, axis=axis),
            convention="SciPy",
        ),
        Slip(
            "compared-with-each-other",
            "Both p and q are compared with their middle, m = (p + q) / 2. Here they were compared with each other, "
            "which is Jeffreys' divergence and infinite where one excludes what the other shows.",
            forward=lambda p, q, *, axis: (kl_categorical(p, q, axis=axis) + kl_categorical(q, p, axis=axis)) / 2,
        ),
        Slip(
            "half-missing",
            "It is the mean of the two divergences from the middle, so their sum is halved.",
            forward=lambda p, q, *, axis: 2 * js_divergence(p, q, axis=axis),
        ),
        Slip(
            "one-side-only",
            "That is the divergence of p from the middle. That of q from the middle belongs to it too, and half of "
            "their sum is taken.",
            forward=lambda p, q, *, axis: kl_categorical(p, (p + q) / 2, axis=axis),
        ),
        Slip(
            "middle-taken-as-constant",
            "The middle moves with p: what that adds, -m / m in both terms together, cancels the 1 of the product "
            "rule. So pbar = ybar log(p / m) / 2, and the 1 does not stay.",
            vjp=lambda ybar, y, p, q, *, axis: tuple(
                g + along(ybar, axis) / 2 for g in js_divergence_vjp(ybar, y, p, q, axis=axis)
            ),
        ),
    ),
    "total_variation": (
        Slip(
            "half-missing",
            "What one distribution has more, the other has less, so every difference is counted twice: halve the sum "
            "of the magnitudes.",
            forward=lambda p, q, *, axis: 2 * total_variation(p, q, axis=axis),
        ),
        Slip(
            "largest-difference",
            "The largest difference over all events is meant, and an event may have many outcomes. Here it is the "
            "largest over single outcomes.",
            forward=lambda p, q, *, axis: np.max(np.abs(p - q), axis=axis),
        ),
        Slip(
            "euclidean",
            "The magnitudes of the differences are added, not their squares: sum_i |p_i - q_i| / 2.",
            forward=lambda p, q, *, axis: np.sqrt(np.sum((p - q) ** 2, axis=axis)) / 2,
        ),
        Slip(
            "difference-for-its-sign",
            "The slope of |p - q| is the sign of p - q. Here the difference itself stands for it, as in the derivative "
            "of a square.",
            vjp=lambda ybar, y, p, q, *, axis: (
                along(ybar, axis) * (p - q) / 2,
                along(ybar, axis) * (q - p) / 2,
            ),
        ),
        Slip(
            "second-sign-missing",
            "What q gains brings it nearer to a larger p: qbar = -pbar. Here both have the sign of pbar.",
            vjp=lambda ybar, y, p, q, *, axis: (total_variation_vjp(ybar, y, p, q, axis=axis)[0],) * 2,
        ),
    ),
    "hellinger": (
        Slip(
            "root-missing",
            "That is the square of the distance. Take the root, which makes it a metric.",
            forward=lambda p, q, *, axis: hellinger(p, q, axis=axis) ** 2,
        ),
        Slip(
            "half-missing",
            "Some books leave out the factor 1/2 under the root, and get distances up to sqrt(2); here they go up to "
            "1. Divide by sqrt(2).",
            forward=lambda p, q, *, axis: np.sqrt(2) * hellinger(p, q, axis=axis),
            vjp=lambda ybar, y, p, q, *, axis: hellinger_vjp(np.sqrt(2) * ybar, y / np.sqrt(2), p, q, axis=axis),
            convention="Tsybakov (2009)",
        ),
        Slip(
            "roots-of-the-probabilities-missing",
            "The differences are those of sqrt(p_i) and sqrt(q_i), the coordinates of two points on a sphere. Here the "
            "probabilities themselves were subtracted.",
            forward=lambda p, q, *, axis: np.sqrt(np.sum((p - q) ** 2, axis=axis) / 2),
        ),
        Slip(
            "one-less-the-overlap",
            "The square of the distance is 1 - sum_i sqrt(p_i q_i) only where p and q sum to 1 each. In general the 1 "
            "is half of both sums together.",
            forward=lambda p, q, *, axis: np.sqrt(np.maximum(1 - np.sum(np.sqrt(p * q), axis=axis), 0)),
        ),
        Slip(
            "outer-root-forgotten",
            "The derivative of the outer root is 1 / (2 y). Without it this is the gradient of the squared distance.",
            vjp=lambda ybar, y, p, q, *, axis: hellinger_vjp(2 * y * ybar, y, p, q, axis=axis),
        ),
        Slip(
            "inner-roots-forgotten",
            "The root of p_i has the slope 1 / (2 sqrt(p_i)), which makes pbar = ybar (sqrt p - sqrt q) / (4 y sqrt "
            "p). Here the difference of the roots was differentiated by the roots themselves.",
            vjp=lambda ybar, y, p, q, *, axis: (
                lambda share: (share * (np.sqrt(p) - np.sqrt(q)), share * (np.sqrt(q) - np.sqrt(p)))
            )(along(ybar / (2 * np.where(y > 0, y, 1)), axis)),
        ),
    ),
    "wasserstein_1d": (
        Slip(
            "not-sorted",
            "The cheapest plan carries the k-th smallest of x to the k-th smallest of y: sort both. Here each value "
            "went to the one that happens to stand at the same place.",
            forward=lambda x, y, *, axis: np.mean(np.abs(x - y), axis=axis),
            vjp=_transport_unsorted_signs,
        ),
        Slip(
            "difference-of-the-means",
            "Ways to the left and to the right do not cancel: take the magnitude of each difference before you "
            "average. Here it is the distance of the two means.",
            forward=lambda x, y, *, axis: np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis)),
        ),
        Slip(
            "root-of-the-squares",
            "That is the distance of order 2, the root of the mean square. The one of order 1 is the mean of the "
            "magnitudes.",
            forward=lambda x, y, *, axis: np.sqrt(np.mean((np.sort(x, axis) - np.sort(y, axis)) ** 2, axis=axis)),
        ),
        Slip(
            "summed",
            "Each value is a heap of 1/n, so the ways are averaged, not added up.",
            forward=lambda x, y, *, axis: x.shape[axis] * wasserstein_1d(x, y, axis=axis),
            vjp=lambda ybar, w, x, y, *, axis: wasserstein_1d_vjp(x.shape[axis] * ybar, w, x, y, axis=axis),
        ),
        Slip(
            "left-in-sorted-order",
            "The k-th cotangent belongs to the place where the k-th smallest value stood. Here they were left in the "
            "order of the sorted values.",
            vjp=_transport_left_in_order,
        ),
        Slip(
            "order-not-inverted",
            "Sorting gathers by the order, so its adjoint scatters by it: take the ranks, argsort(order), to put each "
            "cotangent back. Here it was gathered by the order once more.",
            vjp=_transport_order_not_inverted,
        ),
    ),
    "wasserstein_1d_weighted": (
        Slip(
            "weights-ignored",
            "Each value has the share u_i / sum u of its sample. Here all were given the same.",
            forward=_weights_ignored,
        ),
        Slip(
            "weights-left-behind",
            "The weights belong to their values and move with them: sort both by the same order. Here the values were "
            "sorted and the weights left where they were.",
            forward=_weights_left_behind,
        ),
        Slip(
            "largest-gap",
            "That is the largest difference of the two distribution functions, the statistic of Kolmogorov and "
            "Smirnov. The distance is the area between them.",
            forward=_largest_gap,
        ),
        Slip(
            "signed-area",
            "Mass that has to go to the left costs as much as mass that goes to the right: integrate |F - G|. Without "
            "the magnitude it is the difference of the means.",
            forward=_signed_area,
        ),
        Slip(
            "whole-taken-as-constant",
            "A weight that grows also makes the whole grow, by which all are divided, and lowers every share: subtract "
            "F_k in [x_i <= t_k] - F_k.",
            vjp=_whole_constant,
        ),
    ),
}

"""Triplets: an anchor, a positive that belongs to it and a negative that does not, of which only distances count."""

from __future__ import annotations

import numpy as np

from ..linear.length import norm, norm_vjp
from ..op import Case, Op
from .cosine import cosine, cosine_hvp, cosine_vjp, require_rows
from .reduction import cotangent_of_each, reduced


def triplet_margin(anchor, positive, negative, *, margin, p, eps, swap, reduction):
    """y_n = max(0, margin + d(anchor_n, positive_n) - d(anchor_n, negative_n)), then reduced.

    Shapes: anchor, positive and negative (N, D); y (N,) or (), in the unit of the embeddings, as margin and eps.

    d(a, b) = (sum_i |a_i - b_i + eps|^p)^(1/p): eps is added to each difference, so that the root has a slope where a =
    b, and d(a, b) is not quite d(b, a). With swap the negative's distance is min(d(anchor, negative), d(positive,
    negative)): whichever of the pair is nearer to it.

    Raises ValueError for shapes that differ, a p below 1 and an unknown reduction.
    Source: Balntas, Riba, Ponsa and Mikolajczyk (2016), Learning local feature descriptors with triplets and shallow
    convolutional neural networks, British Machine Vision Conference, sections 2.1 and 2.3; eps is that of
    torch.nn.TripletMarginLoss.
    """
    require_rows(anchor, positive, negative)
    near, far, other = (_distance(v, p) for v in _differences(anchor, positive, negative, eps))
    return reduced(np.maximum(0, margin + near - (np.minimum(far, other) if swap else far)), reduction)


def triplet_margin_vjp(ybar, y, anchor, positive, negative, *, margin, p, eps, swap, reduction):
    """Of the difference v of each distance, vbar = +-ybar sign(v) (|v| / d)^(p - 1) where the loss is positive.

    anchorbar = positive's vbar + negative's, positivebar = -positive's vbar, negativebar = -negative's. Swapped, the
    negative's vbar goes to the positive instead of the anchor.
    """
    vs, distances, bars = _distances_bar(ybar, anchor, positive, negative, margin, p, eps, swap, reduction)
    bars = [
        norm_vjp(bar, d, v, ord=p, axis=1, keepdims=False)[0] for bar, d, v in zip(bars, distances, vs, strict=True)
    ]
    return bars[0] + bars[1], bars[2] - bars[0], -bars[1] - bars[2]


def _distances_bar(ybar, anchor, positive, negative, margin, p, eps, swap, reduction):
    """The three differences, their lengths and the cotangents of these."""
    vs = _differences(anchor, positive, negative, eps)
    near, far, other = (_distance(v, p) for v in vs)
    swapped = other < far if swap else np.arange(len(anchor)) < 0
    active = margin + near - np.where(swapped, other, far) > 0
    share = np.where(active, cotangent_of_each(ybar, len(anchor), reduction), 0)
    return vs, (near, far, other), (share, np.where(swapped, 0, -share), np.where(swapped, -share, 0))


def triplet_margin_hvp(ybar, dots, y, anchor, positive, negative, *, margin, p, eps, swap, reduction):
    """The slopes u = sign(v) (|v| / d)^(p - 1) of a distance d move by (p - 1) ((|v| / d)^(p - 2) vdot - u u.vdot) / d.

    Along v itself they do not move. For p = 1 the distance is made of straight lines, and has no curvature.
    """
    vs, distances, bars = _distances_bar(ybar, anchor, positive, negative, margin, p, eps, swap, reduction)
    at, near, far = dots
    vdots = _differences(at, near, far, 0)
    bars = [_slope_dot(*each, p) for each in zip(bars, distances, vs, vdots, strict=True)]
    return bars[0] + bars[1], bars[2] - bars[0], -bars[1] - bars[2]


def _slope_dot(bar, d, v, vdot, p):
    if p == 1:
        return np.zeros_like(v)
    scaled = np.abs(v) / d[:, None]
    slope = np.sign(v) * scaled ** (p - 1)
    along = np.sum(slope * vdot, axis=1, keepdims=True)
    return (bar / d)[:, None] * (p - 1) * (scaled ** (p - 2) * vdot - slope * along)


def triplet_margin_cases(rng):
    def ask(margin, p, eps, swap, reduction):
        return {"margin": margin, "p": p, "eps": eps, "swap": swap, "reduction": reduction}

    yield Case("mean", _triplet(rng, 5, 3), ask(1.3, 2.0, 0.05, False, "mean"))
    yield Case("none-city-block-swap", _triplet(rng, 5, 4), ask(2.3, 1.0, 0.05, True, "none"))
    yield Case("sum-cubes-swap", _triplet(rng, 4, 3), ask(0.7, 3.0, 0.01, True, "sum"))
    yield Case("none-without-eps", _triplet(rng, 5, 3), ask(0.7, 2.0, 0.0, False, "none"))
    a, b, c = (
        np.zeros((2, 3)),
        np.array([[3.0, 0.0, 4.0], [0.0, 0.0, 0.0]]),
        np.array([[0.0, 6.5, 0.0], [3.0, 0.0, 4.0]]),
    )
    yield Case("at-the-margin-and-a-hit", (a, b, c), ask(1.5, 2.0, 0.0, False, "none"), "kink")
    a = np.array([[np.inf, 0.0], [0.0, 0.0], [np.nan, 0.0]])
    b, c = np.zeros((3, 2)), np.array([[np.inf, 1.0], [np.inf, 0.0], [0.0, 0.0]])
    yield Case("infinite", (a, b, c), ask(1.0, 2.0, 0.0, False, "none"), "special", np.array([np.nan, 0.0, np.nan]))
    a, b, c = np.zeros((1, 2)), np.array([[1.0, 0.5]]), np.array([[2.0, 1.0]])
    yield Case("all-ahead", (a, b, c), ask(2.0, 1.0, 0.0, False, "none"), "special", np.array([0.5]))
    nobody = np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))
    yield Case("nobody", nobody, ask(1.0, 2.0, 0.0, False, "none"), "empty", np.zeros(0))
    a, b, c = _triplet(rng, 3, 4)
    yield Case("negative-broadcasts", (a, b, c[:1]), ask(1.0, 2.0, 0.0, False, "mean"), "refused")
    yield Case("too-few-positives", (a, b[:2], c), ask(1.0, 2.0, 0.0, False, "mean"), "refused")
    yield Case("no-such-reduction", (a, b, c), ask(1.0, 2.0, 0.0, False, "average"), "refused")


def triplet_margin_sized(rng, n):
    args = _triplet(rng, max(n // 96, 1), 32)
    return Case("sized", args, {"margin": 1.0, "p": 2.0, "eps": 1e-6, "swap": False, "reduction": "mean"})


def triplet_margin_with_distance(anchor, positive, negative, *, distance, margin, swap, reduction):
    """y_n = max(0, margin + d(anchor_n, positive_n) - d(anchor_n, negative_n)), d any distance; then reduced.

    Shapes: anchor, positive and negative (N, D); y (N,) or (), in the unit of the distance, as margin.

    distance is "cosine", 1 - a.b / (|a| |b|), or "squared", |a - b|^2: neither needs an eps, and neither is a metric.
    swap is that of triplet_margin.

    Raises ValueError for shapes that differ, another distance and an unknown reduction.
    Source: Schroff, Kalenichenko and Philbin (2015), FaceNet: A Unified Embedding for Face Recognition and Clustering,
    section 3.1, eqs. 1 and 2, for the squared distance; torch.nn.TripletMarginWithDistanceLoss.
    """
    require_rows(anchor, positive, negative)
    d = _choice(distance)[0]
    near, far = d(anchor, positive), d(anchor, negative)
    return reduced(np.maximum(0, margin + near - (np.minimum(far, d(positive, negative)) if swap else far)), reduction)


def triplet_margin_with_distance_vjp(ybar, y, anchor, positive, negative, *, distance, margin, swap, reduction):
    """Each distance's derivative by its two ends, with ybar for the positive's and -ybar for the negative's.

    Only where the loss is positive; swapped, the negative's distance is that to the positive.
    """
    d, d_vjp, _ = _choice(distance)
    near, far, other = d(anchor, positive), d(anchor, negative), d(positive, negative)
    swapped = other < far if swap else np.arange(len(anchor)) < 0
    active = margin + near - np.where(swapped, other, far) > 0
    share = np.where(active, cotangent_of_each(ybar, len(anchor), reduction), 0)[:, None]
    near_a, near_p = d_vjp(anchor, positive)
    far_a, far_n = d_vjp(anchor, negative)
    other_p, other_n = d_vjp(positive, negative)
    swapped = swapped[:, None]
    anchorbar = share * (near_a - np.where(swapped, 0, far_a))
    positivebar = share * (near_p - np.where(swapped, other_p, 0))
    return anchorbar, positivebar, -share * np.where(swapped, other_n, far_n)


def triplet_margin_with_distance_hvp(ybar, dots, y, anchor, positive, negative, *, distance, margin, swap, reduction):
    """As the VJP, with the change of each distance's derivatives along the tangents of its two ends."""
    d, _, d_hvp = _choice(distance)
    near, far, other = d(anchor, positive), d(anchor, negative), d(positive, negative)
    swapped = other < far if swap else np.arange(len(anchor)) < 0
    active = margin + near - np.where(swapped, other, far) > 0
    share = np.where(active, cotangent_of_each(ybar, len(anchor), reduction), 0)[:, None]
    anchordot, positivedot, negativedot = dots
    near_a, near_p = d_hvp((anchordot, positivedot), anchor, positive)
    far_a, far_n = d_hvp((anchordot, negativedot), anchor, negative)
    other_p, other_n = d_hvp((positivedot, negativedot), positive, negative)
    swapped = swapped[:, None]
    anchorbar = share * (near_a - np.where(swapped, 0, far_a))
    positivebar = share * (near_p - np.where(swapped, other_p, 0))
    return anchorbar, positivebar, -share * np.where(swapped, other_n, far_n)


def triplet_margin_with_distance_cases(rng):
    def ask(distance, margin, swap, reduction):
        return {"distance": distance, "margin": margin, "swap": swap, "reduction": reduction}

    yield Case("mean-cosine", _triplet(rng, 5, 3), ask("cosine", 0.3, False, "mean"))
    a, b, c = _triplet(rng, 5, 4)
    nearer_to_the_positive = np.arange(5)[:, None] % 2 == 0
    args = a, b, np.where(nearer_to_the_positive, b + (c - a) / 2, c)
    yield Case("none-squared-swap", args, ask("squared", 2.3, True, "none"))
    a, b, c = np.zeros((1, 2)), np.array([[1.0, 2.0]]), np.array([[2.0, 2.0]])
    yield Case("at-the-margin", (a, b, c), ask("squared", 3.0, False, "sum"), "kink")
    nobody = np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))
    yield Case("nobody", nobody, ask("squared", 1.0, False, "none"), "empty", np.zeros(0))
    a, b, c = _triplet(rng, 3, 4)
    yield Case("dimensions-differ", (a, b[0], c), ask("cosine", 1.0, False, "mean"), "refused")
    yield Case("no-such-distance", (a, b, c), ask("sine", 1.0, False, "mean"), "refused")
    yield Case("no-such-reduction", (a, b, c), ask("cosine", 1.0, False, "average"), "refused")


def triplet_margin_with_distance_sized(rng, n):
    args = _triplet(rng, max(n // 96, 1), 32)
    return Case("sized", args, {"distance": "squared", "margin": 1.0, "swap": False, "reduction": "mean"})


def _triplet(rng, n, d):
    """Anchors, positives near them and negatives, some nearer still."""
    anchor = rng.normal(size=(n, d))
    return anchor, anchor + rng.normal(size=(n, d)), anchor + rng.normal(scale=1.5, size=(n, d))


def _differences(anchor, positive, negative, eps):
    return anchor - positive + eps, anchor - negative + eps, positive - negative + eps


def _distance(v, p):
    return norm(v, ord=p, axis=1, keepdims=False)


def _choice(distance):
    """A distance of rows, its derivatives by both, and how these move."""
    table = {
        "cosine": (_cosine_distance, _cosine_distance_vjp, _cosine_distance_hvp),
        "squared": (_squared, _squared_vjp, _squared_hvp),
    }
    if distance not in table:
        raise ValueError(f"distance: got {distance!r}, want one of {', '.join(table)}")
    return table[distance]


def _squared(a, b):
    return np.sum((a - b) * (a - b), axis=1)


def _squared_vjp(a, b):
    return 2 * (a - b), 2 * (b - a)


def _squared_hvp(dots, a, b):
    return _squared_vjp(*dots)


def _cosine_distance(a, b):
    return 1 - cosine(a, b)


def _cosine_distance_vjp(a, b):
    one, two = cosine_vjp(a, b)
    return -one, -two


def _cosine_distance_hvp(dots, a, b):
    one, two = cosine_hvp(dots, a, b)
    return -one, -two


OPS = [
    Op(triplet_margin, triplet_margin_cases, triplet_margin_vjp, triplet_margin_sized, hvp=triplet_margin_hvp),
    Op(
        triplet_margin_with_distance,
        triplet_margin_with_distance_cases,
        triplet_margin_with_distance_vjp,
        triplet_margin_with_distance_sized,
        hvp=triplet_margin_with_distance_hvp,
    ),
]

"""Margins: losses of a score whose sign, or whose order against another score, is what is asked for."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, softplus
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, refused_and_empty_cases, require_shapes


def hinge(input, target, *, margin, reduction):
    """y = max(0, margin - target input), then reduced.

    Shapes: input any, scores; target as input, 1 or -1; y as input or (), in the unit of input, as margin.

    A score on the right side of 0 by more than the margin costs nothing. With margin 1 this is the loss of the support
    vector machine, with margin 0 that of the perceptron.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 12.3.2, eq. 12.25.
    """
    require_shapes(input, target)
    return reduced(np.maximum(0, margin - target * input), reduction)


def hinge_vjp(ybar, y, input, target, *, margin, reduction):
    """inputbar = -ybar target where target input < margin, else 0."""
    share = cotangent_of_each(ybar, input.size, reduction)
    return (np.where(target * input < margin, -share * target, 0),)


def hinge_cases(rng):
    yield Case("mean", _scores(rng, 1.0, 7), {"margin": 1.0, "reduction": "mean"})
    yield Case("none-perceptron", _scores(rng, 0.0, 4, 3), {"margin": 0.0, "reduction": "none"})
    at = np.array([1.5, -1.5, -0.25, 3.0]), np.array([1.0, -1.0, 1.0, 1.0])
    yield Case("at-the-margin", at, {"margin": 1.5, "reduction": "sum"}, "kink")
    ends = np.array([np.inf, np.inf, 0.0, np.nan]), np.array([1.0, -1.0, 1.0, 1.0])
    answer = np.array([0.0, np.inf, 1.0, np.nan])
    yield Case("infinite", ends, {"margin": 1.0, "reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {"margin": 1.0})


def hinge_sized(rng, n):
    return Case("sized", _scores(rng, 1.0, max(n // 2, 1)), {"margin": 1.0, "reduction": "mean"})


def soft_margin(input, target, *, reduction):
    """y = log(1 + exp(-target input)), then reduced.

    Shapes: input any, logits; target as input, 1 or -1; y as input or (), in nats.

    The logistic loss: the cross-entropy of the class whose logit, against the other's, is target input. As softplus
    of -target input it is that number where the exponential overflows, and exp(-target input) where it rounds away.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 10.5, eq. 10.18.
    """
    require_shapes(input, target)
    return reduced(softplus(-target * input, beta=1, threshold=np.inf), reduction)


def soft_margin_vjp(ybar, y, input, target, *, reduction):
    """inputbar = -ybar target sigmoid(-target input), as softplus' = sigmoid."""
    share = cotangent_of_each(ybar, input.size, reduction)
    return (-share * target * sigmoid(-target * input),)


def soft_margin_hvp(ybar, dots, y, input, target, *, reduction):
    """d inputbar = ybar target^2 s(target input) s(-target input) inputdot, s the sigmoid."""
    (inputdot,) = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    z = target * input
    return (share * target * target * sigmoid(z) * sigmoid(-z) * inputdot,)


def soft_margin_cases(rng):
    yield Case("mean", _scores(rng, 0.0, 3, 5), {"reduction": "mean"})
    yield Case("sum", _scores(rng, 0.0, 4), {"reduction": "sum"})
    sides = np.array([1, 1, -1, -1, 1])  # right, wrong, right, wrong, wrong
    sure = np.array([45, -100, -60, 1000, -3]) * rng.uniform(0.8, 1, size=5), sides.astype(float)
    yield Case("none-confident", sure, {"reduction": "none"})
    ends = np.array([np.inf, np.inf, np.nan]), np.array([1.0, -1.0, 1.0])
    yield Case("infinite", ends, {"reduction": "none"}, "special", np.array([0.0, np.inf, np.nan]))
    yield from refused_and_empty_cases(rng, {})


def soft_margin_sized(rng, n):
    return Case("sized", _scores(rng, 0.0, max(n // 2, 1)), {"reduction": "mean"})


def hinge_embedding(input, target, *, margin, reduction):
    """y = input where target = 1, max(0, margin - input) where target = -1; then reduced.

    Shapes: input any, distances; target as input, 1 (a similar pair) or -1; y as input or (), in the unit of input,
    as margin.

    Similar pairs are pulled together from any distance, others pushed apart until they are a margin away.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Hadsell, Chopra and LeCun (2006), Dimensionality Reduction by Learning an Invariant Mapping, section 2.1,
    eq. 4, which squares both terms.
    """
    require_shapes(input, target)
    return reduced(np.where(target > 0, input, np.maximum(0, margin - input)), reduction)


def hinge_embedding_vjp(ybar, y, input, target, *, margin, reduction):
    """inputbar = ybar where target = 1, -ybar where target = -1 and input < margin, else 0."""
    share = cotangent_of_each(ybar, input.size, reduction)
    return (np.where(target > 0, share, np.where(input < margin, -share, 0)),)


def hinge_embedding_cases(rng):
    def pair(margin, *shape):
        """Of the similar and of the dissimilar pairs, some within and some beyond the margin."""
        within = rng.permuted(np.arange(np.prod(shape)) % 2 == 0).reshape(shape)
        share = np.where(within, rng.uniform(0.2, 0.8, size=shape), rng.uniform(1.2, 3, size=shape))
        return margin * share, _sides(rng, shape)

    yield Case("mean", pair(0.7, 3, 5), {"margin": 0.7, "reduction": "mean"})
    yield Case("sum", pair(2.6, 4), {"margin": 2.6, "reduction": "sum"})
    yield Case("none", pair(1.0, 4, 3), {"margin": 1.0, "reduction": "none"})
    at = np.array([1.5, 1.5, 0.5, 2.0]), np.array([1.0, -1.0, -1.0, -1.0])
    yield Case("at-the-margin", at, {"margin": 1.5, "reduction": "none"}, "kink")
    ends = np.array([np.inf, np.inf, 0.0, np.nan, np.nan]), np.array([1.0, -1.0, -1.0, 1.0, -1.0])
    answer = np.array([np.inf, 0.0, 1.5, np.nan, np.nan])
    yield Case("infinite", ends, {"margin": 1.5, "reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {"margin": 0.7})


def hinge_embedding_sized(rng, n):
    shape = (max(n // 2, 1),)
    return Case("sized", (rng.uniform(0, 2, size=shape), _sides(rng, shape)), {"margin": 1.0, "reduction": "mean"})


def margin_ranking(input1, input2, target, *, margin, reduction):
    """y = max(0, margin - target (input1 - input2)), then reduced.

    Shapes: input1 any, scores; input2 and target as input1, target 1 where input1 should be the larger, -1 where
    input2; y as input1 or (), in the unit of the inputs, as margin.

    The hinge loss of the difference: the order of two scores is asked for, not their values.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Herbrich, Graepel and Obermayer (2000), Large Margin Rank Boundaries for Ordinal Regression, section 7.2.
    """
    require_shapes(input1, input2)
    return hinge(input1 - input2, target, margin=margin, reduction=reduction)


def margin_ranking_vjp(ybar, y, input1, input2, target, *, margin, reduction):
    """input1bar = -ybar target where target (input1 - input2) < margin, else 0; input2bar = -input1bar."""
    (input1bar,) = hinge_vjp(ybar, y, input1 - input2, target, margin=margin, reduction=reduction)
    return input1bar, -input1bar


def margin_ranking_cases(rng):
    def triple(margin, *shape):
        difference, target = _scores(rng, margin, *shape)
        input2 = rng.normal(size=shape)
        return input2 + difference, input2, target

    yield Case("mean", triple(0.7, 3, 5), {"margin": 0.7, "reduction": "mean"})
    yield Case("sum-without-margin", triple(0.0, 4), {"margin": 0.0, "reduction": "sum"})
    yield Case("none", triple(2.6, 4, 3), {"margin": 2.6, "reduction": "none"})
    at = np.array([2.0, 0.5, 1.0]), np.array([0.5, 2.0, 0.5]), np.array([1.0, -1.0, 1.0])
    yield Case("at-the-margin", at, {"margin": 1.5, "reduction": "none"}, "kink")
    ends = (
        np.array([np.inf, 0.0, np.inf, np.nan]),
        np.array([0.0, np.inf, np.inf, 1.0]),
        np.array([1.0, 1.0, 1.0, -1.0]),
    )
    answer = np.array([0.0, np.inf, np.nan, np.nan])
    yield Case("infinite", ends, {"margin": 0.7, "reduction": "none"}, "special", answer)
    empty = np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))
    yield Case("nothing", empty, {"margin": 0.7, "reduction": "none"}, "empty", np.zeros((0, 3)))
    one, two, target = triple(0.7, 3, 4)
    yield Case("second-broadcasts", (one, two[:1], target), {"margin": 0.7, "reduction": "mean"}, "refused")
    yield Case("target-too-short", (one, two, target[:, :3]), {"margin": 0.7, "reduction": "mean"}, "refused")
    yield Case("no-such-reduction", (one, two, target), {"margin": 0.7, "reduction": "average"}, "refused")


def margin_ranking_sized(rng, n):
    one, target = _scores(rng, 1.0, max(n // 3, 1))
    return Case("sized", (one, rng.normal(size=one.shape), target), {"margin": 0.7, "reduction": "mean"})


def _sides(rng, shape):
    """1 and -1, about as many."""
    return rng.permuted(np.where(np.arange(np.prod(shape)) % 2 == 0, 1.0, -1.0)).reshape(shape)


def _scores(rng, margin, *shape):
    """Scores and targets with target * score on both sides of the margin, and never nearer to it than 1/5."""
    n = int(np.prod(shape))
    within = rng.permuted(np.arange(n) % 3 == 0).reshape(shape)
    reach = rng.uniform(0.2, 2, size=shape)
    target = _sides(rng, shape)
    return target * (margin + np.where(within, reach, -reach)), target


OPS = [
    Op(hinge, hinge_cases, hinge_vjp, hinge_sized, wrt=(0,)),
    Op(soft_margin, soft_margin_cases, soft_margin_vjp, soft_margin_sized, wrt=(0,), hvp=soft_margin_hvp),
    Op(hinge_embedding, hinge_embedding_cases, hinge_embedding_vjp, hinge_embedding_sized, wrt=(0,)),
    Op(margin_ranking, margin_ranking_cases, margin_ranking_vjp, margin_ranking_sized, wrt=(0, 1)),
]

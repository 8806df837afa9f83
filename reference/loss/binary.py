"""Binary cross-entropy, of probabilities and of logits."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, softplus
from ..divergence.discrete import xlogy
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, refused_and_empty_cases, require_shapes


def binary_cross_entropy(input, target, weight, *, reduction):
    """y = -weight (target log input + (1 - target) log(1 - input)), then reduced.

    Shapes: input any, probabilities; target as input, in [0, 1]; weight broadcast to input, or None;
    y as input or (), in nats.

    log(1 - input) is asked as log1p(-input), which keeps its digits where input is tiny. What the
    target excludes costs nothing, even at probability 0; a sure miss costs infinitely much. The mean
    divides by the number of elements, not by the sum of the weights.

    Raises ValueError where a shape does not fit or the reduction is unknown.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.2, eq. 4.90.
    """
    require_shapes(input, target, weight=weight)
    log_likelihood = xlogy(target, input) + _xlog1py(1 - target, -input)
    return reduced(-_one_if_none(weight) * log_likelihood, reduction)


def binary_cross_entropy_vjp(ybar, y, input, target, weight, *, reduction):
    """inputbar = ybar weight (p - t) / (p (1 - p)), targetbar = ybar weight (log(1 - p) - log p).

    p the input and t the target. The first is (1 - t) / (1 - p) - t / p over a common denominator: one
    subtraction of two inputs instead of one of two rounded quotients.
    """
    share = cotangent_of_each(ybar, input.size, reduction) * _one_if_none(weight)
    inputbar = share * (input - target) / (input * (1 - input))
    return inputbar, share * (np.log1p(-input) - np.log(input))


def binary_cross_entropy_hvp(ybar, dots, y, input, target, weight, *, reduction):
    """d inputbar = ybar weight ((t / p^2 + (1 - t) / (1 - p)^2) pdot - tdot / (p (1 - p))).

    p the input and t the target; d targetbar = -ybar weight pdot / (p (1 - p)). Nothing cancels in the curvature.
    """
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, input.size, reduction) * _one_if_none(weight)
    other = 1 - input
    curve = target / (input * input) + (1 - target) / (other * other)
    return share * (curve * inputdot - targetdot / (input * other)), -share * inputdot / (input * other)


def binary_cross_entropy_cases(rng):
    def pair(*shape):
        """XLA's log1p loses digits between -0.42 and -0.34 (jax#39707). "below-even-odds" asks that."""
        low, high = rng.uniform(0.05, 0.3, size=shape), rng.uniform(0.45, 0.95, size=shape)
        return np.where(rng.uniform(size=shape) < 0.4, low, high), _soft_and_hard_targets(rng, shape)

    def weight(*shape):
        return rng.uniform(0.3, 3, size=shape)

    yield Case("mean", (*pair(3, 5), None), {"reduction": "mean"})
    yield Case("sum-weighted", (*pair(3, 5), weight(3, 5)), {"reduction": "sum"})
    yield Case("mean-weight-of-columns", (*pair(5, 3), weight(3)), {"reduction": "mean"})
    yield Case("none-weight-of-rows", (*pair(4, 3), weight(4, 1)), {"reduction": "none"})
    p, target = rng.uniform(0.4, 0.414, size=7), _soft_and_hard_targets(rng, (7,))
    yield Case("below-even-odds", (p, target, None), {"reduction": "none"})
    p, target = 10 ** rng.uniform(-12, -2, size=7), _soft_and_hard_targets(rng, (7,))
    yield Case("rare", (p, target, None), {"reduction": "none"})
    p, t = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0, 0.5, 0.5])
    answer = np.array([0.0, 0.0, np.inf, np.inf, np.inf, np.inf])
    yield Case("certain", (p, t, np.full(6, 1.5)), {"reduction": "none"}, "special", answer)
    nan = np.array([np.nan, 0.0]), np.array([0.5, 0.0]), None
    yield Case("nan", nan, {"reduction": "none"}, "special", np.array([np.nan, 0.0]))
    yield from refused_and_empty_cases(rng, {}, None)
    yield Case("weight-too-long", (*pair(3, 4), weight(3)), {"reduction": "mean"}, "refused")
    yield Case("weight-too-deep", (*pair(4), weight(3, 4)), {"reduction": "mean"}, "refused")


def binary_cross_entropy_sized(rng, n):
    p, target = rng.uniform(0.05, 0.95, size=(2, max(n // 2, 1)))
    return Case("sized", (p, target, None), {"reduction": "mean"})


def binary_cross_entropy_with_logits(input, target, weight, pos_weight, *, reduction):
    """y = weight (pos_weight target softplus(-input) + (1 - target) softplus(input)), then reduced.

    Shapes: input any, logits; target as input, in [0, 1]; weight and pos_weight broadcast to input,
    or None; y as input or (), in nats.

    -log sigmoid(x) = softplus(-x) = log(1 + exp(-x)), and 1 - sigmoid(x) = sigmoid(-x): no probability
    is formed, so none rounds to 0 or 1. Both terms are positive, so nothing cancels either.

    Raises ValueError where a shape does not fit or the reduction is unknown.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.2, eqs. 4.87 and 4.90.
    """
    require_shapes(input, target, weight=weight, pos_weight=pos_weight)
    if_positive = _one_if_none(pos_weight) * target * softplus(-input, beta=1, threshold=np.inf)
    if_negative = (1 - target) * softplus(input, beta=1, threshold=np.inf)
    return reduced(_one_if_none(weight) * (if_positive + if_negative), reduction)


def binary_cross_entropy_with_logits_vjp(ybar, y, input, target, weight, pos_weight, *, reduction):
    """inputbar = ybar weight ((1 - t) sigmoid(x) - pos_weight t sigmoid(-x)), since softplus' = sigmoid.

    x the input and t the target. targetbar = ybar weight (pos_weight softplus(-x) - softplus(x)).
    """
    share = cotangent_of_each(ybar, input.size, reduction) * _one_if_none(weight)
    gain = _one_if_none(pos_weight)
    inputbar = share * ((1 - target) * sigmoid(input) - gain * target * sigmoid(-input))
    if_positive, if_negative = (softplus(x, beta=1, threshold=np.inf) for x in (-input, input))
    return inputbar, share * (gain * if_positive - if_negative)


def binary_cross_entropy_with_logits_hvp(ybar, dots, y, input, target, weight, pos_weight, *, reduction):
    """d inputbar = ybar weight ((1 - t + pos_weight t) s(x) s(-x) xdot - (s(x) + pos_weight s(-x)) tdot).

    x the input, t the target and s the sigmoid; d targetbar = -ybar weight (s(x) + pos_weight s(-x)) xdot. Without
    pos_weight the sum of the two is 1, and the curvature s(x) s(-x) does not know the target.
    """
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, input.size, reduction) * _one_if_none(weight)
    gain, up, down = _one_if_none(pos_weight), sigmoid(input), sigmoid(-input)
    mixed = share * (up + gain * down)
    return share * (1 - target + gain * target) * up * down * inputdot - mixed * targetdot, -mixed * inputdot


def binary_cross_entropy_with_logits_cases(rng):
    def pair(*shape):
        x = rng.choice([-1, 1], size=shape) * rng.uniform(0.3, 1.2, size=shape)
        return x, _soft_and_hard_targets(rng, shape)

    def weight(*shape):
        return rng.uniform(0.3, 3, size=shape)

    yield Case("mean", (*pair(3, 5), None, None), {"reduction": "mean"})
    yield Case("sum-weighted", (*pair(5, 3), weight(5, 1), None), {"reduction": "sum"})
    yield Case("mean-pos-weight", (*pair(3, 4), None, weight(4)), {"reduction": "mean"})
    yield Case("none-both-weights", (*pair(3, 5), weight(3, 5), weight(5)), {"reduction": "none"})
    sides, t = np.array([-1, 1, 1, -1, 1, -1, 1]), np.array([0, 1, 0, 1, 0.3, 0.9, 1])  # right, right, wrong, wrong ...
    yield Case("confident", (sides * rng.uniform(10, 80, size=7), t, None, weight(1)), {"reduction": "none"})
    x, t = np.array([np.inf, -np.inf, np.inf, np.nan, 200.0]), np.array([0.0, 1.0, 0.5, 1.0, 0.0])
    answer = np.array([np.inf, np.inf, np.inf, np.nan, 200.0])
    yield Case("wrong-for-sure", (x, t, None, None), {"reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {}, None, None)
    yield Case("weight-too-long", (*pair(3, 4), weight(3), None), {"reduction": "mean"}, "refused")
    yield Case("pos-weight-too-long", (*pair(3, 4), None, weight(3)), {"reduction": "mean"}, "refused")


def binary_cross_entropy_with_logits_sized(rng, n):
    x, target = rng.normal(size=max(n // 2, 1)), rng.uniform(size=max(n // 2, 1))
    return Case("sized", (x, target, None, None), {"reduction": "mean"})


def _xlog1py(x, y):
    """x log(1 + y) for x >= 0, with its limits at y = -1: 0 where x = 0, else -inf."""
    end = y == -1
    return np.where(end & (x > 0), -np.inf, x * np.log1p(np.where(end, 0, y)))


def _one_if_none(weight):
    return 1 if weight is None else weight


def _soft_and_hard_targets(rng, shape):
    """Targets in [0, 1], every third of them 0 and every third 1."""
    kind = rng.permuted(np.arange(np.prod(shape)) % 3).reshape(shape)
    return np.where(kind == 2, rng.uniform(0.1, 0.9, size=shape), kind)


OPS = [
    Op(
        binary_cross_entropy,
        binary_cross_entropy_cases,
        binary_cross_entropy_vjp,
        binary_cross_entropy_sized,
        wrt=(0, 1),
        hvp=binary_cross_entropy_hvp,
    ),
    Op(
        binary_cross_entropy_with_logits,
        binary_cross_entropy_with_logits_cases,
        binary_cross_entropy_with_logits_vjp,
        binary_cross_entropy_with_logits_sized,
        wrt=(0, 1),
        hvp=binary_cross_entropy_with_logits_hvp,
    ),
]

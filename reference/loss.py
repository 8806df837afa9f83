"""Losses: how far a prediction is from its target, one number for each prediction, their sum or their mean."""

from __future__ import annotations

import numpy as np

from .activation import log_softmax, sigmoid, softplus
from .divergence.discrete import xlogy
from .op import Case, Op


def mse(input, target, *, reduction):
    """y = (input - target)^2, then reduced.

    Shapes: input any, target as input, y as input or (); y in the squared unit of input.

    The mean runs over all elements, not over the rows alone.

    Raises ValueError where the shapes differ (they are not broadcast) or the reduction is unknown.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 5.1.4, eq. 5.4.
    """
    _require_shapes(input, target)
    residual = input - target
    return _reduce(residual * residual, reduction)


def mse_vjp(ybar, y, input, target, *, reduction):
    """inputbar = 2 ybar (input - target), targetbar = -inputbar: only the difference counts."""
    inputbar = 2 * _share(ybar, input.size, reduction) * (input - target)
    return inputbar, -inputbar


def mse_cases(rng):
    def pair(*shape):
        return rng.normal(size=shape), rng.normal(size=shape)

    yield Case("mean", pair(3, 5), {"reduction": "mean"})
    yield Case("sum", pair(7), {"reduction": "sum"})
    yield Case("none", pair(5, 3), {"reduction": "none"})
    yield Case("mean-of-images", pair(3, 5, 4), {"reduction": "mean"})
    yield Case("some-hit", _some_equal(*pair(4, 3)), {"reduction": "mean"})
    yield Case("shifted", tuple(1000 + x for x in pair(5)), {"reduction": "none"})
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    yield Case("infinite", ends, {"reduction": "none"}, "special", np.array([np.inf, 0.0, np.inf, np.nan]))
    yield from _refused_and_empty_cases(rng, {})


def mse_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"reduction": "mean"})


def huber(input, target, *, delta, reduction):
    """y = r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2), r = input - target, then reduced.

    Shapes: input any, target as input, y as input or (); delta > 0 in the unit of input.

    With c = r clipped to [-delta, delta] both branches are c (r - c / 2): nothing to choose, and r
    is not squared where it is large.

    Raises ValueError where the shapes differ, delta is not positive or the reduction is unknown.
    Source: Huber (1964), Robust estimation of a location parameter, Annals of Mathematical
    Statistics 35, section 1.
    """
    _require_shapes(input, target)
    if not delta > 0:
        raise ValueError(f"delta: got {delta}, expected a positive number")
    residual = input - target
    clipped = np.maximum(np.minimum(residual, delta), -delta)
    return _reduce(clipped * (residual - clipped / 2), reduction)


def huber_vjp(ybar, y, input, target, *, delta, reduction):
    """inputbar = ybar clip(input - target, -delta, delta), targetbar = -inputbar.

    c (r - c/2) has the slope c in r, and the slope r - c in c, which counts only where c moves: there
    it is 0. The derivative is continuous; the second jumps from 1 to 0 at |r| = delta.
    """
    clipped = np.maximum(np.minimum(input - target, delta), -delta)
    inputbar = _share(ybar, input.size, reduction) * clipped
    return inputbar, -inputbar


def huber_cases(rng):
    def pair(delta, *shape):
        """Residuals on both sides of both bends, and none within a fifth of one."""
        inside = rng.uniform(0.4, 0.8, size=shape)
        outside = rng.uniform(1.2, 4, size=shape)
        far = rng.permuted(np.arange(np.prod(shape)) % 2 == 0).reshape(shape)
        target = rng.normal(size=shape)
        return target + rng.choice([-delta, delta], size=shape) * np.where(far, outside, inside), target

    yield Case("mean", pair(0.7, 3, 5), {"delta": 0.7, "reduction": "mean"})
    yield Case("sum", pair(1.3, 7), {"delta": 1.3, "reduction": "sum"})
    yield Case("none", pair(2.6, 5, 3), {"delta": 2.6, "reduction": "none"})
    yield Case("some-hit", _some_equal(*pair(0.3, 4, 3)), {"delta": 0.3, "reduction": "mean"})
    input, target = pair(1.7, 5)
    yield Case("outliers", (input + np.array([0, 1e6, 0, -1e6, 1e3]), target), {"delta": 1.7, "reduction": "none"})
    input, target = np.array([2.5, 0.25, 4.5, -3.5, 1.0]), np.array([1.0, 1.75, 1.5, -3.0, 1.0])
    yield Case("at-the-bend", (input, target), {"delta": 1.5, "reduction": "none"}, "kink")
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    answer = np.array([np.inf, 0.0, np.inf, np.nan])
    yield Case("infinite", ends, {"delta": 1.5, "reduction": "none"}, "special", answer)
    yield from _refused_and_empty_cases(rng, {"delta": 0.7})
    yield Case("delta-zero", pair(0.7, 3), {"delta": 0.0, "reduction": "mean"}, "refused")


def huber_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"delta": 0.7, "reduction": "mean"})


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
    _require_shapes(input, target, weight=weight)
    log_likelihood = xlogy(target, input) + _xlog1py(1 - target, -input)
    return _reduce(-_one_if_none(weight) * log_likelihood, reduction)


def binary_cross_entropy_vjp(ybar, y, input, target, weight, *, reduction):
    """inputbar = ybar weight (p - t) / (p (1 - p)), targetbar = ybar weight (log(1 - p) - log p).

    p the input and t the target. The first is (1 - t) / (1 - p) - t / p over a common denominator: one
    subtraction of two inputs instead of one of two rounded quotients.
    """
    share = _share(ybar, input.size, reduction) * _one_if_none(weight)
    inputbar = share * (input - target) / (input * (1 - input))
    return inputbar, share * (np.log1p(-input) - np.log(input))


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
    yield from _refused_and_empty_cases(rng, {}, None)
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
    _require_shapes(input, target, weight=weight, pos_weight=pos_weight)
    if_positive = _one_if_none(pos_weight) * target * softplus(-input, beta=1, threshold=np.inf)
    if_negative = (1 - target) * softplus(input, beta=1, threshold=np.inf)
    return _reduce(_one_if_none(weight) * (if_positive + if_negative), reduction)


def binary_cross_entropy_with_logits_vjp(ybar, y, input, target, weight, pos_weight, *, reduction):
    """inputbar = ybar weight ((1 - t) sigmoid(x) - pos_weight t sigmoid(-x)), since softplus' = sigmoid.

    x the input and t the target. targetbar = ybar weight (pos_weight softplus(-x) - softplus(x)).
    """
    share = _share(ybar, input.size, reduction) * _one_if_none(weight)
    gain = _one_if_none(pos_weight)
    inputbar = share * ((1 - target) * sigmoid(input) - gain * target * sigmoid(-input))
    if_positive, if_negative = (softplus(x, beta=1, threshold=np.inf) for x in (-input, input))
    return inputbar, share * (gain * if_positive - if_negative)


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
    yield from _refused_and_empty_cases(rng, {}, None, None)
    yield Case("weight-too-long", (*pair(3, 4), weight(3), None), {"reduction": "mean"}, "refused")
    yield Case("pos-weight-too-long", (*pair(3, 4), None, weight(3)), {"reduction": "mean"}, "refused")


def binary_cross_entropy_with_logits_sized(rng, n):
    x, target = rng.normal(size=max(n // 2, 1)), rng.uniform(size=max(n // 2, 1))
    return Case("sized", (x, target, None, None), {"reduction": "mean"})


def cross_entropy(input, target, weight, *, reduction, ignore_index, label_smoothing):
    """y = -sum_c weight_c q_c log softmax(input)_c, q = (1 - s) target + s / C, then reduced.

    Shapes: input (N, C) or (N, C, d), logits of C classes; target either labels (N,) or (N, d), integers
    that stand for probability 1, or probabilities as input; weight (C,) or None; y (N,) or (N, d), or ().
    s is label_smoothing.

    log softmax is formed at once: the softmax itself may round to 0. Places whose label is ignore_index
    count 0. The mean over labels divides by the sum of the weights of the labels that count (smoothed or
    not), that over probabilities by the number of places; the mean of nothing is nan.

    Raises ValueError for shapes that do not fit, a smoothing outside [0, 1] and an unknown reduction,
    IndexError for a label out of range.
    Source: Szegedy et al. (2016), Rethinking the Inception Architecture for Computer Vision, section 7;
    the weighted mean is that of torch.nn.CrossEntropyLoss.
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing: got {label_smoothing}, expected a number from 0 to 1")
    weights = _class_weights(input, weight)
    cost = -weights * log_softmax(input, axis=1)
    if target.ndim == input.ndim:
        _require_shapes(input, target)
        return _reduce(np.sum(cost * _smoothed(target, label_smoothing), axis=1), reduction)
    counts, label = _labels(input, target, ignore_index)
    loss = _at_label(cost, label)
    if label_smoothing > 0:  # else an infinite cost of another class would count 0 times infinity
        loss = (1 - label_smoothing) * loss + label_smoothing * np.mean(cost, axis=1)
    loss = np.where(counts, loss, 0)
    if reduction != "mean":
        return _reduce(loss, reduction)
    total = np.sum(np.where(counts, _at_label(weights, label), 0))
    return np.where(total == 0, np.nan, np.sum(loss) / np.where(total == 0, 1, total))


def cross_entropy_vjp(ybar, y, input, target, weight, *, reduction, ignore_index, label_smoothing):
    """inputbar = ybar (softmax(input) sum_c w_c q_c - w q), which is softmax - target without weights.

    log softmax has the Jacobian I - 1 softmax^T, applied here to -w q. Where the target is given as
    probabilities, targetbar = -ybar (1 - s) w log softmax(input).
    """
    weights = _class_weights(input, weight)
    given_as_probabilities = target.ndim == input.ndim
    if given_as_probabilities:
        wq = weights * _smoothed(target, label_smoothing)
        divisor = input.size // input.shape[1]
    else:
        counts, label = _labels(input, target, ignore_index)
        classes = np.reshape(np.arange(input.shape[1]), (-1,) + (1,) * (input.ndim - 2))
        hot = np.where(np.expand_dims(label, 1) == classes, weights, 0)
        wq = (1 - label_smoothing) * hot + label_smoothing * weights / input.shape[1]
        wq = np.where(np.expand_dims(counts, 1), wq, 0)
        divisor = np.sum(np.where(counts, _at_label(weights, label), 0))
    share = _share(np.expand_dims(ybar, 1) if reduction == "none" else ybar, divisor, reduction)
    log_p = log_softmax(input, axis=1)
    inputbar = share * (np.exp(log_p) * np.sum(wq, axis=1, keepdims=True) - wq)
    if not given_as_probabilities:
        return inputbar, None
    return inputbar, -share * (1 - label_smoothing) * weights * log_p


def cross_entropy_cases(rng):
    def ask(reduction, ignore_index=-100, label_smoothing=0.0):
        return {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}

    def logits(*shape):
        return rng.normal(scale=1.5, size=shape)

    def weight(n):
        return rng.uniform(0.3, 3, size=n)

    def probabilities(*shape):
        p = rng.uniform(0.1, 1, size=shape)
        return p / np.sum(p, axis=1, keepdims=True)

    seven = np.array([2, 0, 3, 1, 4, 0, 2])  # every class, some twice
    yield Case("mean", (logits(7, 5), seven, None), ask("mean"))
    yield Case("none-weighted", (logits(7, 5), seven, weight(5)), ask("none"))
    five = np.array([1, -100, 0, 2, -100])
    yield Case("mean-weighted-ignored", (logits(5, 3), five, weight(3)), ask("mean"))
    yield Case("mean-ignored-smoothed", (logits(5, 3), five, None), ask("mean", label_smoothing=0.2))
    yield Case("sum-a-class-ignored", (logits(7, 5), seven, weight(5)), ask("sum", 2, 0.3))
    grid = np.array([[0, 3, 1, -1, 2], [2, 2, -1, 0, 3], [1, 0, 3, 3, 1]])
    yield Case("mean-grid", (logits(3, 4, 5), grid, weight(4)), ask("mean", -1, 0.1))
    yield Case("mean-probabilities", (logits(5, 3), probabilities(5, 3), weight(3)), ask("mean"))
    yield Case("none-probabilities-grid", (logits(3, 5, 4), probabilities(3, 5, 4), None), ask("none"))
    certain = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.25, 0.75], [1.0, 0.0, 0.0, 0.0]])
    yield Case("mean-certain-probabilities", (logits(3, 4), certain, weight(4)), ask("mean", -100, 0.1))
    yield Case("shifted", (1000 + logits(4, 3), np.array([2, 0, 1, 1]), weight(3)), ask("mean"))

    masked = np.array([[3.0, -np.inf, -np.inf], [3.0, -np.inf, -np.inf], [np.nan, 1.0, 2.0], [0.0, np.nan, 1.0]])
    answer = np.array([0.0, np.inf, 0.0, np.nan])
    yield Case("masked", (masked, np.array([0, 1, -100, 0]), np.full(3, 1.5)), ask("none"), "special", answer)
    nothing = np.array([-100, -100, -100])
    yield Case("all-ignored", (logits(3, 4), nothing, weight(4)), ask("mean"), "special", np.array(np.nan))
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros(0, dtype=int), None), ask("sum"), "empty", np.array(0.0))
    yield Case("no-rows-none", (np.zeros((0, 3)), np.zeros(0, dtype=int), None), ask("none"), "empty", np.zeros(0))
    yield Case("label-too-large", (logits(3, 4), np.array([0, 4, 1]), None), ask("mean"), "refused")
    yield Case("label-negative", (logits(3, 4), np.array([0, -1, 1]), None), ask("mean"), "refused")
    yield Case("too-few-labels", (logits(3, 4), np.array([0, 1]), None), ask("mean"), "refused")
    yield Case("one-label-for-all", (logits(3, 4), np.array([1]), None), ask("mean"), "refused")
    yield Case("probabilities-differ", (logits(3, 4), probabilities(3, 1), None), ask("mean"), "refused")
    yield Case("weight-too-short", (logits(3, 4), np.array([0, 1, 2]), weight(3)), ask("mean"), "refused")
    yield Case("smoothing-above-one", (logits(3, 4), np.array([0, 1, 2]), None), ask("mean", -100, 1.5), "refused")
    yield Case("no-such-reduction", (logits(3, 4), np.array([0, 1, 2]), None), ask("average"), "refused")


def cross_entropy_sized(rng, n):
    rows = max(n // 64, 1)
    params = {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.0}
    return Case("sized", (rng.normal(size=(rows, 64)), rng.integers(64, size=rows), None), params)


def kl_div(input, target, *, reduction, log_target):
    """y = target (log target - input), with input = log q, of target p from q; then reduced.

    Shapes: input any, log-probabilities; target as input, probabilities, or their logarithms with
    log_target; y as input or (), in nats.

    The order is that of torch.nn.functional: log q comes first, p second, and y is KL(p || q). An
    outcome that p never shows counts 0 whatever q says. "batchmean" divides the sum by the number of
    rows, which is the mean divergence of a batch; "mean" divides it by the number of elements.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Kullback and Leibler (1951), On information and sufficiency, Annals of Mathematical
    Statistics 22, section 2.
    """
    _require_shapes(input, target)
    p = np.exp(target) if log_target else target
    never = p == 0
    log_p = np.where(never, 0, target) if log_target else np.log(np.where(never, 1, target))
    loss = p * (log_p - np.where(never, 0, input))
    if reduction == "batchmean":
        return np.sum(loss) / input.shape[0]
    return _reduce(loss, reduction)


def kl_div_vjp(ybar, y, input, target, *, reduction, log_target):
    """inputbar = -ybar p, targetbar = ybar (log p - input + 1): the product rule, p d(log p)/dp being 1.

    Where log p is given, one more factor: p moves by p with log p.
    """
    divisor = input.shape[0] if reduction == "batchmean" else input.size
    share = _share(ybar, divisor, reduction)
    if log_target:
        p = np.exp(target)
        return -share * p, share * (p * (target - input) + p)
    return -share * target, share * (np.log(target) - input + 1)


def kl_div_cases(rng):
    def ask(reduction, log_target=False):
        return {"reduction": reduction, "log_target": log_target}

    def pair(*shape):
        p, q = rng.uniform(0.1, 1.5, size=(2, *shape))
        return np.log(q / np.sum(q, axis=-1, keepdims=True)), p / np.sum(p, axis=-1, keepdims=True)

    yield Case("none", pair(4, 3), ask("none"))
    yield Case("mean", (rng.normal(size=(5, 4)), rng.uniform(0.1, 3, size=(5, 4))), ask("mean"))
    yield Case("sum", pair(5, 3), ask("sum"))
    yield Case("batchmean", pair(3, 5, 4), ask("batchmean"))
    log_q, p = pair(4, 5)
    yield Case("log-batchmean", (log_q, np.log(p)), ask("batchmean", True))
    yield Case("log-mean", tuple(rng.normal(size=(2, 7))), ask("mean", True))
    yield Case("log-rare", tuple(rng.uniform(-60, -1, size=(2, 3, 5))), ask("none", True))
    log_q, p = np.array([-2.0, -np.inf, 0.0, -1.0]), np.array([0.0, 0.5, 1.0, np.nan])
    answer = np.array([0.0, np.inf, 0.0, np.nan])
    yield Case("never-shown", (log_q, p), ask("none"), "special", answer)
    yield Case("log-never-shown", (log_q, np.array([-np.inf, -0.5, 0.0, np.nan])), ask("none", True), "special", answer)
    neither = np.array([-np.inf, 0.0]), np.array([0.0, 1.0])
    yield Case("neither-shows", neither, ask("none"), "special", np.zeros(2))
    yield from _refused_and_empty_cases(rng, {"log_target": False})


def kl_div_sized(rng, n):
    p, q = rng.uniform(0.1, 1.5, size=(2, max(n // 128, 1), 64))
    return Case("sized", (np.log(q), p), {"reduction": "batchmean", "log_target": False})


def _reduce(loss, reduction):
    """The losses themselves, their mean or their sum."""
    if reduction == "none":
        return loss
    if reduction == "mean":
        return np.mean(loss)
    if reduction == "sum":
        return np.sum(loss)
    raise ValueError(f"reduction: got {reduction!r}, expected 'none', 'mean' or 'sum'")


def _share(ybar, divisor, reduction):
    """The cotangent of one loss: all of ybar, or its part of a mean."""
    return ybar / divisor if reduction in ("mean", "batchmean") else ybar


def _xlog1py(x, y):
    """x log(1 + y) for x >= 0, with its limits at y = -1: 0 where x = 0, else -inf."""
    end = y == -1
    return np.where(end & (x > 0), -np.inf, x * np.log1p(np.where(end, 0, y)))


def _one_if_none(weight):
    return 1 if weight is None else weight


def _class_weights(input, weight):
    """The weight of each class, in every place: as input."""
    if weight is None:
        return np.ones_like(input)
    if weight.shape != input.shape[1:2]:
        raise ValueError(f"weight: got shape {weight.shape}, expected one number a class, {input.shape[1:2]}")
    return np.broadcast_to(np.reshape(weight, (-1,) + (1,) * (input.ndim - 2)), input.shape)


def _smoothed(target, label_smoothing):
    """The target mixed with the uniform distribution."""
    return (1 - label_smoothing) * target + label_smoothing / target.shape[1]


def _labels(input, target, ignore_index):
    """Which places count, and the label of each: some class, no matter which, where it does not count."""
    places = input.shape[:1] + input.shape[2:]
    if target.shape != places:
        raise ValueError(f"target: got shape {target.shape}, expected labels {places} or probabilities {input.shape}")
    counts = target != ignore_index
    label = np.where(counts, target, 0)
    if np.any((label < 0) | (label >= input.shape[1])):
        raise IndexError(
            f"target: got labels from {np.min(label)} to {np.max(label)}, expected 0 to {input.shape[1] - 1}"
        )
    return counts, label


def _at_label(x, label):
    """Of each place the entry of its class."""
    return np.take_along_axis(x, np.expand_dims(label, 1), axis=1)[:, 0]


def _require_shapes(input, target, **weights):
    """The target must have the shape of the input, and weights must broadcast to it."""
    if target.shape != input.shape:
        raise ValueError(f"target: got shape {target.shape}, expected that of input, {input.shape}")
    for name, weight in weights.items():
        if weight is None:
            continue
        sizes = zip(reversed(weight.shape), reversed(input.shape), strict=False)
        if weight.ndim > input.ndim or any(m not in (1, n) for m, n in sizes):
            raise ValueError(f"{name}: got shape {weight.shape}, expected one that broadcasts to {input.shape}")


def _some_equal(input, target):
    """Every third prediction hits its target."""
    return np.where(np.arange(input.size).reshape(input.shape) % 3 == 0, target, input), target


def _soft_and_hard_targets(rng, shape):
    """Targets in [0, 1], every third of them 0 and every third 1."""
    kind = rng.permuted(np.arange(np.prod(shape)) % 3).reshape(shape)
    return np.where(kind == 2, rng.uniform(0.1, 0.9, size=shape), kind)


def _refused_and_empty_cases(rng, params, *absent):
    """What every loss of an input and a target of one shape is asked."""

    def pair(shape, other):
        return rng.uniform(0.1, 0.9, size=shape), rng.uniform(0.1, 0.9, size=other), *absent

    def ask(reduction):
        return {**params, "reduction": reduction}

    yield Case("nothing", pair((0, 3), (0, 3)), ask("none"), "empty", np.zeros((0, 3)))
    yield Case("sum-of-nothing", pair((3, 0), (3, 0)), ask("sum"), "empty", np.array(0.0))
    yield Case("column-against-row", pair((3, 1), (3,)), ask("mean"), "refused")
    yield Case("target-broadcasts", pair((3, 4), (4,)), ask("mean"), "refused")
    yield Case("no-such-reduction", pair((3,), (3,)), ask("average"), "refused")


OPS = [
    Op(mse, mse_cases, mse_vjp, mse_sized, wrt=(0, 1)),
    Op(huber, huber_cases, huber_vjp, huber_sized, wrt=(0, 1)),
    Op(
        binary_cross_entropy,
        binary_cross_entropy_cases,
        binary_cross_entropy_vjp,
        binary_cross_entropy_sized,
        wrt=(0, 1),
    ),
    Op(
        binary_cross_entropy_with_logits,
        binary_cross_entropy_with_logits_cases,
        binary_cross_entropy_with_logits_vjp,
        binary_cross_entropy_with_logits_sized,
        wrt=(0, 1),
    ),
    Op(cross_entropy, cross_entropy_cases, cross_entropy_vjp, cross_entropy_sized, wrt=(0, 1)),
    Op(kl_div, kl_div_cases, kl_div_vjp, kl_div_sized, wrt=(0, 1)),
]

"""Cross-entropy over classes."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, off_mean
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, require_shapes


def cross_entropy(input, target, weight, *, reduction, ignore_index, label_smoothing):
    """y = -sum_c weight_c q_c log softmax(input)_c, q = (1 - s) target + s / C, then reduced.

    Shapes: input (N, C) or (N, C, d), logits of C classes; target either labels (N,) or (N, d), integers
    that stand for probability 1, or probabilities as input; weight (C,) or None; y (N,) or (N, d), or ().
    s is label_smoothing.

    log softmax is formed at once: the softmax itself may round to 0. What the target excludes costs nothing, even at
    a logit of -inf. Places whose label is ignore_index count 0. The mean over labels divides by the sum of the
    weights of the labels that count (smoothed or not), that over probabilities by the number of places; the mean of
    nothing is nan.

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
        require_shapes(input, target)
        q = _smoothed(target, label_smoothing)
        return reduced(np.sum(np.where(q == 0, 0, cost) * q, axis=1), reduction)
    counts, label = _labels(input, target, ignore_index)
    loss = _at_label(cost, label)
    if label_smoothing > 0:  # else an infinite cost of another class would count 0 times infinity
        loss = (1 - label_smoothing) * loss + label_smoothing * np.mean(cost, axis=1)
    return _total(np.where(counts, loss, 0), weights, counts, label, reduction)


def cross_entropy_vjp(ybar, y, input, target, weight, *, reduction, ignore_index, label_smoothing):
    """inputbar = ybar (softmax(input) sum_c w_c q_c - w q), which is softmax - target without weights.

    log softmax has the Jacobian I - 1 softmax^T, applied here to -w q. Where the target is given as
    probabilities, targetbar = -ybar (1 - s) w log softmax(input).
    """
    wq, divisor = _weighted_target(input, target, weight, ignore_index, label_smoothing)
    share = cotangent_of_each(np.expand_dims(ybar, 1) if reduction == "none" else ybar, divisor, reduction)
    log_p = log_softmax(input, axis=1)
    inputbar = share * (np.exp(log_p) * np.sum(wq, axis=1, keepdims=True) - wq)
    if target.ndim != input.ndim:
        return inputbar, None
    return inputbar, -share * (1 - label_smoothing) * _class_weights(input, weight) * log_p


def cross_entropy_hvp(ybar, dots, y, input, target, weight, *, reduction, ignore_index, label_smoothing):
    """d inputbar = ybar (pdot sum_c w_c q_c + p sum_c w_c qdot_c - w qdot), p = softmax(input).

    qdot = (1 - s) targetdot and pdot = p (inputdot - p . inputdot), so the Hessian of each place is diag(p) - p p^T,
    times its weight: positive semidefinite. Labels do not move; where probabilities do, there is
    d targetbar = -ybar (1 - s) w (inputdot - p . inputdot).
    """
    inputdot, targetdot = dots
    wq, divisor = _weighted_target(input, target, weight, ignore_index, label_smoothing)
    share = cotangent_of_each(np.expand_dims(ybar, 1) if reduction == "none" else ybar, divisor, reduction)
    p = np.exp(log_softmax(input, axis=1))
    log_pdot = off_mean(inputdot, p, 1)
    inputbar = share * p * log_pdot * np.sum(wq, axis=1, keepdims=True)
    if target.ndim != input.ndim:
        return inputbar, None
    share = share * (1 - label_smoothing)
    wqdot = _class_weights(input, weight) * targetdot
    inputbar = inputbar + share * (p * np.sum(wqdot, axis=1, keepdims=True) - wqdot)
    return inputbar, -share * _class_weights(input, weight) * log_pdot


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
    args = masked[:, :2], np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0]]), None
    answer = np.array([0.0, np.inf, np.nan, np.nan])
    yield Case("masked-probabilities", args, ask("none"), "special", answer)
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


def nll(input, target, weight, *, reduction, ignore_index):
    """y = -weight_t input_t, t the target of each place; then reduced.

    Shapes: input (N, C) or (N, C, d), log-probabilities of C classes; target (N,) or (N, d), labels; weight (C,) or
    None; y (N,) or (N, d), in nats, or ().

    The last step of cross_entropy, of log-probabilities as they are given. Places whose label is ignore_index count
    0, and the mean divides by the sum of the weights of the labels that count; the mean of nothing is nan.

    Raises ValueError for shapes that do not fit and an unknown reduction, IndexError for a label out of range.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.4, eq. 4.108; the weighted mean is
    that of torch.nn.NLLLoss.
    """
    weights = _class_weights(input, weight)
    counts, label = _labels(input, target, ignore_index)
    return _total(
        np.where(counts, -_at_label(weights, label) * _at_label(input, label), 0), weights, counts, label, reduction
    )


def nll_vjp(ybar, y, input, target, weight, *, reduction, ignore_index):
    """inputbar = -ybar weight_t at the label, 0 at all other classes and where the label does not count."""
    weights = _class_weights(input, weight)
    counts, label = _labels(input, target, ignore_index)
    share = cotangent_of_each(ybar, np.sum(np.where(counts, _at_label(weights, label), 0)), reduction)
    hot = np.expand_dims(counts, 1) & (np.expand_dims(label, 1) == _classes(input))
    return (np.where(hot, -(np.expand_dims(share, 1) if reduction == "none" else share) * weights, 0),)


def nll_cases(rng):
    def log_probabilities(*shape):
        x = rng.normal(scale=1.5, size=shape)
        return x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))

    def ask(reduction, ignore_index=-100):
        return {"reduction": reduction, "ignore_index": ignore_index}

    seven = np.array([2, 0, 3, 1, 4, 0, 2])  # every class, some twice
    yield Case("mean-weighted", (log_probabilities(7, 5), seven, rng.uniform(0.3, 3, size=5)), ask("mean", 0))
    grid = np.array([[0, 3, 1, -1, 2], [2, 2, -1, 0, 3], [1, 0, 3, 3, 1]])
    yield Case("sum-grid", (log_probabilities(3, 4, 5), grid, rng.uniform(0.3, 3, size=4)), ask("sum", -1))
    yield Case("none", (log_probabilities(5, 3), np.array([1, -100, 0, 2, 1]), None), ask("none"))
    masked = np.array([[0.0, -np.inf, -np.inf], [0.0, -np.inf, -np.inf], [np.nan, 1.0, 2.0], [np.nan, 0.0, 1.0]])
    args = masked, np.array([0, 1, -100, 0]), np.full(3, 1.5)
    yield Case("masked", args, ask("none"), "special", np.array([0.0, np.inf, 0.0, np.nan]))
    nothing = np.array([-100, -100, -100])
    yield Case("all-ignored", (log_probabilities(3, 4), nothing, None), ask("mean"), "special", np.array(np.nan))
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros(0, dtype=int), None), ask("sum"), "empty", np.array(0.0))
    x = log_probabilities(3, 4)
    yield Case("label-too-large", (x, np.array([0, 4, 1]), None), ask("mean"), "refused")
    yield Case("label-negative", (x, np.array([0, -1, 1]), None), ask("mean"), "refused")
    yield Case("too-few-labels", (x, np.array([0, 1]), None), ask("mean"), "refused")
    yield Case("weight-too-short", (x, np.array([0, 1, 2]), rng.uniform(0.3, 3, size=3)), ask("mean"), "refused")
    yield Case("no-such-reduction", (x, np.array([0, 1, 2]), None), ask("average"), "refused")


def nll_sized(rng, n):
    rows = max(n // 64, 1)
    args = -rng.uniform(0.1, 9, size=(rows, 64)), rng.integers(64, size=rows), None
    return Case("sized", args, {"reduction": "mean", "ignore_index": -100})


def _total(loss, weights, counts, label, reduction):
    """The losses of places with labels, their sum, or their mean by weight."""
    if reduction != "mean":
        return reduced(loss, reduction)
    total = np.sum(np.where(counts, _at_label(weights, label), 0))
    return np.where(total == 0, np.nan, np.sum(loss) / np.where(total == 0, 1, total))


def _classes(input):
    """The classes along axis 1."""
    return np.reshape(np.arange(input.shape[1]), (-1,) + (1,) * (input.ndim - 2))


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


def _weighted_target(input, target, weight, ignore_index, label_smoothing):
    """w q in every place, and what the mean divides by."""
    weights = _class_weights(input, weight)
    if target.ndim == input.ndim:
        return weights * _smoothed(target, label_smoothing), input.size // input.shape[1]
    counts, label = _labels(input, target, ignore_index)
    hot = np.where(np.expand_dims(label, 1) == _classes(input), weights, 0)
    wq = (1 - label_smoothing) * hot + label_smoothing * weights / input.shape[1]
    wq = np.where(np.expand_dims(counts, 1), wq, 0)
    return wq, np.sum(np.where(counts, _at_label(weights, label), 0))


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


OPS = [
    Op(nll, nll_cases, nll_vjp, nll_sized, wrt=(0,)),
    Op(cross_entropy, cross_entropy_cases, cross_entropy_vjp, cross_entropy_sized, wrt=(0, 1), hvp=cross_entropy_hvp),
]

"""Margins between classes: losses of one score a class, of which one or several are right."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, softplus
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, require_shapes


def multi_margin(input, target, weight, *, p, margin, reduction):
    """y_n = w_t sum_{j != t} max(0, margin - x_nt + x_nj)^p / C, t = target_n and x = input; then reduced.

    Shapes: input (N, C), scores of C classes; target (N,), labels; weight (C,) or None; y (N,) or (). p is 1 or 2.

    Every class whose score comes within the margin of the right one's counts, unlike in multiclass_hinge, where only
    the worst does. The sum is divided by C though it has C - 1 terms, and the weight is that of the right class.

    Raises ValueError for shapes that do not fit, another p and an unknown reduction, IndexError for a label out of
    range.
    Source: Weston and Watkins (1999), Support Vector Machines for Multi-Class Pattern Recognition, section 2; the
    division and the weights are those of torch.nn.MultiMarginLoss.
    """
    violation, _ = _violations(input, target, weight, p, margin)
    share = _label_weight(input, target, weight)
    return reduced(share * np.sum(violation * violation if p == 2 else violation, axis=1), reduction)


def multi_margin_vjp(ybar, y, input, target, weight, *, p, margin, reduction):
    """inputbar_nj = ybar w_t p max(0, margin - x_nt + x_nj)^(p - 1) / C where that is positive and j != t.

    x_nt is part of every term, with the opposite sign: inputbar_nt = -sum_{j != t} inputbar_nj.
    """
    violation, right = _violations(input, target, weight, p, margin)
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * _label_weight(input, target, weight), 1)
    others = each * 2 * violation if p == 2 else np.where(violation > 0, each, 0)
    return (np.where(right, -np.sum(others, axis=1, keepdims=True), others),)


def multi_margin_hvp(ybar, dots, y, input, target, weight, *, p, margin, reduction):
    """d inputbar_nj = 2 ybar w_t (xdot_nj - xdot_nt) / C where the violation is positive, of p = 2; 0 of p = 1.

    As in the VJP the right class has minus the sum of the others.
    """
    (inputdot,) = dots
    violation, right = _violations(input, target, weight, p, margin)
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * _label_weight(input, target, weight), 1)
    beyond = inputdot - np.take_along_axis(inputdot, target[:, None], axis=1)
    others = np.where(violation > 0, each * 2 * beyond, 0) if p == 2 else np.zeros_like(input)
    return (np.where(right, -np.sum(others, axis=1, keepdims=True), others),)


def multi_margin_cases(rng):
    def ask(p, margin, reduction):
        return {"p": p, "margin": margin, "reduction": reduction}

    target = np.array([2, 0, 3, 1, 0])
    yield Case("mean", (rng.normal(size=(5, 4)), target, rng.uniform(0.3, 3, size=4)), ask(1, 0.7, "mean"))
    yield Case("none-squared", (rng.normal(size=(5, 4)), target, rng.uniform(0.3, 3, size=4)), ask(2, 1.3, "none"))
    yield Case("sum-squared", (rng.normal(size=(3, 5)), np.array([4, 1, 4]), None), ask(2, 0.7, "sum"))
    tie = np.array([[1.0, 0.5, -1.0], [0.25, -0.25, 2.0]]), np.array([0, 1]), None
    yield Case("at-the-margin", tie, ask(1, 0.5, "none"), "kink")
    ends = np.array([[np.inf, 0.0, 1.0], [0.0, np.inf, 1.0], [np.nan, 0.0, 1.0]]), np.array([0, 0, 1]), None
    yield Case("infinite", ends, ask(1, 1.0, "none"), "special", np.array([0.0, np.inf, np.nan]))
    nobody = np.zeros((0, 3)), np.zeros(0, dtype=int), None
    yield Case("nobody", nobody, ask(1, 1.0, "none"), "empty", np.zeros(0))
    yield from _refused(rng, ask(1, 1.0, "mean"), None)
    x = rng.normal(size=(3, 4))
    yield Case("cubed", (x, np.array([1, 0, 3]), None), ask(3, 1.0, "mean"), "refused")
    yield Case("weight-too-short", (x, np.array([1, 0, 3]), np.ones(3)), ask(1, 1.0, "mean"), "refused")


def multi_margin_sized(rng, n):
    rows = max(n // 16, 1)
    args = rng.normal(size=(rows, 16)), rng.integers(16, size=rows), None
    return Case("sized", args, {"p": 1, "margin": 1.0, "reduction": "mean"})


def multiclass_hinge(input, target, *, margin, reduction):
    """y_n = max(0, max_{j != t} (margin - x_nt + x_nj)), t = target_n and x = input; then reduced.

    Shapes: input (N, C), scores of C classes; target (N,), labels; y (N,) or (), in the unit of input, as margin.

    Only the wrong class with the largest score counts, unlike in multi_margin. With margin 0 this is the loss of the
    perceptron of several classes.

    Raises ValueError for shapes that do not fit and an unknown reduction, IndexError for a label out of range.
    Source: Crammer and Singer (2001), On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines,
    Journal of Machine Learning Research 2, section 3, eq. 2.
    """
    right, beyond = _beyond(input, target, margin)
    return reduced(np.max(np.where(right, 0, beyond), axis=1), reduction)


def multiclass_hinge_vjp(ybar, y, input, target, *, margin, reduction):
    """inputbar_nj = ybar at the worst class j != t and -ybar at t, if it comes within the margin, else 0."""
    right, beyond = _beyond(input, target, margin)
    worst = np.argmax(np.where(right, 0, beyond), axis=1)[:, None] == np.arange(input.shape[1])
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0]), 1)
    return (np.where(worst == right, 0, np.where(worst, each, -each)),)


def multiclass_hinge_cases(rng):
    target = np.array([2, 0, 3, 1, 0])
    yield Case("mean", (rng.normal(size=(5, 4)), target), {"margin": 1.0, "reduction": "mean"})
    yield Case("none-perceptron", (rng.normal(size=(5, 4)), target), {"margin": 0.0, "reduction": "none"})
    tie = np.array([[1.0, 0.5, -1.0], [0.25, 2.0, 2.0], [3.0, -1.0, 0.5]]), np.array([0, 0, 0])
    yield Case("at-the-margin-and-two-worst", tie, {"margin": 0.5, "reduction": "sum"}, "kink")
    ends = np.array([[np.inf, 0.0, 1.0], [0.0, np.inf, 1.0], [np.nan, 0.0, 1.0]]), np.array([0, 0, 1])
    answer = np.array([0.0, np.inf, np.nan])
    yield Case("infinite", ends, {"margin": 1.0, "reduction": "none"}, "special", answer)
    nobody = np.zeros((0, 3)), np.zeros(0, dtype=int)
    yield Case("nobody", nobody, {"margin": 1.0, "reduction": "none"}, "empty", np.zeros(0))
    yield from _refused(rng, {"margin": 1.0, "reduction": "mean"})


def multiclass_hinge_sized(rng, n):
    rows = max(n // 16, 1)
    return Case(
        "sized", (rng.normal(size=(rows, 16)), rng.integers(16, size=rows)), {"margin": 1.0, "reduction": "mean"}
    )


def multilabel_margin(input, target, *, reduction):
    """y_n = sum_{j right} sum_{i wrong} max(0, 1 - x_nj + x_ni) / C, x = input; then reduced.

    Shapes: input (N, C), scores of C classes; target (N, C), the right labels of each row, then -1, then anything;
    y (N,) or ().

    The margin, 1, has to lie between any right and any wrong class; the order among the right ones is free. A label
    that is given twice counts twice.

    Raises ValueError where the shapes differ or the reduction is unknown, IndexError for a label out of range.
    Source: Zhang and Zhou (2006), Multilabel Neural Networks with Applications to Functional Genomics and Text
    Categorization, IEEE Transactions on Knowledge and Data Engineering 18, section 3.1; the hinge and the division
    are those of torch.nn.MultiLabelMarginLoss.
    """
    count, wrong = _right_and_wrong(input, target)
    violation = np.maximum(0, 1 - input[:, :, None] + input[:, None, :])
    pairs = np.where(wrong[:, None, :] & (count > 0)[:, :, None], violation, 0) * count[:, :, None]
    return reduced(np.sum(pairs, axis=(1, 2)) / input.shape[1], reduction)


def multilabel_margin_vjp(ybar, y, input, target, *, reduction):
    """inputbar_ni = ybar / C for each right j with x_nj < 1 + x_ni, if i is wrong; minus that for x_nj."""
    count, wrong = _right_and_wrong(input, target)
    active = wrong[:, None, :] & (1 - input[:, :, None] + input[:, None, :] > 0)
    pairs = np.where(active, count[:, :, None], 0)
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0]), 1)
    return (each * (np.sum(pairs, axis=1) - np.sum(pairs, axis=2)) / input.shape[1],)


def multilabel_margin_cases(rng):
    target = np.array([[3, 0, -1, 2], [1, -1, 0, 0], [-1, 1, 2, 3], [2, 1, 0, 3], [0, 0, -1, -1]])
    yield Case("mean", (rng.normal(size=(5, 4)), target), {"reduction": "mean"})
    yield Case("none", (rng.normal(size=(5, 4)), target), {"reduction": "none"})
    tie = np.array([[0.5, -0.5, 2.0], [0.25, 1.25, 0.0]]), np.array([[0, -1, 0], [1, -1, 1]])
    yield Case("at-the-margin", tie, {"reduction": "sum"}, "kink")
    ends = np.array([[np.inf, 0.0, 1.0], [0.0, np.inf, 1.0], [np.nan, 0.0, 1.0]])
    args = ends, np.array([[0, -1, 0], [0, -1, 0], [1, -1, 0]])
    yield Case("infinite", args, {"reduction": "none"}, "special", np.array([0.0, np.inf, np.nan]))
    nobody = np.zeros((0, 3)), np.zeros((0, 3), dtype=int)
    yield Case("nobody", nobody, {"reduction": "none"}, "empty", np.zeros(0))
    x = rng.normal(size=(3, 4))
    yield Case(
        "label-too-large",
        (x, np.array([[1, -1, 0, 0], [4, -1, 0, 0], [2, -1, 0, 0]])),
        {"reduction": "mean"},
        "refused",
    )
    yield Case("too-few-labels", (x, np.array([[1, -1], [3, -1], [2, 0]])), {"reduction": "mean"}, "refused")


def multilabel_margin_sized(rng, n):
    rows = max(n // 16, 1)
    target = np.concat([rng.integers(8, size=(rows, 3)), np.full((rows, 5), -1)], axis=1)
    return Case("sized", (rng.normal(size=(rows, 8)), target), {"reduction": "mean"})


def multilabel_soft_margin(input, target, weight, *, reduction):
    """y_n = sum_c w_c (t_c softplus(-x_c) + (1 - t_c) softplus(x_c)) / C, x = input_n, t = target_n; then reduced.

    Shapes: input (N, C), logits; target as input, in [0, 1]; weight (C,) or None; y (N,) or (), in nats.

    A yes-or-no question for each class, and the mean of their binary cross-entropies.

    Raises ValueError for shapes that do not fit and an unknown reduction.
    Source: Nam, Kim, Mencia, Gurevych and Furnkranz (2014), Large-Scale Multi-label Text Classification - Revisiting
    Neural Networks, section 2.2, eq. 3.
    """
    require_shapes(input, target, weight=weight)
    if_right, if_wrong = (softplus(x, beta=1, threshold=np.inf) for x in (-input, input))
    cost = target * if_right + (1 - target) * if_wrong
    return reduced(np.mean(cost if weight is None else weight * cost, axis=1), reduction)


def multilabel_soft_margin_vjp(ybar, y, input, target, weight, *, reduction):
    """inputbar = ybar w ((1 - t) sigmoid(x) - t sigmoid(-x)) / C, since softplus' = sigmoid.

    targetbar = ybar w (softplus(-x) - softplus(x)) / C, as y is linear in the target.
    """
    if_right, if_wrong = (softplus(x, beta=1, threshold=np.inf) for x in (-input, input))
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0]), 1)
    each = each / input.shape[1] * (1 if weight is None else weight)
    return each * ((1 - target) * sigmoid(input) - target * sigmoid(-input)), each * (if_right - if_wrong)


def multilabel_soft_margin_hvp(ybar, dots, y, input, target, weight, *, reduction):
    """d inputbar = ybar w (s(x) s(-x) xdot - tdot) / C, s the sigmoid; d targetbar = -ybar w xdot / C."""
    inputdot, targetdot = dots
    each = np.expand_dims(cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0]), 1)
    each = each / input.shape[1] * (1 if weight is None else weight)
    return each * (sigmoid(input) * sigmoid(-input) * inputdot - targetdot), -each * inputdot


def multilabel_soft_margin_cases(rng):
    def pair(*shape):
        hard = rng.permuted(np.arange(np.prod(shape)) % 3).reshape(shape)
        x = rng.choice([-1, 1], size=shape) * rng.uniform(0.3, 2, size=shape)
        return x, np.where(hard == 2, rng.uniform(0.1, 0.9, size=shape), hard)

    yield Case("mean-weighted", (*pair(5, 3), rng.uniform(0.3, 3, size=3)), {"reduction": "mean"})
    yield Case("none", (*pair(3, 4), None), {"reduction": "none"})
    x, t = np.array([[1000.0, 200.0], [-np.inf, 0.0], [np.nan, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.5], [1.0, 0.0]])
    answer = np.array([100.0, np.inf, np.nan])
    yield Case("infinite", (x, t, None), {"reduction": "none"}, "special", answer)
    yield Case("nobody", (np.zeros((0, 3)), np.zeros((0, 3)), None), {"reduction": "sum"}, "empty", np.array(0.0))
    x, t = pair(3, 4)
    yield Case("target-broadcasts", (x, t[:1], None), {"reduction": "mean"}, "refused")
    yield Case("weight-too-short", (x, t, np.ones(3)), {"reduction": "mean"}, "refused")
    yield Case("no-such-reduction", (x, t, None), {"reduction": "average"}, "refused")


def multilabel_soft_margin_sized(rng, n):
    x, t = rng.normal(size=(2, max(n // 32, 1), 16))
    return Case("sized", (x, 1 / (1 + np.exp(t)), None), {"reduction": "mean"})


def _right(input, target):
    """Where the right class of each row stands: (N, C)."""
    if input.ndim != 2 or target.shape != input.shape[:1]:
        raise ValueError(f"got input {input.shape} and target {target.shape}, want (N, C) and (N,)")
    if np.any((target < 0) | (target >= input.shape[1])):
        raise IndexError(f"target: got labels {target}, want 0 to {input.shape[1] - 1}")
    return target[:, None] == np.arange(input.shape[1])


def _beyond(input, target, margin):
    """By how much each score exceeds the right one's less the margin."""
    right = _right(input, target)
    return right, margin - np.take_along_axis(input, target[:, None], axis=1) + input


def _violations(input, target, weight, p, margin):
    if p not in (1, 2):
        raise ValueError(f"p: got {p}, want 1 or 2")
    right, beyond = _beyond(input, target, margin)
    if weight is not None and weight.shape != input.shape[1:]:
        raise ValueError(f"weight: got shape {weight.shape}, want one number a class, {input.shape[1:]}")
    return np.where(right, 0, np.maximum(0, beyond)), right


def _label_weight(input, target, weight):
    """The weight of each row's label, over C."""
    ones = np.ones_like(input[:, 0])
    return (ones if weight is None else ones * np.take(weight, target)) / input.shape[1]


def _right_and_wrong(input, target):
    """How often each class is a label of its row, before the first -1; and whether never: (N, C) both."""
    if input.ndim != 2 or target.shape != input.shape:
        raise ValueError(f"target: got shape {target.shape}, want that of input, {input.shape}, of two dimensions")
    given = np.cumsum(target == -1, axis=1) == 0
    if np.any(given & ((target < 0) | (target >= input.shape[1]))):
        raise IndexError(f"target: got labels {target}, want 0 to {input.shape[1] - 1}, then -1")
    hits = given[:, :, None] & (target[:, :, None] == np.arange(input.shape[1]))
    count = np.sum(np.where(hits, np.ones_like(input)[:, :, None], 0), axis=1)
    return count, np.logical_not(np.any(hits, axis=1))


def _refused(rng, params, *absent):
    x = rng.normal(size=(3, 4))
    yield Case("label-too-large", (x, np.array([1, 4, 0]), *absent), params, "refused")
    yield Case("label-negative", (x, np.array([1, -1, 0]), *absent), params, "refused")
    yield Case("too-few-labels", (x, np.array([1, 2]), *absent), params, "refused")
    yield Case("no-such-reduction", (x, np.array([1, 2, 0]), *absent), {**params, "reduction": "average"}, "refused")


OPS = [
    Op(multi_margin, multi_margin_cases, multi_margin_vjp, multi_margin_sized, wrt=(0,), hvp=multi_margin_hvp),
    Op(multiclass_hinge, multiclass_hinge_cases, multiclass_hinge_vjp, multiclass_hinge_sized, wrt=(0,)),
    Op(multilabel_margin, multilabel_margin_cases, multilabel_margin_vjp, multilabel_margin_sized, wrt=(0,)),
    Op(
        multilabel_soft_margin,
        multilabel_soft_margin_cases,
        multilabel_soft_margin_vjp,
        multilabel_soft_margin_sized,
        wrt=(0, 1),
        hvp=multilabel_soft_margin_hvp,
    ),
]

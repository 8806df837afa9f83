"""The last layer of a classifier together with its loss."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .classification import cross_entropy, cross_entropy_hvp, cross_entropy_vjp


def linear_cross_entropy(
    input, linear_weight, linear_bias, target, weight, *, reduction, ignore_index, label_smoothing
):
    """y = cross_entropy(input linear_weight^T + linear_bias, target).

    Shapes: input (N, D); linear_weight (C, D); linear_bias (C,) or None; target either labels (N,) or probabilities
    (N, C); weight (C,) or None; y (N,), in nats, or ().

    One function, as a program that has both need not keep the (N, C) logits, the largest array of a language model:
    it makes some rows, their losses and their derivatives, and forgets them.

    Raises what cross_entropy raises, and ValueError where the layer's shapes do not fit.
    Source: Wijmans et al. (2024), Cut Your Losses in Large-Vocabulary Language Models, arXiv:2411.09009, section 3.
    """
    logits = _logits(input, linear_weight, linear_bias)
    how = {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
    return cross_entropy(logits, target, weight, **how)


def linear_cross_entropy_vjp(
    ybar, y, input, linear_weight, linear_bias, target, weight, *, reduction, ignore_index, label_smoothing
):
    """inputbar = logitsbar linear_weight, linear_weightbar = logitsbar^T input, linear_biasbar = sum_n logitsbar_n.

    logitsbar and targetbar are those of the cross-entropy.
    """
    logits = _logits(input, linear_weight, linear_bias)
    how = {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
    logitsbar, targetbar = cross_entropy_vjp(ybar, y, logits, target, weight, **how)
    biasbar = None if linear_bias is None else np.sum(logitsbar, axis=0)
    return np.matmul(logitsbar, linear_weight), np.matmul(logitsbar.T, input), biasbar, targetbar


def linear_cross_entropy_hvp(
    ybar, dots, y, input, linear_weight, linear_bias, target, weight, *, reduction, ignore_index, label_smoothing
):
    """d logitsbar is that of the cross-entropy, for logitsdot = inputdot weight^T + input weightdot^T + biasdot.

    Then the products of the VJP: each of them has two factors that move.
    """
    inputdot, weightdot, biasdot, targetdot = dots
    logits = _logits(input, linear_weight, linear_bias)
    how = {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
    logitsdot = np.matmul(inputdot, linear_weight.T) + _logits(input, weightdot, biasdot)
    logitsbar, _ = cross_entropy_vjp(ybar, y, logits, target, weight, **how)
    moved, targetbar = cross_entropy_hvp(ybar, (logitsdot, targetdot), y, logits, target, weight, **how)
    biasbar = None if linear_bias is None else np.sum(moved, axis=0)
    inputbar = np.matmul(moved, linear_weight) + np.matmul(logitsbar, weightdot)
    return inputbar, np.matmul(moved.T, input) + np.matmul(logitsbar.T, inputdot), biasbar, targetbar


def linear_cross_entropy_cases(rng):
    def ask(reduction, ignore_index=-100, label_smoothing=0.0):
        return {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}

    def layer(n, d, c):
        return rng.normal(size=(n, d)), rng.normal(size=(c, d)), rng.normal(size=c)

    label, weight = np.array([2, 0, 3, 1, 0]), rng.uniform(0.3, 3, size=4)
    yield Case("mean-weighted-ignored", (*layer(5, 3, 4), label, weight), ask("mean", 3, 0.2))
    x, w, _ = layer(3, 2, 5)
    q = rng.uniform(0.1, 1, size=(3, 5))
    yield Case("none-probabilities-no-bias", (x, w, None, q / np.sum(q, axis=1, keepdims=True), None), ask("none"))
    yield Case("sum", (*layer(3, 5, 4), np.array([1, 3, 3]), None), ask("sum"))
    nobody = np.zeros((0, 3)), np.ones((4, 3)), None, np.zeros(0, dtype=int), None
    yield Case("nobody", nobody, ask("sum"), "empty", np.array(0.0))
    x, w, b = layer(3, 2, 4)
    label = np.array([0, 3, 1])
    yield Case("weight-transposed", (x, w.T, b, label, None), ask("mean"), "refused")
    yield Case("bias-too-short", (x, w, b[:3], label, None), ask("mean"), "refused")
    yield Case("label-too-large", (x, w, b, label + 1, None), ask("mean"), "refused")
    yield Case("no-such-reduction", (x, w, b, label, None), ask("average"), "refused")


def linear_cross_entropy_sized(rng, n):
    rows = max(n // 64, 1)
    args = rng.normal(size=(rows, 64)), rng.normal(size=(32, 64)) / 8, rng.normal(size=32), rng.integers(32, size=rows)
    return Case("sized", (*args, None), {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.0})


def _logits(input, linear_weight, linear_bias):
    if input.ndim != 2 or linear_weight.ndim != 2 or input.shape[1] != linear_weight.shape[1]:
        raise ValueError(f"got input {input.shape} and linear_weight {linear_weight.shape}, want (N, D) and (C, D)")
    if linear_bias is not None and linear_bias.shape != linear_weight.shape[:1]:
        raise ValueError(f"linear_bias: got shape {linear_bias.shape}, want {linear_weight.shape[:1]}")
    logits = np.matmul(input, linear_weight.T)
    return logits if linear_bias is None else logits + linear_bias


OPS = [
    Op(
        linear_cross_entropy,
        linear_cross_entropy_cases,
        linear_cross_entropy_vjp,
        linear_cross_entropy_sized,
        wrt=(0, 1, 2, 3),
        hvp=linear_cross_entropy_hvp,
    ),
]

"""Slips of losses of classes: the cross-entropy and what is made of it."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, softmax
from ..loss.classification import cross_entropy, cross_entropy_vjp, nll, nll_vjp
from ..loss.linear_cross_entropy import linear_cross_entropy, linear_cross_entropy_vjp
from ..loss.poly_loss import poly_loss_vjp
from ..loss.reduction import cotangent_of_each, reduced
from ..op import Slip


def _per_label(input, target, weight, ignore_index, counted):
    """From the mean by weight to another mean over labels: what ``counted(weights, counts)`` adds up to divides."""
    counts = target != ignore_index
    weights = np.ones(input.shape[1]) if weight is None else weight
    of_label = weights[np.where(counts, target, 0)]
    return np.sum(of_label * counts) / counted(of_label, counts)


def _other_mean(loss, loss_vjp, counted):
    """A mean over labels that divides by something else; probabilities have no labels to count."""

    def factor(input, target, weight, reduction, ignore_index):
        labels = target.ndim < input.ndim and reduction == "mean" and np.any(target != ignore_index)
        return _per_label(input, target, weight, ignore_index, counted) if labels else 1

    def forward(input, target, weight, *, reduction, ignore_index, **params):
        y = loss(input, target, weight, reduction=reduction, ignore_index=ignore_index, **params)
        return y * factor(input, target, weight, reduction, ignore_index)

    def vjp(ybar, y, input, target, weight, *, reduction, ignore_index, **params):
        ybar = ybar * factor(input, target, weight, reduction, ignore_index)
        return loss_vjp(ybar, y, input, target, weight, reduction=reduction, ignore_index=ignore_index, **params)

    return forward, vjp


def _scaled(scale):
    """The cross-entropy with a factor that depends on what is averaged."""

    def forward(input, target, weight, *, reduction, **params):
        return scale(input, reduction) * cross_entropy(input, target, weight, reduction=reduction, **params)

    def vjp(ybar, y, input, target, weight, *, reduction, **params):
        ybar = scale(input, reduction) * ybar
        return cross_entropy_vjp(ybar, y, input, target, weight, reduction=reduction, **params)

    return forward, vjp


def _softmax_minus_target(of):
    """The VJP of the cross-entropy whose inputbar is ``of(share, softmax, weighted target, sum of the target)``."""

    def vjp(ybar, y, input, target, weight, *, reduction, ignore_index, label_smoothing):
        along = (-1, *[1] * (input.ndim - 2))
        w = np.reshape(np.ones(input.shape[1]) if weight is None else weight, along)
        if target.ndim == input.ndim:
            counts, q, divisor = 1, target, input.size // input.shape[1]
        else:
            counts = np.expand_dims(target != ignore_index, 1)
            q = counts * (np.expand_dims(target, 1) == np.reshape(np.arange(input.shape[1]), along))
            divisor = np.sum(w * q)
        share = cotangent_of_each(np.expand_dims(ybar, 1) if reduction == "none" else ybar, divisor, reduction)
        q = counts * ((1 - label_smoothing) * q + label_smoothing / input.shape[1])
        params = {"reduction": reduction, "ignore_index": ignore_index, "label_smoothing": label_smoothing}
        targetbar = cross_entropy_vjp(ybar, y, input, target, weight, **params)[1]
        return of(share, softmax(input, axis=1), w * q, np.sum(q, axis=1, keepdims=True)), targetbar

    return vjp


def _at_the_label_alone(ybar, y, input, target, weight, *, ignore_index, **params):
    inputbar, targetbar = cross_entropy_vjp(ybar, y, input, target, weight, ignore_index=ignore_index, **params)
    if targetbar is not None:
        return np.where(target == 0, 0, inputbar), targetbar
    classes = np.reshape(np.arange(input.shape[1]), (-1, *[1] * (input.ndim - 2)))
    return np.where(np.expand_dims(target, 1) == classes, inputbar, 0), None


def _shared_by_the_others(label_smoothing, input):
    """The s for which (1 - s) + s / C is left for the label."""
    return label_smoothing * input.shape[1] / (input.shape[1] - 1)


def _weights_forgotten(ybar, y, input, target, weight, *, reduction, ignore_index):
    (inputbar,) = nll_vjp(ybar, y, input, target, weight, reduction=reduction, ignore_index=ignore_index)
    classes = np.reshape(np.ones(input.shape[1]) if weight is None else weight, (-1, *[1] * (input.ndim - 2)))
    return (inputbar / classes,)


def _poly_diagonal(ybar, y, input, target, *, epsilon, reduction):
    inputbar = poly_loss_vjp(ybar, y, input, target, epsilon=0, reduction=reduction)[0]
    p = softmax(input, axis=1)
    share = np.reshape(cotangent_of_each(ybar, len(input), reduction), (-1, 1))
    right = poly_loss_vjp(ybar, y, input, target, epsilon=epsilon, reduction=reduction)[1]
    return inputbar - share * epsilon * target * p * (1 - p), right


def _poly_of_the_rest(input, target, *, epsilon, reduction):
    p = np.sum(target * softmax(input, axis=1), axis=1)
    return reduced(epsilon * p - np.sum(target * log_softmax(input, axis=1), axis=1), reduction)


def _layer_vjp(change):
    def vjp(ybar, y, input, linear_weight, linear_bias, *args, **params):
        bars = linear_cross_entropy_vjp(ybar, y, input, linear_weight, linear_bias, *args, **params)
        return change(bars, input)

    return vjp


_BY_COUNT = _other_mean(nll, nll_vjp, lambda weights, counts: np.sum(counts))
_WITH_IGNORED = _other_mean(nll, nll_vjp, lambda weights, counts: np.sum(weights))
_BY_COUNT_WHY = (
    "The mean of weighted losses divides by the sum of the weights of the labels, not by their number: then equal "
    "losses have that loss for their mean."
)
_IGNORED_WHY = "Places that are ignored count neither in the sum nor in what it is divided by."

SLIPS = {
    "nll": (
        Slip("mean-by-the-count", _BY_COUNT_WHY, *_BY_COUNT),
        Slip("ignored-places-in-the-mean", _IGNORED_WHY, *_WITH_IGNORED),
        Slip(
            "weight-forgotten-on-the-way-back",
            "A place's loss is -weight_t input_t, so its slope at the label is -weight_t: the weight counts there too.",
            vjp=_weights_forgotten,
        ),
        Slip(
            "softmax-subtracted",
            "The input is taken as it is: only the label's own entry has a slope. The softmax minus the target belongs "
            "to cross_entropy, whose log_softmax is inside.",
            vjp=lambda ybar, y, input, target, weight, *, reduction, ignore_index: (
                cross_entropy_vjp(
                    ybar,
                    y,
                    input,
                    target,
                    weight,
                    reduction=reduction,
                    ignore_index=ignore_index,
                    label_smoothing=0,
                )[0],
            ),
        ),
    ),
    "cross_entropy": (
        Slip(
            "mean-over-classes-too",
            "Each place has one loss, the sum over its classes: the mean divides by the number of places, not by "
            "places times classes.",
            *_scaled(lambda input, reduction: 1 / input.shape[1] if reduction == "mean" else 1),
        ),
        Slip(
            "sign-missing",
            "Logarithms of probabilities are negative: the loss is minus their weighted sum, or it would have to be "
            "maximised.",
            *_scaled(lambda input, reduction: -1),
        ),
        Slip(
            "sum-for-the-mean",
            "The mean divides the sum by the weights of the labels that count (without weights: by their number).",
            forward=lambda input, target, weight, *, reduction, **params: cross_entropy(
                input, target, weight, reduction="sum" if reduction == "mean" else reduction, **params
            ),
            vjp=lambda ybar, y, input, target, weight, *, reduction, **params: cross_entropy_vjp(
                ybar, y, input, target, weight, reduction="sum" if reduction == "mean" else reduction, **params
            ),
        ),
        Slip(
            "mean-by-the-count",
            _BY_COUNT_WHY,
            *_other_mean(cross_entropy, cross_entropy_vjp, lambda weights, counts: np.sum(counts)),
        ),
        Slip(
            "ignored-places-in-the-mean",
            _IGNORED_WHY,
            *_other_mean(cross_entropy, cross_entropy_vjp, lambda weights, counts: np.sum(weights)),
        ),
        Slip(
            "softmax-twice",
            "The loss takes logits and has the softmax inside: of probabilities it makes others that are nearly equal.",
            forward=lambda input, target, weight, **params: cross_entropy(
                softmax(input, axis=1), target, weight, **params
            ),
        ),
        Slip(
            "smoothing-for-the-others-alone",
            "There the label keeps 1 - s and the C - 1 other classes share s; here all C classes share s: pass "
            "s (C - 1) / C.",
            forward=lambda input, target, weight, *, label_smoothing, **params: cross_entropy(
                input, target, weight, label_smoothing=_shared_by_the_others(label_smoothing, input), **params
            ),
            vjp=lambda ybar, y, input, target, weight, *, label_smoothing, **params: cross_entropy_vjp(
                ybar, y, input, target, weight, label_smoothing=_shared_by_the_others(label_smoothing, input), **params
            ),
            convention="fairseq",
        ),
        Slip(
            "at-the-label-alone",
            "The other classes' logits are in the softmax's denominator: each has the slope p_c, and only the label's "
            "has p_c - 1.",
            vjp=_at_the_label_alone,
        ),
        Slip(
            "target-not-subtracted",
            "The gradient is softmax - target: 1 is to be subtracted at the label. The softmax alone pushes all logits "
            "down.",
            vjp=_softmax_minus_target(lambda share, p, wq, total: share * p * np.sum(wq, axis=1, keepdims=True)),
        ),
        Slip(
            "denominator-taken-for-a-constant",
            "The softmax's denominator depends on every logit: beside -target, the slope of the log-denominator, which "
            "is the softmax, belongs to the gradient.",
            vjp=_softmax_minus_target(lambda share, p, wq, total: -share * wq),
        ),
        Slip(
            "softmax-not-weighted",
            "The class weights multiply the whole loss of a place: the softmax gets the factor sum_c w_c q_c (the "
            "label's weight) as the target does.",
            vjp=_softmax_minus_target(lambda share, p, wq, total: share * (p * total - wq)),
        ),
    ),
    "poly_loss": (
        Slip(
            "hit-for-missed",
            "The first term of the series is 1 - p of the right class, the probability missed: p itself would reward a "
            "miss.",
            forward=_poly_of_the_rest,
        ),
        Slip(
            "second-term-taken-for-a-constant",
            "The term epsilon (1 - p) depends on the logits too: it adds epsilon p (sum_c q_c p_c - q) to the slope.",
            vjp=lambda ybar, y, input, target, *, epsilon, reduction: (
                poly_loss_vjp(ybar, y, input, target, epsilon=0, reduction=reduction)[0],
                poly_loss_vjp(ybar, y, input, target, epsilon=epsilon, reduction=reduction)[1],
            ),
        ),
        Slip(
            "diagonal-only",
            "Every p depends on every logit: through the softmax's whole Jacobian, -q becomes p (sum_c q_c p_c - q), "
            "not -q p (1 - p).",
            vjp=_poly_diagonal,
        ),
    ),
    "linear_cross_entropy": (
        Slip(
            "bias-forgotten",
            "The logits are input linear_weight^T + linear_bias: the bias is one number for each class.",
            forward=lambda input, linear_weight, linear_bias, *args, **params: linear_cross_entropy(
                input, linear_weight, None, *args, **params
            ),
        ),
        Slip(
            "divided-by-the-rows-again",
            "The mean's 1 / N is in the logits' cotangent already: those of the weight and the bias are sums over the "
            "rows, not means.",
            vjp=_layer_vjp(
                lambda bars, input: (
                    bars[0],
                    bars[1] / len(input),
                    None if bars[2] is None else bars[2] / len(input),
                    bars[3],
                )
            ),
        ),
        Slip(
            "bias-summed-over-the-classes",
            "The bias has one number for each class: its cotangent sums over the rows alone. Over everything, softmax "
            "minus target sums to 0.",
            vjp=_layer_vjp(
                lambda bars, input: (
                    *bars[:2],
                    None if bars[2] is None else np.full_like(bars[2], np.sum(bars[2])),
                    bars[3],
                )
            ),
        ),
    ),
}

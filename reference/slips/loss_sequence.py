"""Slips of losses of distributions and of sequences."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax
from ..loss.ctc import ctc, ctc_vjp, ctc_with_logits, ctc_with_logits_vjp
from ..loss.kl_div import generalized_kl_div, generalized_kl_div_vjp, kl_div, kl_div_vjp
from ..loss.next_token import next_token_loss, next_token_loss_vjp
from ..loss.reduction import cotangent_of_each, reduced
from ..op import Slip


def _log(p):
    return np.log(np.where(p == 0, 1, p))


def _per_row(loss, reduction):
    return np.sum(loss) / len(loss) if reduction == "batchmean" else reduced(loss, reduction)


def _swapped(input, target, *, reduction, log_target):
    return kl_div(target if log_target else _log(target), np.exp(input), reduction=reduction, log_target=False)


def _unweighted(input, target, *, reduction, log_target):
    return _per_row((target if log_target else _log(target)) - input, reduction)


def _cross_entropy(input, target, *, reduction, log_target):
    return _per_row(-(np.exp(target) if log_target else target) * input, reduction)


def _mean_of_elements(input, target, *, reduction, log_target):
    reduction = "mean" if reduction == "batchmean" else reduction
    return kl_div(input, target, reduction=reduction, log_target=log_target)


def _weight_held(ybar, y, input, target, *, reduction, log_target):
    """The derivative of log p alone."""
    inputbar, _ = kl_div_vjp(ybar, y, input, target, reduction=reduction, log_target=log_target)
    share = cotangent_of_each(ybar, len(input) if reduction == "batchmean" else input.size, reduction)
    return inputbar, share * (np.exp(target) if log_target else np.ones_like(target))


def _logarithm_held(ybar, y, input, target, *, reduction, log_target):
    """The derivative of the weight p alone."""
    inputbar, _ = kl_div_vjp(ybar, y, input, target, reduction=reduction, log_target=log_target)
    share = cotangent_of_each(ybar, len(input) if reduction == "batchmean" else input.size, reduction)
    return inputbar, share * (np.exp(target) * (target - input) if log_target else np.log(target) - input)


def _by_each_length(loss, loss_vjp):
    """The plain mean over the sequences."""

    def forward(scores, targets, input_lengths, target_lengths, *, reduction, **params):
        mean = reduction == "mean"
        y = loss(scores, targets, input_lengths, target_lengths, reduction="none" if mean else reduction, **params)
        return np.mean(y) if mean else y

    def vjp(ybar, y, scores, targets, input_lengths, target_lengths, *, reduction, **params):
        mean = reduction == "mean"
        ybar = np.full(len(targets), ybar / len(targets)) if mean else ybar
        args = scores, targets, input_lengths, target_lengths
        return loss_vjp(ybar, y, *args, reduction="none" if mean else reduction, **params)

    return forward, vjp


def _to_the_end(loss, loss_vjp):
    """Every sequence is as long as the longest."""

    def whole(scores, input_lengths):
        return np.full_like(input_lengths, len(scores))

    def forward(scores, targets, input_lengths, target_lengths, **params):
        return loss(scores, targets, whole(scores, input_lengths), target_lengths, **params)

    def vjp(ybar, y, scores, targets, input_lengths, target_lengths, **params):
        return loss_vjp(ybar, y, scores, targets, whole(scores, input_lengths), target_lengths, **params)

    return forward, vjp


def _by_the_logits(ybar, y, log_probs, *args, **params):
    """The cotangents of one time add up to -ybar, whatever is behind the end: there they are 0."""
    (bar,) = ctc_vjp(ybar, y, log_probs, *args, **params)
    return (bar - np.exp(log_probs) * np.sum(bar, axis=2, keepdims=True),)


def _best_alone(log_probs, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """Of the paths the most probable one: the sum over paths is a maximum."""
    losses = []
    for n, (steps, length) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        spelling = np.full(2 * length + 1, blank)
        spelling[1::2] = targets[n, :length]
        best = np.where(np.arange(len(spelling)) < 2, log_probs[0, n, spelling], -np.inf)
        for t in range(1, steps):
            skip = (spelling != blank) & (spelling != np.concat([[-1, -1], spelling])[: len(spelling)])
            one, two = (np.concat([np.full(k, -np.inf), best])[: len(spelling)] for k in (1, 2))
            best = np.maximum(np.maximum(best, one), np.where(skip, two, -np.inf)) + log_probs[t, n, spelling]
        loss = -np.max(best[-2:])
        losses.append(0 if zero_infinity and loss == np.inf else loss)
    each = np.array(losses)
    return reduced(each / np.maximum(target_lengths, 1) if reduction == "mean" else each, reduction)


_LENGTHS = (
    "A sequence ends at its input length: what stands behind it is padding, and no path goes through it, nor does any "
    "cotangent."
)
_EACH_LENGTH = "There it is the plain mean of the losses; here each loss is divided by the length of its target first."

SLIPS = {
    "next_token_loss": (
        Slip(
            "target-not-shifted",
            "The token to predict at a place is the next one: what stands there has just been read.",
            forward=lambda logits, tokens: next_token_loss(logits, np.concat([tokens[:, :1], tokens[:, :-1]], axis=1)),
            vjp=lambda lossbar, loss, logits, tokens: next_token_loss_vjp(
                lossbar, loss, logits, np.concat([tokens[:, :1], tokens[:, :-1]], axis=1)
            ),
        ),
        Slip(
            "sum-for-the-mean",
            "The loss is the mean over all places of all texts: divide the sum, and its gradient, by their number.",
            forward=lambda logits, tokens: tokens[:, 1:].size * next_token_loss(logits, tokens),
            vjp=lambda lossbar, loss, logits, tokens: next_token_loss_vjp(
                tokens[:, 1:].size * lossbar, loss, logits, tokens
            ),
        ),
        Slip(
            "divided-by-the-texts",
            "The loss is the mean over all places, for each token: divide by texts times places, and not by the texts "
            "alone.",
            forward=lambda logits, tokens: logits.shape[1] * next_token_loss(logits, tokens),
            vjp=lambda lossbar, loss, logits, tokens: next_token_loss_vjp(
                logits.shape[1] * lossbar, loss, logits, tokens
            ),
        ),
        Slip(
            "softmax-alone-on-the-way-back",
            "The score of the next token is subtracted, so its cotangent has -1: softmax - onehot, not the softmax "
            "alone.",
            vjp=lambda lossbar, loss, logits, tokens: (lossbar * softmax(logits, axis=2) / tokens[:, 1:].size, None),
        ),
    ),
    "kl_div": (
        Slip(
            "arguments-swapped",
            "The divergence is that of the target from the input, target (log target - input): KL(q || p) is another "
            "number than KL(p || q).",
            forward=_swapped,
        ),
        Slip(
            "input-not-a-logarithm",
            "The input is log q, and is subtracted as it is: exp(input) in its place is the probability itself.",
            forward=lambda input, target, **params: kl_div(np.exp(input), target, **params),
        ),
        Slip(
            "not-weighted",
            "The mean of the logarithms' difference is one under p: each term is multiplied by the target, p "
            "(log p - log q).",
            forward=_unweighted,
        ),
        Slip(
            "cross-entropy",
            "The cross-entropy is -p log q. The divergence is smaller by the entropy of p, so that it is 0 where "
            "p = q: add p log p.",
            forward=_cross_entropy,
        ),
        Slip(
            "mean-of-elements",
            'With "batchmean" the sum is divided by the number of rows: divided by that of all elements it is no mean '
            "of divergences.",
            forward=_mean_of_elements,
            vjp=lambda ybar, y, input, target, *, reduction, log_target: kl_div_vjp(
                ybar,
                y,
                input,
                target,
                reduction="mean" if reduction == "batchmean" else reduction,
                log_target=log_target,
            ),
        ),
        Slip(
            "slope-of-the-logarithm-missing",
            "By the product rule p log p has the derivative log p + 1: the target is inside the logarithm too, where "
            "p (1 / p) = 1.",
            vjp=_logarithm_held,
        ),
        Slip(
            "slope-of-the-weight-missing",
            "By the product rule p log p has the derivative log p + 1: the factor p has a slope too, which gives "
            "log p - log q.",
            vjp=_weight_held,
        ),
    ),
    "generalized_kl_div": (
        Slip(
            "masses-left-out",
            "Measures need not sum to 1, so - target + exp(input) is part of the loss: without it an element can be "
            "negative.",
            forward=lambda input, target, *, reduction: kl_div(input, target, reduction=reduction, log_target=False),
            vjp=lambda ybar, y, input, target, *, reduction: kl_div_vjp(
                ybar, y, input, target, reduction=reduction, log_target=False
            ),
        ),
        Slip(
            "arguments-swapped",
            "The divergence is that of the target from the input: the target is the weight and the first logarithm.",
            forward=lambda input, target, *, reduction: generalized_kl_div(
                _log(target), np.exp(input), reduction=reduction
            ),
        ),
        Slip(
            "slope-by-the-measure",
            "The derivative by q itself is 1 - p / q. The input is log q, with which q moves by q: q - p.",
            vjp=lambda ybar, y, input, target, *, reduction: (
                generalized_kl_div_vjp(ybar, y, input, target, reduction=reduction)[0] / np.exp(input),
                generalized_kl_div_vjp(ybar, y, input, target, reduction=reduction)[1],
            ),
        ),
    ),
    "ctc": (
        Slip(
            "best-path-alone",
            "The probability of the targets is the sum over all paths that spell them: the best path alone is what "
            "decoding looks for.",
            forward=_best_alone,
        ),
        Slip("padding-walked-through", _LENGTHS, *_to_the_end(ctc, ctc_vjp)),
        Slip(
            "mean-not-by-length",
            _EACH_LENGTH + " Divide by target_lengths.",
            *_by_each_length(ctc, ctc_vjp),
            convention="Keras",
        ),
        Slip(
            "by-the-logits",
            "The difference of softmax and share is the derivative by the logits, through the softmax. By the log "
            "probabilities, as they are given, it is minus the share alone.",
            vjp=_by_the_logits,
        ),
    ),
    "ctc_with_logits": (
        Slip(
            "softmax-left-out",
            "The scores are logits: a path's probability needs log_softmax of them first.",
            forward=ctc,
        ),
        Slip(
            "normalisation-taken-for-a-constant",
            "The softmax's denominator depends on every logit: beside minus the share, each has the slope softmax.",
            vjp=ctc_vjp,
        ),
        Slip("padding-walked-through", _LENGTHS, *_to_the_end(ctc_with_logits, ctc_with_logits_vjp)),
        Slip(
            "mean-not-by-length",
            _EACH_LENGTH + " Divide by target_lengths.",
            *_by_each_length(ctc_with_logits, ctc_with_logits_vjp),
            convention="Keras",
        ),
    ),
}

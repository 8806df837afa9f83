"""Slips of losses of yes-or-no questions."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, softplus
from ..loss.binary import (
    binary_cross_entropy,
    binary_cross_entropy_vjp,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_vjp,
)
from ..loss.likelihood import focal, focal_vjp
from ..loss.reduction import cotangent_of_each, reduced
from ..op import Slip


def _weighted(loss, weight, reduction):
    return reduced(loss if weight is None else weight * loss, reduction)


def _ones_alone(input, target, weight, *, reduction):
    return _weighted(-target * np.log(input), weight, reduction)


def _ones_alone_vjp(ybar, y, input, target, weight, *, reduction):
    share = cotangent_of_each(ybar, input.size, reduction) * (1 if weight is None else weight)
    return -share * target / input, -share * np.log(input)


def _by_weight(input, weight, reduction):
    """From the mean over all elements to that by weight."""
    if weight is None or reduction != "mean":
        return 1
    return input.size / np.sum(np.broadcast_to(weight, input.shape))


def _kept_off_the_ends(input):
    return np.minimum(np.maximum(input, 1e-7), 1 - 1e-7)


def _clip_vjp(ybar, y, input, target, weight, *, reduction):
    near = _kept_off_the_ends(input)
    inputbar, targetbar = binary_cross_entropy_vjp(ybar, y, near, target, weight, reduction=reduction)
    return np.where(near == input, inputbar, 0), targetbar


def _with_logits_ones_alone(input, target, weight, pos_weight, *, reduction):
    gain = 1 if pos_weight is None else pos_weight
    return _weighted(gain * target * softplus(-input, beta=1, threshold=np.inf), weight, reduction)


def _both_gained(weight, pos_weight):
    return pos_weight if weight is None else weight if pos_weight is None else weight * pos_weight


def _sigmoid_slope_again(ybar, y, input, target, weight, pos_weight, *, reduction):
    inputbar, targetbar = binary_cross_entropy_with_logits_vjp(
        ybar, y, input, target, weight, pos_weight, reduction=reduction
    )
    return inputbar * sigmoid(input) * sigmoid(-input), targetbar


def _turned_around(input, target, *, alpha, gamma, reduction):
    return focal(input, target, alpha=None if alpha is None else 1 - alpha, gamma=gamma, reduction=reduction)


def _sure_ones_count(input, target, *, alpha, gamma, reduction):
    hit = target * sigmoid(input) + (1 - target) * sigmoid(-input)
    plain = focal(input, target, alpha=alpha, gamma=0, reduction="none")
    return reduced(hit**gamma * plain, reduction)


def _factor_held(ybar, y, input, target, *, alpha, gamma, reduction):
    missed = target * sigmoid(-input) + (1 - target) * sigmoid(input)
    share = cotangent_of_each(ybar, input.size, reduction) * missed**gamma
    return focal_vjp(share, y, input, target, alpha=alpha, gamma=0, reduction="none")


SLIPS = {
    "binary_cross_entropy": (
        Slip(
            "second-term-missing",
            "Where the target is 0 it is log(1 - input) that counts: without (1 - target) log(1 - input) such a "
            "prediction costs nothing and has no gradient.",
            forward=_ones_alone,
            vjp=_ones_alone_vjp,
        ),
        Slip(
            "label-at-the-wrong-logarithm",
            "The input is the probability of 1: target goes with log(input), and 1 - target with log(1 - input).",
            forward=lambda input, target, weight, *, reduction: binary_cross_entropy(
                input, 1 - target, weight, reduction=reduction
            ),
            vjp=lambda ybar, y, input, target, weight, *, reduction: binary_cross_entropy_vjp(
                ybar, y, input, 1 - target, weight, reduction=reduction
            ),
        ),
        Slip(
            "slope-by-the-logit",
            "The difference p - t is the derivative by the logit of p. By the probability itself it is that divided by "
            "p (1 - p).",
            vjp=lambda ybar, y, input, target, weight, *, reduction: (
                (input * (1 - input))
                * binary_cross_entropy_vjp(ybar, y, input, target, weight, reduction=reduction)[0],
                binary_cross_entropy_vjp(ybar, y, input, target, weight, reduction=reduction)[1],
            ),
        ),
        Slip(
            "clipped",
            "There the probability is kept between 1e-7 and 1 - 1e-7, so that a sure miss costs about 16 and has "
            "no gradient; here it is taken as it is: leave the clip away.",
            forward=lambda input, target, weight, *, reduction: binary_cross_entropy(
                _kept_off_the_ends(input), target, weight, reduction=reduction
            ),
            vjp=_clip_vjp,
            convention="Keras",
        ),
        Slip(
            "mean-by-weight",
            "There the mean divides by the sum of the weights, here by the number of elements: multiply by the mean "
            "weight.",
            forward=lambda input, target, weight, *, reduction: (
                _by_weight(input, weight, reduction) * binary_cross_entropy(input, target, weight, reduction=reduction)
            ),
            vjp=lambda ybar, y, input, target, weight, *, reduction: binary_cross_entropy_vjp(
                ybar * _by_weight(input, weight, reduction), y, input, target, weight, reduction=reduction
            ),
            convention="scikit-learn's log_loss",
        ),
    ),
    "binary_cross_entropy_with_logits": (
        Slip(
            "second-term-missing",
            "Where the target is 0 the cost is softplus(input): without (1 - target) softplus(input) such a prediction "
            "costs nothing and has no gradient.",
            forward=_with_logits_ones_alone,
            vjp=lambda ybar, y, input, target, weight, pos_weight, *, reduction: (
                -cotangent_of_each(ybar, input.size, reduction)
                * (1 if weight is None else weight)
                * (1 if pos_weight is None else pos_weight)
                * target
                * sigmoid(-input),
                binary_cross_entropy_with_logits_vjp(ybar, y, input, target, weight, pos_weight, reduction=reduction)[
                    1
                ],
            ),
        ),
        Slip(
            "label-at-the-wrong-logarithm",
            "The input is the logit of 1: target goes with softplus(-input), and 1 - target with softplus(input).",
            forward=lambda input, target, weight, pos_weight, *, reduction: binary_cross_entropy_with_logits(
                -input, target, weight, pos_weight, reduction=reduction
            ),
            vjp=lambda ybar, y, input, target, weight, pos_weight, *, reduction: (
                -binary_cross_entropy_with_logits_vjp(ybar, y, -input, target, weight, pos_weight, reduction=reduction)[
                    0
                ],
                binary_cross_entropy_with_logits_vjp(ybar, y, -input, target, weight, pos_weight, reduction=reduction)[
                    1
                ],
            ),
        ),
        Slip(
            "sigmoid-before-the-loss",
            "The loss takes logits and has the sigmoid inside: applied before as well, no prediction is surer than "
            "sigmoid(1) = 0.73.",
            forward=lambda input, target, weight, pos_weight, *, reduction: binary_cross_entropy_with_logits(
                sigmoid(input), target, weight, pos_weight, reduction=reduction
            ),
        ),
        Slip(
            "slope-of-the-sigmoid-again",
            "By the logit, sigmoid(input) - target is the derivative already: the slope s (1 - s) of the sigmoid has "
            "cancelled against that of the logarithm, and must not be multiplied once more.",
            vjp=_sigmoid_slope_again,
        ),
        Slip(
            "pos-weight-for-all",
            "The factor pos_weight multiplies the term of target alone; the term of 1 - target keeps its weight.",
            forward=lambda input, target, weight, pos_weight, *, reduction: binary_cross_entropy_with_logits(
                input, target, _both_gained(weight, pos_weight), None, reduction=reduction
            ),
            vjp=lambda ybar, y, input, target, weight, pos_weight, *, reduction: binary_cross_entropy_with_logits_vjp(
                ybar, y, input, target, _both_gained(weight, pos_weight), None, reduction=reduction
            ),
        ),
    ),
    "focal": (
        Slip(
            "power-of-the-hit",
            "The factor is (1 - p_t)^gamma, small where the answer is sure and right: with p_t^gamma the easy ones "
            "would count most.",
            forward=_sure_ones_count,
        ),
        Slip(
            "alpha-turned-around",
            "The weight alpha is that of target 1, and 1 - alpha that of target 0.",
            forward=_turned_around,
            vjp=lambda ybar, y, input, target, *, alpha, gamma, reduction: focal_vjp(
                ybar,
                y,
                input,
                target,
                alpha=None if alpha is None else 1 - alpha,
                gamma=gamma,
                reduction=reduction,
            ),
        ),
        Slip(
            "factor-taken-for-a-constant",
            "The factor (1 - p_t)^gamma depends on the logit too: the product rule has a second term, with gamma "
            "(1 - p_t)^(gamma - 1).",
            vjp=_factor_held,
        ),
    ),
}

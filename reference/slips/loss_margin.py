"""Slips of losses with a margin: of a score, of two, and of one for each class."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
from ..activation.softmax import log_softmax
from ..loss.margin import hinge, hinge_embedding, hinge_vjp, margin_ranking, margin_ranking_vjp
from ..loss.multiclass import (
    multi_margin,
    multi_margin_vjp,
    multiclass_hinge_vjp,
    multilabel_margin,
    multilabel_margin_vjp,
    multilabel_soft_margin,
    multilabel_soft_margin_vjp,
)
from ..loss.reduction import cotangent_of_each, reduced
from ..op import Slip


def _right(input, target):
    return target[:, None] == np.arange(input.shape[1])


def _right_with(loss_vjp, of):
    """inputbar with ``of(inputbar)`` at the right class."""

    def vjp(ybar, y, input, target, *args, **params):
        (inputbar,) = loss_vjp(ybar, y, input, target, *args, **params)
        return (np.where(_right(input, target), of(inputbar), inputbar),)

    return vjp


def _once(inputbar):
    return inputbar / np.maximum(np.sum(inputbar != 0, axis=1, keepdims=True) - 1, 1)


def _right_counted(input, target, weight, *, p, margin, reduction):
    each = multi_margin(input, target, weight, p=p, margin=margin, reduction="none")
    share = (1 if weight is None else np.take(weight, target)) / input.shape[1]
    return reduced(each + share * max(margin, 0) ** p, reduction)


def _of_the_others(input):
    return input.shape[1] / (input.shape[1] - 1)


def _pushed_from_afar(ybar, y, input, target, *, margin, reduction):
    return multiclass_hinge_vjp(ybar, y, input, target, margin=np.max(input) - np.min(input) + 1, reduction=reduction)


def _all_that_are_wrong(input, target, *, margin, reduction):
    return input.shape[1] * multi_margin(input, target, None, p=1, margin=margin, reduction=reduction)


def _all_that_are_wrong_vjp(ybar, y, input, target, *, margin, reduction):
    return multi_margin_vjp(input.shape[1] * ybar, y, input, target, None, p=1, margin=margin, reduction=reduction)


def _behind_the_end_too(target):
    """All labels first, then -1: their order does not matter."""
    return -np.sort(-target, axis=1)


def _right_not_pulled(ybar, y, input, target, *, reduction):
    (inputbar,) = multilabel_margin_vjp(ybar, y, input, target, reduction=reduction)
    given = np.cumsum(target == -1, axis=1) == 0
    right = np.any(given[:, :, None] & (target[:, :, None] == np.arange(input.shape[1])), axis=1)
    return (np.where(right, 0, inputbar),)


def _one_label_of_all(input, target, weight, *, reduction):
    cost = -target * log_softmax(input, axis=1)
    return reduced(np.mean(cost if weight is None else weight * cost, axis=1), reduction)


def _wrong_classes_free(ybar, y, input, target, weight, *, reduction):
    (inputbar, targetbar) = multilabel_soft_margin_vjp(ybar, y, input, target, weight, reduction=reduction)
    whole = (1 - target) * sigmoid(input) - target * sigmoid(-input)
    return inputbar * -target * sigmoid(-input) / whole, targetbar


_NOT_PULLED = (
    "The right class's score is in every term that counts, with the sign -: its cotangent is minus the sum of the "
    "others', not 0."
)
_ONE_SUM = "Each row's loss is the mean over its C classes: divide the sum by C."

SLIPS = {
    "hinge": (
        Slip(
            "margin-forgotten",
            "A score on the right side costs too, until it is a margin away from 0: it is max(0, margin - target "
            "input), and without the margin this is the loss of the perceptron.",
            forward=lambda input, target, *, margin, reduction: hinge(input, target, margin=0, reduction=reduction),
            vjp=lambda ybar, y, input, target, *, margin, reduction: hinge_vjp(
                ybar, y, input, target, margin=0, reduction=reduction
            ),
        ),
        Slip(
            "beyond-the-margin-too",
            "Where target input exceeds the margin the loss is 0 and does not move: the slope -target is for the "
            "others alone.",
            vjp=lambda ybar, y, input, target, *, margin, reduction: (
                -cotangent_of_each(ybar, input.size, reduction) * target,
            ),
        ),
        Slip(
            "target-not-multiplied",
            "The slope of margin - target input is -target: its sign changes with the class.",
            vjp=lambda ybar, y, input, target, *, margin, reduction: (
                hinge_vjp(ybar, y, input, target, margin=margin, reduction=reduction)[0] * target,
            ),
        ),
        Slip(
            "squared",
            "There the hinge is squared, here it is not: leave the square away.",
            forward=lambda input, target, *, margin, reduction: reduced(
                hinge(input, target, margin=margin, reduction="none") ** 2, reduction
            ),
            vjp=lambda ybar, y, input, target, *, margin, reduction: hinge_vjp(
                2
                * cotangent_of_each(ybar, input.size, reduction)
                * hinge(input, target, margin=margin, reduction="none"),
                y,
                input,
                target,
                margin=margin,
                reduction="none",
            ),
            convention="scikit-learn's LinearSVC (squared_hinge)",
        ),
    ),
    "soft_margin": (
        Slip(
            "target-not-multiplied",
            "The inner derivative of -target input is -target: without it both classes are pushed the same way.",
            vjp=lambda ybar, y, input, target, *, reduction: (
                -cotangent_of_each(ybar, input.size, reduction) * sigmoid(-target * input),
            ),
        ),
        Slip(
            "slope-at-the-other-side",
            "The slope of log(1 + exp(-m)) is -sigmoid(-m), large for a wrong score: sigmoid(m) is large for a right "
            "one.",
            vjp=lambda ybar, y, input, target, *, reduction: (
                -cotangent_of_each(ybar, input.size, reduction) * target * sigmoid(target * input),
            ),
        ),
        Slip(
            "sign-of-the-score",
            "The score that is right has the sign of its target and must cost less: the exponent is -target input.",
            forward=lambda input, target, *, reduction: reduced(np.logaddexp(0, target * input), reduction),
        ),
    ),
    "hinge_embedding": (
        Slip(
            "labels-turned-around",
            "Target 1 stands for a similar pair, which pays its distance; -1 for one that pays where it is nearer than "
            "the margin.",
            forward=lambda input, target, *, margin, reduction: hinge_embedding(
                input, -target, margin=margin, reduction=reduction
            ),
        ),
        Slip(
            "squared",
            "There both terms are squared and halved, here neither is: leave the squares and the 1/2 away.",
            forward=lambda input, target, *, margin, reduction: reduced(
                hinge_embedding(input, target, margin=margin, reduction="none") ** 2 / 2, reduction
            ),
            convention="Hadsell, Chopra and LeCun's contrastive loss",
        ),
        Slip(
            "beyond-the-margin-too",
            "A dissimilar pair that is a margin apart costs nothing, and must not be pushed any further: its slope is "
            "0.",
            vjp=lambda ybar, y, input, target, *, margin, reduction: (
                cotangent_of_each(ybar, input.size, reduction) * target,
            ),
        ),
    ),
    "margin_ranking": (
        Slip(
            "order-turned-around",
            "Target 1 says that input1 should be the larger: what counts is target (input1 - input2).",
            forward=lambda input1, input2, target, *, margin, reduction: margin_ranking(
                input2, input1, target, margin=margin, reduction=reduction
            ),
        ),
        Slip(
            "margin-with-the-wrong-sign",
            "The right order costs too until the difference reaches the margin: it is + margin inside the maximum.",
            forward=lambda input1, input2, target, *, margin, reduction: margin_ranking(
                input1, input2, target, margin=-margin, reduction=reduction
            ),
            vjp=lambda ybar, y, input1, input2, target, *, margin, reduction: margin_ranking_vjp(
                ybar, y, input1, input2, target, margin=-margin, reduction=reduction
            ),
        ),
        Slip(
            "both-pushed-the-same-way",
            "The loss depends on the difference of the two scores: input2bar = -input1bar.",
            vjp=lambda ybar, y, *args, **params: (margin_ranking_vjp(ybar, y, *args, **params)[0],) * 2,
        ),
    ),
    "multi_margin": (
        Slip("right-class-not-pulled", _NOT_PULLED, vjp=_right_with(multi_margin_vjp, np.zeros_like)),
        Slip(
            "right-class-pulled-once",
            "The right class's score is in every term that counts: each of them adds its part to the cotangent, not "
            "one for the whole row.",
            vjp=_right_with(multi_margin_vjp, _once),
        ),
        Slip(
            "right-class-counted",
            "The sum runs over the other classes, j != t: the right class against itself adds margin^p to every row.",
            forward=_right_counted,
        ),
        Slip(
            "divided-by-the-others",
            "The sum has C - 1 terms, and is divided by C all the same.",
            forward=lambda input, *args, **params: multi_margin(input, *args, **params) * _of_the_others(input),
            vjp=lambda ybar, y, input, *args, **params: multi_margin_vjp(
                ybar * _of_the_others(input), y, input, *args, **params
            ),
        ),
    ),
    "multiclass_hinge": (
        Slip("right-class-not-pulled", _NOT_PULLED, vjp=_right_with(multiclass_hinge_vjp, np.zeros_like)),
        Slip(
            "sum-over-the-classes",
            "There all classes within the margin count, here the worst alone: take the maximum instead of the sum.",
            forward=_all_that_are_wrong,
            vjp=_all_that_are_wrong_vjp,
            convention="Weston and Watkins",
        ),
        Slip(
            "beyond-the-margin-too",
            "Where the right class leads by more than the margin the loss is 0 and does not move: then nothing is "
            "pushed.",
            vjp=_pushed_from_afar,
        ),
    ),
    "multilabel_margin": (
        Slip(
            "labels-behind-the-end",
            "The first -1 ends a row's labels: what stands behind it is no label.",
            forward=lambda input, target, *, reduction: multilabel_margin(
                input, _behind_the_end_too(target), reduction=reduction
            ),
            vjp=lambda ybar, y, input, target, *, reduction: multilabel_margin_vjp(
                ybar, y, input, _behind_the_end_too(target), reduction=reduction
            ),
        ),
        Slip(
            "not-divided-by-the-classes",
            "Each row's sum over pairs is divided by the number of classes C.",
            forward=lambda input, target, *, reduction: (
                input.shape[1] * multilabel_margin(input, target, reduction=reduction)
            ),
            vjp=lambda ybar, y, input, target, *, reduction: multilabel_margin_vjp(
                input.shape[1] * ybar, y, input, target, reduction=reduction
            ),
        ),
        Slip(
            "right-classes-not-pulled",
            "The score of a right class is in every pair that it is part of, with the sign -: its cotangent is minus "
            "the number of those pairs.",
            vjp=_right_not_pulled,
        ),
    ),
    "multilabel_soft_margin": (
        Slip(
            "sum-over-the-classes",
            _ONE_SUM,
            forward=lambda input, target, weight, *, reduction: (
                input.shape[1] * multilabel_soft_margin(input, target, weight, reduction=reduction)
            ),
            vjp=lambda ybar, y, input, target, weight, *, reduction: multilabel_soft_margin_vjp(
                input.shape[1] * ybar, y, input, target, weight, reduction=reduction
            ),
        ),
        Slip(
            "softmax-for-sigmoids",
            "Each class is a yes-or-no question of its own: a softmax would make the labels compete, and several can "
            "be right.",
            forward=_one_label_of_all,
        ),
        Slip(
            "wrong-classes-forgotten",
            "The classes that are not right count too, with (1 - t) sigmoid(x): without them nothing ever pushes a "
            "score down.",
            vjp=_wrong_classes_free,
        ),
    ),
}

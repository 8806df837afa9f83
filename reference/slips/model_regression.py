"""Slips of linear, logistic and softmax regression, and of their losses."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
from ..activation.softmax import softmax
from ..bayes.regression import ridge
from ..linear.layer import linear, linear_vjp
from ..loss.classification import cross_entropy
from ..model.linear_regression import (
    linear_regression_loss,
    linear_regression_loss_vjp,
)
from ..model.logistic_regression import (
    logistic_regression,
    logistic_regression_loss,
    logistic_regression_loss_vjp,
    softmax_regression_loss,
    softmax_regression_loss_vjp,
)
from ..model.mlp import LABELS
from ..op import Slip


def _penalty(loss, loss_vjp, share, name, why):
    """What goes wrong with the penalty: ``share(x)`` times |w|^2 is its part of the loss for alpha = 1."""

    def bias_too(x, target, w, b, *, alpha):
        return loss(x, target, w, b, alpha=alpha) + alpha * share(x) * np.sum(b * b)

    def bias_too_vjp(ybar, y, x, target, w, b, *, alpha):
        *others, bbar = loss_vjp(ybar, y, x, target, w, b, alpha=alpha)
        return *others, bbar + 2 * alpha * share(x) * b * ybar

    def scaled(x, target, w, b, *, alpha):
        return loss(x, target, w, b, alpha=alpha / (share(x) if name == "penalty-not-divided" else 0.5))

    def scaled_vjp(ybar, y, x, target, w, b, *, alpha):
        return loss_vjp(ybar, y, x, target, w, b, alpha=alpha / (share(x) if name == "penalty-not-divided" else 0.5))

    def subtracted(ybar, y, x, target, w, b, *, alpha):
        xbar, targetbar, wbar, bbar = loss_vjp(ybar, y, x, target, w, b, alpha=alpha)
        return xbar, targetbar, wbar - 4 * alpha * share(x) * w * ybar, bbar

    return (
        Slip(
            "bias-penalised",
            "The penalty is that of the weights: b alone moves the answers up and down, and has none.",
            forward=bias_too,
            vjp=bias_too_vjp,
        ),
        Slip(name, why, forward=scaled, vjp=scaled_vjp),
        Slip(
            "penalty-subtracted-on-the-way-back",
            "The penalty is added to the loss, so its gradient, a positive multiple of w, is added too: descent makes "
            "w smaller.",
            vjp=subtracted,
        ),
    )


def _not_centred(x, target, *, alpha):
    w = ridge(x, target, alpha=alpha)
    return w, np.mean(target - x @ w)


def _bias_as_a_column(x, target, *, alpha):
    wb = ridge(np.concat([x, np.ones_like(x[:, :1])], axis=1), target, alpha=alpha)
    return wb[:-1], wb[-1]


def _mean_in_place_of_sum(x, target, *, alpha):
    centred_x, centred_target = x - np.mean(x, axis=0), target - np.mean(target)
    w = ridge(centred_x, centred_target, alpha=len(x) * alpha)
    return w, np.mean(target) - np.mean(x, axis=0) @ w


def _one_penalty_term(ybar, y, x, target, w, b, *, alpha):
    xbar, targetbar, wbar, bbar = linear_regression_loss_vjp(ybar, y, x, target, w, b, alpha=alpha)
    return xbar, targetbar, wbar - alpha * w * ybar / target.size, bbar


def _affine_of(zbar, x, w):
    return np.outer(zbar, w), zbar @ x, np.sum(zbar)


def _p(x, w, b):
    return sigmoid(x @ w + b)


def _without_target(ybar, y, x, labels, w, b, *, alpha):
    z = linear(x, w, b)
    xbar, wbar, bbar = linear_vjp(ybar * softmax(z, axis=1) / len(x), z, x, w, b)
    return xbar, None, wbar + alpha * w * ybar, bbar


_HALF = "The penalty is alpha |w|^2 / 2, whose gradient is alpha w."

SLIPS = {
    "linear_regression": (
        Slip(
            "not-centred",
            "The weights are those of the centred data: else they have to make up for the means, which b alone should.",
            forward=_not_centred,
        ),
        Slip(
            "intercept-penalised",
            "As one more column of ones, b is penalised with the weights; it should have no penalty: centre the data "
            "first.",
            forward=_bias_as_a_column,
        ),
        Slip(
            "penalty-of-the-mean",
            "There the squared error is averaged, here it is summed: divide alpha by the number of rows.",
            forward=_mean_in_place_of_sum,
            convention="glmnet",
        ),
    ),
    "linear_regression_loss": (
        *_penalty(
            linear_regression_loss,
            linear_regression_loss_vjp,
            lambda x: 1 / len(x),
            "penalty-not-divided",
            "The penalty is divided by the number of rows as the squares are: alpha |w|^2 / N.",
        ),
        Slip(
            "half-of-the-gradient-of-the-penalty",
            "The derivative of alpha |w|^2 is 2 alpha w: the 2 is missing in the gradient of the penalty.",
            vjp=_one_penalty_term,
        ),
    ),
    "logistic_regression": (
        Slip(
            "exponent-with-the-wrong-sign",
            "The probability of label 1 grows with x w + b: it is 1 / (1 + exp(-(x w + b))).",
            forward=lambda x, w, b: logistic_regression(x, -w, -b),
        ),
        Slip(
            "slope-of-the-sigmoid-skipped",
            "From the probabilities to the logits the cotangent goes through the sigmoid: zbar = p (1 - p) pbar. Only "
            "with the cross-entropy behind it does that factor cancel.",
            vjp=lambda ybar, y, x, w, b: _affine_of(ybar, x, w),
        ),
        Slip(
            "one-factor-alone",
            "The sigmoid's slope is p (1 - p): of these two factors only p is here.",
            vjp=lambda ybar, y, x, w, b: _affine_of(ybar * _p(x, w, b), x, w),
        ),
    ),
    "logistic_regression_loss": _penalty(
        logistic_regression_loss, logistic_regression_loss_vjp, lambda x: 1 / 2, "penalty-not-halved", _HALF
    ),
    "softmax_regression": (
        Slip(
            "softmax-over-the-rows",
            "The probabilities of each row's classes add up to 1: the softmax runs along axis 1.",
            forward=lambda x, w, b: softmax(linear(x, w, b), axis=0),
        ),
        Slip(
            "diagonal-only",
            "Each probability depends on every logit: zbar = p (pbar - sum(p pbar)), not p (1 - p) pbar.",
            vjp=lambda ybar, y, x, w, b: linear_vjp(
                ybar * softmax(linear(x, w, b), axis=1) * (1 - softmax(linear(x, w, b), axis=1)), y, x, w, b
            ),
        ),
        Slip(
            "softmax-skipped-on-the-way-back",
            "From the probabilities to the logits the cotangent goes through the softmax: zbar = p (pbar - "
            "sum(p pbar)).",
            vjp=lambda ybar, y, x, w, b: linear_vjp(ybar, y, x, w, b),
        ),
    ),
    "softmax_regression_loss": (
        *_penalty(softmax_regression_loss, softmax_regression_loss_vjp, lambda x: 1 / 2, "penalty-not-halved", _HALF),
        Slip(
            "target-not-subtracted",
            "The logits' cotangent is (softmax - onehot(labels)) / N: 1 is to be subtracted at the label.",
            vjp=_without_target,
        ),
        Slip(
            "softmax-twice",
            "The cross-entropy takes logits and has the softmax inside: of probabilities it makes others that are "
            "nearly equal.",
            forward=lambda x, labels, w, b, *, alpha: (
                cross_entropy(softmax(linear(x, w, b), axis=1), labels, None, **LABELS) + alpha * np.sum(w * w) / 2
            ),
        ),
    ),
}

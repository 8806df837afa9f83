"""Slips of networks and of their losses."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu
from ..activation.sigmoidal import sigmoid
from ..activation.softmax import softmax
from ..linear.layer import linear_vjp
from ..loss.binary import binary_cross_entropy_with_logits
from ..loss.classification import cross_entropy
from ..model.cnn import (
    cnn,
    cnn_inference,
    cnn_inference_vjp,
    cnn_loss,
    cnn_loss_vjp,
    cnn_statistics,
    cnn_statistics_vjp,
    cnn_values,
    cnn_vjp,
)
from ..model.mlp import (
    LABELS,
    mlp,
    mlp_binary_loss,
    mlp_binary_loss_vjp,
    mlp_classifier_loss,
    mlp_classifier_loss_vjp,
    mlp_values,
    mlp_vjp,
)
from ..model.recurrent import (
    lstm_classifier,
    lstm_classifier_loss,
    lstm_classifier_loss_vjp,
    lstm_classifier_vjp,
    rnn_classifier,
    rnn_classifier_loss,
    rnn_classifier_loss_vjp,
    rnn_classifier_vjp,
)
from ..model.residual import (
    residual_block_cotangents,
    residual_block_values,
    residual_classifier,
    residual_classifier_loss,
    residual_classifier_loss_vjp,
    residual_classifier_vjp,
)
from ..op import Slip


def of_logits(network, place=-1):
    """What goes wrong at the end of a network that gives logits; ``place`` is that of the last bias's cotangent."""
    forward, vjp = network

    def averaged(ybar, y, *args, **params):
        bars = list(vjp(ybar, y, *args, **params))
        bars[place] = bars[place] / len(ybar)
        return tuple(bars)

    return (
        Slip(
            "softmax-at-the-end",
            "The network ends with its last affine layer: the outputs are logits, and the softmax belongs to the loss.",
            forward=lambda *args, **params: softmax(forward(*args, **params), axis=1),
        ),
        Slip(
            "bias-averaged",
            "Every row of the batch uses the last bias, so its cotangent is the sum over the rows. A mean is only in a "
            "loss that is one.",
            vjp=averaged,
        ),
    )


def of_labels(loss, network):
    """What goes wrong between the logits of a classifier and its loss."""
    (forward, vjp), (logits_of, network_vjp) = loss, network

    def without_target(ybar, y, x, labels, *theta, **params):
        logits = logits_of(x, *theta, **params)
        xbar, *thetabar = network_vjp(ybar * softmax(logits, axis=1) / len(logits), logits, x, *theta, **params)
        return xbar, None, *thetabar

    return (
        Slip(
            "target-not-subtracted",
            "The logits' cotangent is (softmax - onehot(labels)) / N: 1 is to be subtracted at the label.",
            vjp=without_target,
        ),
        Slip(
            "sum-for-the-mean",
            "The loss is the mean over the rows: divide the sum, and its gradient, by their number.",
            forward=lambda x, *args, **params: len(x) * forward(x, *args, **params),
            vjp=lambda ybar, y, x, *args, **params: vjp(len(x) * ybar, y, x, *args, **params),
        ),
        Slip(
            "softmax-twice",
            "The cross-entropy takes logits and has the softmax inside: of probabilities it makes others that are "
            "nearly equal.",
            forward=lambda x, labels, *theta, **params: cross_entropy(
                softmax(logits_of(x, *theta, **params), axis=1), labels, None, **LABELS
            ),
        ),
    )


def _slopes(activation, h):
    return {"sigmoid": h * (1 - h), "tanh": 1 - h * h, "relu": np.where(h > 0, 1, 0)}[activation]


def _bends(activation, z):
    return {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu}[activation](z)


def _walk(slope):
    """The VJP of mlp with another ``slope(activation, z, h)``."""

    def vjp(ybar, y, x, *theta, activation):
        values = mlp_values(x, *theta, activation=activation) | {"h0": x}
        bars, zbar = [], ybar
        for k in reversed(range(len(theta) // 2)):
            hbar, wbar, bbar = linear_vjp(zbar, None, values[f"h{k}"], theta[2 * k], theta[2 * k + 1])
            bars = [wbar, bbar, *bars]
            zbar = hbar * slope(activation, values[f"z{k}"], values[f"h{k}"]) if k else hbar
        return zbar, *bars

    return vjp


def _one_bias(ybar, y, x, *theta, activation):
    xbar, *thetabar = mlp_vjp(ybar, y, x, *theta, activation=activation)
    return xbar, *(np.broadcast_to(np.sum(bar), bar.shape) if bar.ndim == 1 else bar for bar in thetabar)


def _sigmoid_slope_again(ybar, y, x, target, *theta, activation):
    logits = mlp(x, *theta, activation=activation)
    p = sigmoid(logits)
    bars = mlp_vjp(ybar * (p - target) * p * (1 - p) / target.size, logits, x, *theta, activation=activation)
    targetbar = mlp_binary_loss_vjp(ybar, y, x, target, *theta, activation=activation)[1]
    return bars[0], targetbar, *bars[1:]


def _past_the_sum(ybar, y, x, *theta, eps):
    """The block without its skip connection on the way back."""
    values = residual_block_values(x, *theta, eps=eps)
    bars = residual_block_cotangents(ybar, values, x, *theta, eps=eps)
    right = [bars[name] for name in ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2")]
    return bars["x"] - bars["s"], *right


def _skip_alone(ybar, y, x, *theta, eps):
    values = residual_block_values(x, *theta, eps=eps)
    bars = residual_block_cotangents(ybar, values, x, *theta, eps=eps)
    return bars["s"], *(bars[name] for name in ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2"))


def _biased(x, *theta, eps):
    mean1, var1, mean2, var2 = cnn_statistics(x, *theta, eps=eps)
    values = cnn_values(x, *theta, eps=eps)
    n1, n2 = (values[name].size / values[name].shape[1] for name in ("z1", "z2"))
    return mean1, var1 * (n1 - 1) / n1, mean2, var2 * (n2 - 1) / n2


def _one_way(ybar, y, x, *theta, eps):
    _, _, *others = cnn_statistics_vjp(ybar, y, x, *theta, eps=eps)
    alone = (*ybar[:2], *(np.zeros_like(bar) for bar in ybar[2:]))
    return *cnn_statistics_vjp(alone, y, x, *theta, eps=eps)[:2], *others


SLIPS = {
    "mlp": (
        Slip(
            "activation-after-the-last-layer",
            "Every layer but the last one bends: the outputs are logits or the values of a regression, of any size.",
            forward=lambda x, *theta, activation: _bends(activation, mlp(x, *theta, activation=activation)),
        ),
        Slip(
            "slope-of-the-activation-skipped",
            "Between two affine layers the cotangent goes through the activation: zbar = s'(z) hbar.",
            vjp=_walk(lambda activation, z, h: 1),
        ),
        Slip(
            "slope-at-the-value",
            "The slope written in terms of the value, such as h (1 - h) or 1 - h^2, takes h = s(z), not z.",
            vjp=_walk(lambda activation, z, h: _slopes(activation, z)),
        ),
        Slip(
            "one-number-for-all-biases",
            "Each unit has its own bias: its cotangent is the sum over the rows, np.sum(zbar, axis=0), and not over "
            "the units as well.",
            vjp=_one_bias,
        ),
        of_logits((mlp, mlp_vjp))[1],
    ),
    "mlp_binary_loss": (
        Slip(
            "sigmoid-before-the-loss",
            "The loss takes logits and has the sigmoid inside: applied before as well, no prediction is surer than "
            "sigmoid(1) = 0.73.",
            forward=lambda x, target, *theta, activation: binary_cross_entropy_with_logits(
                sigmoid(mlp(x, *theta, activation=activation)), target, None, None, reduction="mean"
            ),
        ),
        Slip(
            "slope-of-the-sigmoid-again",
            "By the logit, p - t is the derivative already: the sigmoid's slope p (1 - p) has cancelled against "
            "that of the logarithm.",
            vjp=_sigmoid_slope_again,
        ),
        Slip(
            "sum-for-the-mean",
            "The loss is the mean over the elements of target: divide the sum, and its gradient, by their number.",
            forward=lambda x, target, *theta, activation: (
                target.size * mlp_binary_loss(x, target, *theta, activation=activation)
            ),
            vjp=lambda ybar, y, x, target, *theta, activation: mlp_binary_loss_vjp(
                target.size * ybar, y, x, target, *theta, activation=activation
            ),
        ),
    ),
    "mlp_classifier_loss": of_labels((mlp_classifier_loss, mlp_classifier_loss_vjp), (mlp, mlp_vjp)),
    "cnn": of_logits((cnn, cnn_vjp)),
    "cnn_loss": of_labels((cnn_loss, cnn_loss_vjp), (cnn, cnn_vjp)),
    "cnn_statistics": (
        Slip(
            "biased-variance",
            "What inference takes for the variance of all images is estimated from a batch: divide by n - 1, not by n.",
            forward=_biased,
        ),
        Slip(
            "second-layer-forgotten",
            "The first sums have two ways to the outputs, their own statistics and those of the second layer: both "
            "cotangents go on to w1 and x.",
            vjp=_one_way,
        ),
    ),
    "cnn_inference": (
        Slip(
            "batch-statistics-at-evaluation",
            "Evaluation normalises with the statistics that training left behind: with those of its own batch, the "
            "answer to one image changes with the others.",
            forward=lambda x, *theta_and_statistics, eps: cnn(x, *theta_and_statistics[:8], eps=eps),
        ),
        *of_logits((cnn_inference, cnn_inference_vjp), place=8),
    ),
    "residual_block": (
        Slip(
            "shortcut-forgotten-on-the-way-back",
            "The input has two ways to the sum: xbar is what comes back through both layers, and the sum's cotangent "
            "as it is.",
            vjp=_past_the_sum,
        ),
        Slip(
            "layers-forgotten-on-the-way-back",
            "The input has two ways to the sum: to the sum's cotangent is added what comes back through both layers.",
            vjp=_skip_alone,
        ),
        Slip(
            "relu-before-the-sum",
            "The last relu is that of the sum x + f(x): in front of it, the layers could only add and never take away.",
            forward=lambda x, *theta, eps: x + relu(residual_block_values(x, *theta, eps=eps)["n2"]),
        ),
        Slip(
            "last-relu-missing",
            "Behind the sum with x follows a relu: y = relu(x + f(x)).",
            forward=lambda x, *theta, eps: residual_block_values(x, *theta, eps=eps)["s"],
        ),
        Slip(
            "shortcut-missing",
            "The block adds its input to what its layers find: relu(x + f(x)).",
            forward=lambda x, *theta, eps: relu(residual_block_values(x, *theta, eps=eps)["n2"]),
        ),
    ),
    "residual_classifier": of_logits((residual_classifier, residual_classifier_vjp)),
    "residual_classifier_loss": of_labels(
        (residual_classifier_loss, residual_classifier_loss_vjp), (residual_classifier, residual_classifier_vjp)
    ),
    "rnn_classifier": of_logits((rnn_classifier, rnn_classifier_vjp)),
    "rnn_classifier_loss": of_labels(
        (rnn_classifier_loss, rnn_classifier_loss_vjp), (rnn_classifier, rnn_classifier_vjp)
    ),
    "lstm_classifier": of_logits((lstm_classifier, lstm_classifier_vjp)),
    "lstm_classifier_loss": of_labels(
        (lstm_classifier_loss, lstm_classifier_loss_vjp), (lstm_classifier, lstm_classifier_vjp)
    ),
}

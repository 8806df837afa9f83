"""Models in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .linear import ACTIVATIONS, affine


def _mlp_values(x, *theta, activation):
    *hidden, last = zip(theta[::2], theta[1::2], strict=True)
    values = {}
    for k, (w, b) in enumerate(hidden, 1):
        values[f"z{k}"] = affine(x, w, b)
        values[f"h{k}"] = x = ACTIVATIONS[activation](values[f"z{k}"])
    return values | {"y": affine(x, *last)}


def _mlp_binary_loss_values(x, target, *theta, activation):
    values = _mlp_values(x, *theta, activation=activation)
    return values | {"loss": F.binary_cross_entropy_with_logits(values["y"], target)}


def _mlp_classifier_loss_values(x, labels, *theta, activation):
    values = _mlp_values(x, *theta, activation=activation)
    return values | {"loss": F.cross_entropy(values["y"], labels)}


def _block(k, x, w, gamma, beta, mean=None, var=None, *, eps):
    """Convolution, batch norm (by statistics of the batch where none are given), relu, max pooling."""
    z = F.conv2d(x, w, padding=1)
    n = F.batch_norm(z, mean, var, gamma, beta, training=mean is None, eps=eps)
    h = F.relu(n)
    return {f"z{k}": z, f"n{k}": n, f"h{k}": h, f"p{k}": F.max_pool2d(h, 2)}


def _cnn_values(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, *statistics, eps):
    first, second = statistics[:2], statistics[2:]
    values = _block(1, x, w1, gamma1, beta1, *first, eps=eps)
    values |= _block(2, values["p1"], w2, gamma2, beta2, *second, eps=eps)
    return values | {"y": affine(values["p2"].flatten(1), w3, b3)}


def _cnn_loss_values(x, labels, *theta, eps):
    values = _cnn_values(x, *theta, eps=eps)
    return values | {"loss": F.cross_entropy(values["y"], labels)}


def _cnn_statistics(x, *theta, eps):
    values = _cnn_values(x, *theta, eps=eps)
    (var1, mean1), (var2, mean2) = (torch.var_mean(values[z], dim=(0, 2, 3), correction=1) for z in ("z1", "z2"))
    return mean1, var1, mean2, var2


FORWARDS = {
    "mlp": lambda *args, **params: _mlp_values(*args, **params)["y"],
    "mlp_values": _mlp_values,
    "mlp_binary_loss": lambda *args, **params: _mlp_binary_loss_values(*args, **params)["loss"],
    "mlp_binary_loss_values": _mlp_binary_loss_values,
    "mlp_classifier_loss": lambda *args, **params: _mlp_classifier_loss_values(*args, **params)["loss"],
    "mlp_classifier_loss_values": _mlp_classifier_loss_values,
    "cnn": lambda *args, **params: _cnn_values(*args, **params)["y"],
    "cnn_values": _cnn_values,
    "cnn_loss": lambda *args, **params: _cnn_loss_values(*args, **params)["loss"],
    "cnn_loss_values": _cnn_loss_values,
    "cnn_statistics": _cnn_statistics,
    "cnn_inference": lambda *args, **params: _cnn_values(*args, **params)["y"],
    "cnn_inference_values": _cnn_values,
}

LEDGER = (
    (
        "the JVP rule of batch_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196699",
        (
            "*-over-forward:cnn-*-*",
            "*-over-forward:cnn_loss-*-*",
            "*-over-forward:cnn_statistics-*-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        ("refused:mlp-bias-of-one-float64",),
    ),
)

"""Models in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .linear import ACTIVATIONS, affine


def _mlp(x, *theta, activation):
    *hidden, last = zip(theta[::2], theta[1::2], strict=True)
    for w, b in hidden:
        x = ACTIVATIONS[activation](affine(x, w, b))
    return affine(x, *last)


def _block(x, w, gamma, beta, mean=None, var=None, *, eps):
    """Convolution, batch norm (by statistics of the batch where none are given), relu, max pooling."""
    x = F.batch_norm(F.conv2d(x, w, padding=1), mean, var, gamma, beta, training=mean is None, eps=eps)
    return F.max_pool2d(F.relu(x), 2)


def _cnn(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, *, eps):
    x = _block(_block(x, w1, gamma1, beta1, eps=eps), w2, gamma2, beta2, eps=eps)
    return affine(x.flatten(1), w3, b3)


def _cnn_statistics(x, w1, gamma1, beta1, w2, *theta, eps):
    z1 = F.conv2d(x, w1, padding=1)
    z2 = F.conv2d(_block(x, w1, gamma1, beta1, eps=eps), w2, padding=1)
    (var1, mean1), (var2, mean2) = (torch.var_mean(z, dim=(0, 2, 3), correction=1) for z in (z1, z2))
    return mean1, var1, mean2, var2


def _cnn_inference(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, mean1, var1, mean2, var2, *, eps):
    x = _block(_block(x, w1, gamma1, beta1, mean1, var1, eps=eps), w2, gamma2, beta2, mean2, var2, eps=eps)
    return affine(x.flatten(1), w3, b3)


FORWARDS = {
    "mlp": _mlp,
    "mlp_binary_loss": lambda x, t, *theta, **s: F.binary_cross_entropy_with_logits(_mlp(x, *theta, **s), t),
    "mlp_classifier_loss": lambda x, labels, *theta, **s: F.cross_entropy(_mlp(x, *theta, **s), labels),
    "cnn": _cnn,
    "cnn_loss": lambda x, labels, *theta, eps: F.cross_entropy(_cnn(x, *theta, eps=eps), labels),
    "cnn_statistics": _cnn_statistics,
    "cnn_inference": _cnn_inference,
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

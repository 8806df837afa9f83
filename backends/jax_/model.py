"""Models in JAX."""

from __future__ import annotations

from functools import partial

import jax
from jax import lax

from .common import installed_optax
from .convolution import conv2d
from .linear import neuron
from .norm import batch_norm, batch_norm_inference, batch_statistics
from .pooling import max_pool


def mlp(x, *theta, activation):
    *hidden, w, b = theta
    for w_hidden, b_hidden in zip(hidden[::2], hidden[1::2], strict=True):
        x = neuron(x, w_hidden, b_hidden, activation=activation)
    return x @ w + b


def mlp_binary_loss(x, target, *theta, activation):
    return installed_optax().sigmoid_binary_cross_entropy(mlp(x, *theta, activation=activation), target).mean()


def _label_loss(logits, labels):
    return installed_optax().softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def mlp_classifier_loss(x, labels, *theta, activation):
    return _label_loss(mlp(x, *theta, activation=activation), labels)


def _cnn(norm1, norm2, x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3):
    """The logits, and what enters the two norms."""
    conv = partial(conv2d, b=None, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
    halving = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}
    pool = partial(max_pool, **halving)
    a1 = conv(x, w1)
    a2 = conv(pool(jax.nn.relu(norm1(a1, gamma1, beta1))), w2)
    h = pool(jax.nn.relu(norm2(a2, gamma2, beta2)))
    return lax.collapse(h, 1) @ w3 + b3, a1, a2


def _cnn_training(x, *theta, eps):
    return _cnn(partial(batch_norm, eps=eps), partial(batch_norm, eps=eps), x, *theta)


def cnn_statistics(x, *theta, eps):
    _, a1, a2 = _cnn_training(x, *theta, eps=eps)
    return (*batch_statistics(a1), *batch_statistics(a2))


def cnn_inference(x, *theta_and_statistics, eps):
    *theta, mean1, var1, mean2, var2 = theta_and_statistics
    norm1 = partial(batch_norm_inference, running_mean=mean1, running_var=var1, eps=eps)
    norm2 = partial(batch_norm_inference, running_mean=mean2, running_var=var2, eps=eps)
    return _cnn(norm1, norm2, x, *theta)[0]


FORWARDS = {
    "cnn": lambda x, *theta, eps: _cnn_training(x, *theta, eps=eps)[0],
    "cnn_loss": lambda x, labels, *theta, eps: _label_loss(_cnn_training(x, *theta, eps=eps)[0], labels),
    "mlp": mlp,
    "mlp_binary_loss": mlp_binary_loss,
    "mlp_classifier_loss": mlp_classifier_loss,
    "cnn_statistics": cnn_statistics,
    "cnn_inference": cnn_inference,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:cnn_loss-label-out-of-range-float64",
            "refused:mlp-bias-of-one-float64",
            "refused:mlp_binary_loss-target-without-its-axis-float64",
            "refused:mlp_classifier_loss-label-out-of-range-float64",
        ),
    ),
)

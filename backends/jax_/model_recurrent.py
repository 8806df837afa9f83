"""Recurrent classifiers in JAX: the layers of flax.linen, and what decides by their last state."""

from __future__ import annotations

import jax.numpy as jnp

from .common import installed_optax
from .sequence import lstm, rnn


def _start(x, w_hh):
    return jnp.zeros((len(x), len(w_hh)), x.dtype)


def rnn_classifier(x, w_ih, w_hh, b, w_out, b_out):
    _, h = rnn(x, _start(x, w_hh), w_ih, w_hh, b, activation="tanh")
    return h @ w_out + b_out


def lstm_classifier(x, w_ih, w_hh, b, w_out, b_out):
    _, h, _ = lstm(x, _start(x, w_hh), _start(x, w_hh), w_ih, w_hh, b)
    return h @ w_out + b_out


def _loss(network):
    def loss(x, labels, *theta):
        logits = network(x, *theta)
        return installed_optax().softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    return loss


FORWARDS = {
    "rnn_classifier": rnn_classifier,
    "rnn_classifier_loss": _loss(rnn_classifier),
    "lstm_classifier": lstm_classifier,
    "lstm_classifier_loss": _loss(lstm_classifier),
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:lstm_classifier-one-step-alone-float64",
            "refused:rnn_classifier-one-step-alone-float64",
            "refused:lstm_classifier_loss-label-out-of-range-float64",
            "refused:rnn_classifier_loss-label-out-of-range-float64",
        ),
    ),
)

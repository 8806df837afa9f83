"""Activations in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice


def softplus(x, *, beta, threshold):
    if threshold != float("inf"):
        raise NotImplementedError("jax.nn.softplus has no threshold: it is never replaced by a line")
    return jax.nn.softplus(beta * x) / beta


FORWARDS = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
    "gelu": lambda x, *, approximate: jax.nn.gelu(x, choice({"none": False, "tanh": True}, approximate, "gelu")),
    "softplus": softplus,
}

LEDGER = (
    (
        "the derivative is s (1 - s), which cancels where s nears 1",
        "https://github.com/jax-ml/jax/issues/40385",
        (
            "jvp:sigmoid-saturated-*",
            "vjp:sigmoid-saturated-*",
        ),
    ),
    (
        "the derivative is taken from the rounded result, 1 - y^2, which cancels",
        "https://github.com/jax-ml/jax/issues/40388",
        (
            "jvp:tanh-saturated-*",
            "vjp:tanh-saturated-*",
        ),
    ),
    (
        "at -inf nan, the limit is 0: -inf times 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        (
            "special:gelu-*-*",
            "special:silu-limits-*",
        ),
    ),
    (
        "the derivatives cancel where the sigmoid nears 1; x sigmoid(x) underflows early",
        "https://github.com/jax-ml/jax/issues/39798",
        (
            "exhaustive:silu-vector-*",
            "exhaustive:softplus-steep-*",
            "jvp:silu-saturated-float32",
            "jvp:silu-saturated-float64",
            "jvp:softplus-saturated-float32",
            "jvp:softplus-saturated-float64",
            "vjp:silu-saturated-float32",
            "vjp:softplus-saturated-float64",
        ),
    ),
    (
        "1 + erf and 1 + tanh cancel in the lower tail",
        "",
        (
            "exhaustive:gelu-tanh-vector-*",
            "jvp:gelu-tanh-tails-*",
            "layout:gelu-tanh-tails-*",
            "value:gelu-tanh-tails-*",
            "vjp:gelu-tanh-tails-*",
        ),
    ),
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        (
            "jvp:softmax-spread-bfloat16",
            "?jvp:softmax-spread-float16",
            "jvp:softmax-spread-float64",
        ),
    ),
)

"""Activations in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice


def softplus(x, *, beta, threshold):
    if threshold != float("inf"):
        raise NotImplementedError("jax.nn.softplus has no threshold: it is never replaced by a line")
    return jax.nn.softplus(beta * x) / beta


def _hardtanh(x, *, min_val, max_val):
    if (min_val, max_val) != (-1.0, 1.0):
        raise NotImplementedError("jax.nn.hard_tanh has the bounds -1 and 1 alone")
    return jax.nn.hard_tanh(x)


FORWARDS = {
    "softmax_with_temperature": lambda x, temperature, *, axis: jax.nn.softmax(x / temperature, axis=axis),
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "celu": jax.nn.celu,
    "log_sigmoid": jax.nn.log_sigmoid,
    "softsign": jax.nn.soft_sign,
    "squareplus": jax.nn.squareplus,
    "mish": jax.nn.mish,
    "glu": jax.nn.glu,
    "swiglu": lambda x, gate: x * jax.nn.silu(gate),
    "hardtanh": _hardtanh,
    "relu6": jax.nn.relu6,
    "hardsigmoid": jax.nn.hard_sigmoid,
    "hardswish": jax.nn.hard_swish,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
    "sparse_plus": jax.nn.sparse_plus,
    "softmin": lambda x, *, axis: jax.nn.softmax(-x, axis),
    "gumbel_softmax": lambda x, noise, *, tau, axis: jax.nn.softmax((x + noise) / tau, axis),
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
    (
        "at minus infinity nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        (
            "special:hardswish-limits-*",
            "special:mish-limits-*",
            "special:squareplus-limits-*",
            "special:swiglu-limits-*",
        ),
    ),
    (
        "at an infinity nan, inf / inf, its limits are -1 and 1",
        "",
        ("special:softsign-limits-*",),
    ),
    (
        "the derivative of expm1 is taken from the rounded result, y + 1, which cancels in the lower tail",
        "https://github.com/jax-ml/jax/pull/40820",
        (
            "*-over-*:celu-tails-*",
            "*-over-*:elu-tails-*",
            "*-over-*:selu-tails-*",
            "batched:celu-tails-*",
            "batched:elu-tails-*",
            "batched:selu-tails-*",
            "jvp:celu-tails-*",
            "jvp:elu-tails-*",
            "jvp:selu-tails-*",
            "vjp:celu-tails-*",
            "vjp:elu-tails-*",
            "vjp:selu-tails-*",
        ),
    ),
    (
        "the derivatives cancel in the tails: 1 - tanh^2, 1 - sigmoid, 1/(1 + |x|) - |x|/(1 + |x|)^2",
        "https://github.com/jax-ml/jax/issues/40388",
        (
            "*-over-*:glu-channels-*",
            "*-over-*:log_sigmoid-tails-*",
            "*-over-*:mish-tails-*",
            "*-over-reverse:softsign-tails-*",
            "batched:glu-channels-*",
            "batched:log_sigmoid-tails-float32",
            "batched:mish-tails-*",
            "batched:softsign-tails-*",
            "jvp:log_sigmoid-tails-float32",
            "jvp:mish-tails-float64",
            "jvp:mish-tails-float32",
            "reverse-over-forward:softsign-tails-*",
            "vjp:glu-channels-*",
            "vjp:log_sigmoid-tails-float32",
            "vjp:mish-tails-float64",
            "vjp:mish-tails-float32",
            "vjp:softsign-tails-*",
        ),
    ),
    (
        "x + sqrt(x^2 + b) cancels for negative x, where it is b / (sqrt(x^2 + b) - x)",
        "",
        (
            "*value:squareplus-tails-*",
            "*-over-*:squareplus-tails-*",
            "batched:squareplus-tails-*",
            "jvp:squareplus-tails-*",
            "layout:squareplus-tails-*",
            "vjp:squareplus-tails-*",
        ),
    ),
    (
        "a factor underflows, or is flushed to 0, where the product is a normal number",
        "",
        ("exhaustive:mish-vector-bfloat16", "exhaustive:selu-vector-bfloat16"),
    ),
    (
        "silently broadcasts arguments that do not fit",
        "",
        (
            "refused:gumbel_softmax-shapes-differ-float64",
            "refused:softmax_with_temperature-a-temperature-each-float64",
            "refused:swiglu-shapes-differ-float64",
        ),
    ),
)

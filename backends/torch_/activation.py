"""Activations in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

FORWARDS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda x, *, axis: F.softmax(x, dim=axis),
    "log_softmax": lambda x, *, axis: F.log_softmax(x, dim=axis),
}

LEDGER = (
    (
        "the derivative is taken from the rounded result, y (1 - y) or 1 - y^2, which cancels where y nears 1",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:sigmoid-saturated-*",
            "*-over-*:tanh-saturated-*",
            "batched:sigmoid-saturated-*",
            "batched:tanh-saturated-*",
            "exhaustive:sigmoid-vector-bfloat16",
            "jvp:sigmoid-saturated-*",
            "jvp:tanh-saturated-*",
            "vjp:sigmoid-saturated-*",
            "vjp:tanh-saturated-*",
        ),
    ),
    (
        "gelu(-inf) is nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/185770",
        ("special:gelu-*-*",),
    ),
    (
        "1 + erf and 1 + tanh cancel in the lower tail",
        "https://github.com/pytorch/pytorch/pull/189234",
        (
            "*-over-*:gelu-tanh-tails-*",
            "batched:gelu-none-tails-*",
            "batched:gelu-tanh-tails-*",
            "exhaustive:gelu-*-*",
            "jvp:gelu-none-tails-float32",
            "jvp:gelu-tanh-tails-float32",
            "jvp:gelu-tanh-tails-float64",
            "layout:gelu-none-tails-float64",
            "layout:gelu-tanh-tails-*",
            "value:gelu-none-tails-float32",
            "value:gelu-none-tails-float64",
            "value:gelu-tanh-tails-float32",
            "value:gelu-tanh-tails-float64",
            "vjp:gelu-none-tails-float32",
            "vjp:gelu-none-tails-float64",
            "vjp:gelu-tanh-tails-float32",
            "vjp:gelu-tanh-tails-float64",
        ),
    ),
    (
        "silu(-inf) is nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        ("special:silu-limits-*",),
    ),
    (
        "1 - sigmoid(x) cancels in the derivatives where sigmoid nears 1; x sigmoid(x) underflows early",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:silu-saturated-*",
            "batched:silu-saturated-float32",
            "exhaustive:silu-vector-bfloat16",
            "jvp:silu-saturated-float32",
            "jvp:silu-saturated-float64",
            "vjp:silu-saturated-float32",
        ),
    ),
    (
        "without a threshold exp(beta x) overflows: inf for large x",
        "",
        (
            "exhaustive:softplus-flat-*",
            "exhaustive:softplus-steep-*",
            "exhaustive:softplus-vector-*",
            "special:softplus-limits-*",
        ),
    ),
    (
        "the second derivative is taken from a rounded sigmoid, which cancels where it nears 1",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:softplus-saturated-*",
            "*-over-*:softplus-steep-float32",
        ),
    ),
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        (
            "jvp:softmax-spread-*",
            "reverse-over-reverse:softmax-spread-float32",
        ),
    ),
)

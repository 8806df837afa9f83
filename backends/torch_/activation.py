"""Activations in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _swiglu(x, gate):
    if x.shape != gate.shape:
        raise ValueError(f"got x of shape {tuple(x.shape)} and gate of {tuple(gate.shape)}, want the same")
    return x * F.silu(gate)


def _gumbel_softmax(x, noise, *, tau, axis):
    """F.gumbel_softmax draws its noise itself, and goes on like this."""
    if x.shape != noise.shape:
        raise ValueError(f"got x of shape {tuple(x.shape)} and noise of {tuple(noise.shape)}, want the same")
    return ((x + noise) / tau).softmax(axis)


FORWARDS = {
    "softmax_with_temperature": lambda x, temperature, *, axis: F.softmax(x / temperature, dim=axis),
    "leaky_relu": F.leaky_relu,
    "rrelu": F.rrelu,
    "prelu": F.prelu,
    "threshold": F.threshold,
    "elu": F.elu,
    "selu": F.selu,
    "celu": F.celu,
    "log_sigmoid": F.logsigmoid,
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "mish": F.mish,
    "glu": lambda x, *, axis: F.glu(x, axis),
    "swiglu": _swiglu,
    "hardtanh": F.hardtanh,
    "relu6": F.relu6,
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "softshrink": F.softshrink,
    "hardshrink": F.hardshrink,
    "softmin": lambda x, *, axis: F.softmin(x, axis),
    "gumbel_softmax": _gumbel_softmax,
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
        "silently broadcasts arguments that do not fit",
        "",
        ("refused:softmax_with_temperature-a-temperature-each-float64",),
    ),
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
    (
        "at minus infinity nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        ("special:hardswish-limits-*", "special:mish-limits-*", "special:swiglu-limits-*"),
    ),
    (
        "at an infinity nan, inf / inf, its limits are -1 and 1",
        "",
        ("special:softsign-limits-*",),
    ),
    (
        "the derivatives cancel in the tails: 1 - tanh^2, 1 - sigmoid, 1/(1 + |x|) - |x|/(1 + |x|)^2",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:log_sigmoid-tails-*",
            "*-over-*:mish-tails-*",
            "*-over-*:tanhshrink-tails-*",
            "*-over-reverse:softsign-tails-*",
            "batched:softsign-tails-*",
            "reverse-over-forward:softsign-tails-*",
            "vjp:softsign-tails-*",
            "*-over-reverse:glu-channels-*",
            "batched:glu-channels-*",
            "vjp:glu-channels-*",
        ),
    ),
    (
        "has no rule for vmap",
        "",
        ("batched:rrelu-*",),
    ),
    (
        "the slope 1/6 is rounded to float32",
        "",
        (
            "batched:hardsigmoid-matrix-float64",
            "jvp:hardsigmoid-matrix-float64",
            "kink:hardsigmoid-at-the-ends-float64",
            "vjp:hardsigmoid-matrix-float64",
        ),
    ),
    (
        "x min(max(x + 3, 0), 6) overflows before it is divided by 6",
        "",
        ("exhaustive:hardswish-matrix-bfloat16",),
    ),
)

"""Linear algebra in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _neuron(x, w, b, *, activation):
    """One output of nn.Linear(d, 1). F.linear documents a 1-D weight, but refuses it together with a bias."""
    return ACTIVATIONS[activation](F.linear(x, w[None], b[None])).squeeze(-1)


def affine(x, w, b):
    """Our w is (n_in, n_out), that of torch (n_out, n_in)."""
    return F.linear(x, w.mT, b)


ACTIVATIONS = {"identity": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu}

FORWARDS = {
    "dot": torch.dot,
    "matmul": torch.matmul,
    "neuron": _neuron,
    "linear": affine,
    "norm": lambda x, *, ord, axis, keepdims: torch.linalg.norm(x, ord, axis, keepdims),
}

LEDGER = (
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
        ),
    ),
)

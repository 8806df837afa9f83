"""Initialisation in PyTorch: torch.nn.init, with its noise given."""

from __future__ import annotations

import torch
from torch.nn import init

from . import drawn


def _initialised(given, initialise):
    def forward(noise, **params):
        w = torch.empty_like(noise)
        with given(noise):
            initialise(w, **params)
        return w

    return forward


def _linear(initialise):
    """LeCun's is Kaiming's for a linear layer."""
    return lambda w: initialise(w, mode="fan_in", nonlinearity="linear")


def _orthogonal(z, *, gain):
    """It draws a matrix, whatever the shape of the weight."""
    w = torch.empty_like(z)
    with drawn.normal(z.flatten(1)):
        return init.orthogonal_(w, gain)


FORWARDS = {
    "xavier_uniform": _initialised(drawn.uniform, init.xavier_uniform_),
    "xavier_normal": _initialised(drawn.normal, init.xavier_normal_),
    "kaiming_uniform": _initialised(drawn.uniform, init.kaiming_uniform_),
    "kaiming_normal": _initialised(drawn.normal, init.kaiming_normal_),
    "lecun_uniform": _initialised(drawn.uniform, _linear(init.kaiming_uniform_)),
    "lecun_normal": _initialised(drawn.normal, _linear(init.kaiming_normal_)),
    "orthogonal": _orthogonal,
}

LEDGER = ()

"""Initialisation in PyTorch: torch.nn.init, with its noise given."""

from __future__ import annotations

import torch
from torch.nn import init

from . import drawn


def _xavier_uniform(u, *, gain):
    with drawn.uniform(u):
        return init.xavier_uniform_(torch.empty_like(u), gain)


def _xavier_normal(z, *, gain):
    with drawn.normal(z):
        return init.xavier_normal_(torch.empty_like(z), gain)


def _kaiming_uniform(u, *, mode, nonlinearity, a):
    with drawn.uniform(u):
        return init.kaiming_uniform_(torch.empty_like(u), a, mode, nonlinearity)


def _kaiming_normal(z, *, mode, nonlinearity, a):
    with drawn.normal(z):
        return init.kaiming_normal_(torch.empty_like(z), a, mode, nonlinearity)


def _lecun_uniform(u):
    """LeCun's is Kaiming's for a linear layer."""
    with drawn.uniform(u):
        return init.kaiming_uniform_(torch.empty_like(u), nonlinearity="linear")


def _lecun_normal(z):
    with drawn.normal(z):
        return init.kaiming_normal_(torch.empty_like(z), nonlinearity="linear")


def _orthogonal(z, *, gain):
    """It draws a matrix, whatever the shape of the weight."""
    with drawn.normal(z.flatten(1)):
        return init.orthogonal_(torch.empty_like(z), gain)


FORWARDS = {
    "xavier_uniform": _xavier_uniform,
    "xavier_normal": _xavier_normal,
    "kaiming_uniform": _kaiming_uniform,
    "kaiming_normal": _kaiming_normal,
    "lecun_uniform": _lecun_uniform,
    "lecun_normal": _lecun_normal,
    "orthogonal": _orthogonal,
}

LEDGER = ()

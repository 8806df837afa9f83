"""Optimisers: from gradients to the next parameters."""

from __future__ import annotations

from . import adam, momentum, sgd

OPS = [*sgd.OPS, *momentum.OPS, *adam.OPS]

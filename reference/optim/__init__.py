"""Optimisers: from gradients to the next parameters."""

from __future__ import annotations

from . import adam, sgd

OPS = [*sgd.OPS, *adam.OPS]

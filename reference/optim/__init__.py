"""Optimisers: from gradients to the next parameters."""

from __future__ import annotations

from . import adagrad, adam, adamax, adamw, momentum, radam, rmsprop, sgd

OPS = [*sgd.OPS, *momentum.OPS, *adagrad.OPS, *rmsprop.OPS, *adam.OPS, *adamw.OPS, *adamax.OPS, *radam.OPS]

"""Optimisers: from gradients to the next parameters; and schedules of their learning rates."""

from __future__ import annotations

from . import (
    adagrad,
    adam,
    adamax,
    adamw,
    differences,
    layerwise,
    lbfgs,
    matrices,
    momentum,
    radam,
    rmsprop,
    schedules,
    sgd,
    signs,
)

OPS = [
    *(*sgd.OPS, *momentum.OPS),
    *(*adagrad.OPS, *rmsprop.OPS, *adam.OPS, *adamw.OPS, *adamax.OPS, *radam.OPS),
    *(*signs.OPS, *layerwise.OPS, *matrices.OPS, *differences.OPS, *lbfgs.OPS),
    *schedules.OPS,
]

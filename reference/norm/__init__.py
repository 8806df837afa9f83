"""Normalisation: subtract a mean, divide by a standard deviation, then scale by gamma and shift by beta."""

from __future__ import annotations

from . import batch, group, layer, rms

OPS = [*batch.OPS, *layer.OPS, *rms.OPS, *group.OPS]

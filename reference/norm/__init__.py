"""Normalisation: subtract a mean, divide by a standard deviation, then scale by gamma and shift by beta."""

from __future__ import annotations

from . import batch, layer

OPS = [*batch.OPS, *layer.OPS]

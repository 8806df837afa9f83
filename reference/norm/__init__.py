"""Normalisation: subtract a mean, divide by a standard deviation, then scale by gamma and shift by beta."""

from __future__ import annotations

from . import batch, group, layer, response, rms, running, weight

OPS = [*batch.OPS, *running.OPS, *layer.OPS, *rms.OPS, *group.OPS, *response.OPS, *weight.OPS]

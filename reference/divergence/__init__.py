"""Divergences: how much information a distribution holds, and how far apart two distributions are, in nats."""

from __future__ import annotations

from . import continuous, discrete

OPS = [*discrete.OPS, *continuous.OPS]

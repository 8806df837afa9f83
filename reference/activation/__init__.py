"""Activations: the functions between two affine layers."""

from __future__ import annotations

from . import exponential, gated, hard, rectified, sigmoidal, softmax

OPS = [*rectified.OPS, *exponential.OPS, *sigmoidal.OPS, *gated.OPS, *hard.OPS, *softmax.OPS]

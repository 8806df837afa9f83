"""Activations: the functions between two affine layers."""

from __future__ import annotations

from . import gated, rectified, sigmoidal, softmax

OPS = [*rectified.OPS, *sigmoidal.OPS, *gated.OPS, *softmax.OPS]

"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import normal, sampling

OPS = [*normal.OPS, *sampling.OPS]

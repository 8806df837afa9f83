"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import multivariate_normal, normal, sampling

OPS = [*normal.OPS, *multivariate_normal.OPS, *sampling.OPS]

"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import cauchy, exponential, laplace, log_normal, logistic, normal, sampling, uniform

OPS = [
    *(*uniform.OPS, *normal.OPS, *laplace.OPS, *logistic.OPS, *cauchy.OPS),
    *(*exponential.OPS, *log_normal.OPS),
    *sampling.OPS,
]

"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import beta, cauchy, exponential, gamma, laplace, log_normal, logistic, normal, sampling, student_t, uniform

OPS = [
    *(*uniform.OPS, *normal.OPS, *laplace.OPS, *logistic.OPS, *student_t.OPS, *cauchy.OPS),
    *(*exponential.OPS, *gamma.OPS, *beta.OPS, *log_normal.OPS),
    *sampling.OPS,
]

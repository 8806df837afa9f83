"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import bernoulli, binomial, multivariate_normal, normal, poisson, sampling

OPS = [
    *normal.OPS,
    *multivariate_normal.OPS,
    *bernoulli.OPS,
    *binomial.OPS,
    *poisson.OPS,
    *sampling.OPS,
]

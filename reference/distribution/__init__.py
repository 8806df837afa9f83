"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import bernoulli, binomial, categorical, dirichlet, mixture, multivariate_normal, normal, poisson, sampling

OPS = [
    *normal.OPS,
    *multivariate_normal.OPS,
    *mixture.OPS,
    *bernoulli.OPS,
    *binomial.OPS,
    *poisson.OPS,
    *categorical.OPS,
    *dirichlet.OPS,
    *sampling.OPS,
]

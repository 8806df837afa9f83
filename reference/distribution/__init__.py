"""Probability distributions: their densities, moments, and maps from noise to samples."""

from __future__ import annotations

from . import (
    bernoulli,
    beta,
    binomial,
    categorical,
    cauchy,
    dirichlet,
    estimation,
    exponential,
    gamma,
    laplace,
    log_normal,
    logistic,
    mixture,
    multivariate_normal,
    normal,
    poisson,
    sampling,
    student_t,
    uniform,
)

OPS = [
    *(*uniform.OPS, *normal.OPS, *laplace.OPS, *logistic.OPS, *student_t.OPS, *cauchy.OPS),
    *(*exponential.OPS, *gamma.OPS, *beta.OPS, *log_normal.OPS),
    *(*multivariate_normal.OPS, *dirichlet.OPS, *mixture.OPS),
    *(*bernoulli.OPS, *binomial.OPS, *poisson.OPS, *categorical.OPS),
    *sampling.OPS,
    *estimation.OPS,
]

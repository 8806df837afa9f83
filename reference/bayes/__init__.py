"""Bayesian inference: from a prior and data to a posterior."""

from __future__ import annotations

from . import conjugate, counts, dirichlet, mixture, naive_bayes, normal, regression

OPS = [*conjugate.OPS, *dirichlet.OPS, *normal.OPS, *regression.OPS, *naive_bayes.OPS, *counts.OPS, *mixture.OPS]

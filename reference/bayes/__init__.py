"""Bayesian inference: from a prior and data to a posterior."""

from __future__ import annotations

from . import conjugate, counts, mixture, naive_bayes, normal, regression

OPS = [*conjugate.OPS, *normal.OPS, *regression.OPS, *naive_bayes.OPS, *counts.OPS, *mixture.OPS]

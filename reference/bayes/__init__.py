"""Bayesian inference: from a prior and data to a posterior."""

from __future__ import annotations

from . import naive_bayes

OPS = [*naive_bayes.OPS]

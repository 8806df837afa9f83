"""Bayesian inference: from a prior and data to a posterior."""

from __future__ import annotations

from . import conjugate, naive_bayes

OPS = [*conjugate.OPS, *naive_bayes.OPS]

"""Decompositions: a matrix as a product of simpler ones, and what that says about data."""

from __future__ import annotations

from . import pca, singular, spectral

OPS = [*spectral.OPS, *singular.OPS, *pca.OPS]

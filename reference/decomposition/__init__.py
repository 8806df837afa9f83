"""Decompositions: a matrix as a product of simpler ones, and what that says about data."""

from __future__ import annotations

from . import approximation, cholesky, determinant, exponential, lu, pca, qr, singular, spectral, triangular

OPS = [
    *triangular.OPS,
    *lu.OPS,
    *determinant.OPS,
    *cholesky.OPS,
    *qr.OPS,
    *spectral.OPS,
    *singular.OPS,
    *approximation.OPS,
    *pca.OPS,
    *exponential.OPS,
]

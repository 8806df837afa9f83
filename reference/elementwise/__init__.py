"""Elementwise functions: each element of the result depends on one element of each argument."""

from __future__ import annotations

from . import (
    algebraic,
    exponential,
    gamma,
    hyperbolic,
    incomplete_beta,
    incomplete_gamma,
    quotients,
    selection,
    special,
    trigonometric,
)

OPS = [
    *quotients.OPS,
    *algebraic.OPS,
    *exponential.OPS,
    *trigonometric.OPS,
    *hyperbolic.OPS,
    *selection.OPS,
    *special.OPS,
    *gamma.OPS,
    *incomplete_gamma.OPS,
    *incomplete_beta.OPS,
]

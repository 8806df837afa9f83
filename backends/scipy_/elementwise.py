"""Elementwise functions in SciPy."""

from __future__ import annotations

from scipy import special

FORWARDS = {
    "erf": special.erf,
    "erfc": special.erfc,
}

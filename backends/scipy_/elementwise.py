"""Elementwise functions in SciPy."""

from __future__ import annotations

from scipy import special

FORWARDS = {
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": special.erfinv,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "trigamma": lambda x: special.polygamma(1, x),
}

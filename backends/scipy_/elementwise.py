"""Elementwise functions in SciPy."""

from __future__ import annotations

from scipy import special

from .common import in_float64

FORWARDS = {
    "log1p": special.log1p,
    "expm1": special.expm1,
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": special.erfinv,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "trigamma": in_float64(lambda x: special.polygamma(1, x)),
    "gammainc": special.gammainc,
    "gammaincc": special.gammaincc,
    "betainc": special.betainc,
}

LEDGER = (
    (
        "the sign of zero is lost",
        "",
        ("special:erfinv-special-*",),
    ),
    (
        "lgamma(-inf) is -inf, not the limit inf",
        "",
        ("special:lgamma-special-*",),
    ),
    (
        "in float32 the incomplete beta function errs by up to 130 ulp, more or less with the compiler's contractions",
        "",
        ("?value:betainc-*-float32", "?layout:betainc-*-float32"),
    ),
)

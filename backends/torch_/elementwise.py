"""Elementwise functions in PyTorch."""

from __future__ import annotations

import torch

FORWARDS = {
    "multiply": torch.multiply,
    "divide": torch.divide,
    "heaviside": lambda x, *, value: torch.heaviside(x, torch.full_like(x, value)),
    "log1p": torch.log1p,
    "expm1": torch.expm1,
    "logaddexp": torch.logaddexp,
    "reciprocal": torch.reciprocal,
    "rsqrt": torch.rsqrt,
    "power": torch.pow,
    "tan": torch.tan,
    "arctan": torch.arctan,
    "arctan2": torch.arctan2,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "sign": torch.sign,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "clip": lambda x, *, min, max: torch.clamp(x, min, max),
    "where": torch.where,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "erfinv": torch.erfinv,
    "lgamma": torch.lgamma,
    "digamma": torch.digamma,
    "trigamma": lambda x: torch.polygamma(1, x),
    "gammainc": torch.special.gammainc,
    "gammaincc": torch.special.gammaincc,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "absolute": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
}

LEDGER = (
    (
        "trigamma cuts its series short: in float64 ten digits of it are right, and of the derivatives made of it",
        "https://github.com/pytorch/pytorch/pull/4399",
        (
            *(
                f"{kind}:trigamma-{case}-float64"
                for kind in ("value", "layout", "batched")
                for case in ("scales", "negative")
            ),
            "jvp:digamma-*-float64",
            "vjp:digamma-*-float64",
            "batched:digamma-*-float64",
            "forward-over-*:lgamma-*-float64",
            "reverse-over-*:lgamma-*-float64",
        ),
    ),
    (
        "trigamma is finite at its poles on the left",
        "https://github.com/pytorch/pytorch/issues/106692",
        ("special:trigamma-special-*",),
    ),
    (
        "digamma loses digits by cancellation around its root",
        "",
        ("value:digamma-near-root-*", "layout:digamma-near-root-*", "batched:digamma-near-root-float32"),
    ),
    (
        "in float64 the incomplete gamma functions have nine digits where a > 20 and x is near a",
        "",
        tuple(
            f"{kind}:{f}-large-shape-float64"
            for kind in ("value", "layout", "batched")
            for f in ("gammainc", "gammaincc")
        ),
    ),
    (
        "the derivative of expm1 is expm1 + 1, which cancels far on the left",
        "https://github.com/pytorch/pytorch/issues/192406",
        (
            *("jvp:expm1-far-left-*", "vjp:expm1-far-left-*", "batched:expm1-far-left-*"),
            *("forward-over-*:expm1-far-left-*", "reverse-over-*:expm1-far-left-*"),
        ),
    ),
    (
        "forward mode adds the difference of both tangents to one of them: the chosen one comes back rounded",
        "",
        tuple(f"jvp:{f}-{case}-*" for f in ("maximum", "minimum") for case in ("broadcast", "pairs")),
    ),
    (
        "the step at nan is 0",
        "https://github.com/pytorch/pytorch/issues/187296",
        ("special:heaviside-special-*",),
    ),
    (
        "the sign of nan is 0",
        "https://github.com/pytorch/pytorch/issues/41245",
        ("special:sign-special-*", "exhaustive:sign-vector-*"),
    ),
)

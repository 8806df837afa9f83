"""Elementwise functions in PyTorch."""

from __future__ import annotations

import torch

FORWARDS = {
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

"""Elementwise functions in PyTorch."""

from __future__ import annotations

import torch

FORWARDS = {
    "erf": torch.erf,
    "erfc": torch.erfc,
    "erfinv": torch.erfinv,
    "lgamma": torch.lgamma,
    "digamma": torch.digamma,
    "trigamma": lambda x: torch.polygamma(1, x),
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "absolute": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
}

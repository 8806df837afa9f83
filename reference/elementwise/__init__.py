"""Elementwise functions: each element of the result depends on one element of the argument."""

from __future__ import annotations

from . import algebraic, exponential, gamma, special, trigonometric

OPS = [*exponential.OPS, *algebraic.OPS, *trigonometric.OPS, *special.OPS, *gamma.OPS]

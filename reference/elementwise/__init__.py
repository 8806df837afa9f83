"""Elementwise functions: each element of the result depends on one element of the argument."""

from __future__ import annotations

from . import algebraic, exponential, special, trigonometric

OPS = [*special.OPS, *exponential.OPS, *algebraic.OPS, *trigonometric.OPS]

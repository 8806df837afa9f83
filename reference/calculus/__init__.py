"""Calculus: what derivatives are used for."""

from __future__ import annotations

from . import descent

OPS = [*descent.OPS]

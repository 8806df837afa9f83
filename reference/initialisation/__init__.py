"""Initialisation: weights before the first step."""

from __future__ import annotations

from . import orthogonal, scaling

OPS = [*scaling.OPS, *orthogonal.OPS]

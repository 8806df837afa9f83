"""Sequences: tokens, positions and recurrent networks."""

from __future__ import annotations

OPS = []

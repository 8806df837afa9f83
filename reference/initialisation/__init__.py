"""Initialisation: weights before the first step."""

from __future__ import annotations

OPS = []

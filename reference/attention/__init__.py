"""Attention: each query reads the values whose keys it is like."""

from __future__ import annotations

OPS = []

"""Attention: each query reads the values whose keys it is like."""

from __future__ import annotations

from . import scaled_dot_product

OPS = [*scaled_dot_product.OPS]

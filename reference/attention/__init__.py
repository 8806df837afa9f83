"""Attention: each query reads the values whose keys it is like."""

from __future__ import annotations

from . import alibi, multi_head, scaled_dot_product

OPS = [*scaled_dot_product.OPS, *alibi.OPS, *multi_head.OPS]

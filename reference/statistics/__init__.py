"""Statistics: numbers that describe a sample."""

from __future__ import annotations

from . import moments, order

OPS = [*moments.OPS, *order.OPS]

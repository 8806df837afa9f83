"""Reductions: one number made of all the elements along some axes."""

from __future__ import annotations

from . import order, totals

OPS = [*totals.OPS, *order.OPS]

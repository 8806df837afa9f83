"""Reductions and their kin: numbers made of all, or of the first, the largest or the chosen elements along axes."""

from __future__ import annotations

from . import extremes, order, partial, products, totals

OPS = [*totals.OPS, *products.OPS, *partial.OPS, *extremes.OPS, *order.OPS]

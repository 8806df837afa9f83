"""Regularisation: penalties, noise and limits that keep a model simple."""

from __future__ import annotations

OPS = []

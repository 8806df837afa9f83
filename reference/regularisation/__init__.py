"""Regularisation: penalties, noise and limits that keep a model simple."""

from __future__ import annotations

from . import alpha_dropout, clipping, dropout, penalty, smoothing

OPS = [*penalty.OPS, *dropout.OPS, *alpha_dropout.OPS, *smoothing.OPS, *clipping.OPS]

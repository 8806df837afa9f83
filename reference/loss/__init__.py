"""Losses: how far a prediction is from its target, one number for each prediction, their sum or their mean."""

from __future__ import annotations

from . import (
    binary,
    classification,
    contrastive,
    cosine,
    ctc,
    kl_div,
    likelihood,
    linear_cross_entropy,
    margin,
    multiclass,
    next_token,
    poly_loss,
    regression,
    triplet,
)

OPS = [
    *regression.OPS,
    *binary.OPS,
    *classification.OPS,
    *poly_loss.OPS,
    *linear_cross_entropy.OPS,
    *next_token.OPS,
    *likelihood.OPS,
    *margin.OPS,
    *multiclass.OPS,
    *cosine.OPS,
    *triplet.OPS,
    *contrastive.OPS,
    *kl_div.OPS,
    *ctc.OPS,
]

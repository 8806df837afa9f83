"""Slips of regularisation."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..regularisation.clipping import clip_gradient_norm
from ..regularisation.dropout import dropout
from ..regularisation.penalty import elastic_net

SLIPS = {
    "dropout": (
        Slip(
            "not-scaled",
            "What is kept is divided by 1 - p, or the mean of the output would shrink by that factor in training.",
            forward=lambda x, mask, *, p: np.where(mask, x, 0 * x),
        ),
        Slip(
            "p-kept",
            "The probability p is that to drop a value, not to keep it: divide by 1 - p.",
            forward=lambda x, mask, *, p: dropout(x, mask, p=1 - p),
            convention="TensorFlow 1 (keep_prob)",
        ),
        Slip(
            "mask-forgotten",
            "A value that was dropped does not reach the loss: its cotangent is 0, so the mask of the forward pass is "
            "applied on the way back too.",
            vjp=lambda ybar, y, x, mask, *, p: (ybar / (1 - p),),
        ),
    ),
    "clip_gradient_norm": (
        Slip(
            "each-by-its-own-norm",
            "The norm is that of all gradients together, and one factor scales them all: clipped one by one, the step "
            "turns, and is longer than max_norm.",
            forward=lambda *gradients, max_norm, eps: tuple(
                clip_gradient_norm(g, max_norm=max_norm, eps=eps)[0] for g in gradients
            ),
        ),
        Slip(
            "always-scaled",
            "Gradients that are short enough stay as they are: the factor is min(1, max_norm / norm).",
            forward=lambda *gradients, max_norm, eps: tuple(
                g * max_norm / (np.sqrt(sum(np.sum(v * v) for v in gradients)) + eps) for g in gradients
            ),
        ),
    ),
    "l2_penalty": (
        Slip(
            "no-half",
            "The penalty is alpha / 2 sum(w^2), whose gradient is alpha w.",
            forward=lambda w, *, alpha: alpha * np.sum(w * w),
            convention="scikit-learn's Ridge",
        ),
    ),
    "elastic_net": (
        Slip(
            "ratio-turned-around",
            "The share of the l1 penalty is l1_ratio, and that of the l2 penalty 1 - l1_ratio.",
            forward=lambda w, *, alpha, l1_ratio: elastic_net(w, alpha=alpha, l1_ratio=1 - l1_ratio),
        ),
    ),
}

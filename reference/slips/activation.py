"""Slips of activations."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax
from ..op import Slip

SLIPS = {
    "softmax": (
        Slip(
            "diagonal-only",
            "Each output depends on every input of its row, not on its own alone: beside the diagonal y (1 - y) the "
            "Jacobian has -y_i y_j, which gives xbar = y (ybar - sum(ybar y)).",
            vjp=lambda ybar, y, x, *, axis: (ybar * y * (1 - y),),
        ),
        Slip(
            "cross-term-added",
            "The cross terms of the Jacobian are -y_i y_j: the weighted sum is subtracted, not added.",
            vjp=lambda ybar, y, x, *, axis: (y * (ybar + np.sum(ybar * y, axis=axis, keepdims=True)),),
        ),
        Slip(
            "over-the-whole-array",
            "Each row is normalised by its own sum: the sum needs axis=axis and keepdims=True. Here all rows together "
            "add up to 1.",
            forward=lambda x, *, axis: softmax(x, axis=None),
        ),
    ),
}

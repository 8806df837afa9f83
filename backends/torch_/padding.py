"""Padding in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F


def _pad(x, *, pad_width, mode, constant_values):
    """The last axis comes first; only a constant may lie around the axes of images and channels."""
    if mode != "constant":
        while len(pad_width) > 1 and tuple(pad_width[0]) == (0, 0):
            pad_width = pad_width[1:]
        constant_values = None
    return F.pad(x, [n for pair in reversed(pad_width) for n in pair], mode, constant_values)


FORWARDS = {
    "pad": _pad,
}

LEDGER = (
    (
        "a negative width crops, by design",
        "",
        ("refused:pad-negative-float64",),
    ),
)

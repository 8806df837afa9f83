"""Resampling in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F


def _interpolate(x, *, size, mode, align_corners, antialias):
    """Where there are no corners to align it wants to be told nothing about them."""
    corners = align_corners if mode.endswith(("linear", "cubic")) else None
    return F.interpolate(x, size, mode=mode, align_corners=corners, antialias=antialias)


FORWARDS = {
    "interpolate": _interpolate,
}

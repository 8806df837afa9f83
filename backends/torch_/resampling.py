"""Resampling in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F


def _interpolate(x, *, size, mode, align_corners, antialias):
    """Where there are no corners to align it wants to be told nothing about them."""
    corners = align_corners if mode.endswith(("linear", "cubic")) else None
    return F.interpolate(x, size, mode=mode, align_corners=corners, antialias=antialias)


def _affine_grid(theta, *, size, align_corners):
    return F.affine_grid(theta, [len(theta), 1, *size], align_corners)


FORWARDS = {
    "grid_sample": F.grid_sample,
    "affine_grid": _affine_grid,
    "interpolate": _interpolate,
}

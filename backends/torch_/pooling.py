"""Pooling in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F

FORWARDS = {
    "max_pool2d": F.max_pool2d,
    "avg_pool2d": F.avg_pool2d,
}

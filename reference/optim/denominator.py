"""What a gradient is divided by, and where eps stands in it."""

from __future__ import annotations

import numpy as np


def denominator(v, *, eps, eps_inside):
    """sqrt(v) + eps, or sqrt(v + eps) if eps_inside: near v = 0 the one is eps, the other its root."""
    return np.sqrt(v + eps) if eps_inside else np.sqrt(v) + eps

"""Reductions in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, special

from .common import in_float64


@in_float64
def _segment_sum(x, segment_ids, *, num_segments):
    """Of an image's elements, the sums over those of each label."""
    if x.ndim > 1:
        raise NotImplementedError("scipy.ndimage.sum_labels adds numbers, not rows")
    return ndimage.sum_labels(x, segment_ids, np.arange(num_segments))


FORWARDS = {
    "logsumexp": special.logsumexp,
    "segment_sum": _segment_sum,
}

LEDGER = (
    (
        "silently leaves out what is in no segment",
        "",
        ("refused:segment_sum-no-such-segment-float64",),
    ),
)

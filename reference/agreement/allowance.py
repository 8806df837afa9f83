"""How far arithmetic may put an answer from the truth: derived from the text, never tuned by hand."""

from __future__ import annotations

import numpy as np

from .measure import Format
from .truth import Enclosure

SLACK = 2.0
"""The truth and the answer of a program that rounds like the text both lie in the rounding ball, and two points
of a ball are at most two radii apart. This is the only constant that every allowance shares."""


LAPACK = 30.0
"""LAPACK's own test programs accept a factorisation whose residual is up to 30 n ulp of the norm of the matrix: this is
p(n) = 30 n in the error bounds of Anderson et al. (1999), LAPACK Users' Guide, sections 4.6 to 4.9."""


def allowance(truth: Enclosure, radius: np.ndarray, form: Format, flushes: bool = False) -> np.ndarray:
    """The largest error that rounding explains: two radii of the rounding ball, and the underflow.

    A result below the normal numbers may be off by one subnormal, or, of a witness that declares to
    flush subnormals to zero (``flushes``), by the smallest normal number.
    """
    underflow = form.smallest_normal if flushes else form.smallest_subnormal
    small = np.abs(truth.hi) < 2 * form.smallest_normal
    return SLACK * radius + truth.radius + np.where(small & (truth.hi != 0), underflow, 0.0)

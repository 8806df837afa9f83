"""Reductions in SciPy."""

from __future__ import annotations

from scipy import special

FORWARDS = {
    "logsumexp": special.logsumexp,
}

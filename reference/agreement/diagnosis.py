"""What a wrong answer looks like: relations to the right one that explain every element."""

from __future__ import annotations

import numpy as np

NEARLY = 1e-6
"""A relation explains an answer when it leaves less than this of the largest value: far above any rounding of a
float32 answer, far below a mistake."""


def _explains(candidate: np.ndarray, got: np.ndarray, want: np.ndarray) -> bool:
    """Whether the relation leaves next to nothing, also of the little by which an answer may be wrong."""
    if candidate.shape != got.shape:
        return False
    left, size = np.max(np.abs(candidate - got), initial=0.0), np.max(np.abs(got), initial=0.0)
    off = np.max(np.abs(want - got), initial=0.0) if want.shape == got.shape else size
    return bool(left <= NEARLY * size and left <= off / 100)


def resemblance(got: np.ndarray, want: np.ndarray) -> tuple[str, ...]:
    """The first relation that explains all elements beyond doubt, if there is one."""
    if not (np.issubdtype(got.dtype, np.floating) or got.dtype.name == "bfloat16"):
        return ()
    got = got.astype(np.float64)
    if np.any(np.isnan(got)) and np.all(np.isfinite(want)):
        return (f"nan in {int(np.sum(np.isnan(got)))} of {got.size} elements",)
    if not np.all(np.isfinite(got)) or not np.all(np.isfinite(want)) or not np.any(want):
        return ()
    if not np.any(got):
        return ("zero everywhere",)
    if got.ndim >= 2 and _explains(want.mT, got, want):
        return ("the right answer, transposed",)
    if got.shape != want.shape:
        return ()
    if _explains(-want, got, want):
        return ("the right answer with the other sign",)
    unit = want / np.max(np.abs(want))
    factor = float(np.sum(got * unit) / np.sum(want * unit))
    if _explains(factor * want, got, want):
        return (f"the right answer times {factor:.15g}",)
    wrong = ~np.isclose(got, want, rtol=NEARLY, atol=0)
    if 0 < np.sum(wrong) <= got.size // 4:
        return (f"right but for {int(np.sum(wrong))} of {got.size} elements",)
    return ()

"""ALiBi: attention that knows how far away a key is, without an encoding of positions."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def alibi(scores):
    """y_hij = s_hij - m_h |i - j|, with the slopes m_h = 2^(-8h/H) of the heads h = 1 ... H.

    Shapes: scores (..., H, Lq, Lk), H a power of 2; y as scores.

    The penalty grows with the distance of query i and key j, so that a model meets longer sequences than it was
    trained on as it knows them. Every head looks another distance far, the first one the least: its penalties are the
    largest. With H = 8 the slopes are 1/2, 1/4, ..., 1/256. A causal attention hides the keys j > i, for which |i - j|
    extends the penalty symmetrically.

    Raises ValueError when the number of heads is not a power of 2.

    Source: Press, Smith and Lewis (2022), Train Short, Test Long: Attention with Linear Biases Enables Input Length
    Extrapolation, section 3.
    """
    heads = _require_heads(scores)
    one = np.ones_like(scores)
    h, i, j = (np.cumsum(one, axis=axis) for axis in (-3, -2, -1))
    return scores - (2 * one) ** (-8 * h / heads) * np.abs(i - j)


def alibi_vjp(ybar, y, scores):
    """scoresbar = ybar: the penalty is a constant."""
    return (ybar,)


def alibi_cases(rng):
    yield Case("two-heads", (rng.normal(size=(2, 3, 5)),))
    yield Case("sixteen-heads", (rng.normal(size=(16, 2, 3)),))
    limits = np.array([[[0.0, -np.inf, np.nan]]])
    yield Case("limits", (limits,), {}, "special", np.array([[[0.0, -np.inf, np.nan]]]))
    yield Case("three-heads", (rng.normal(size=(3, 4, 5)),), {}, "refused")


def alibi_sized(rng, n):
    length = max(int(np.sqrt(n / 8)), 1)
    return Case("sized", (rng.normal(size=(8, length, length)),))


def _require_heads(scores):
    heads = scores.shape[-3] if scores.ndim > 2 else 0
    if heads < 1 or heads & (heads - 1):
        raise ValueError(f"scores have shape {scores.shape}, expected (..., H, Lq, Lk) with H a power of 2")
    return heads


OPS = [
    Op(alibi, alibi_cases, alibi_vjp, alibi_sized),
]

"""Information that one variable holds about another."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .simplex import rare, xlogy


def mutual_information(joint):
    """y = sum_ij p_ij log(p_ij / (r_i c_j)), p = joint / sum_ij joint_ij, r_i = sum_j p_ij and c_j = sum_i p_ij.

    Shapes: joint (..., r, c), y (...,); joint >= 0, probabilities or counts, y in nats.

    The divergence of the joint distribution from the one that has its margins and no dependence: how many nats seeing
    the row tells about the column, and the other way round. A table of counts is a sample, and of one it
    is on average too large. A cell that never occurs adds 0.

    Raises ValueError unless joint has two axes or more.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.3, eq. 2.28.
    """
    p, ratio = _dependence(joint)
    return np.sum(xlogy(p, ratio), axis=(-2, -1))


def mutual_information_vjp(ybar, y, joint):
    """jointbar_ij = ybar (log(p_ij / (r_i c_j)) - y) / sum_ij joint_ij; infinite where a cell is 0.

    By p_ij it is log(p_ij / (r_i c_j)) + 1 - 1 - 1, the ones from p_ij and its margins. As p is scaled to the sum 1,
    the mean of that by p is subtracted: the constant goes, and y.
    """
    total = np.sum(joint, axis=(-2, -1), keepdims=True)
    _, ratio = _dependence(joint)
    return (ybar[..., None, None] * (np.log(ratio) - y[..., None, None]) / total,)


def mutual_information_cases(rng):
    yield Case("counts", (rng.integers(1, 20, size=(2, 3, 4)) / 1,))
    p = rare(rng, (2, 4, 3))
    yield Case("rare", (p / np.sum(p, axis=(1, 2), keepdims=True),))
    x = np.array(
        [[[2.0, 2.0], [2.0, 2.0]], [[1.0, 1.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 4.0]], [[np.nan, 1.0], [0, 2]]]
    )
    yield Case("none-and-all", (x,), {}, "special", np.array([0.0, 0.0, np.log(2), np.nan]))
    yield Case("vector", (rng.uniform(size=5),), {}, "refused")


def mutual_information_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 2, size=(max(n // 64, 1), 16, 4)),))


def _dependence(joint):
    """The probabilities, and their quotients by the products of the margins, 0 where a margin is."""
    if joint.ndim < 2:
        raise ValueError(f"joint: got shape {joint.shape}, want (..., r, c)")
    p = joint / np.sum(joint, axis=(-2, -1), keepdims=True)
    independent = np.sum(p, axis=-1, keepdims=True) * np.sum(p, axis=-2, keepdims=True)
    return p, p / np.where(independent == 0, 1, independent)


OPS = [
    Op(mutual_information, mutual_information_cases, mutual_information_vjp, mutual_information_sized),
]

"""What trainings begin with: weights, batches, and numbers that are the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..witness import Arrays


def dense(rng: np.random.Generator, *widths: int) -> tuple[tuple[str, ...], Arrays]:
    """Names and weights of affine layers whose sums are of order 1, with biases that are not 0."""
    layers = list(pairwise(widths))
    weights = [a for i, o in layers for a in (rng.normal(size=(i, o)) / np.sqrt(i), rng.normal(size=o) / 8)]
    return tuple(f"{kind}{k}" for k in range(1, len(layers) + 1) for kind in "wb"), tuple(weights)


def convolution(rng: np.random.Generator, c_in: int, c_out: int) -> Arrays:
    """He's initial filters, and a scale and shift that are not neutral."""
    w = rng.normal(size=(c_out, c_in, 3, 3)) * np.sqrt(2 / (9 * c_in))
    return w, rng.uniform(0.75, 1.25, size=c_out), rng.normal(size=c_out) / 8


def batches(rng: np.random.Generator, n: int, size: int, epochs: int) -> Arrays:
    """Each epoch in a new order, cut into batches; the few rows that do not fill one are left for the next epoch."""
    orders: Sequence[np.ndarray] = [rng.permutation(n) for _ in range(epochs)]
    return tuple(order[i : i + size] for order in orders for i in range(0, n - size + 1, size))


def rounded(x: np.ndarray) -> np.ndarray:
    """To a multiple of 2^-10, so that numbers below 2^14 are the same in any format from float32 on, and anywhere."""
    return np.round(x * 2**10) / 2**10

"""What divergences of discrete distributions share: limits at 0, and distributions to ask about."""

from __future__ import annotations

import numpy as np


def xlogy(x, y):
    """x log y for x >= 0, with its limits: 0 where x = 0, -inf where y = 0 < x. It never asks for the log of 0."""
    zero = y == 0
    return np.where(zero & (x > 0), -np.inf, x * np.log(np.where(zero, 1, y)))


def log_quotient(p, q, difference):
    """log(p / q) from p, q and p - q; 0 where p or q is 0, as who calls knows what to make of that.

    log1p of the relative difference keeps its digits near p = q, the logarithm of the quotient elsewhere.
    """
    skipped = (p == 0) | (q == 0)
    relative = difference / np.where(skipped, 1, q)
    near = np.abs(relative) < 1 / 2
    far = np.log(np.where(skipped | near, 1, p / np.where(skipped, 1, q)))
    return np.where(near & ~skipped, np.log1p(np.where(near, relative, 0)), far)


def require_same_shape(p, q):
    if p.shape != q.shape:
        raise ValueError(f"q: got shape {q.shape}, expected that of p, {p.shape}")


def distributions(rng, shape, axis):
    """Weights of order 1 that sum to 1 along ``axis``."""
    p = rng.uniform(0.2, 1.5, size=shape)
    return p / np.sum(p, axis=axis, keepdims=True)


def rare(rng, shape):
    """Probabilities from about 1 down to about 1e-12."""
    return 10 ** rng.uniform(-12, 0, size=shape)

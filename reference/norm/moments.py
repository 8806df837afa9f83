"""What all normalisations share: moments over axes, and the way back through them."""

from __future__ import annotations

import numpy as np


def moments_over(x, axes):
    """The mean and the biased variance along the axes, which are kept with length 1."""
    mean = np.mean(x, axis=axes, keepdims=True)
    return mean, np.mean((x - mean) ** 2, axis=axes, keepdims=True)


def normalize_vjp(xhatbar, xhat, std, axes):
    """The cotangent of x, where xhat = (x - mean)/std: derived in batch_norm_vjp."""
    through_mean = np.mean(xhatbar, axis=axes, keepdims=True)
    through_var = xhat * np.mean(xhatbar * xhat, axis=axes, keepdims=True)
    return (xhatbar - through_mean - through_var) / std


def normalize_hvp(xhatbar, xhatbardot, xdot, xhat, std, axes):
    """The derivatives of the cotangent of x, and of xhat itself, along xdot and the cotangent's own xhatbardot.

    xhatdot is ``normalize_vjp`` of xdot, for that map is its own adjoint, and stddot = mean(xhat xdot). In
    xbar = (xhatbar - mean(xhatbar) - xhat mean(xhatbar xhat)) / std every factor moves once.
    """

    def mean(v):
        return np.mean(v, axis=axes, keepdims=True)

    xhatdot = normalize_vjp(xdot, xhat, std, axes)
    xbar = normalize_vjp(xhatbar, xhat, std, axes)
    moved = xhatdot * mean(xhatbar * xhat) + xhat * mean(xhatbar * xhatdot) + xbar * mean(xhat * xdot)
    return normalize_vjp(xhatbardot, xhat, std, axes) - moved / std, xhatdot


def trailing(gamma):
    return tuple(range(-gamma.ndim, 0))


def require_trailing(x, **weights):
    """Each of the weights has the shape of the last axes of x, at least of one, and all have the same."""
    first = next(iter(weights.values()))
    for name, w in weights.items():
        if w.ndim == 0 or w.shape != x.shape[-w.ndim :]:
            raise ValueError(f"{name} has shape {w.shape}, expected the last axes of x, which has shape {x.shape}")
        if w.shape != first.shape:
            raise ValueError(f"{name} has shape {w.shape}, expected {first.shape}, as the other weights")


def per_channel(v, x):
    """v (C,) with axes of length 1 where x (N,C,...) has its other axes."""
    return np.reshape(v, tuple(-1 if axis == 1 else 1 for axis in range(x.ndim)))


def require_channels(x, **vectors):
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}, expected (N,C) or (N,C,...)")
    for name, v in vectors.items():
        if v.shape != x.shape[1:2]:
            raise ValueError(f"{name} has shape {v.shape}, expected {x.shape[1:2]}: one value for each channel of x")


def random_batch(rng, shape, *, shift=0.0, scale=1.0):
    return shift + scale * rng.normal(size=shape), rng.uniform(0.5, 2, shape[1]), rng.normal(size=shape[1])


def random_examples(rng, shape, feature_axes, *, shift=0.0, scale=1.0):
    features = shape[-feature_axes:]
    return shift + scale * rng.normal(size=shape), rng.uniform(0.5, 2, features), rng.normal(size=features)

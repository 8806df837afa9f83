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


def trailing(gamma):
    return tuple(range(-gamma.ndim, 0))


def random_batch(rng, shape, *, shift=0.0, scale=1.0):
    return shift + scale * rng.normal(size=shape), rng.uniform(0.5, 2, shape[1]), rng.normal(size=shape[1])


def random_examples(rng, shape, feature_axes, *, shift=0.0, scale=1.0):
    features = shape[-feature_axes:]
    return shift + scale * rng.normal(size=shape), rng.uniform(0.5, 2, features), rng.normal(size=features)

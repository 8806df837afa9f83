"""Layer normalisation."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .moments import moments_over, normalize_hvp, normalize_vjp, random_examples, require_trailing, trailing


def layer_norm(x, gamma, beta, *, eps):
    """y = gamma (x - mean) / sqrt(var + eps) + beta, with the mean and the variance of each example.

    Shapes: x (..., *D), gamma and beta (*D), y as x.

    The statistics run along the trailing axes that gamma has, so every example is normalised by itself and the
    size of the batch does not matter. The variance is the biased one, of the centred data.

    Raises ValueError when gamma and beta do not have the shape of the trailing axes of x.

    Source: Ba, Kiros and Hinton (2016), Layer Normalization, section 3, eq. 3.
    """
    require_trailing(x, gamma=gamma, beta=beta)
    mean, var = moments_over(x, trailing(gamma))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def layer_norm_vjp(ybar, y, x, gamma, beta, *, eps):
    """xbar = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps), with g = gamma ybar, as in batch norm.

    The means run along the axes of gamma; gammabar and betabar are sums along the other ones, the leading axes,
    because there gamma and beta are broadcast.
    """
    axes = trailing(gamma)
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    xbar = normalize_vjp(gamma * ybar, xhat, std, axes)
    leading = tuple(range(x.ndim - gamma.ndim))
    return xbar, np.sum(ybar * xhat, axis=leading), np.sum(ybar, axis=leading)


def layer_norm_hvp(ybar, dots, y, x, gamma, beta, *, eps):
    """As in batch norm, along the axes of gamma: g = gamma ybar moves by gammadot ybar, and beta moves nothing."""
    xdot, gammadot, _ = dots
    axes = trailing(gamma)
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xbardot, xhatdot = normalize_hvp(gamma * ybar, gammadot * ybar, xdot, (x - mean) / std, std, axes)
    return xbardot, np.sum(ybar * xhatdot, axis=tuple(range(x.ndim - gamma.ndim))), np.zeros_like(beta)


def layer_norm_cases(rng):
    yield Case("rows", random_examples(rng, (3, 5), 1), {"eps": 1e-5})
    yield Case("one-example", random_examples(rng, (6,), 1), {"eps": 1e-3})
    yield Case("sequences", random_examples(rng, (2, 3, 5), 1), {"eps": 0.1})
    yield Case("two-feature-axes", random_examples(rng, (3, 5, 4), 2), {"eps": 1e-3})
    yield Case("big-eps", random_examples(rng, (5, 4), 1), {"eps": 0.5})
    yield Case("small-values", random_examples(rng, (4, 6), 1, scale=0.05), {"eps": 1e-3})
    yield Case("shifted", random_examples(rng, (3, 5), 1, shift=1000.0), {"eps": 1e-5}, half=False)
    constant = np.array([[3.0, 3.0, 3.0, 3.0], [np.nan, 1.0, 2.0, 4.0]])
    gamma, beta = np.array([7.0, 2.0, -1.0, 3.0]), np.array([0.5, -1.0, 2.0, 4.0])
    answer = np.stack([beta, np.full(4, np.nan)])
    yield Case("constant-and-nan-row", (constant, gamma, beta), {"eps": 0.25}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 4)), gamma, beta), {"eps": 0.1}, "empty", np.zeros((0, 4)))
    x = rng.normal(size=(5, 4))
    yield Case("gamma-too-long", (x, rng.normal(size=5), rng.normal(size=5)), {"eps": 0.1}, "refused")
    yield Case("gamma-of-one", (x, gamma[:1], beta[:1]), {"eps": 0.1}, "refused")
    yield Case("beta-of-one", (x, gamma, beta[:1]), {"eps": 0.1}, "refused")


def layer_norm_sized(rng, n):
    return Case("sized", random_examples(rng, (max(n // 256, 1), 256), 1), {"eps": 1e-5})


OPS = [
    Op(layer_norm, layer_norm_cases, layer_norm_vjp, layer_norm_sized, hvp=layer_norm_hvp, half=True),
]

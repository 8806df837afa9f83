"""Normalisation over groups of channels, and over every channel of every example by itself."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .moments import moments_over, normalize_hvp, normalize_vjp, per_channel, random_batch, require_channels


def group_norm(x, gamma, beta, *, num_groups, eps):
    """y = gamma (x - mean) / sqrt(var + eps) + beta, over each group of channels of each example.

    Shapes: x (N,C,*L) with any axes L, gamma and beta (C,), y as x.

    Channel c belongs to group c // (C / num_groups). One group makes it layer normalisation over all but the batch,
    C groups make it instance normalisation; gamma and beta stay one a channel. No statistic mixes two examples.

    Raises ValueError when gamma or beta is not of shape (C,), or when num_groups does not divide C.

    Source: Wu and He (2018), Group Normalization, section 3.1, eqs. 1, 2, 6 and 7.
    """
    require_channels(x, gamma=gamma, beta=beta)
    groups = _grouped(x, num_groups)
    mean, var = moments_over(groups, -1)
    xhat = np.reshape((groups - mean) / np.sqrt(var + eps), x.shape)
    return per_channel(gamma, x) * xhat + per_channel(beta, x)


def group_norm_vjp(ybar, y, x, gamma, beta, *, num_groups, eps):
    """xbar = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps), with g = gamma ybar, as in batch norm.

    The means run over a group, where gamma is not one number: it stands inside them.
    gammabar and betabar are sums over everything but the channels.
    """
    groups = _grouped(x, num_groups)
    mean, var = moments_over(groups, -1)
    std = np.sqrt(var + eps)
    xhat = (groups - mean) / std
    g = _grouped(per_channel(gamma, x) * ybar, num_groups)
    xbar = np.reshape(normalize_vjp(g, xhat, std, -1), x.shape)
    return xbar, *_affine_vjp(ybar, np.reshape(xhat, x.shape))


def group_norm_hvp(ybar, dots, y, x, gamma, beta, *, num_groups, eps):
    """As in batch norm, over each group: g = gamma ybar moves by gammadot ybar, and beta moves nothing."""
    xdot, gammadot, _ = dots
    groups = _grouped(x, num_groups)
    mean, var = moments_over(groups, -1)
    std = np.sqrt(var + eps)
    g, gdot = (_grouped(per_channel(v, x) * ybar, num_groups) for v in (gamma, gammadot))
    moved = normalize_hvp(g, gdot, _grouped(xdot, num_groups), (groups - mean) / std, std, -1)
    xbardot, xhatdot = (np.reshape(v, x.shape) for v in moved)
    return xbardot, np.sum(ybar * xhatdot, axis=(0, *range(2, x.ndim))), np.zeros_like(beta)


def group_norm_cases(rng):
    yield Case("sequences", random_batch(rng, (2, 6, 5)), {"num_groups": 3, "eps": 1e-3})
    yield Case("images", random_batch(rng, (3, 4, 2, 5), scale=0.5), {"num_groups": 2, "eps": 0.5}, half=False)
    yield Case("shifted-rows", random_batch(rng, (3, 8), shift=1000.0), {"num_groups": 2, "eps": 1e-5}, half=False)
    x = np.array([[[7.0, 7.0], [7.0, 7.0], [1.0, np.nan], [2.0, 4.0], [1.0, 3.0], [5.0, 7.0]]])
    gamma, beta = np.array([7.0, 2.0, 1.0, 1.0, 3.0, -2.0]), np.array([0.5, -1.0, 0.0, 0.0, 1.0, 0.0])
    answer = np.array([[[0.5, 0.5], [-1.0, -1.0], [np.nan] * 2, [np.nan] * 2, [-2.0, 0.0], [-2 / 3, -2.0]]])
    yield Case("constant-and-nan-group", (x, gamma, beta), {"num_groups": 3, "eps": 4.0}, "special", answer)
    nothing = np.zeros((0, 6, 5))
    yield Case("no-examples", (nothing, gamma, beta), {"num_groups": 3, "eps": 0.1}, "empty", nothing)
    x, gamma, beta = random_batch(rng, (2, 6, 5))
    yield Case("channels-left-over", (x, gamma, beta), {"num_groups": 4, "eps": 0.1}, "refused")
    yield Case("gamma-per-group", (x, gamma[:3], beta), {"num_groups": 3, "eps": 0.1}, "refused")
    yield Case("beta-of-one", (x, gamma, beta[:1]), {"num_groups": 3, "eps": 0.1}, "refused")


def group_norm_sized(rng, n):
    return Case("sized", random_batch(rng, (max(n // 2048, 1), 32, 64)), {"num_groups": 8, "eps": 1e-5})


def instance_norm(x, gamma, beta, *, eps):
    """y = gamma (x - mean) / sqrt(var + eps) + beta, with the mean and variance of each channel of each example.

    Shapes: x (N,C,*L) with at least one axis in L, gamma and beta (C,), y as x.

    The statistics run over L alone, so the contrast of every single image is normalised; training and evaluation do
    the same. It is batch norm of one example at a time.

    Raises ValueError when gamma or beta is not of shape (C,), or when L has a single value: its variance would
    always be 0.

    Source: Ulyanov, Vedaldi and Lempitsky (2016), Instance Normalization, section 2, eq. 3.
    """
    _require_two_positions(x)
    require_channels(x, gamma=gamma, beta=beta)
    axes = tuple(range(2, x.ndim))
    mean, var = moments_over(x, axes)
    return per_channel(gamma, x) * (x - mean) / np.sqrt(var + eps) + per_channel(beta, x)


def instance_norm_vjp(ybar, y, x, gamma, beta, *, eps):
    """xbar = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps), with g = gamma ybar, as in batch norm.

    The means run over L; gammabar and betabar are sums over the examples too, which share gamma and beta.
    """
    axes = tuple(range(2, x.ndim))
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    return normalize_vjp(per_channel(gamma, x) * ybar, xhat, std, axes), *_affine_vjp(ybar, xhat)


def instance_norm_hvp(ybar, dots, y, x, gamma, beta, *, eps):
    """As in batch norm, over L: g = gamma ybar moves by gammadot ybar, and beta moves nothing."""
    xdot, gammadot, _ = dots
    axes = tuple(range(2, x.ndim))
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    g, gdot = per_channel(gamma, x) * ybar, per_channel(gammadot, x) * ybar
    xbardot, xhatdot = normalize_hvp(g, gdot, xdot, (x - mean) / std, std, axes)
    return xbardot, np.sum(ybar * xhatdot, axis=(0, *axes)), np.zeros_like(beta)


def instance_norm_cases(rng):
    yield Case("sequences", random_batch(rng, (2, 3, 5)), {"eps": 1e-3})
    yield Case("images", random_batch(rng, (3, 2, 5, 4), scale=0.5), {"eps": 0.5}, half=False)
    yield Case("shifted", random_batch(rng, (2, 3, 5), shift=1000.0), {"eps": 1e-5}, half=False)
    x = np.array([[[3.0, 3.0], [np.nan, 1.0]], [[1.0, 3.0], [3.0, 1.0]]])
    answer = np.array([[[0.5, 0.5], [np.nan, np.nan]], [[-2.0, 3.0], [-0.5, -3.5]]])
    affine = (np.array([5.0, 3.0]), np.array([0.5, -2.0]))
    yield Case("constant-and-nan-channel", (x, *affine), {"eps": 3.0}, "special", answer)
    nothing = np.zeros((0, 2, 5))
    yield Case("no-examples", (nothing, *affine), {"eps": 0.1}, "empty", nothing)
    x, gamma, beta = random_batch(rng, (2, 3, 5))
    yield Case("one-position", (x[:, :, :1], gamma, beta), {"eps": 0.1}, "refused")
    yield Case("gamma-per-example", (x, gamma[:2], beta), {"eps": 0.1}, "refused")
    yield Case("beta-of-one", (x, gamma, beta[:1]), {"eps": 0.1}, "refused")


def instance_norm_sized(rng, n):
    return Case("sized", random_batch(rng, (max(n // 2048, 1), 32, 64)), {"eps": 1e-5})


def _affine_vjp(ybar, xhat):
    """gammabar and betabar of y = gamma xhat + beta, where each is one number a channel."""
    axes = (0, *range(2, xhat.ndim))
    return np.sum(ybar * xhat, axis=axes), np.sum(ybar, axis=axes)


def _grouped(x, num_groups):
    """x (N,C,*L) as (N, num_groups, values of a group): the channels of a group are neighbours."""
    n, c = x.shape[:2]
    if num_groups < 1 or c % num_groups:
        raise ValueError(f"num_groups is {num_groups}, expected a divisor of the {c} channels of x")
    return np.reshape(x, (n, num_groups, c // num_groups * int(np.prod(x.shape[2:]))))


def _require_two_positions(x):
    if int(np.prod(x.shape[2:])) < 2:
        raise ValueError(f"x has shape {x.shape}: one value of each channel, expected at least two beside (N,C)")


OPS = [
    Op(group_norm, group_norm_cases, group_norm_vjp, group_norm_sized, hvp=group_norm_hvp, half=True),
    Op(instance_norm, instance_norm_cases, instance_norm_vjp, instance_norm_sized, hvp=instance_norm_hvp, half=True),
]

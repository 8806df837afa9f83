"""Slips of normalisations."""

from __future__ import annotations

import numpy as np

from ..norm.batch import batch_norm, batch_norm_vjp
from ..norm.moments import moments_over, per_channel, trailing
from ..norm.running import batch_norm_trained
from ..op import Slip


def _batch_norm(x, gamma, beta, scale):
    axes = (0, *range(2, x.ndim))
    mean, var = moments_over(x, axes)
    n = int(np.prod([x.shape[i] for i in axes]))
    return per_channel(gamma, x) * (x - mean) / scale(var, n) + per_channel(beta, x)


def _batch_norm_xbar(ybar, x, gamma, eps, mean_term, var_term):
    axes = (0, *range(2, x.ndim))
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xhat, g = (x - mean) / std, per_channel(gamma, x) * ybar
    through_mean = mean_term * np.mean(g, axis=axes, keepdims=True)
    through_var = var_term * xhat * np.mean(g * xhat, axis=axes, keepdims=True)
    return (g - through_mean - through_var) / std, np.sum(ybar * xhat, axis=axes), np.sum(ybar, axis=axes)


def _mean_and_std(x, eps):
    mean, var = moments_over(x, (0, *range(2, x.ndim)))
    return mean, np.sqrt(var + eps)


def _layer_statistics(x, gamma, beta, *, eps):
    mean, var = moments_over(x, tuple(range(1, x.ndim)))
    return per_channel(gamma, x) * (x - mean) / np.sqrt(var + eps) + per_channel(beta, x)


def _gammabar(ybar, y, x, gamma, beta, eps, total):
    xbar, _, betabar = batch_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    mean, std = _mean_and_std(x, eps)
    return xbar, total(ybar * (x - mean) / std, axis=(0, *range(2, x.ndim))), betabar


SLIPS = {
    "batch_norm": (
        Slip(
            "unbiased-variance",
            "Training normalises by the variance of the batch itself, which divides by n; n - 1 is for the running "
            "variance.",
            forward=lambda x, gamma, beta, *, eps: _batch_norm(
                x, gamma, beta, lambda var, n: np.sqrt(var * n / (n - 1) + eps)
            ),
        ),
        Slip(
            "eps-outside-the-root",
            "Inside the root: eps is added to the variance, not to its root.",
            forward=lambda x, gamma, beta, *, eps: _batch_norm(x, gamma, beta, lambda var, n: np.sqrt(var) + eps),
        ),
        Slip(
            "divided-by-the-variance",
            "The centred data are divided by the standard deviation, the root of the variance.",
            forward=lambda x, gamma, beta, *, eps: _batch_norm(x, gamma, beta, lambda var, n: var + eps),
        ),
        Slip(
            "mean-taken-for-a-constant",
            "The mean of the batch depends on every row: xbar lacks the term -mean(g) / std.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _batch_norm_xbar(ybar, x, gamma, eps, 0, 1),
        ),
        Slip(
            "variance-taken-for-a-constant",
            "The variance of the batch depends on every row: xbar lacks the term -xhat mean(g xhat) / std.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _batch_norm_xbar(ybar, x, gamma, eps, 1, 0),
        ),
        Slip(
            "not-centred",
            "The mean of the batch is taken away before the division: xhat = (x - mean) / sqrt(var + eps).",
            forward=lambda x, gamma, beta, *, eps: (
                batch_norm(x, gamma, beta, eps=eps)
                + per_channel(gamma, x) * _mean_and_std(x, eps)[0] / _mean_and_std(x, eps)[1]
            ),
        ),
        Slip(
            "along-the-features",
            "Each channel is normalised over the batch and the places. Mean and variance were taken over the features "
            "of each example, which is layer norm.",
            forward=_layer_statistics,
        ),
        Slip(
            "gammabar-averaged",
            "Each gamma is used in every row, and so its cotangent is the sum of ybar xhat over them, not the mean.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _gammabar(ybar, y, x, gamma, beta, eps, np.mean),
        ),
        Slip(
            "gammabar-of-x",
            "What gamma multiplies is xhat, not x: gammabar = sum(ybar xhat).",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _gammabar(
                ybar, y, x, gamma, beta, eps, lambda v, axis: np.sum(ybar * x, axis=axis)
            ),
        ),
    ),
    "batch_norm_trained": (
        Slip(
            "momentum-of-the-old-average",
            "The new batch has the weight momentum, the old average 1 - momentum: pass 1 - momentum.",
            forward=lambda *args, momentum, correction, eps: batch_norm_trained(
                *args, momentum=1 - momentum, correction=correction, eps=eps
            ),
            convention="flax and Keras",
        ),
        Slip(
            "batch-statistics-at-evaluation",
            "Evaluation normalises with the running statistics: with those of its own rows, the answer to one row "
            "changes with the others.",
            forward=lambda batches, x, gamma, beta, mean, var, *, momentum, correction, eps: (
                batch_norm(np.concat([x, x]), gamma, beta, eps=eps)[: len(x)],
                *batch_norm_trained(
                    batches, x, gamma, beta, mean, var, momentum=momentum, correction=correction, eps=eps
                )[1:],
            ),
        ),
    ),
    "rms_norm": (
        Slip(
            "centred",
            "Nothing is subtracted: it is the mean of the squares that is divided by, not the variance.",
            forward=lambda x, gamma, *, eps: gamma * x / np.sqrt(moments_over(x, trailing(gamma))[1] + eps),
        ),
        Slip(
            "eps-outside-the-root",
            "Inside the root: eps is added to the mean of the squares, not to its root.",
            forward=lambda x, gamma, *, eps: (
                gamma * x / (np.sqrt(np.mean(x * x, axis=trailing(gamma), keepdims=True)) + eps)
            ),
        ),
    ),
}

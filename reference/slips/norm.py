"""Slips of normalisations."""

from __future__ import annotations

import numpy as np

from ..norm.batch import (
    batch_norm,
    batch_norm_inference_vjp,
    batch_norm_running,
    batch_norm_running_vjp,
)
from ..norm.group import group_norm_vjp, instance_norm_vjp
from ..norm.moments import moments_over, per_channel, trailing
from ..norm.response import local_response_norm
from ..norm.running import batch_norm_trained
from ..norm.weight import weight_norm_vjp
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


def _layer_norm(x, gamma, beta, scale):
    mean, var = moments_over(x, trailing(gamma))
    return gamma * (x - mean) / scale(var) + beta


def _layer_norm_vjp(ybar, x, gamma, eps, mean_term=1, var_term=1):
    axes, leading = trailing(gamma), tuple(range(x.ndim - gamma.ndim))
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xhat, g = (x - mean) / std, gamma * ybar
    through_mean = mean_term * np.mean(g, axis=axes, keepdims=True)
    through_var = var_term * xhat * np.mean(g * xhat, axis=axes, keepdims=True)
    return (g - through_mean - through_var) / std, np.sum(ybar * xhat, axis=leading), np.sum(ybar, axis=leading)


def _over(axes_of, x, gamma, beta, eps):
    mean, var = moments_over(x, axes_of(x))
    return per_channel(gamma, x) * (x - mean) / np.sqrt(var + eps) + per_channel(beta, x)


def _by_channel(x, gamma, beta, eps):
    return _over(lambda x: tuple(range(2, x.ndim)), x, gamma, beta, eps)


def _by_example(x, gamma, beta, eps):
    return _over(lambda x: tuple(range(1, x.ndim)), x, gamma, beta, eps)


def _sigma_held(ybar, y, w):
    """ybar / sigma, with sigma from the largest element of w and its y."""
    largest = np.unravel_index(np.argmax(np.abs(w)), w.shape)
    return ybar * y[largest] / w[largest]


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
    "batch_norm_inference": (
        Slip(
            "eps-outside-the-root",
            "Inside the root: eps is added to the running variance, not to its root.",
            forward=lambda x, gamma, beta, mean, var, *, eps: (
                per_channel(gamma, x) * (x - per_channel(mean, x)) / (np.sqrt(per_channel(var, x)) + eps)
                + per_channel(beta, x)
            ),
        ),
        Slip(
            "batch-statistics",
            "Evaluation uses the statistics that training left behind: with those of the batch, the answer for a row "
            "changes with the rows beside it.",
            forward=lambda x, gamma, beta, mean, var, *, eps: batch_norm(x, gamma, beta, eps=eps),
        ),
        Slip(
            "statistics-depend-on-the-batch",
            "Here the mean and the variance are given numbers: nothing of ybar goes back to x through them, so that "
            "xbar = gamma ybar / sqrt(running_var + eps).",
            vjp=lambda ybar, y, x, gamma, beta, mean, var, *, eps: (
                _batch_norm_xbar(ybar, x, gamma, eps, 1, 1)[0],
                *batch_norm_inference_vjp(ybar, y, x, gamma, beta, mean, var, eps=eps)[1:],
            ),
        ),
    ),
    "batch_norm_running": (
        Slip(
            "momentum-of-the-old-average",
            "The new batch has the weight momentum, the old average 1 - momentum: pass 1 - momentum.",
            forward=lambda x, mean, var, *, momentum: batch_norm_running(x, mean, var, momentum=1 - momentum),
            convention="flax and Keras",
        ),
        Slip(
            "old-average-takes-all",
            "The old averages enter with the weight 1 - momentum, and so do their cotangents.",
            vjp=lambda ybar, y, x, mean, var, *, momentum: (
                batch_norm_running_vjp(ybar, y, x, mean, var, momentum=momentum)[0],
                *ybar,
            ),
        ),
        Slip(
            "momentum-forgotten-on-the-way-back",
            "The batch enters with the weight momentum: xbar has it as a factor.",
            vjp=lambda ybar, y, x, mean, var, *, momentum: (
                batch_norm_running_vjp(ybar, y, x, mean, var, momentum=momentum)[0] / momentum,
                *batch_norm_running_vjp(ybar, y, x, mean, var, momentum=momentum)[1:],
            ),
        ),
    ),
    "layer_norm": (
        Slip(
            "unbiased-variance",
            "The variance of an example divides by the number of its features, not by one less.",
            forward=lambda x, gamma, beta, *, eps: _layer_norm(
                x, gamma, beta, lambda var: np.sqrt(var * gamma.size / (gamma.size - 1) + eps)
            ),
        ),
        Slip(
            "eps-outside-the-root",
            "Inside the root: eps is added to the variance, not to its root.",
            forward=lambda x, gamma, beta, *, eps: _layer_norm(x, gamma, beta, lambda var: np.sqrt(var) + eps),
        ),
        Slip(
            "mean-taken-for-a-constant",
            "The mean of an example depends on each of its features: xbar lacks the term -mean(g) / std.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _layer_norm_vjp(ybar, x, gamma, eps, mean_term=0),
        ),
        Slip(
            "variance-taken-for-a-constant",
            "The variance of an example depends on each of its features: xbar lacks the term -xhat mean(g xhat) / std.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: _layer_norm_vjp(ybar, x, gamma, eps, var_term=0),
        ),
        Slip(
            "gamma-outside-the-means",
            "Along the features gamma is not one number: it is multiplied into ybar before the means are taken, not "
            "into their result.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: (
                gamma * _layer_norm_vjp(ybar, x, np.ones_like(gamma), eps)[0],
                *_layer_norm_vjp(ybar, x, gamma, eps)[1:],
            ),
        ),
    ),
    "group_norm": (
        Slip(
            "each-channel-by-itself",
            "The statistics of a group run over all of its channels; one channel alone is instance norm.",
            forward=lambda x, gamma, beta, *, num_groups, eps: _by_channel(x, gamma, beta, eps),
        ),
        Slip(
            "all-channels-together",
            "Each group of channels has its own mean and variance; all channels together are layer norm.",
            forward=lambda x, gamma, beta, *, num_groups, eps: _by_example(x, gamma, beta, eps),
        ),
        Slip(
            "gamma-forgotten-on-the-way-back",
            "The output multiplies xhat by gamma, so what goes back to x is gamma ybar.",
            vjp=lambda ybar, y, x, gamma, beta, *, num_groups, eps: group_norm_vjp(
                ybar, y, x, np.ones_like(gamma), beta, num_groups=num_groups, eps=eps
            ),
        ),
    ),
    "instance_norm": (
        Slip(
            "statistics-of-the-batch",
            "Each channel of each example has its own statistics; shared by the examples, it is batch norm.",
            forward=lambda x, gamma, beta, *, eps: batch_norm(x, gamma, beta, eps=eps),
        ),
        Slip(
            "gamma-forgotten-on-the-way-back",
            "The output multiplies xhat by gamma, so what goes back to x is gamma ybar.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: instance_norm_vjp(
                ybar, y, x, np.ones_like(gamma), beta, eps=eps
            ),
        ),
        Slip(
            "gain-not-shared-by-the-examples",
            "All examples share gamma and beta, so that their cotangents are sums over the examples, not means.",
            vjp=lambda ybar, y, x, gamma, beta, *, eps: (
                instance_norm_vjp(ybar, y, x, gamma, beta, eps=eps)[0],
                *(g / len(x) for g in instance_norm_vjp(ybar, y, x, gamma, beta, eps=eps)[1:]),
            ),
        ),
    ),
    "local_response_norm": (
        Slip(
            "alpha-not-divided",
            "The mean of the squares in the window is multiplied by alpha here, there their sum is: pass alpha * size "
            "to have what that gives.",
            forward=lambda x, *, size, alpha, beta, k: local_response_norm(
                x, size=size, alpha=alpha * size, beta=beta, k=k
            ),
            convention="TensorFlow, and Krizhevsky et al. (2012)",
        ),
        Slip(
            "neighbours-taken-for-constants",
            "A channel also stands in the denominators of its neighbours: xbar lacks the second term, "
            "-2 alpha beta / size x sum(ybar y / d).",
            vjp=lambda ybar, y, x, *, size, alpha, beta, k: (ybar * np.where(x == 0, 1, y) / np.where(x == 0, 1, x),),
        ),
    ),
    "weight_norm": (
        Slip(
            "not-divided-by-the-length",
            "The length of the result is g: v is divided by its own length first.",
            forward=lambda v, g, *, axis: g * v,
        ),
        Slip(
            "length-taken-for-a-constant",
            "The length depends on v: what stretches v is taken out of ybar, vbar = g / |v| (ybar - d sum(ybar d)).",
            vjp=lambda ybar, y, v, g, *, axis: (ybar * y / v, weight_norm_vjp(ybar, y, v, g, axis=axis)[1]),
        ),
    ),
    "spectral_norm": (
        Slip(
            "sigma-taken-for-a-constant",
            "Sigma, u^T W v, depends on W, u and v: wbar lacks the term -s u v^T / sigma, and u and v get nothing.",
            vjp=lambda ybar, y, w, u, v: (_sigma_held(ybar, y, w), np.zeros_like(u), np.zeros_like(v)),
        ),
        Slip(
            "multiplied-by-sigma",
            "The matrix is divided by its largest singular value, so that this becomes 1.",
            forward=lambda w, u, v: w * w.reshape(len(u), len(v)).dot(v).dot(u),
        ),
    ),
}

"""Slips of the normalisations by running statistics, by neighbours, and of weights."""

from __future__ import annotations

import numpy as np

from ..norm.batch import batch_norm_inference, batch_norm_inference_vjp, batch_norm_running, batch_norm_running_vjp
from ..norm.moments import moments_over, normalize_vjp, per_channel
from ..norm.response import local_response_norm
from ..norm.weight import spectral_norm_vjp, weight_norm, weight_norm_vjp
from ..op import Slip


def _axes(x):
    return (0, *range(2, x.ndim))


def _evaluated(x, gamma, beta, mean, scale):
    return per_channel(gamma, x) * (x - per_channel(mean, x)) / per_channel(scale, x) + per_channel(beta, x)


def _batch_statistics(x, gamma, beta, running_mean, running_var, *, eps):
    mean, var = moments_over(x, _axes(x))
    return per_channel(gamma, x) * (x - mean) / np.sqrt(var + eps) + per_channel(beta, x)


def _as_in_training(ybar, y, x, gamma, beta, running_mean, running_var, *, eps):
    args = (x, gamma, beta, running_mean, running_var)
    std = np.sqrt(per_channel(running_var, x) + eps)
    xhat = (x - per_channel(running_mean, x)) / std
    xbar = normalize_vjp(per_channel(gamma, x) * ybar, xhat, std, _axes(x))
    return xbar, *batch_norm_inference_vjp(ybar, y, *args, eps=eps)[1:]


def _gamma_forgotten(ybar, y, x, gamma, beta, running_mean, running_var, *, eps):
    rest = batch_norm_inference_vjp(ybar, y, x, gamma, beta, running_mean, running_var, eps=eps)[1:]
    return ybar / np.sqrt(per_channel(running_var, x) + eps), *rest


def _running_biased(x, running_mean, running_var, *, momentum):
    mean, _ = batch_norm_running(x, running_mean, running_var, momentum=momentum)
    var = np.mean((x - np.mean(x, axis=_axes(x), keepdims=True)) ** 2, axis=_axes(x))
    return mean, (1 - momentum) * running_var + momentum * var


def _running_exchanged(x, running_mean, running_var, *, momentum):
    return batch_norm_running(x, running_mean, running_var, momentum=1 - momentum)


def _only_the_mean_goes_back(ybar, y, x, running_mean, running_var, *, momentum):
    nothing = (ybar[0], np.zeros_like(ybar[1]))
    xbar, meanbar, _ = batch_norm_running_vjp(nothing, y, x, running_mean, running_var, momentum=momentum)
    return xbar, meanbar, (1 - momentum) * ybar[1]


def _window_sum(z, before, after):
    c = z.shape[1]
    y = np.zeros_like(z)
    for j in range(c):
        y[:, j] = np.sum(z[:, max(j - before, 0) : min(j + after, c - 1) + 1], axis=1)
    return y


def _denominator(x, size, alpha, k):
    return k + alpha * _window_sum(x * x, size // 2, (size - 1) // 2) / size


def _window_of_the_other_side(x, *, size, alpha, beta, k):
    return x / (k + alpha * _window_sum(x * x, (size - 1) // 2, size // 2) / size) ** beta


def _response_vjp(ybar, x, size, alpha, beta, k, through):
    d = _denominator(x, size, alpha, k)
    return (ybar / d**beta - 2 * alpha * beta * x * through(ybar * x / d ** (beta + 1)) / size,)


def _along_the_axis(v, g, *, axis):
    return (
        g * v / np.sqrt(np.sum(v * v, axis=axis, keepdims=True)) if axis is not None else weight_norm(v, g, axis=None)
    )


def _squared_length(v, g, *, axis):
    y = weight_norm(v, g, axis=axis)
    others = tuple(i for i in range(v.ndim) if i != axis)
    return y / np.sqrt(np.sum(v * v, axis=others, keepdims=True))


def _length_constant(ybar, y, v, g, *, axis):
    length = np.sqrt(np.sum(v * v, axis=tuple(i for i in range(v.ndim) if i != axis), keepdims=True))
    return g / length * ybar, weight_norm_vjp(ybar, y, v, g, axis=axis)[1]


def _gbar_of_v(ybar, y, v, g, *, axis):
    others = tuple(i for i in range(v.ndim) if i != axis)
    return weight_norm_vjp(ybar, y, v, g, axis=axis)[0], np.sum(ybar * v, axis=others, keepdims=True)


def _sigma(w, u, v):
    return np.reshape(w, (len(u), len(v))) @ v @ u


def _one_sigma_too_few(ybar, y, w, u, v):
    s, sigma = np.sum(ybar * w), _sigma(w, u, v)
    matrix = np.reshape(w, (len(u), len(v)))
    wbar = (ybar - s * np.reshape(u[:, None] * v, w.shape)) / sigma
    return wbar, -s * (matrix @ v) / sigma, -s * (u @ matrix) / sigma


SLIPS = {
    "batch_norm_inference": (
        Slip(
            "batch-statistics",
            "Evaluation normalises with the running statistics. With those of its own batch, the answer to one row "
            "changes with the others, and a row by itself becomes beta.",
            forward=_batch_statistics,
        ),
        Slip(
            "eps-outside-the-root",
            "Inside the root: eps is added to the variance, sqrt(running_var + eps).",
            forward=lambda x, gamma, beta, mean, var, *, eps: _evaluated(x, gamma, beta, mean, np.sqrt(var) + eps),
        ),
        Slip(
            "divided-by-the-variance",
            "What is kept is the variance: the centred data are divided by its root.",
            forward=lambda x, gamma, beta, mean, var, *, eps: _evaluated(x, gamma, beta, mean, var + eps),
        ),
        Slip(
            "not-centred",
            "The running mean is subtracted before anything is divided.",
            forward=lambda x, gamma, beta, mean, var, *, eps: batch_norm_inference(
                x, gamma, beta, 0 * mean, var, eps=eps
            ),
        ),
        Slip(
            "as-in-training",
            "At evaluation the mean and the variance are constants that x does not move: xbar = gamma ybar / std, "
            "without the two terms that lead through the statistics of the batch.",
            vjp=_as_in_training,
        ),
        Slip(
            "gamma-forgotten",
            "Because y = gamma xhat + beta, on the way back ybar is multiplied by gamma: xbar = gamma ybar / std.",
            vjp=_gamma_forgotten,
        ),
    ),
    "batch_norm_running": (
        Slip(
            "biased-variance",
            "The variance of the batch is divided by n here, as flax and Keras do. torch and the paper keep the "
            "unbiased one. To change over: multiply the variance of the batch by n / (n - 1).",
            forward=_running_biased,
            convention="flax and Keras",
        ),
        Slip(
            "momentum-of-the-old-average",
            "The new batch has the weight momentum, and the old average 1 - momentum; in flax and Keras it is the "
            "other way round. To change over: pass 1 - momentum.",
            forward=_running_exchanged,
            convention="flax and Keras",
        ),
        Slip(
            "variance-forgotten",
            "The batch x enters the new running variance too: xbar lacks the term "
            "momentum varbar 2 (x - mean) / (n - 1).",
            vjp=_only_the_mean_goes_back,
        ),
    ),
    "local_response_norm": (
        Slip(
            "alpha-not-divided",
            "Here alpha multiplies the sum of the squares, as in the paper and in TensorFlow; in torch it multiplies "
            "their mean. To change over: divide alpha by size.",
            forward=lambda x, *, size, alpha, beta, k: local_response_norm(
                x, size=size, alpha=alpha * size, beta=beta, k=k
            ),
            convention="the paper and TensorFlow",
        ),
        Slip(
            "window-of-the-other-side",
            "Where size is even, the window has one channel more in front of c than behind it: it goes from "
            "c - size // 2 to c + (size - 1) // 2.",
            forward=_window_of_the_other_side,
        ),
        Slip(
            "denominator-taken-for-a-constant",
            "The data x stand in the denominator too: xbar lacks the term that leads through it, "
            "-2 alpha beta / size x_j sum(ybar_c y_c / d_c).",
            vjp=lambda ybar, y, x, *, size, alpha, beta, k: (ybar / _denominator(x, size, alpha, k) ** beta,),
        ),
        Slip(
            "own-channel-only",
            "Channel x_j stands in the denominators of all channels whose window holds j, not of its own alone: "
            "ybar_c y_c / d_c is summed over them.",
            vjp=lambda ybar, y, x, *, size, alpha, beta, k: _response_vjp(ybar, x, size, alpha, beta, k, lambda z: z),
        ),
        Slip(
            "window-not-turned-around",
            "The channels whose window holds j are those from j - (size - 1) // 2 to j + size // 2: on the way back "
            "the window is turned around, which matters where size is even.",
            vjp=lambda ybar, y, x, *, size, alpha, beta, k: _response_vjp(
                ybar, x, size, alpha, beta, k, lambda z: _window_sum(z, size // 2, (size - 1) // 2)
            ),
        ),
    ),
    "weight_norm": (
        Slip(
            "along-the-axis",
            "The axis is the one that keeps its lengths: the squares are summed along all the others.",
            forward=_along_the_axis,
        ),
        Slip(
            "squared-length",
            "Vector v is divided by its length, the root of the sum of its squares.",
            forward=_squared_length,
        ),
        Slip(
            "length-taken-for-a-constant",
            "The length |v| depends on v: vbar = g / |v| (ybar - d sum(ybar d)) with d = v / |v|, orthogonal to v. "
            "The second term is missing.",
            vjp=_length_constant,
        ),
        Slip(
            "gbar-of-v",
            "What g multiplies is the direction v / |v|, so gbar is the sum of ybar v / |v|.",
            vjp=_gbar_of_v,
        ),
    ),
    "spectral_norm": (
        Slip(
            "frobenius-norm",
            "What is divided by is the largest singular value, u^T W v, and not the root of the sum of all squares, "
            "which is the length of all singular values together.",
            forward=lambda w, u, v: w / np.sqrt(np.sum(w * w)),
        ),
        Slip(
            "sigma-taken-for-a-constant",
            "The divisor sigma = u^T W v depends on W: wbar = (ybar - sum(ybar y) u v^T) / sigma. The "
            "second term is missing.",
            vjp=lambda ybar, y, w, u, v: (ybar / _sigma(w, u, v), *spectral_norm_vjp(ybar, y, w, u, v)[1:]),
        ),
        Slip(
            "one-sigma-too-few",
            "The quotient rule divides by sigma squared: the term through sigma has s = sum(ybar y) with "
            "y = w / sigma, and not sum(ybar w).",
            vjp=_one_sigma_too_few,
        ),
    ),
}

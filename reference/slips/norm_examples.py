"""Slips of the normalisations of one example at a time: by layer, by group of channels, by channel."""

from __future__ import annotations

import numpy as np

from ..norm.group import group_norm, group_norm_vjp, instance_norm_vjp
from ..norm.layer import layer_norm, layer_norm_vjp
from ..norm.moments import moments_over, per_channel, trailing
from ..op import Slip


def _unbiased(var, n, eps):
    return np.sqrt(var * n / (n - 1) + eps)


def _eps_outside(var, n, eps):
    return np.sqrt(var) + eps


def _biased(var, n, eps):
    return np.sqrt(var + eps)


def _xhat(x, axes, eps, scale=_biased):
    mean, var = moments_over(x, axes)
    return (x - mean) / scale(var, int(np.prod([x.shape[axis] for axis in axes])), eps)


def _grouped(x, num_groups):
    n, c = x.shape[:2]
    return np.reshape(x, (n, num_groups, c // num_groups * int(np.prod(x.shape[2:]))))


def _layer(x, gamma, beta, eps, scale):
    return gamma * _xhat(x, trailing(gamma), eps, scale) + beta


def _group(x, gamma, beta, num_groups, eps, scale):
    xhat = np.reshape(_xhat(_grouped(x, num_groups), (2,), eps, scale), x.shape)
    return per_channel(gamma, x) * xhat + per_channel(beta, x)


def _instance(x, gamma, beta, eps, scale):
    return per_channel(gamma, x) * _xhat(x, tuple(range(2, x.ndim)), eps, scale) + per_channel(beta, x)


def _xbar(xhatbar, x, axes, eps, mean_term=1, var_term=1):
    std = np.sqrt(moments_over(x, axes)[1] + eps)
    xhat = (x - moments_over(x, axes)[0]) / std
    through_mean = mean_term * np.mean(xhatbar, axis=axes, keepdims=True)
    through_var = var_term * xhat * np.mean(xhatbar * xhat, axis=axes, keepdims=True)
    return (xhatbar - through_mean - through_var) / std


def _layer_vjp(mean_term, var_term):
    def vjp(ybar, y, x, gamma, beta, *, eps):
        _, *affinebar = layer_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
        return _xbar(gamma * ybar, x, trailing(gamma), eps, mean_term, var_term), *affinebar

    return vjp


def _group_vjp(mean_term, var_term):
    def vjp(ybar, y, x, gamma, beta, *, num_groups, eps):
        _, *affinebar = group_norm_vjp(ybar, y, x, gamma, beta, num_groups=num_groups, eps=eps)
        g = _grouped(per_channel(gamma, x) * ybar, num_groups)
        xbar = _xbar(g, _grouped(x, num_groups), (2,), eps, mean_term, var_term)
        return np.reshape(xbar, x.shape), *affinebar

    return vjp


def _instance_vjp(mean_term, var_term):
    def vjp(ybar, y, x, gamma, beta, *, eps):
        _, *affinebar = instance_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
        axes = tuple(range(2, x.ndim))
        return _xbar(per_channel(gamma, x) * ybar, x, axes, eps, mean_term, var_term), *affinebar

    return vjp


def _along_the_batch(x, gamma, beta, *, eps):
    return gamma * _xhat(x, tuple(range(x.ndim - gamma.ndim)), eps) + beta


def _layer_gamma_forgotten(ybar, y, x, gamma, beta, *, eps):
    _, *affinebar = layer_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    return _xbar(ybar, x, trailing(gamma), eps), *affinebar


def _layer_gamma_outside(ybar, y, x, gamma, beta, *, eps):
    _, *affinebar = layer_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    return gamma * _xbar(ybar, x, trailing(gamma), eps), *affinebar


def _layer_gammabar_mean(ybar, y, x, gamma, beta, *, eps):
    xbar, gammabar, betabar = layer_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    rows = max(x.size // gamma.size, 1)
    return xbar, gammabar / rows, betabar / rows


def _layer_gammabar_of_x(ybar, y, x, gamma, beta, *, eps):
    xbar, _, betabar = layer_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    return xbar, np.sum(ybar * x, axis=tuple(range(x.ndim - gamma.ndim))), betabar


def _scattered(x, gamma, beta, *, num_groups, eps):
    """Groups of channels that are num_groups apart, as reshape(n, C / num_groups, num_groups) has them."""
    order = np.argsort(np.arange(x.shape[1]) % num_groups, kind="stable")
    y = np.empty_like(x)
    y[:, order] = group_norm(x[:, order], gamma[order], beta[order], num_groups=num_groups, eps=eps)
    return y


def _gamma_of_the_group_outside(ybar, y, x, gamma, beta, *, num_groups, eps):
    _, *affinebar = group_norm_vjp(ybar, y, x, gamma, beta, num_groups=num_groups, eps=eps)
    xbar = _xbar(_grouped(ybar, num_groups), _grouped(x, num_groups), (2,), eps)
    return per_channel(gamma, x) * np.reshape(xbar, x.shape), *affinebar


def _over_the_examples(x, gamma, beta, *, eps):
    return per_channel(gamma, x) * _xhat(x, (0, *range(2, x.ndim)), eps) + per_channel(beta, x)


def _instance_gamma_forgotten(ybar, y, x, gamma, beta, *, eps):
    _, *affinebar = instance_norm_vjp(ybar, y, x, gamma, beta, eps=eps)
    return _xbar(ybar, x, tuple(range(2, x.ndim)), eps), *affinebar


UNBIASED = (
    "The variance here is the mean of (x - mean)^2, which divides by n. It describes these n values and estimates "
    "nothing else, so there is no n - 1: np.var has ddof=0, torch.std and torch.var divide by n - 1 unless told not to."
)
EPS = "Inside the root: eps is added to the variance: sqrt(var + eps). sqrt(var) + eps is another number."
MEAN = (
    "The mean that was subtracted depends on every value too: xbar lacks the term -mean(g) / std, where g = gamma ybar."
)
VARIANCE = (
    "The variance that was divided by depends on every value too: xbar lacks the term -xhat mean(g xhat) / std, where "
    "g = gamma ybar."
)

SLIPS = {
    "layer_norm": (
        Slip(
            "along-the-batch",
            "The statistics run along the features of one example, the axes that gamma has, not along the examples: "
            "that would be batch normalisation, and the answer to an example would change with the others.",
            forward=_along_the_batch,
        ),
        Slip(
            "unbiased-variance",
            UNBIASED,
            forward=lambda x, gamma, beta, *, eps: _layer(x, gamma, beta, eps, _unbiased),
        ),
        Slip(
            "eps-outside-the-root",
            EPS,
            forward=lambda x, gamma, beta, *, eps: _layer(x, gamma, beta, eps, _eps_outside),
        ),
        Slip(
            "not-centred",
            "The mean is subtracted before anything is divided: without it, this is near RMS normalisation.",
            forward=lambda x, gamma, beta, *, eps: (
                layer_norm(x, gamma, beta, eps=eps)
                + gamma
                * np.mean(x, axis=trailing(gamma), keepdims=True)
                / np.sqrt(moments_over(x, trailing(gamma))[1] + eps)
            ),
        ),
        Slip("mean-taken-for-a-constant", MEAN, vjp=_layer_vjp(0, 1)),
        Slip("variance-taken-for-a-constant", VARIANCE, vjp=_layer_vjp(1, 0)),
        Slip(
            "gamma-forgotten",
            "On the way back gamma is passed first: the cotangent of xhat is gamma ybar, and it is this that enters "
            "the formula of xbar.",
            vjp=_layer_gamma_forgotten,
        ),
        Slip(
            "gamma-outside-the-means",
            "Since gamma differs along the axes that the means of xbar run along, it cannot be taken out of them: "
            "mean(gamma ybar) and mean(gamma ybar xhat), not gamma mean(ybar).",
            vjp=_layer_gamma_outside,
        ),
        Slip(
            "gammabar-averaged",
            "All examples share gamma and beta, and their cotangents are sums along the examples. The mean belongs to "
            "the loss, whose ybar already holds it.",
            vjp=_layer_gammabar_mean,
        ),
        Slip(
            "gammabar-of-x",
            "What gamma multiplies is xhat = (x - mean) / std, so gammabar is the sum of ybar xhat, not of ybar x.",
            vjp=_layer_gammabar_of_x,
        ),
    ),
    "group_norm": (
        Slip(
            "scattered-groups",
            "The channels of a group are neighbours: channel c is in group c // (C / num_groups). Here it is in group "
            "c % num_groups.",
            forward=_scattered,
        ),
        Slip(
            "unbiased-variance",
            UNBIASED,
            forward=lambda x, gamma, beta, *, num_groups, eps: _group(x, gamma, beta, num_groups, eps, _unbiased),
        ),
        Slip(
            "eps-outside-the-root",
            EPS,
            forward=lambda x, gamma, beta, *, num_groups, eps: _group(x, gamma, beta, num_groups, eps, _eps_outside),
        ),
        Slip("mean-taken-for-a-constant", MEAN, vjp=_group_vjp(0, 1)),
        Slip("variance-taken-for-a-constant", VARIANCE, vjp=_group_vjp(1, 0)),
        Slip(
            "gamma-outside-the-means",
            "A group holds channels of several gammas, so gamma cannot be taken out of the means of xbar: it is "
            "mean(gamma ybar) and mean(gamma ybar xhat), not gamma mean(ybar).",
            vjp=_gamma_of_the_group_outside,
        ),
    ),
    "instance_norm": (
        Slip(
            "over-the-examples-too",
            "Each example has statistics of its own, along the positions alone. Along the examples too, it is batch "
            "normalisation.",
            forward=_over_the_examples,
        ),
        Slip(
            "unbiased-variance",
            UNBIASED,
            forward=lambda x, gamma, beta, *, eps: _instance(x, gamma, beta, eps, _unbiased),
        ),
        Slip(
            "eps-outside-the-root",
            EPS,
            forward=lambda x, gamma, beta, *, eps: _instance(x, gamma, beta, eps, _eps_outside),
        ),
        Slip("mean-taken-for-a-constant", MEAN, vjp=_instance_vjp(0, 1)),
        Slip("variance-taken-for-a-constant", VARIANCE, vjp=_instance_vjp(1, 0)),
        Slip(
            "gamma-forgotten",
            "On the way back gamma is passed first: the cotangent of xhat is gamma ybar, one gamma a channel.",
            vjp=_instance_gamma_forgotten,
        ),
    ),
}

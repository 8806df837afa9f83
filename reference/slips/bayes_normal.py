"""Slips of a normal model with a normal prior, and of the evidence's lower bound."""

from __future__ import annotations

import numpy as np

from ..bayes.normal import elbo, elbo_vjp, normal_normal_posterior, normal_normal_posterior_vjp
from ..distribution.normal import normal_log_density
from ..divergence.continuous import kl_normal, kl_normal_vjp
from ..op import Slip


def _one_observation(x, mean0, variance0, variance):
    return normal_normal_posterior(np.mean(x, axis=0, keepdims=True), mean0, variance0, variance)


def _prior_precision(x, mean0, variance0, variance):
    return normal_normal_posterior(x, mean0, 1 / variance0, variance)


def _deviations_as_variances(x, mean0, variance0, variance):
    return normal_normal_posterior(x, mean0, variance0**2, variance**2)


def _mean_not_weighted(x, mean0, variance0, variance):
    _, v, predictive = normal_normal_posterior(x, mean0, variance0, variance)
    return (np.mean(x, axis=0) + mean0) / 2, v, predictive


def _noise_left_out(x, mean0, variance0, variance):
    m, v, _ = normal_normal_posterior(x, mean0, variance0, variance)
    return m, v, v


def _ratio_held_constant(ybar, y, x, mean0, variance0, variance):
    xbar, mean0bar, _, _ = normal_normal_posterior_vjp(ybar, y, x, mean0, variance0, variance)
    weight = x.shape[0] + variance / variance0
    return xbar, mean0bar, np.zeros_like(variance0), (ybar[1] + ybar[2]) / weight + ybar[2]


def _expected_likelihood(x, mean, sigma, noise):
    ratio = sigma / noise
    return np.sum(normal_log_density(x, mean, noise)) - x.shape[0] * np.sum(ratio * ratio) / 2


def _at_the_mean(x, mean, sigma, mean0, sigma0, noise):
    return np.sum(normal_log_density(x, mean, noise)) - np.sum(kl_normal(mean, sigma, mean0, sigma0))


def _at_the_mean_vjp(ybar, y, x, mean, sigma, mean0, sigma0, noise):
    bars = list(elbo_vjp(ybar, y, x, mean, sigma, mean0, sigma0, noise))
    spread = ybar * x.shape[0] * (sigma / noise) ** 2
    bars[2], bars[5] = bars[2] + spread / sigma, bars[5] - spread / noise
    return tuple(bars)


def _divergence_added(x, mean, sigma, mean0, sigma0, noise):
    return _expected_likelihood(x, mean, sigma, noise) + np.sum(kl_normal(mean, sigma, mean0, sigma0))


def _divergence_reversed(x, mean, sigma, mean0, sigma0, noise):
    return _expected_likelihood(x, mean, sigma, noise) - np.sum(kl_normal(mean0, sigma0, mean, sigma))


def _likelihood_averaged(x, mean, sigma, mean0, sigma0, noise):
    y = elbo(x, mean, sigma, mean0, sigma0, noise)
    return y - (1 - 1 / x.shape[0]) * _expected_likelihood(x, mean, sigma, noise)


def _divergence_dropped_on_the_way_back(ybar, y, x, mean, sigma, mean0, sigma0, noise):
    bars = list(elbo_vjp(ybar, y, x, mean, sigma, mean0, sigma0, noise))
    whole = kl_normal_vjp(np.broadcast_to(-ybar, mean.shape), None, mean, sigma, mean0, sigma0)
    for position, bar in zip((1, 2, 3, 4), whole, strict=True):
        bars[position] = bars[position] - bar
    return tuple(bars)


SLIPS = {
    "normal_normal_posterior": (
        Slip(
            "number-of-rows-ignored",
            "N observations are N times as precise as one: the posterior's precision is 1 / variance0 + N / variance.",
            forward=_one_observation,
        ),
        Slip(
            "prior-precision-for-variance",
            "The third argument is the variance of the prior; here it is used as its precision, 1 / variance.",
            forward=_prior_precision,
        ),
        Slip(
            "deviations-for-variances",
            "The arguments are variances already; here they are squared, as standard deviations would be.",
            forward=_deviations_as_variances,
        ),
        Slip(
            "not-weighted",
            "The posterior mean weighs the mean of the data and that of the prior by their precisions, N / variance "
            "and 1 / variance0. Here both count half.",
            forward=_mean_not_weighted,
        ),
        Slip(
            "noise-left-out-of-the-prediction",
            "A further x scatters around mu, and mu is not known: both variances add up, v + variance.",
            forward=_noise_left_out,
        ),
        Slip(
            "weight-held-constant",
            "The weight N + variance / variance0 moves with both variances, and with it the mean and the variance of "
            "the posterior.",
            vjp=_ratio_held_constant,
        ),
        Slip(
            "prediction-forgotten",
            "The variance v is used twice, as an output and within that of the prediction: both cotangents go back "
            "through it, vbar + predictivebar.",
            vjp=lambda ybar, y, *args: normal_normal_posterior_vjp(
                (ybar[0], ybar[1], np.zeros_like(ybar[2])), y, *args
            ),
        ),
    ),
    "elbo": (
        Slip(
            "divergence-added",
            "The bound is the likelihood less the divergence: KL(q || prior) is what q costs. A loss is minus the "
            "bound, with both signs turned.",
            forward=_divergence_added,
        ),
        Slip(
            "divergence-reversed",
            "The divergence is that of q from the prior, KL(q || prior), weighed by q. This is KL(prior || q).",
            forward=_divergence_reversed,
        ),
        Slip(
            "likelihood-averaged",
            "The log likelihood is the sum over the rows, and the divergence is paid once. With the mean over the "
            "rows the divergence weighs N times too much.",
            forward=_likelihood_averaged,
        ),
        Slip(
            "likelihood-at-the-mean",
            "The log likelihood is averaged over q, not taken at its mean: N sigma^2 / (2 noise^2) is to be "
            "subtracted for the spread.",
            forward=_at_the_mean,
            vjp=_at_the_mean_vjp,
        ),
        Slip(
            "divergence-forgotten-on-the-way-back",
            "The divergence moves with q and with the prior: without its gradient nothing keeps q wide.",
            vjp=_divergence_dropped_on_the_way_back,
        ),
    ),
}

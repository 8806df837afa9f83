"""Slips of the categorical distribution and of mixtures."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, softmax
from ..broadcast import unbroadcast
from ..distribution.categorical import (
    categorical_entropy,
    categorical_entropy_vjp,
    categorical_log_density,
    categorical_moments,
    categorical_moments_vjp,
    one_hot_covariance_vjp,
)
from ..distribution.mixture import (
    normal_mixture_cdf,
    normal_mixture_cdf_vjp,
    normal_mixture_log_density,
    normal_mixture_log_density_vjp,
    normal_mixture_moments,
    normal_mixture_moments_vjp,
    normal_mixture_sample,
    normal_mixture_sample_vjp,
)
from ..distribution.normal import normal_cdf, normal_log_density
from ..op import Slip
from .variants import deviation, in_bits, only, raw, upper_tail


def _hit(x, logits):
    return x[..., None] == np.arange(logits.shape[-1])


def _diagonal(p):
    return p[..., None] * np.eye(p.shape[-1])


def _prior_weights(ybar, y, x, logits, mu, sigma):
    z, w = (x[..., None] - mu) / sigma, ybar[..., None] * softmax(logits, axis=-1)
    pull = w * z / sigma
    bars = -np.sum(pull, axis=-1), 0 * pull, pull, w * (z * z - 1) / sigma
    return tuple(unbroadcast(bar, a.shape) for bar, a in zip(bars, (x, logits, mu, sigma), strict=True))


def _sigma_of_the_normaliser_held_still(ybar, y, x, logits, mu, sigma):
    *right, sigmabar = normal_mixture_log_density_vjp(ybar, y, x, logits, mu, sigma)
    share = np.exp(log_softmax(logits, axis=-1) + normal_log_density(x[..., None], mu, sigma) - y[..., None])
    return *right, sigmabar + unbroadcast(ybar[..., None] * share / sigma, sigma.shape)


def _prior_kept(ybar, y, x, logits, mu, sigma):
    xbar, logitsbar, *right = normal_mixture_log_density_vjp(ybar, y, x, logits, mu, sigma)
    share = np.broadcast_to(softmax(logits, axis=-1), (*np.shape(y), logits.shape[-1]))
    return xbar, logitsbar + unbroadcast(ybar[..., None] * share, logits.shape), *right


def _mean_held_still(ybar, y, x, logits, mu, sigma):
    xbar, _, *right = normal_mixture_cdf_vjp(ybar, y, x, logits, mu, sigma)
    pull = ybar[..., None] * softmax(logits, axis=-1) * normal_cdf(x[..., None], mu, sigma)
    return xbar, unbroadcast(pull, logits.shape), *right


def _one_normal(x, logits, mu, sigma):
    mean, variance = normal_mixture_moments(logits, mu, sigma)
    return normal_cdf(x, mean, np.sqrt(variance))


def _weighted_sum(u, noise, logits, mu, sigma):
    return np.sum(softmax(logits, axis=-1) * (mu + sigma * noise[..., None]), axis=-1)


def _to_every_component(xbar, x, u, noise, logits, mu, sigma):
    right = normal_mixture_sample_vjp(xbar, x, u, noise, logits, mu, sigma)
    shape = (*xbar.shape, logits.shape[-1])
    both = np.broadcast_to(xbar[..., None], shape), np.broadcast_to((xbar * noise)[..., None], shape)
    return right[0], unbroadcast(both[0], mu.shape), unbroadcast(both[1], sigma.shape)


def _within_only(logits, mu, sigma):
    w = softmax(logits, axis=-1)
    return np.sum(w * mu, axis=-1), np.sum(w * sigma**2 + 0 * mu, axis=-1)


def _softmax_not_passed(ybar, y, logits, mu, sigma):
    _, *right = normal_mixture_moments_vjp(ybar, y, logits, mu, sigma)
    d = mu - y[0][..., None]
    pull = ybar[0][..., None] * mu + ybar[1][..., None] * (sigma**2 + d * d)
    return unbroadcast(pull, logits.shape), *right


SLIPS = {
    "categorical_log_density": (
        Slip(
            "not-normalised",
            "Logits are logarithms of weights. Those of probabilities are logits - log(sum(exp(logits))): subtract the "
            "logsumexp of the row.",
            forward=lambda x, logits: np.sum(np.where(_hit(x, logits), logits, 0), axis=-1),
            vjp=lambda ybar, y, x, logits: (unbroadcast(ybar[..., None] * _hit(x, logits), logits.shape),),
        ),
        Slip(
            "probability-not-its-log",
            "This is the probability softmax(logits)_x. Its logarithm is asked: log_softmax, which does not underflow.",
            forward=lambda x, logits: np.exp(categorical_log_density(x, logits)),
        ),
        Slip(
            "outcome-s-own-logit-only",
            "The logits of the other outcomes are in the sum as well: each gets -ybar p_j.",
            vjp=lambda ybar, y, x, logits: (
                unbroadcast(ybar[..., None] * _hit(x, logits) * (1 - softmax(logits, axis=-1)), logits.shape),
            ),
        ),
        Slip(
            "gradient-of-the-loss",
            "This p - one_hot(x) is the gradient of the cross entropy, which is minus this. The log density rises with "
            "the logit of its outcome: one_hot(x) - p.",
            vjp=lambda ybar, y, x, logits: (
                unbroadcast(ybar[..., None] * (softmax(logits, axis=-1) - _hit(x, logits)), logits.shape),
            ),
        ),
    ),
    "categorical_entropy": (
        Slip(
            "not-weighted",
            "The entropy is the mean of -log p under p itself: each -log p_j counts with the weight p_j.",
            forward=lambda logits: -np.sum(log_softmax(logits, axis=-1), axis=-1),
        ),
        Slip(
            "softmax-not-passed",
            "This -(log p + 1) is the derivative by the probabilities. The logits lie one step further back: -p_j (log "
            "p_j + y).",
            vjp=lambda ybar, y, logits: (-ybar[..., None] * (log_softmax(logits, axis=-1) + 1),),
        ),
        Slip(
            "entropy-itself-missing",
            "Softmax takes the mean off: -p_j (log p_j + y), so that adding a number to all logits changes nothing. "
            "Here the y is missing.",
            vjp=lambda ybar, y, logits: (-ybar[..., None] * softmax(logits, axis=-1) * log_softmax(logits, axis=-1),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2. Here it is in nats: multiply it by log(2).",
            categorical_entropy,
            categorical_entropy_vjp,
        ),
    ),
    "categorical_moments": (
        Slip(
            "outer-product-missing",
            "The matrix diag(p) is E[e e^T], about 0. The covariance is less by the outer product of the mean: diag(p) "
            "- p p^T.",
            forward=lambda logits: (softmax(logits, axis=-1), _diagonal(softmax(logits, axis=-1))),
        ),
        Slip(
            "independent-outcomes",
            "Only one of the outcomes happens, so their indicators are correlated: off the diagonal the covariance "
            "is -p_i p_j, not 0.",
            forward=lambda logits: (
                categorical_moments(logits)[0],
                categorical_moments(logits)[1] * np.eye(logits.shape[-1]),
            ),
        ),
        Slip(
            "softmax-not-passed",
            "This is the cotangent of the probabilities. The logits lie one step further back: p (pbar - sum(p pbar)).",
            vjp=lambda ybar, y, logits: (ybar[0] + one_hot_covariance_vjp(ybar[1], y[0]),),
        ),
        Slip(
            "second-output-dropped",
            "The logits move the covariance as well as the mean: what comes back from both is added.",
            vjp=only(categorical_moments_vjp, 0),
        ),
    ),
    "normal_mixture_log_density": (
        Slip(
            "mean-of-the-logs",
            "The densities are added with their weights, and then the logarithm is taken. The weighted mean of the "
            "log densities is smaller, and is no density's logarithm.",
            forward=lambda x, logits, mu, sigma: np.sum(
                softmax(logits, axis=-1) * normal_log_density(x[..., None], mu, sigma), axis=-1
            ),
        ),
        Slip(
            "weights-not-normalised",
            "Logits are logarithms of weights that need not add up to 1: subtract the logsumexp of the row, and on the "
            "way back softmax(logits), the share that each component has before x is seen.",
            forward=lambda x, logits, mu, sigma: (
                normal_mixture_log_density(x, logits, mu, sigma) + np.log(np.sum(np.exp(logits), axis=-1))
            ),
            vjp=_prior_kept,
        ),
        Slip(
            "weights-for-responsibilities",
            "Each component answers for x with r_k, its share in the density at x, not with its weight w_k: "
            "r_k = w_k N_k(x) / sum_j w_j N_j(x).",
            vjp=_prior_weights,
        ),
        Slip(
            "log-sigma-held-still",
            "Every component's density has -log(sigma_k): sigmabar_k = ybar r_k (z_k^2 - 1) / sigma_k. Here the -1 is "
            "missing.",
            vjp=_sigma_of_the_normaliser_held_still,
        ),
    ),
    "normal_mixture_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x), the weighted sum of the components' cdfs.",
            normal_mixture_cdf,
            normal_mixture_cdf_vjp,
        ),
        Slip(
            "one-normal-for-all",
            "This is the cdf of one normal with the mean and variance of the mixture. A mixture is no normal: sum the "
            "components' cdfs with their weights.",
            forward=_one_normal,
        ),
        Slip(
            "mean-held-still",
            "Softmax takes the mean off: logitsbar_k = ybar w_k (Phi(z_k) - y), which adds up to 0 over k. Here the "
            "-y is missing.",
            vjp=_mean_held_still,
        ),
    ),
    "normal_mixture_sample": (
        Slip(
            "weighted-sum-of-samples",
            "A sample comes from one component, chosen with the weights. The weighted sum of a sample of each has "
            "a single peak: it is a normal variable.",
            forward=_weighted_sum,
        ),
        Slip(
            "variance-passed-for-sigma",
            "The noise is stretched by the standard deviation of its component, not by the variance: "
            "mu_k + sigma_k noise.",
            forward=lambda u, noise, logits, mu, sigma: normal_mixture_sample(u, noise, logits, mu, sigma**2),
        ),
        Slip(
            "to-every-component",
            "Only the component that was chosen made the sample: the others get 0. Keep the choice of the forward and "
            "use it as a mask.",
            vjp=_to_every_component,
        ),
    ),
    "normal_mixture_moments": (
        Slip(
            "variance-within-only",
            "The components also lie apart: the variance is that within, sum_k w_k sigma_k^2, and that between, "
            "sum_k w_k (mu_k - m)^2.",
            forward=_within_only,
        ),
        deviation(
            "The second is the variance; this is its root, the standard deviation.",
            normal_mixture_moments,
            normal_mixture_moments_vjp,
        ),
        raw(
            "This is E[X^2] = sum_k w_k (sigma_k^2 + mu_k^2), about 0. The variance is less by the square of the mean.",
            normal_mixture_moments,
            normal_mixture_moments_vjp,
        ),
        Slip(
            "softmax-not-passed",
            "This is the cotangent of the weights. The logits lie one step further back: w (wbar - sum(w wbar)).",
            vjp=_softmax_not_passed,
        ),
        Slip(
            "second-output-dropped",
            "Every parameter moves the variance too: what comes back from both outputs is added.",
            vjp=only(normal_mixture_moments_vjp, 0),
        ),
    ),
}

"""Slips of models."""

from __future__ import annotations

import numpy as np

from ..bayes.regression import ridge
from ..linear.layer import linear
from ..loss.regression import mse_vjp
from ..model.autoencoder import autoencoder_loss_vjp, autoencoder_values
from ..model.linear_regression import linear_regression_loss, linear_regression_loss_vjp
from ..model.mlp import mlp_vjp
from ..model.residual import residual_block_values, residual_block_vjp
from ..model.vae import vae_loss_values, vae_values
from ..op import Slip


def _penalised_intercept(x, target, *, alpha):
    wb = ridge(np.concat([x, np.ones_like(x[:, :1])], axis=1), target, alpha=alpha)
    return wb[:-1], wb[-1]


def _not_centred(x, target, *, alpha):
    w = ridge(x, target, alpha=alpha)
    return w, np.mean(target - x @ w)


def _one_penalty_term(ybar, y, x, target, w, b, *, alpha):
    xbar, targetbar, wbar, bbar = linear_regression_loss_vjp(ybar, y, x, target, w, b, alpha=alpha)
    return xbar, targetbar, wbar - alpha * w * ybar / target.size, bbar


def _one_bias(ybar, y, x, *theta, activation):
    xbar, *thetabar = mlp_vjp(ybar, y, x, *theta, activation=activation)
    return xbar, *(np.broadcast_to(np.sum(bar), bar.shape) if bar.ndim == 1 else bar for bar in thetabar)


def _target_forgotten(ybar, y, x, *theta):
    xbar, *thetabar = autoencoder_loss_vjp(ybar, y, x, *theta)
    _, targetbar = mse_vjp(ybar, y, autoencoder_values(x, *theta)["y"], x, reduction="mean")
    return xbar - targetbar, *thetabar


def _shortcut_forgotten(ybar, y, x, *theta, eps):
    xbar, *thetabar = residual_block_vjp(ybar, y, x, *theta, eps=eps)
    return xbar - np.where(residual_block_values(x, *theta, eps=eps)["s"] > 0, ybar, 0), *thetabar


def _decoded(z, w4, b4, w5, b5):
    return linear(np.tanh(linear(z, w4, b4)), w5, b5)


def _variance_as_deviation(x, noise, *theta):
    values = vae_values(x, noise, *theta)
    return _decoded(values["mu"] + np.exp(values["logvar"]) * noise, *theta[6:])


def _with_kl(kl):
    """The loss of the VAE with another divergence, of each row."""

    def forward(x, noise, *theta):
        values = vae_loss_values(x, noise, *theta)
        return np.mean(values["reconstruction"] + kl(values["mu"], values["logvar"]))

    return forward


def _mean_over_pixels(x, noise, *theta):
    values = vae_loss_values(x, noise, *theta)
    return np.mean(values["reconstruction"] / x.shape[1] + values["kl"])


SLIPS = {
    "linear_regression": (
        Slip(
            "intercept-penalised",
            "The penalty is for w alone: with b in it, a shift of the target would move w too. Centre x and target, "
            "and take b = mean(target) - mean(x) w in the end.",
            forward=_penalised_intercept,
        ),
        Slip(
            "not-centred",
            "The best w with an intercept is that of the centred rows: x^T x and x^T target of the rows as they are "
            "give the line through the origin.",
            forward=_not_centred,
        ),
    ),
    "linear_regression_loss": (
        Slip(
            "penalty-not-divided",
            "The penalty is alpha |w|^2 / N, as the squares are averaged: so the loss is smallest where the normal "
            "equations with alpha say.",
            forward=lambda x, target, w, b, *, alpha: (
                linear_regression_loss(x, target, w, b, alpha=alpha) + alpha * (w @ w) * (1 - 1 / len(x))
            ),
        ),
        Slip(
            "half-of-the-gradient-of-the-penalty",
            "The derivative of alpha |w|^2 is 2 alpha w: the 2 is missing in the gradient of the penalty.",
            vjp=_one_penalty_term,
        ),
    ),
    "mlp": (
        Slip(
            "one-number-for-all-biases",
            "Each unit has its own bias: its cotangent is the sum over the rows, np.sum(zbar, axis=0), and not over "
            "the units as well.",
            vjp=_one_bias,
        ),
    ),
    "residual_block": (
        Slip(
            "relu-before-the-sum",
            "The last relu stands behind the sum with x: before it, the block could add to x but take nothing away.",
            forward=lambda x, *theta, eps: x + np.maximum(residual_block_values(x, *theta, eps=eps)["n2"], 0),
        ),
        Slip(
            "last-relu-missing",
            "Behind the sum with x follows a relu: y = relu(x + f(x)).",
            forward=lambda x, *theta, eps: residual_block_values(x, *theta, eps=eps)["s"],
        ),
        Slip(
            "shortcut-missing",
            "The block adds what its layers find to x: y = relu(x + f(x)), and not relu(f(x)).",
            forward=lambda x, *theta, eps: np.maximum(residual_block_values(x, *theta, eps=eps)["n2"], 0),
        ),
        Slip(
            "shortcut-forgotten-on-the-way-back",
            "There are two ways from x to the sum, past the layers and through them: the cotangents of both add up.",
            vjp=_shortcut_forgotten,
        ),
    ),
    "autoencoder_loss": (
        Slip(
            "target-forgotten",
            "What goes into the network is the target too: xbar is what comes back through the network, plus "
            "-2 lossbar (y - x) / (N D) of the target.",
            vjp=_target_forgotten,
        ),
    ),
    "vae": (
        Slip(
            "variance-as-deviation",
            "With logvar the logarithm of the variance, the standard deviation is exp(logvar / 2), not exp(logvar).",
            forward=_variance_as_deviation,
        ),
    ),
    "vae_loss": (
        Slip(
            "kl-with-the-other-sign",
            "The loss is minus the ELBO: the divergence is added, and it is never negative.",
            forward=_with_kl(lambda mu, logvar: -np.sum(mu**2 + np.expm1(logvar) - logvar, axis=1) / 2),
        ),
        Slip(
            "kl-without-half",
            "The divergence of each number of the code is (mu^2 + exp(logvar) - 1 - logvar) / 2: the 1/2 is missing.",
            forward=_with_kl(lambda mu, logvar: np.sum(mu**2 + np.expm1(logvar) - logvar, axis=1)),
        ),
        Slip(
            "kl-without-one",
            "In mu^2 + exp(logvar) - 1 - logvar the 1 is missing: a code with mean 0 and variance 1 costs nothing.",
            forward=_with_kl(lambda mu, logvar: np.sum(mu**2 + np.exp(logvar) - logvar, axis=1) / 2),
        ),
        Slip(
            "logvar-as-logarithm-of-the-deviation",
            "In the divergence stand exp(logvar) and logvar, without a 2: it is the logarithm of the variance, not of "
            "the standard deviation.",
            forward=_with_kl(lambda mu, logvar: np.sum(mu**2 + np.expm1(2 * logvar) - 2 * logvar, axis=1) / 2),
        ),
        Slip(
            "kl-averaged-over-the-code",
            "The divergence of independent numbers is the sum of theirs, not the mean.",
            forward=_with_kl(lambda mu, logvar: np.mean(mu**2 + np.expm1(logvar) - logvar, axis=1) / 2),
        ),
        Slip(
            "reconstruction-averaged-over-pixels",
            "The logarithm of the probability of a row is the sum over its pixels: with their mean, the divergence "
            "weighs D times as much as it should.",
            forward=_mean_over_pixels,
        ),
    ),
}

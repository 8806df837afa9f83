"""Slips of autoencoders, and of their losses."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
from ..loss.regression import mse_vjp
from ..model.autoencoder import (
    autoencoder,
    autoencoder_cotangents,
    autoencoder_loss,
    autoencoder_loss_vjp,
    autoencoder_values,
)
from ..model.vae import vae, vae_cotangents, vae_loss_cotangents, vae_loss_values, vae_values
from ..op import Slip

_PLAIN = ("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4")
_VARIATIONAL = (*_PLAIN, "w5", "b5")


def _without_slope(ybar, y, x, *theta):
    """The encoder's part without the slope of its tanh."""
    values = autoencoder_values(x, *theta)
    bars = autoencoder_cotangents(ybar, values, x, *theta)
    z1bar = bars["h1"]
    bars |= {"x": z1bar @ theta[0].T, "w1": x.T @ z1bar, "b1": np.sum(z1bar, axis=0)}
    return tuple(bars[name] for name in ("x", *_PLAIN))


def _target_forgotten(ybar, y, x, *theta):
    values = autoencoder_values(x, *theta)
    answersbar, _ = mse_vjp(ybar, None, values["y"], x, reduction="mean")
    bars = autoencoder_cotangents(answersbar, values, x, *theta)
    return tuple(bars[name] for name in ("x", *_PLAIN))


def _changed(bars, values, x, theta, mubar, logvarbar):
    """The cotangents of a variational autoencoder, with something added to those of mu and logvar."""
    w1, _, w2, _, w3, *_ = theta
    h1 = values["h1"]
    a1bar = (mubar @ w2.T + logvarbar @ w3.T) * (1 - h1 * h1)
    more = {"w2": h1.T @ mubar, "b2": np.sum(mubar, axis=0), "w3": h1.T @ logvarbar, "b3": np.sum(logvarbar, axis=0)}
    more |= {"x": a1bar @ w1.T, "w1": x.T @ a1bar, "b1": np.sum(a1bar, axis=0)}
    return tuple(bars[name] + more.get(name, 0) for name in ("x", "noise", *_VARIATIONAL))


def _by_the_sample(factor):
    """``factor`` more of what logvar gets by the sample."""

    def vjp(ybar, y, x, noise, *theta):
        values = vae_values(x, noise, *theta)
        bars = vae_cotangents(ybar, values, x, noise, *theta)
        return _changed(bars, values, x, theta, 0 * bars["mu"], factor * bars["std"] * values["std"] / 2)

    return vjp


def _by_the_divergence(of_mu, of_logvar):
    """That much more of what mu and logvar get by the divergence."""

    def vjp(ybar, y, x, noise, *theta):
        values = vae_loss_values(x, noise, *theta)
        bars = vae_loss_cotangents(ybar, values, x, noise, *theta)
        row = ybar / len(x)
        mubar, logvarbar = of_mu * values["mu"] * row, of_logvar * np.expm1(values["logvar"]) / 2 * row
        return _changed(bars, values, x, theta, mubar, logvarbar)

    return vjp


def _of_parts(of):
    """The loss as the mean over the rows of ``of(reconstruction, mu, logvar, kl, D)``."""

    def forward(x, noise, *theta):
        v = vae_loss_values(x, noise, *theta)
        return np.mean(of(v["reconstruction"], v["mu"], v["logvar"], v["kl"], x.shape[1]))

    return forward


def _variance_for_deviation(x, noise, *theta):
    """exp(logvar) is exp(logvar / 2) of twice the layer."""
    return vae(x, noise, *theta[:4], 2 * theta[4], 2 * theta[5], *theta[6:])


SLIPS = {
    "autoencoder": (
        Slip(
            "slope-of-tanh-skipped",
            "Between two affine layers the cotangent goes through tanh: zbar = (1 - h^2) hbar, in the encoder too.",
            vjp=_without_slope,
        ),
        Slip(
            "sigmoid-at-the-end",
            "The decoder ends with its affine layer: a sigmoid would keep the answers between 0 and 1, where x need "
            "not be.",
            forward=lambda x, *theta: sigmoid(autoencoder(x, *theta)),
        ),
    ),
    "autoencoder_loss": (
        Slip(
            "target-forgotten",
            "The loss meets x twice, as what goes in and as what should come out: xbar has a second part, "
            "-2 lossbar (y - x) / (N D).",
            vjp=_target_forgotten,
        ),
        Slip(
            "divided-by-the-rows",
            "The mean is over all elements: divide by rows times columns, and not by the rows alone.",
            forward=lambda x, *theta: x.shape[1] * autoencoder_loss(x, *theta),
            vjp=lambda ybar, y, x, *theta: autoencoder_loss_vjp(x.shape[1] * ybar, y, x, *theta),
        ),
    ),
    "vae": (
        Slip(
            "variance-as-deviation",
            "The noise is multiplied by the standard deviation exp(logvar / 2), the root of the variance.",
            forward=_variance_for_deviation,
        ),
        Slip(
            "inner-derivative-forgotten",
            "The derivative of exp(logvar / 2) is exp(logvar / 2) / 2: the 1/2 of the exponent is missing.",
            vjp=_by_the_sample(1),
        ),
        Slip(
            "deviation-taken-for-a-constant",
            "The sample mu + std noise depends on logvar through std: logvarbar = zbar noise std / 2.",
            vjp=_by_the_sample(-1),
        ),
        Slip(
            "noise-forgotten",
            "The code is a sample, mu + std noise, while the network is trained: mu alone is its mean.",
            forward=lambda x, noise, *theta: vae(x, 0 * noise, *theta),
        ),
    ),
    "vae_loss": (
        Slip(
            "kl-with-the-other-sign",
            "The loss is minus the ELBO, so the divergence is added: subtracted, codes far from the prior would be "
            "rewarded.",
            forward=_of_parts(lambda reconstruction, mu, logvar, kl, d: reconstruction - kl),
            vjp=_by_the_divergence(-2, -2),
        ),
        Slip(
            "kl-without-half",
            "The divergence from the standard normal is sum(mu^2 + exp(logvar) - 1 - logvar) / 2.",
            forward=_of_parts(lambda reconstruction, mu, logvar, kl, d: reconstruction + 2 * kl),
            vjp=_by_the_divergence(1, 1),
        ),
        Slip(
            "kl-without-one",
            "The divergence is 0 where mu = 0 and logvar = 0: sum(mu^2 + exp(logvar) - 1 - logvar) / 2, with - 1 for "
            "each number of the code.",
            forward=_of_parts(
                lambda reconstruction, mu, logvar, kl, d: reconstruction + kl + mu.shape[1] / 2,
            ),
        ),
        Slip(
            "logvar-as-logarithm-of-the-deviation",
            "The network gives the logarithm of the variance: exp(2 logvar) would be right if it gave that of the "
            "standard deviation.",
            forward=_of_parts(
                lambda reconstruction, mu, logvar, kl, d: (
                    reconstruction + np.sum(mu**2 + np.expm1(2 * logvar) - 2 * logvar, axis=1) / 2
                ),
            ),
        ),
        Slip(
            "kl-averaged-over-the-code",
            "The divergence of independent numbers is the sum of theirs, not the mean.",
            forward=_of_parts(lambda reconstruction, mu, logvar, kl, d: reconstruction + kl / mu.shape[1]),
        ),
        Slip(
            "reconstruction-averaged-over-pixels",
            "Reconstruction and divergence are sums both, over the pixels and over the code: a mean over the pixels "
            "makes the divergence D times as heavy.",
            forward=_of_parts(lambda reconstruction, mu, logvar, kl, d: reconstruction / d + kl),
        ),
        Slip(
            "kl-forgotten-on-the-way-back",
            "The encoder is met twice, by the sample and by the divergence: mu / N and (exp(logvar) - 1) / (2 N) are "
            "to be added.",
            vjp=_by_the_divergence(-1, -1),
        ),
    ),
}

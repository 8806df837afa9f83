"""The variational autoencoder: a code that is a distribution."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import tanh, tanh_vjp
from ..distribution.sampling import reparameterize, reparameterize_vjp
from ..divergence.continuous import kl_standard_normal, kl_standard_normal_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.binary import binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_vjp
from ..op import Case, Op
from .mlp import mlp_theta

WEIGHTS = ("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4", "w5", "b5")


def vae(x, noise, *theta):
    """y = tanh(z w4 + b4) w5 + b5, z = mu + exp(logvar / 2) noise, (mu, logvar) = encoder(x).

    Shapes: x (N, D) in [0, 1], noise (N, L), theta = w1 (D, H), b1 (H,), w2 and w3 (H, L), b2 and b3 (L,), w4 (L, M),
    b4 (M,), w5 (M, D), b5 (D,); y (N, D), logits of the pixels. The encoder is h1 = tanh(x w1 + b1),
    mu = h1 w2 + b2, logvar = h1 w3 + b3.

    With noise of the standard normal distribution, z is a sample of Normal(mu, exp(logvar)). The noise comes from
    outside, so the sample is a differentiable function of mu and logvar: this is the reparameterisation. A network
    gives the logarithm of the variance, as that may be any number.

    Raises ValueError when the parameters or the noise do not fit.

    Source: Kingma and Welling (2014), Auto-Encoding Variational Bayes, sections 2.4 and 3, appendix C.
    """
    return vae_values(x, noise, *theta)["y"]


def vae_values(x, noise, *theta):
    """a is what goes into a tanh and h what comes out of it, a1 and h1 of the encoder, a2 and h2 of the decoder."""
    if len(theta) != len(WEIGHTS):
        raise ValueError(f"theta has {len(theta)} arrays, expected {', '.join(WEIGHTS)}")
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = theta
    if b5.shape != x.shape[1:]:
        raise ValueError(f"b5 has shape {b5.shape}, expected {x.shape[1:]}: a number for each column of x")
    a1 = linear(x, w1, b1)
    h1 = tanh(a1)
    mu, logvar = linear(h1, w2, b2), linear(h1, w3, b3)
    if not noise.shape == mu.shape == logvar.shape:
        raise ValueError(f"noise {noise.shape}, mu {mu.shape} and logvar {logvar.shape} must have one shape")
    std = np.exp(logvar / 2)
    z = reparameterize(noise, mu, std)
    a2 = linear(z, w4, b4)
    h2 = tanh(a2)
    encoded = {"a1": a1, "h1": h1, "mu": mu, "logvar": logvar, "std": std, "z": z}
    return encoded | {"a2": a2, "h2": h2, "y": linear(h2, w5, b5)}


def vae_vjp(ybar, y, x, noise, *theta):
    """mubar = zbar, logvarbar = zbar noise std / 2, and h1bar is the sum of what comes back from both."""
    cotangents = vae_cotangents(ybar, vae_values(x, noise, *theta), x, noise, *theta)
    return tuple(cotangents[name] for name in ("x", "noise", *WEIGHTS))


def vae_cotangents(ybar, values, x, noise, *theta):
    """Through the decoder to z, and from z through the encoder."""
    bars = _decoder_cotangents(ybar, values, theta)
    return bars | _encoder_cotangents(bars["z"], 0, 0, values, x, noise, theta)


def _decoder_cotangents(ybar, values, theta):
    *_, w4, b4, w5, b5 = theta
    a2, h2 = values["a2"], values["h2"]
    h2bar, w5bar, b5bar = linear_vjp(ybar, values["y"], h2, w5, b5)
    (a2bar,) = tanh_vjp(h2bar, h2, a2)
    zbar, w4bar, b4bar = linear_vjp(a2bar, a2, values["z"], w4, b4)
    return {"y": ybar, "b5": b5bar, "w5": w5bar, "h2": h2bar, "a2": a2bar, "b4": b4bar, "w4": w4bar, "z": zbar}


def _encoder_cotangents(zbar, mubar, logvarbar, values, x, noise, theta):
    """``mubar`` and ``logvarbar`` are what mu and logvar have got from elsewhere than z."""
    w1, b1, w2, b2, w3, b3, *_ = theta
    a1, h1, mu, logvar, std = (values[name] for name in ("a1", "h1", "mu", "logvar", "std"))
    noisebar, by_sample, stdbar = reparameterize_vjp(zbar, values["z"], noise, mu, std)
    mubar, logvarbar = by_sample + mubar, stdbar * std / 2 + logvarbar
    by_mu, w2bar, b2bar = linear_vjp(mubar, mu, h1, w2, b2)
    by_logvar, w3bar, b3bar = linear_vjp(logvarbar, logvar, h1, w3, b3)
    h1bar = by_mu + by_logvar
    (a1bar,) = tanh_vjp(h1bar, h1, a1)
    xbar, w1bar, b1bar = linear_vjp(a1bar, a1, x, w1, b1)
    return {
        "noise": noisebar,
        "std": stdbar,
        "logvar": logvarbar,
        "b3": b3bar,
        "w3": w3bar,
        "mu": mubar,
        "b2": b2bar,
        "w2": w2bar,
        "h1": h1bar,
        "a1": a1bar,
        "b1": b1bar,
        "w1": w1bar,
        "x": xbar,
    }


def vae_cases(rng):
    x, noise, *theta = _drawn(rng, 3, 5, 4, 2, 6)
    yield Case("two-numbers", (x, noise, *theta))
    yield Case("a-parameter-missing", (x, noise, *theta[:-1]), {}, "refused")
    yield Case("one-noise-for-all-rows", (x, noise[:1], *theta), {}, "refused")
    yield Case("noise-without-its-axis", (x, noise[:, 0], *theta), {}, "refused")


def vae_sized(rng, n):
    return Case("sized", _drawn(rng, max(n // 64, 1), 64, 24, 4, 24))


def vae_loss(x, noise, *theta):
    """loss = mean over the rows of sum_d -log p(x_d | z) + KL(Normal(mu, exp(logvar)) | Normal(0, 1)) = -ELBO.

    Shapes: x in [0, 1], noise and theta as in vae; loss () in nats for each row.

    A pixel's x_d is a probability, or 0 or 1, and -log p = softplus(y_d) - x_d y_d with the logit y_d. The divergence
    is sum_l (mu_l^2 + exp(logvar_l) - 1 - logvar_l) / 2. Both are sums, over the pixels and over the code, and only
    the rows are averaged: a mean over the pixels would make the divergence D times as heavy.

    Raises ValueError as vae does.

    Source: Kingma and Welling (2014), Auto-Encoding Variational Bayes, section 3, eq. 10, and appendix B.
    """
    return vae_loss_values(x, noise, *theta)["loss"]


def vae_loss_values(x, noise, *theta):
    """Those of vae; for each row the reconstruction's cost and the divergence kl; the loss."""
    values = vae_values(x, noise, *theta)
    reconstruction = np.sum(binary_cross_entropy_with_logits(values["y"], x, None, None, reduction="none"), axis=1)
    kl = kl_standard_normal(values["mu"], values["logvar"])
    return values | {"reconstruction": reconstruction, "kl": kl, "loss": np.mean(reconstruction + kl)}


def vae_loss_vjp(ybar, y, x, noise, *theta):
    """From the divergence mubar = mu lossbar / N and logvarbar = (exp(logvar) - 1) lossbar / (2 N), and those of vae.

    x is what goes in and what should come out: the cotangents of both add up.
    """
    cotangents = vae_loss_cotangents(ybar, vae_loss_values(x, noise, *theta), x, noise, *theta)
    return tuple(cotangents[name] for name in ("x", "noise", *WEIGHTS))


def vae_loss_cotangents(ybar, values, x, noise, *theta):
    """mu and logvar have two ways to the loss, by the sample and by the divergence."""
    y, mu, logvar = values["y"], values["mu"], values["logvar"]
    rowbar = np.broadcast_to(ybar / len(x), (len(x),))
    pixelbar = np.broadcast_to(rowbar[:, None], y.shape)
    answersbar, targetbar = binary_cross_entropy_with_logits_vjp(pixelbar, None, y, x, None, None, reduction="none")
    bars = {"loss": ybar, "kl": rowbar, "reconstruction": rowbar} | _decoder_cotangents(answersbar, values, theta)
    mubar, logvarbar = kl_standard_normal_vjp(rowbar, values["kl"], mu, logvar)
    bars |= _encoder_cotangents(bars["z"], mubar, logvarbar, values, x, noise, theta)
    return bars | {"x": bars["x"] + targetbar}


def vae_loss_cases(rng):
    x, noise, *theta = _drawn(rng, 4, 6, 5, 2, 3)
    yield Case("two-numbers", (x, noise, *theta))
    # every weight is 0 but the biases, so mu, logvar and y are the same for all rows: black pixels, rightly for sure
    nothing = [np.zeros_like(w) for w in theta]
    nothing[3], nothing[9] = np.array([2.0, 4.0]), np.full(6, -2000.0)
    yield Case("sure-of-black", (np.zeros_like(x), noise, *nothing), {}, "special", np.array(10.0))
    yield Case("another-width", (x, noise, *theta[:-2], theta[-2][:, :1], theta[-1][:1]), {}, "refused")


def vae_loss_sized(rng, n):
    return vae_sized(rng, n)


def _drawn(rng, rows, width, hidden, code, hidden_again):
    encoder, variance = mlp_theta(rng, width, hidden, code), mlp_theta(rng, hidden, code)
    decoder = mlp_theta(rng, code, hidden_again, width)
    return rng.uniform(size=(rows, width)), rng.normal(size=(rows, code)), *encoder, *variance, *decoder


OPS = [
    Op(vae, vae_cases, vae_vjp, vae_sized, values=vae_values, cotangents=vae_cotangents),
    Op(vae_loss, vae_loss_cases, vae_loss_vjp, vae_loss_sized, values=vae_loss_values, cotangents=vae_loss_cotangents),
]

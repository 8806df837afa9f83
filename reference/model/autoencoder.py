"""The autoencoder: a network that gives back what it is given, through a few numbers in the middle."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import tanh, tanh_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.regression import mse, mse_vjp
from ..op import Case, Op
from .mlp import mlp_theta

WEIGHTS = ("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4")


def autoencoder(x, *theta):
    """y = tanh(code w3 + b3) w4 + b4, code = tanh(x w1 + b1) w2 + b2: the decoder of what the encoder has made of x.

    Shapes: x (N, D), theta = w1 (D, H), b1 (H,), w2 (H, L), b2 (L,), w3 (L, M), b3 (M,), w4 (M, D), b4 (D,); code
    (N, L), y as x.

    L is smaller than D, so the code keeps what tells the rows apart. Without tanh the best code would be that of the
    principal components.

    Raises ValueError when the parameters do not fit, or y has not the width of x.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 14.1 (undercomplete autoencoders).
    """
    return autoencoder_values(x, *theta)["y"]


def autoencoder_values(x, *theta):
    """z is what goes into a tanh and h what comes out of it, z1 and h1 of the encoder, z2 and h2 of the decoder."""
    _require(x, theta)
    w1, b1, w2, b2, w3, b3, w4, b4 = theta
    z1 = linear(x, w1, b1)
    h1 = tanh(z1)
    code = linear(h1, w2, b2)
    z2 = linear(code, w3, b3)
    h2 = tanh(z2)
    return {"z1": z1, "h1": h1, "code": code, "z2": z2, "h2": h2, "y": linear(h2, w4, b4)}


def autoencoder_vjp(ybar, y, x, *theta):
    """Through the decoder to the code, and through the encoder to x."""
    cotangents = autoencoder_cotangents(ybar, autoencoder_values(x, *theta), x, *theta)
    return tuple(cotangents[name] for name in ("x", *WEIGHTS))


def autoencoder_cotangents(ybar, values, x, *theta):
    """Layer by layer from the end: zbar = (1 - h^2) hbar, and what an affine layer hands back."""
    w1, b1, w2, b2, w3, b3, w4, b4 = theta
    z1, h1, code, z2, h2, y = (values[name] for name in ("z1", "h1", "code", "z2", "h2", "y"))
    h2bar, w4bar, b4bar = linear_vjp(ybar, y, h2, w4, b4)
    (z2bar,) = tanh_vjp(h2bar, h2, z2)
    codebar, w3bar, b3bar = linear_vjp(z2bar, z2, code, w3, b3)
    h1bar, w2bar, b2bar = linear_vjp(codebar, code, h1, w2, b2)
    (z1bar,) = tanh_vjp(h1bar, h1, z1)
    xbar, w1bar, b1bar = linear_vjp(z1bar, z1, x, w1, b1)
    return {
        "y": ybar,
        "b4": b4bar,
        "w4": w4bar,
        "h2": h2bar,
        "z2": z2bar,
        "b3": b3bar,
        "w3": w3bar,
        "code": codebar,
        "b2": b2bar,
        "w2": w2bar,
        "h1": h1bar,
        "z1": z1bar,
        "b1": b1bar,
        "w1": w1bar,
        "x": xbar,
    }


def autoencoder_cases(rng):
    x, theta = rng.normal(size=(3, 5)), _two_networks(rng, 5, 4, 2, 6)
    yield Case("two-numbers", (x, *theta))
    yield Case("a-parameter-missing", (x, *theta[:-1]), {}, "refused")
    yield Case("another-width", (x, *theta[:-2], theta[-2][:, :1], theta[-1][:1]), {}, "refused")


def autoencoder_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_two_networks(rng, 64, 24, 8, 24)))


def autoencoder_loss(x, *theta):
    """loss = mean of (autoencoder(x, *theta) - x)^2 over all elements.

    Shapes: x (N, D), theta as in autoencoder, loss () in the squared unit of x.

    x is met twice, as what goes in and as what should come out.

    Raises ValueError as autoencoder does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 14.1, eq. 14.1.
    """
    return autoencoder_loss_values(x, *theta)["loss"]


def autoencoder_loss_values(x, *theta):
    """Those of autoencoder, and the loss."""
    values = autoencoder_values(x, *theta)
    return values | {"loss": mse(values["y"], x, reduction="mean")}


def autoencoder_loss_vjp(ybar, y, x, *theta):
    """2 lossbar (y - x) / (N D) goes through the network, and to x, the target, with the opposite sign as well."""
    cotangents = autoencoder_loss_cotangents(ybar, autoencoder_loss_values(x, *theta), x, *theta)
    return tuple(cotangents[name] for name in ("x", *WEIGHTS))


def autoencoder_loss_cotangents(ybar, values, x, *theta):
    """x has two ways to the loss: their cotangents add up."""
    answersbar, targetbar = mse_vjp(ybar, values["y"], values["y"], x, reduction="mean")
    bars = {"loss": ybar} | autoencoder_cotangents(answersbar, values, x, *theta)
    return bars | {"x": bars["x"] + targetbar}


def autoencoder_loss_cases(rng):
    x, theta = rng.normal(size=(4, 6)), _two_networks(rng, 6, 5, 2, 3)
    yield Case("two-numbers", (x, *theta))
    # every weight is 0, so that the last bias answers for all rows: (1, 2) for (1, 2), (2, 4) and (0, 2)
    nothing = (np.zeros((2, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1), np.zeros((1, 4)), np.zeros(4))
    rows = np.array([[1.0, 2.0], [2.0, 4.0], [0.0, 2.0]])
    args = (rows, *nothing, np.zeros((4, 2)), np.array([1.0, 2.0]))
    yield Case("one-answer-for-all", args, {}, "special", np.array(1.0))
    yield Case("another-width", (x, *theta[:-2], theta[-2][:, :1], theta[-1][:1]), {}, "refused")


def autoencoder_loss_sized(rng, n):
    return autoencoder_sized(rng, n)


def _two_networks(rng, width, hidden, code, hidden_again):
    return mlp_theta(rng, width, hidden, code, hidden_again, width)


def _require(x, theta):
    if len(theta) != len(WEIGHTS):
        raise ValueError(f"theta has {len(theta)} arrays, expected {', '.join(WEIGHTS)}")
    if theta[-1].shape != x.shape[1:]:
        raise ValueError(f"b4 has shape {theta[-1].shape}, expected {x.shape[1:]}: a number for each column of x")


OPS = [
    Op(
        autoencoder,
        autoencoder_cases,
        autoencoder_vjp,
        autoencoder_sized,
        values=autoencoder_values,
        cotangents=autoencoder_cotangents,
    ),
    Op(
        autoencoder_loss,
        autoencoder_loss_cases,
        autoencoder_loss_vjp,
        autoencoder_loss_sized,
        values=autoencoder_loss_values,
        cotangents=autoencoder_loss_cotangents,
    ),
]

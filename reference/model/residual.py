"""Residual networks: what a layer adds to its input, rather than what it makes of it."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..convolution.filters import conv2d, conv2d_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..norm.batch import batch_norm, batch_norm_vjp
from ..op import Case, Op
from .cnn import THREE_BY_THREE
from .mlp import LABELS, random_labels

BLOCK = ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2")
CLASSIFIER = ("w0", "gamma0", "beta0", *BLOCK, "w3", "b3")


def residual_block(x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    """y = relu(x + f(x)), f(x) = batch_norm(conv(relu(batch_norm(conv(x))))), in training mode.

    Shapes: x (N,C,H,W), w1 (M,C,3,3), gamma1 and beta1 (M,), w2 (C,M,3,3), gamma2 and beta2 (C,), y as x.

    The block adds to x what its two layers find, and with gamma2 = beta2 = 0 it is the relu of x alone. Backward, the
    cotangent of the sum goes to x as it is, past both layers: so it reaches the first of a hundred blocks.

    Raises ValueError when the parameters do not fit, or f(x) has another shape than x.

    Source: He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition, section 3.2, eq. 1, and
    section 3.4 (the norm stands behind each convolution).
    """
    return residual_block_values(x, w1, gamma1, beta1, w2, gamma2, beta2, eps=eps)["y"]


def residual_block_values(x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    """z1 (sums), n1 (normalised), h1 (bent), z2, n2, s (the sum with x), y."""
    z1 = _three_by_three(x, w1)
    n1 = batch_norm(z1, gamma1, beta1, eps=eps)
    h1 = relu(n1)
    z2 = _three_by_three(h1, w2)
    if z2.shape != x.shape:
        raise ValueError(f"the layers make {z2.shape} of x {x.shape}, expected the same shape, as they are added")
    n2 = batch_norm(z2, gamma2, beta2, eps=eps)
    s = x + n2
    return {"z1": z1, "n1": n1, "h1": h1, "z2": z2, "n2": n2, "s": s, "y": relu(s)}


def residual_block_vjp(ybar, y, x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    """xbar = sbar + (the way through both layers), sbar = ybar where the sum is above 0."""
    theta = (w1, gamma1, beta1, w2, gamma2, beta2)
    cotangents = residual_block_cotangents(ybar, residual_block_values(x, *theta, eps=eps), x, *theta, eps=eps)
    return tuple(cotangents[name] for name in ("x", *BLOCK))


def residual_block_cotangents(ybar, values, x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    """x has two ways to the sum: their cotangents add up."""
    z1, n1, h1, z2, n2, s, y = (values[name] for name in ("z1", "n1", "h1", "z2", "n2", "s", "y"))
    (sbar,) = relu_vjp(ybar, y, s)
    z2bar, gamma2bar, beta2bar = batch_norm_vjp(sbar, n2, z2, gamma2, beta2, eps=eps)
    h1bar, w2bar, _ = conv2d_vjp(z2bar, z2, h1, w2, None, **THREE_BY_THREE)
    (n1bar,) = relu_vjp(h1bar, h1, n1)
    z1bar, gamma1bar, beta1bar = batch_norm_vjp(n1bar, n1, z1, gamma1, beta1, eps=eps)
    xbar, w1bar, _ = conv2d_vjp(z1bar, z1, x, w1, None, **THREE_BY_THREE)
    return {
        "y": ybar,
        "s": sbar,
        "n2": sbar,
        "beta2": beta2bar,
        "gamma2": gamma2bar,
        "z2": z2bar,
        "w2": w2bar,
        "h1": h1bar,
        "n1": n1bar,
        "beta1": beta1bar,
        "gamma1": gamma1bar,
        "z1": z1bar,
        "w1": w1bar,
        "x": sbar + xbar,
    }


def residual_block_cases(rng):
    yield Case("lines", (_above_and_below(rng, (5, 2, 1, 6)), *_block(rng, 2, 4)), {"eps": 0.1})
    yield Case("one-image", (_above_and_below(rng, (1, 4, 6, 5)), *_block(rng, 4, 2)), {"eps": 0.5})
    x, theta = rng.normal(size=(5, 2, 1, 6)), _block(rng, 2, 4)
    nothing = (*theta[:4], np.zeros(2), np.zeros(2))
    yield Case("nothing-added", (x, *nothing), {"eps": 0.25}, "special", np.maximum(x, 0))
    yield Case("another-number-of-channels", (x, *theta[:3], *_layer(rng, 4, 3)), {"eps": 0.1}, "refused")
    yield Case("one-channel-for-all", (x, *theta[:3], *_layer(rng, 4, 1)), {"eps": 0.1}, "refused")


def residual_block_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 512, 1), 8, 8, 8)), *_block(rng, 8, 8)), {"eps": 1e-5})


def residual_classifier(x, *theta, eps):
    """y = mean(block(relu(batch_norm(conv(x))))) w3 + b3, with block as residual_block, in training mode.

    Shapes: x (N,C0,H,W), theta = w0 (C,C0,3,3), gamma0, beta0 (C,), those of the block, w3 (C,K), b3 (K,); y (N,K).
    The mean runs over height and width.

    A first layer makes as many channels as the block keeps; the mean makes of each channel one number, wherever in
    the image it was large.

    Raises ValueError when the parameters do not fit.

    Source: He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition, section 4.2 (with one block).
    """
    return residual_classifier_values(x, *theta, eps=eps)["y"]


def residual_classifier_values(x, *theta, eps):
    """z0, n0, h0 of the first layer, those of the block, whose y is h2 here, their mean, and y."""
    if len(theta) != len(CLASSIFIER):
        raise ValueError(f"theta has {len(theta)} arrays, expected {', '.join(CLASSIFIER)}")
    w0, gamma0, beta0, *block, w3, b3 = theta
    z0 = _three_by_three(x, w0)
    n0 = batch_norm(z0, gamma0, beta0, eps=eps)
    values = {"z0": z0, "n0": n0, "h0": relu(n0)}
    values |= residual_block_values(values["h0"], *block, eps=eps)
    values["h2"] = values.pop("y")
    values["mean"] = np.mean(values["h2"], axis=(2, 3))
    return values | {"y": linear(values["mean"], w3, b3)}


def residual_classifier_vjp(ybar, y, x, *theta, eps):
    """The VJPs of the last layer, of the mean, of the block and of the first layer."""
    values = residual_classifier_values(x, *theta, eps=eps)
    cotangents = residual_classifier_cotangents(ybar, values, x, *theta, eps=eps)
    return tuple(cotangents[name] for name in ("x", *CLASSIFIER))


def residual_classifier_cotangents(ybar, values, x, *theta, eps):
    """A mean hands its cotangent to all pixels, divided by their number."""
    w0, gamma0, beta0, *block, w3, b3 = theta
    h0, h2 = values["h0"], values["h2"]
    meanbar, w3bar, b3bar = linear_vjp(ybar, values["y"], values["mean"], w3, b3)
    h2bar = np.broadcast_to(meanbar[:, :, None, None] / (h2.shape[2] * h2.shape[3]), h2.shape)
    ofblock = residual_block_cotangents(h2bar, values | {"y": h2}, h0, *block, eps=eps)
    h0bar = ofblock.pop("x")
    (n0bar,) = relu_vjp(h0bar, h0, values["n0"])
    z0bar, gamma0bar, beta0bar = batch_norm_vjp(n0bar, values["n0"], values["z0"], gamma0, beta0, eps=eps)
    xbar, w0bar, _ = conv2d_vjp(z0bar, values["z0"], x, w0, None, **THREE_BY_THREE)
    bars = {"y": ybar, "b3": b3bar, "w3": w3bar, "mean": meanbar, "h2": ofblock.pop("y")} | ofblock
    return bars | {
        "h0": h0bar,
        "n0": n0bar,
        "beta0": beta0bar,
        "gamma0": gamma0bar,
        "z0": z0bar,
        "w0": w0bar,
        "x": xbar,
    }


def residual_classifier_cases(rng):
    x, theta = rng.normal(size=(2, 1, 4, 5)), _classifier(rng, 1, 3, 2, 6)
    yield Case("big-eps", (x, *theta), {"eps": 2.0})
    yield Case("a-parameter-missing", (x, *theta[:-1]), {"eps": 0.1}, "refused")
    yield Case("another-number-of-channels", (rng.normal(size=(2, 3, 4, 5)), *theta), {"eps": 0.1}, "refused")


def residual_classifier_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 1, 8, 8)), *_classifier(rng, 1, 8, 8, 10)), {"eps": 1e-5})


def residual_classifier_loss(x, labels, *theta, eps):
    """loss = mean over the images n of logsumexp(z_n) - z_n,label(n), with z = residual_classifier(x, *theta).

    Shapes: x and theta as in residual_classifier, labels (N,) integers in 0 ... K - 1, loss () in nats.

    Raises ValueError when the parameters do not fit, IndexError for a label out of range.

    Source: He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition, section 4.2.
    """
    return residual_classifier_loss_values(x, labels, *theta, eps=eps)["loss"]


def residual_classifier_loss_values(x, labels, *theta, eps):
    """Those of residual_classifier, whose y are the logits, and the loss."""
    values = residual_classifier_values(x, *theta, eps=eps)
    return values | {"loss": cross_entropy(values["y"], labels, None, **LABELS)}


def residual_classifier_loss_vjp(ybar, y, x, labels, *theta, eps):
    """The loss hands logitsbar = ybar (softmax(z) - onehot(labels)) / N to the network; labels have no cotangent."""
    values = residual_classifier_loss_values(x, labels, *theta, eps=eps)
    cotangents = residual_classifier_loss_cotangents(ybar, values, x, labels, *theta, eps=eps)
    return cotangents["x"], None, *(cotangents[name] for name in CLASSIFIER)


def residual_classifier_loss_cotangents(ybar, values, x, labels, *theta, eps):
    """Through the loss, then through the network."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["y"], labels, None, **LABELS)
    return {"loss": ybar} | residual_classifier_cotangents(logitsbar, values, x, *theta, eps=eps)


def residual_classifier_loss_cases(rng):
    x, labels, theta = rng.normal(size=(5, 1, 2, 4)), random_labels(rng, 5, 4), _classifier(rng, 1, 2, 3, 4)
    yield Case("big-eps", (x, labels, *theta), {"eps": 3.0})
    yield Case("label-out-of-range", (x, np.where(labels == 3, 4, labels), *theta), {"eps": 0.1}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], *theta), {"eps": 0.1}, "refused")


def residual_classifier_loss_sized(rng, n):
    x, *theta = residual_classifier_sized(rng, n).args
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta), {"eps": 1e-5})


def _three_by_three(x, w):
    if w.shape[2:] != (3, 3):
        raise ValueError(f"a filter has shape {w.shape}, expected (C_out,C_in,3,3)")
    return conv2d(x, w, None, **THREE_BY_THREE)


def _above_and_below(rng, shape):
    """Inputs on both sides of 0, mostly above it, so that no channel is dead behind its last relu."""
    return 0.5 + rng.normal(size=shape)


def _layer(rng, c_in, c_out):
    w = rng.normal(size=(c_out, c_in, 3, 3)) / np.sqrt(9 * c_in)
    return w, rng.uniform(0.5, 2, c_out), rng.uniform(0.2, 0.8, c_out)


def _block(rng, channels, between):
    return *_layer(rng, channels, between), *_layer(rng, between, channels)


def _classifier(rng, c_in, channels, between, classes):
    last = rng.normal(size=(channels, classes)), rng.normal(size=classes)
    return *_layer(rng, c_in, channels), *_block(rng, channels, between), *last


OPS = [
    Op(
        residual_block,
        residual_block_cases,
        residual_block_vjp,
        residual_block_sized,
        values=residual_block_values,
        cotangents=residual_block_cotangents,
    ),
    Op(
        residual_classifier,
        residual_classifier_cases,
        residual_classifier_vjp,
        residual_classifier_sized,
        values=residual_classifier_values,
        cotangents=residual_classifier_cotangents,
    ),
    Op(
        residual_classifier_loss,
        residual_classifier_loss_cases,
        residual_classifier_loss_vjp,
        residual_classifier_loss_sized,
        values=residual_classifier_loss_values,
        cotangents=residual_classifier_loss_cotangents,
    ),
]

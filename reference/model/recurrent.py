"""Classifiers of sequences: a recurrent network reads from the first step to the last, and the last state decides.

Every intermediate has its step in its name: h2 is the state after the second. The state before the first is 0.
"""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import tanh, tanh_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..op import Case, Op
from ..sequence.lstm import lstm_gates, lstm_gates_vjp
from ..sequence.recurrence import bias, inputs, summed, sums, sums_vjp, weights
from .mlp import LABELS, random_labels


def rnn_classifier_values(x, w_ih, w_hh, b, w_out, b_out):
    """Of each step t: zt = x_t w_ih + h(t-1) w_hh + b and ht = tanh(zt); then the logits."""
    values, h = {}, _nothing(x, w_hh)
    for t in range(1, x.shape[1] + 1):
        values[f"z{t}"] = z = sums(x[:, t - 1], h, w_ih, w_hh, b, 1)
        values[f"h{t}"] = h = tanh(z)
    return {**values, "logits": linear(h, w_out, b_out)}


def rnn_classifier(x, w_ih, w_hh, b, w_out, b_out):
    """y = h_T w_out + b_out, with h_t = tanh(x_t w_ih + h_(t-1) w_hh + b) and h_0 = 0: the logits of C classes.

    Shapes: x (N, T, D), w_ih (D, H), w_hh (H, H), b (H,), w_out (H, C), b_out (C,), y (N, C).

    Only the last state is looked at. What the first step had to say must have come through all the others.

    Raises ValueError for other shapes, and for a sequence without a step.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2, figure 10.5.
    """
    return rnn_classifier_values(x, w_ih, w_hh, b, w_out, b_out)["logits"]


def rnn_classifier_cotangents(ybar, values, x, w_ih, w_hh, b, w_out, b_out):
    """From the logits to h_T, and step by step to h_1: ztbar = htbar / cosh(zt)^2, h(t-1)bar = ztbar w_hh^T."""
    bars, xbars, thetabars = {"logits": ybar}, [], []
    hbar, bars["w_out"], bars["b_out"] = linear_vjp(ybar, values["logits"], values[f"h{x.shape[1]}"], w_out, b_out)
    for t in range(x.shape[1], 0, -1):
        bars[f"h{t}"] = hbar
        (bars[f"z{t}"],) = tanh_vjp(hbar, values[f"h{t}"], values[f"z{t}"])
        before = values[f"h{t - 1}"] if t > 1 else _nothing(x, w_hh)
        xbar, hbar, *here = sums_vjp(bars[f"z{t}"], x[:, t - 1], before, w_ih, w_hh)
        xbars, thetabars = [xbar, *xbars], [*thetabars, here]
    thetabar = dict(zip(("w_ih", "w_hh", "b"), summed(thetabars), strict=True))
    return {**bars, **thetabar, "x": np.stack(xbars, axis=1)}


def rnn_classifier_vjp(ybar, y, x, w_ih, w_hh, b, w_out, b_out):
    """Backpropagation through time from one cotangent, that of the last state."""
    args = (x, w_ih, w_hh, b, w_out, b_out)
    return _of_arguments(rnn_classifier_cotangents(ybar, rnn_classifier_values(*args), *args))


def lstm_classifier_values(x, w_ih, w_hh, b, w_out, b_out):
    """Of each step t: the gates it, ft, gt, ot, ct = ft c(t-1) + it gt and ht = ot tanh(ct); then the logits."""
    values, h = {}, _nothing(x, w_hh)
    c = h
    for t in range(1, x.shape[1] + 1):
        i, f, g, o = lstm_gates(x[:, t - 1], h, w_ih, w_hh, b)
        c = f * c + i * g
        h = o * tanh(c)
        values |= {f"i{t}": i, f"f{t}": f, f"g{t}": g, f"o{t}": o, f"c{t}": c, f"h{t}": h}
    return {**values, "logits": linear(h, w_out, b_out)}


def lstm_classifier(x, w_ih, w_hh, b, w_out, b_out):
    """y = h_T w_out + b_out, with h_t and c_t = lstm_cell(x_t, h_(t-1), c_(t-1), w_ih, w_hh, b), h_0 = c_0 = 0.

    Shapes: x (N, T, D), w_ih (D, 4H), w_hh (H, 4H), b (4H,), the gates in the order i, f, g, o, w_out (H, C), b_out
    (C,), y (N, C).

    What the first step had to say is in the sum c_T, and reaches the logits without passing through the others.

    Raises ValueError for other shapes, and for a sequence without a step.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.10.1; figure 10.5 for the one output.
    """
    return lstm_classifier_values(x, w_ih, w_hh, b, w_out, b_out)["logits"]


def lstm_classifier_cotangents(ybar, values, x, w_ih, w_hh, b, w_out, b_out):
    """From the logits to h_T, and from each h_t and c_t to the four gates of their step and the state before.

    ct is in ht and in c(t+1): its cotangent is the sum of both. The gates then pass theirs on to x_t and h(t-1), and
    c(t-1) gets ctbar ft.
    """
    bars, xbars, thetabars = {"logits": ybar}, [], []
    hbar, bars["w_out"], bars["b_out"] = linear_vjp(ybar, values["logits"], values[f"h{x.shape[1]}"], w_out, b_out)
    cbar = np.zeros_like(hbar)
    for t in range(x.shape[1], 0, -1):
        i, f, g, o, c = gates_and_memory = [values[f"{name}{t}"] for name in "ifgoc"]
        h_before, c_before = (values[f"{name}{t - 1}"] if t > 1 else _nothing(x, w_hh) for name in "hc")
        shown = tanh(c)
        cbar = cbar + tanh_vjp(hbar * o, shown, c)[0]
        gatesbar = (cbar * g, cbar * c_before, cbar * i, hbar * shown)
        bars |= {f"h{t}": hbar, f"c{t}": cbar}
        bars |= {f"{name}{t}": gatesbar["ifgo".index(name)] for name in "ogfi"}
        xbar, hbar, *here = lstm_gates_vjp(gatesbar, gates_and_memory[:4], x[:, t - 1], h_before, w_ih, w_hh, b)
        cbar = cbar * f
        xbars, thetabars = [xbar, *xbars], [*thetabars, here]
    thetabar = dict(zip(("w_ih", "w_hh", "b"), summed(thetabars), strict=True))
    return {**bars, **thetabar, "x": np.stack(xbars, axis=1)}


def lstm_classifier_vjp(ybar, y, x, w_ih, w_hh, b, w_out, b_out):
    """Backpropagation through time from one cotangent, that of the last state shown."""
    args = (x, w_ih, w_hh, b, w_out, b_out)
    return _of_arguments(lstm_classifier_cotangents(ybar, lstm_classifier_values(*args), *args))


def rnn_classifier_loss_values(x, labels, w_ih, w_hh, b, w_out, b_out):
    """The intermediates of the classifier, and the loss."""
    values = rnn_classifier_values(x, w_ih, w_hh, b, w_out, b_out)
    return {**values, "loss": cross_entropy(values["logits"], labels, None, **LABELS)}


def rnn_classifier_loss(x, labels, w_ih, w_hh, b, w_out, b_out):
    """loss = mean over the rows n of logsumexp(y_n) - y_n,label(n), with the logits y = rnn_classifier(x, ...).

    Shapes: x (N, T, D), labels (N,) integers in 0 ... C - 1, the weights as in rnn_classifier, loss ().

    Raises ValueError and IndexError as rnn_classifier and cross_entropy do.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.2, and eq. 6.30 for the loss.
    """
    return rnn_classifier_loss_values(x, labels, w_ih, w_hh, b, w_out, b_out)["loss"]


def rnn_classifier_loss_cotangents(ybar, values, x, labels, w_ih, w_hh, b, w_out, b_out):
    """The loss hands logitsbar = ybar (softmax(y) - onehot(labels)) / N to the network, which does the rest."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["logits"], labels, None, **LABELS)
    return {"loss": ybar, **rnn_classifier_cotangents(logitsbar, values, x, w_ih, w_hh, b, w_out, b_out)}


def rnn_classifier_loss_vjp(ybar, y, x, labels, w_ih, w_hh, b, w_out, b_out):
    """The way back from the loss; labels have no cotangent."""
    args = (x, labels, w_ih, w_hh, b, w_out, b_out)
    xbar, *thetabar = _of_arguments(rnn_classifier_loss_cotangents(ybar, rnn_classifier_loss_values(*args), *args))
    return xbar, None, *thetabar


def lstm_classifier_loss_values(x, labels, w_ih, w_hh, b, w_out, b_out):
    """The intermediates of the classifier, and the loss."""
    values = lstm_classifier_values(x, w_ih, w_hh, b, w_out, b_out)
    return {**values, "loss": cross_entropy(values["logits"], labels, None, **LABELS)}


def lstm_classifier_loss(x, labels, w_ih, w_hh, b, w_out, b_out):
    """loss = mean over the rows n of logsumexp(y_n) - y_n,label(n), with the logits y = lstm_classifier(x, ...).

    Shapes: x (N, T, D), labels (N,) integers in 0 ... C - 1, the weights as in lstm_classifier, loss ().

    Raises ValueError and IndexError as lstm_classifier and cross_entropy do.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.10.1, and eq. 6.30 for the loss.
    """
    return lstm_classifier_loss_values(x, labels, w_ih, w_hh, b, w_out, b_out)["loss"]


def lstm_classifier_loss_cotangents(ybar, values, x, labels, w_ih, w_hh, b, w_out, b_out):
    """The loss hands logitsbar = ybar (softmax(y) - onehot(labels)) / N to the network, which does the rest."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["logits"], labels, None, **LABELS)
    return {"loss": ybar, **lstm_classifier_cotangents(logitsbar, values, x, w_ih, w_hh, b, w_out, b_out)}


def lstm_classifier_loss_vjp(ybar, y, x, labels, w_ih, w_hh, b, w_out, b_out):
    """The way back from the loss; labels have no cotangent."""
    args = (x, labels, w_ih, w_hh, b, w_out, b_out)
    xbar, *thetabar = _of_arguments(lstm_classifier_loss_cotangents(ybar, lstm_classifier_loss_values(*args), *args))
    return xbar, None, *thetabar


def _nothing(x, w_hh):
    """The state before the first step."""
    if x.ndim != 3 or not x.shape[1] or w_hh.ndim != 2:
        got = f"{x.shape} and {w_hh.shape}"
        raise ValueError(f"got x and w_hh of shapes {got}, want (N, T, D) with at least one step and (H, G H)")
    return np.zeros_like(x[:, 0, :1] + w_hh[None, :, 0])


def _of_arguments(bars):
    return tuple(bars[name] for name in ("x", "w_ih", "w_hh", "b", "w_out", "b_out"))


def rnn_classifier_cases(rng):
    yield from _classifier_cases(rng, 1)


def lstm_classifier_cases(rng):
    yield from _classifier_cases(rng, 4)


def rnn_classifier_loss_cases(rng):
    yield from _loss_cases(rng, 1)


def lstm_classifier_loss_cases(rng):
    yield from _loss_cases(rng, 4)


def _classifier_cases(rng, gates):
    x, *theta = _network(rng, 4, 3, 5, 2, 6, gates)
    yield Case("three-steps", (x, *theta))
    yield Case("one-step-alone", (x[:, 0], *theta), {}, "refused")


def _loss_cases(rng, gates):
    (x, *theta), labels = _network(rng, 7, 3, 4, 2, 5, gates), random_labels(rng, 7, 5)
    yield Case("three-steps", (x, labels, *theta))
    yield Case("label-out-of-range", (x, np.where(labels == 4, 5, labels), *theta), {}, "refused")


def _network(rng, n, t, d, h, classes, gates):
    w_ih, w_hh = weights(rng, d, h, gates)
    return inputs(rng, n, t, d), w_ih, w_hh, bias(rng, h, gates), rng.normal(size=(h, classes)), bias(rng, classes, 1)


def rnn_classifier_sized(rng, n):
    return Case("sized", _network(rng, n // 256 + 1, 8, 32, 32, 10, 1))


def lstm_classifier_sized(rng, n):
    return Case("sized", _network(rng, n // 256 + 1, 8, 32, 32, 10, 4))


def rnn_classifier_loss_sized(rng, n):
    x, *theta = _network(rng, n // 256 + 1, 8, 32, 32, 10, 1)
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta))


def lstm_classifier_loss_sized(rng, n):
    x, *theta = _network(rng, n // 256 + 1, 8, 32, 32, 10, 4)
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta))


OPS = [
    Op(
        rnn_classifier,
        rnn_classifier_cases,
        rnn_classifier_vjp,
        rnn_classifier_sized,
        values=rnn_classifier_values,
        cotangents=rnn_classifier_cotangents,
    ),
    Op(
        rnn_classifier_loss,
        rnn_classifier_loss_cases,
        rnn_classifier_loss_vjp,
        rnn_classifier_loss_sized,
        values=rnn_classifier_loss_values,
        cotangents=rnn_classifier_loss_cotangents,
    ),
    Op(
        lstm_classifier,
        lstm_classifier_cases,
        lstm_classifier_vjp,
        lstm_classifier_sized,
        values=lstm_classifier_values,
        cotangents=lstm_classifier_cotangents,
    ),
    Op(
        lstm_classifier_loss,
        lstm_classifier_loss_cases,
        lstm_classifier_loss_vjp,
        lstm_classifier_loss_sized,
        values=lstm_classifier_loss_values,
        cotangents=lstm_classifier_loss_cotangents,
    ),
]

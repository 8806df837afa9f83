"""Multilayer perceptrons, from the 3-4-4-1 network to any widths, and their losses."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..activation.sigmoidal import sigmoid, sigmoid_hvp, sigmoid_vjp, tanh, tanh_hvp, tanh_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.binary import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_hvp,
    binary_cross_entropy_with_logits_vjp,
)
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..op import Case, Op

LABELS = {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.0}


def mlp(x, *theta, activation):
    """y = s(... s(s(x w1 + b1) w2 + b2) ...) wL + bL, with s the activation: every layer but the last one bends.

    Shapes: x (N, n0), theta = w1, b1, ..., wL, bL with wl (n(l-1), nl) and bl (nl,), y (N, nL).

    The network with 3 inputs, two hidden layers of 4 neurons and 1 output is, in one line,
    y = s(s(x w1 + b1) w2 + b2) w3 + b3 with x (N,3), w1 (3,4), w2 (4,4), w3 (4,1). Without s the whole would collapse
    into a single affine map. The last layer stays affine: its outputs are logits, or the values of a regression.

    Raises ValueError when theta is not pairs of a matrix and a vector that fit, or for an unknown activation.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, chapter 6, eq. 6.40 and 6.41.
    """
    return mlp_values(x, *theta, activation=activation)["y"]


def mlp_values(x, *theta, activation):
    """z1, h1, z2, h2, ..., y: z is what a layer sums up, h = s(z) what it hands on."""
    s, _ = _activation(activation)
    *hidden, last = _layers(theta)
    values, h = {}, x
    for k, (w, b) in enumerate(hidden, 1):
        values[f"z{k}"] = z = linear(h, w, b)
        values[f"h{k}"] = h = s(z)
    return values | {"y": linear(h, *last)}


def mlp_vjp(ybar, y, x, *theta, activation):
    """Backpropagation: in each layer, from the last one down, zbar = s'(z) hbar, and (hbar, wbar, bbar) from zbar."""
    values = mlp_values(x, *theta, activation=activation)
    cotangents = mlp_cotangents(ybar, values, x, *theta, activation=activation)
    return tuple(cotangents[name] for name in ("x", *_names(theta)))


def mlp_cotangents(ybar, values, x, *theta, activation):
    """From the last layer down; the way back needs every z and every h of the way up."""
    _, s_vjp = _activation(activation)
    layers, values, bars, above = _layers(theta), values | {"x": x}, {"y": ybar}, "y"
    for k in range(len(layers), 0, -1):
        below = f"h{k - 1}" if k > 1 else "x"
        hbar, wbar, bbar = linear_vjp(bars[above], values[above], values[below], *layers[k - 1])
        bars |= {f"b{k}": bbar, f"w{k}": wbar, below: hbar}
        if k > 1:
            above = f"z{k - 1}"
            (bars[above],) = s_vjp(hbar, values[below], values[above])
    return bars


def mlp_hvp(ybar, dots, y, x, *theta, activation):
    """Pearlmutter's R-operator: on the way forward the tangent of every value, on the way back that of every cotangent.

    It costs about as much as two gradients, and no matrix of second derivatives is ever formed (Pearlmutter, 1994, Fast
    exact multiplication by the Hessian, section 4).
    """
    values = mlp_values(x, *theta, activation=activation)
    tangents = mlp_tangents(dots, values, x, *theta, activation=activation)
    bars = mlp_cotangents(ybar, values, x, *theta, activation=activation)
    moved = mlp_moved_cotangents(np.zeros_like(ybar), bars, tangents, values, x, *theta, activation=activation)
    return tuple(moved[name] for name in ("x", *_names(theta)))


def mlp_tangents(dots, values, x, *theta, activation):
    """zdot = hdot w + h wdot + bdot and hdot = s'(z) zdot, which is the activation's VJP, as it is elementwise."""
    _, s_vjp = _activation(activation)
    xdot, *thetadot = dots
    tangents, values = {"x": xdot, **dict(zip(_names(theta), thetadot, strict=True))}, values | {"x": x}
    for k, (w, _) in enumerate(_layers(theta), 1):
        below, above = _ends(k, theta)
        zdot = tangents[below] @ w + values[below] @ tangents[f"w{k}"] + tangents[f"b{k}"]
        tangents[above] = zdot
        if above != "y":
            (tangents[f"h{k}"],) = s_vjp(zdot, values[f"h{k}"], values[above])
    return tangents


def mlp_moved_cotangents(ybardot, bars, tangents, values, x, *theta, activation):
    """The product rule on each line of mlp_cotangents, of which ``bars`` is the result; ybar moves by ybardot.

    wbar = h^T zbar moves by hdot^T zbar + h^T zbardot, hbar = zbar w^T by zbardot w^T + zbar wdot^T, and
    zbar = s'(z) hbar by s'(z) hbardot + s''(z) zdot hbar.
    """
    _, s_vjp = _activation(activation)
    layers, values, moved = _layers(theta), values | {"x": x}, {"y": ybardot}
    for k in range(len(layers), 0, -1):
        below, above = _ends(k, theta)
        moved[f"b{k}"] = np.sum(moved[above], axis=0)
        moved[f"w{k}"] = tangents[below].T @ bars[above] + values[below].T @ moved[above]
        moved[below] = moved[above] @ layers[k - 1][0].T + bars[above] @ tangents[f"w{k}"].T
        if k > 1:
            z = f"z{k - 1}"
            (through,) = s_vjp(moved[below], values[below], values[z])
            moved[z] = through + _bent(activation, bars[below], tangents[z], values[below], values[z])
    return moved


def mlp_cases(rng):
    yield Case("3-4-4-1", (rng.normal(size=(5, 3)), *mlp_theta(rng, 3, 4, 4, 1)), {"activation": "sigmoid"})
    yield Case("tanh", (rng.normal(size=(3, 4)), *mlp_theta(rng, 4, 6, 5)), {"activation": "tanh"})
    yield Case("relu", (rng.normal(size=(7, 3)), *mlp_theta(rng, 3, 6, 5, 4)), {"activation": "relu"})
    yield Case("deep", (rng.normal(size=(2, 7)), *mlp_theta(rng, 7, 5, 4, 6, 3, 1)), {"activation": "tanh"})
    yield Case("no-hidden-layer", (rng.normal(size=(5, 3)), *mlp_theta(rng, 3, 4)), {"activation": "relu"})
    # Exclusive or, which no affine map can compute: Deep Learning, section 6.1.
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    theta = (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.zeros(1))
    answer = np.array([[0.0], [1.0], [1.0], [0.0]])
    yield Case("exclusive-or", (corners, *theta), {"activation": "relu"}, "special", answer)
    w1, b1, w2, b2, w3, b3 = mlp_theta(rng, 3, 4, 4, 1)
    sigmoids = {"activation": "sigmoid"}
    yield Case("no-rows", (np.zeros((0, 3)), w1, b1, w2, b2, w3, b3), sigmoids, "empty", np.zeros((0, 1)))
    x = rng.normal(size=(5, 3))
    yield Case("weights-transposed", (x, w1.T, b1, w2, b2, w3, b3), sigmoids, "refused")
    yield Case("bias-of-one", (x, w1, b1[:1], w2, b2, w3, b3), sigmoids, "refused")
    yield Case("a-bias-missing", (x, w1, b1, w2, b2, w3), sigmoids, "refused")
    yield Case("unknown-activation", (x, w1, b1, w2, b2), {"activation": "sinusoid"}, "refused")


def mlp_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *mlp_theta(rng, 64, 32, 10)), {"activation": "relu"})


def mlp_binary_loss(x, target, *theta, activation):
    """loss = mean of -t log p - (1 - t) log(1 - p), with p = 1/(1 + exp(-z)) and the logits z = mlp(x, *theta).

    Shapes: x (N, n0), target (N, nL) in [0, 1], theta as in mlp, loss ().

    The last sigmoid belongs to the loss: log p taken from the logit never meets the logarithm of 0.

    Raises ValueError as mlp does, and when target has not the shape of the logits: (N,) would broadcast with (N,1).

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.2.
    """
    return mlp_binary_loss_values(x, target, *theta, activation=activation)["loss"]


def mlp_binary_loss_values(x, target, *theta, activation):
    """Those of mlp, whose y are the logits, and the loss."""
    values = mlp_values(x, *theta, activation=activation)
    return values | {"loss": binary_cross_entropy_with_logits(values["y"], target, None, None, reduction="mean")}


def mlp_binary_loss_vjp(ybar, y, x, target, *theta, activation):
    """The loss hands logitsbar = ybar (p - t) / N to the network, which does the rest."""
    values = mlp_binary_loss_values(x, target, *theta, activation=activation)
    cotangents = mlp_binary_loss_cotangents(ybar, values, x, target, *theta, activation=activation)
    return tuple(cotangents[name] for name in ("x", "target", *_names(theta)))


def mlp_binary_loss_cotangents(ybar, values, x, target, *theta, activation):
    """Through the loss, then through the network."""
    loss, logits = values["loss"], values["y"]
    logitsbar, targetbar = binary_cross_entropy_with_logits_vjp(
        ybar, loss, logits, target, None, None, reduction="mean"
    )
    bars = {"loss": ybar, "target": targetbar}
    return bars | mlp_cotangents(logitsbar, values, x, *theta, activation=activation)


def mlp_binary_loss_hvp(ybar, dots, y, x, target, *theta, activation):
    """As in mlp_hvp; through the loss, logitsbar = ybar (p - t) / N moves by ybar (p (1 - p) logitsdot - tdot) / N."""
    xdot, targetdot, *thetadot = dots
    values = mlp_binary_loss_values(x, target, *theta, activation=activation)
    tangents = mlp_tangents((xdot, *thetadot), values, x, *theta, activation=activation)
    bars = mlp_binary_loss_cotangents(ybar, values, x, target, *theta, activation=activation)
    logitsbardot, targetbardot = binary_cross_entropy_with_logits_hvp(
        ybar, (tangents["y"], targetdot), y, values["y"], target, None, None, reduction="mean"
    )
    moved = mlp_moved_cotangents(logitsbardot, bars, tangents, values, x, *theta, activation=activation)
    return moved["x"], targetbardot, *(moved[name] for name in _names(theta))


def mlp_binary_loss_cases(rng):
    labels = np.array([[1.0], [0.0], [0.0], [1.0], [1.0], [0.0], [1.0]])
    x, theta = rng.normal(size=(7, 3)), mlp_theta(rng, 3, 4, 4, 1)
    yield Case("3-4-4-1", (x, labels, *theta), {"activation": "sigmoid"})
    yield Case("relu", (rng.normal(size=(7, 3)), labels, *mlp_theta(rng, 3, 5, 4, 1)), {"activation": "relu"})
    soft = rng.uniform(0.1, 0.9, (4, 2))
    yield Case("soft-targets", (rng.normal(size=(4, 3)), soft, *mlp_theta(rng, 3, 5, 2)), {"activation": "tanh"})
    identity = (np.ones((1, 1)), np.zeros(1))
    far = (np.array([[800.0], [-600.0]]), np.array([[0.0], [1.0]]), *identity)
    yield Case("surely-wrong", far, {"activation": "relu"}, "special", np.array(700.0))
    yield Case("target-without-its-axis", (x, labels[:, 0], *theta), {"activation": "sigmoid"}, "refused")


def mlp_binary_loss_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 64)), mlp_theta(rng, 64, 32, 1)
    return Case("sized", (x, rng.integers(0, 2, (len(x), 1)).astype(float), *theta), {"activation": "relu"})


def mlp_classifier_loss(x, labels, *theta, activation):
    """loss = mean over the rows n of logsumexp(z_n) - z_n,label(n), with the logits z = mlp(x, *theta).

    Shapes: x (N, n0), labels (N,) integers in 0 ... nL - 1, theta as in mlp, loss ().

    Raises ValueError as mlp and cross_entropy do.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3, eq. 6.30.
    """
    return mlp_classifier_loss_values(x, labels, *theta, activation=activation)["loss"]


def mlp_classifier_loss_values(x, labels, *theta, activation):
    """Those of mlp, whose y are the logits, and the loss."""
    values = mlp_values(x, *theta, activation=activation)
    return values | {"loss": cross_entropy(values["y"], labels, None, **LABELS)}


def mlp_classifier_loss_vjp(ybar, y, x, labels, *theta, activation):
    """The loss hands logitsbar = ybar (softmax(z) - onehot(labels)) / N to the network; labels have no cotangent."""
    values = mlp_classifier_loss_values(x, labels, *theta, activation=activation)
    cotangents = mlp_classifier_loss_cotangents(ybar, values, x, labels, *theta, activation=activation)
    return cotangents["x"], None, *(cotangents[name] for name in _names(theta))


def mlp_classifier_loss_cotangents(ybar, values, x, labels, *theta, activation):
    """Through the loss, then through the network."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["y"], labels, None, **LABELS)
    return {"loss": ybar} | mlp_cotangents(logitsbar, values, x, *theta, activation=activation)


def mlp_classifier_loss_cases(rng):
    x, labels, theta = rng.normal(size=(7, 3)), random_labels(rng, 7, 4), mlp_theta(rng, 3, 6, 5, 4)
    yield Case("relu", (x, labels, *theta), {"activation": "relu"})
    three = random_labels(rng, 5, 3)
    yield Case("tanh", (rng.normal(size=(5, 4)), three, *mlp_theta(rng, 4, 6, 3)), {"activation": "tanh"})
    yield Case("no-hidden-layer", (rng.normal(size=(5, 4)), three, *mlp_theta(rng, 4, 3)), {"activation": "relu"})
    far = (np.array([[1000.0, 0.0, -1000.0]]), np.array([2]), np.eye(3), np.zeros(3))
    yield Case("surely-wrong", far, {"activation": "relu"}, "special", np.array(2000.0))
    yield Case("label-out-of-range", (x, np.where(labels == 3, 4, labels), *theta), {"activation": "relu"}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], *theta), {"activation": "relu"}, "refused")


def mlp_classifier_loss_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 64)), mlp_theta(rng, 64, 32, 10)
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta), {"activation": "relu"})


def _activation(name):
    """An activation and its VJP."""
    known = {"sigmoid": (sigmoid, sigmoid_vjp), "tanh": (tanh, tanh_vjp), "relu": (relu, relu_vjp)}
    if name not in known:
        raise ValueError(f"activation is {name!r}, expected one of {', '.join(known)}")
    return known[name]


def _bent(activation, hbar, zdot, h, z):
    """s''(z) zdot hbar; relu has no curvature."""
    if activation == "relu":
        return np.zeros_like(z)
    s_hvp = {"sigmoid": sigmoid_hvp, "tanh": tanh_hvp}[activation]
    return s_hvp(hbar, (zdot,), h, z)[0]


def _layers(theta):
    """The pairs (w, b)."""
    if not theta or len(theta) % 2:
        raise ValueError(f"theta has {len(theta)} arrays, expected pairs w1, b1, ..., wL, bL")
    return list(zip(theta[::2], theta[1::2], strict=True))


def _names(theta):
    """w1, b1, ..., wL, bL."""
    return [f"{kind}{k}" for k in range(1, len(theta) // 2 + 1) for kind in "wb"]


def _ends(k, theta):
    """The names of what goes into layer k, and of its sum."""
    return f"h{k - 1}" if k > 1 else "x", f"z{k}" if 2 * k < len(theta) else "y"


def mlp_theta(rng, *widths):
    """Weights such that every neuron's sum is of order 1."""
    shapes = [widths[i : i + 2] for i in range(len(widths) - 1)]
    pairs = [(rng.normal(size=shape) / np.sqrt(shape[0]), rng.normal(size=shape[1]) / 2) for shape in shapes]
    return [parameter for pair in pairs for parameter in pair]


def random_labels(rng, n, classes):
    """Every class, where n is large enough, in random order."""
    return rng.permutation(np.arange(n) % classes)


OPS = [
    Op(mlp, mlp_cases, mlp_vjp, mlp_sized, hvp=mlp_hvp, values=mlp_values, cotangents=mlp_cotangents),
    Op(
        mlp_binary_loss,
        mlp_binary_loss_cases,
        mlp_binary_loss_vjp,
        mlp_binary_loss_sized,
        hvp=mlp_binary_loss_hvp,
        values=mlp_binary_loss_values,
        cotangents=mlp_binary_loss_cotangents,
    ),
    Op(
        mlp_classifier_loss,
        mlp_classifier_loss_cases,
        mlp_classifier_loss_vjp,
        mlp_classifier_loss_sized,
        values=mlp_classifier_loss_values,
        cotangents=mlp_classifier_loss_cotangents,
    ),
]

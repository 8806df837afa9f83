"""Multilayer perceptrons, from the 3-4-4-1 network to any widths, and their losses."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..activation.sigmoidal import sigmoid, sigmoid_vjp, tanh, tanh_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.binary import binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_vjp
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
    s, _ = _activation(activation)
    *hidden, last = _layers(theta)
    h = x
    for w, b in hidden:
        h = s(linear(h, w, b))
    return linear(h, *last)


def mlp_vjp(ybar, y, x, *theta, activation):
    """Backpropagation: in each layer, from the last one down, zbar = s'(z) hbar, and (hbar, wbar, bbar) from zbar.

    z is what a layer sums up, h = s(z) what it hands on. Going up, every z and h is kept: the way back needs both.
    """
    s, s_vjp = _activation(activation)
    *hidden, last = _layers(theta)
    inputs, sums = [x], []
    for w, b in hidden:
        sums.append(linear(inputs[-1], w, b))
        inputs.append(s(sums[-1]))
    hbar, *thetabar = linear_vjp(ybar, y, inputs[-1], *last)
    for (w, b), below, z, h in reversed(list(zip(hidden, inputs[:-1], sums, inputs[1:], strict=True))):
        (zbar,) = s_vjp(hbar, h, z)
        hbar, wbar, bbar = linear_vjp(zbar, z, below, w, b)
        thetabar = [wbar, bbar, *thetabar]
    return hbar, *thetabar


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
    logits = mlp(x, *theta, activation=activation)
    return binary_cross_entropy_with_logits(logits, target, None, None, reduction="mean")


def mlp_binary_loss_vjp(ybar, y, x, target, *theta, activation):
    """The loss hands logitsbar = ybar (p - t) / N to the network, which does the rest."""
    logits = mlp(x, *theta, activation=activation)
    logitsbar, targetbar = binary_cross_entropy_with_logits_vjp(ybar, y, logits, target, None, None, reduction="mean")
    xbar, *thetabar = mlp_vjp(logitsbar, logits, x, *theta, activation=activation)
    return xbar, targetbar, *thetabar


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
    return cross_entropy(mlp(x, *theta, activation=activation), labels, None, **LABELS)


def mlp_classifier_loss_vjp(ybar, y, x, labels, *theta, activation):
    """The loss hands logitsbar = ybar (softmax(z) - onehot(labels)) / N to the network; labels have no cotangent."""
    logits = mlp(x, *theta, activation=activation)
    logitsbar, _ = cross_entropy_vjp(ybar, y, logits, labels, None, **LABELS)
    xbar, *thetabar = mlp_vjp(logitsbar, logits, x, *theta, activation=activation)
    return xbar, None, *thetabar


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


def _layers(theta):
    """The pairs (w, b)."""
    if not theta or len(theta) % 2:
        raise ValueError(f"theta has {len(theta)} arrays, expected pairs w1, b1, ..., wL, bL")
    return list(zip(theta[::2], theta[1::2], strict=True))


def mlp_theta(rng, *widths):
    """Weights such that every neuron's sum is of order 1."""
    shapes = [widths[i : i + 2] for i in range(len(widths) - 1)]
    pairs = [(rng.normal(size=shape) / np.sqrt(shape[0]), rng.normal(size=shape[1]) / 2) for shape in shapes]
    return [parameter for pair in pairs for parameter in pair]


def random_labels(rng, n, classes):
    """Every class, where n is large enough, in random order."""
    return rng.permutation(np.arange(n) % classes)


OPS = [
    Op(mlp, mlp_cases, mlp_vjp, mlp_sized),
    Op(mlp_binary_loss, mlp_binary_loss_cases, mlp_binary_loss_vjp, mlp_binary_loss_sized),
    Op(mlp_classifier_loss, mlp_classifier_loss_cases, mlp_classifier_loss_vjp, mlp_classifier_loss_sized),
]

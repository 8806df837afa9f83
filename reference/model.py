"""Models: whole networks, forward and backward, made of the layers of the other families.

The backward of a network is the chain rule and nothing else: the layers' VJPs in reverse order, each fed with the
cotangent that the next one returned. A cotangent carries the name of its value: zbar is the cotangent of z.
"""

from __future__ import annotations

import numpy as np

from .activation import relu, relu_vjp, sigmoid, sigmoid_vjp, tanh, tanh_vjp
from .convolution import conv2d, conv2d_vjp, max_pool2d, max_pool2d_vjp
from .linear.layer import linear, linear_vjp
from .loss import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_vjp,
    cross_entropy,
    cross_entropy_vjp,
)
from .norm import (
    batch_norm,
    batch_norm_inference,
    batch_norm_inference_vjp,
    batch_norm_vjp,
    batch_statistics,
    batch_statistics_vjp,
)
from .op import Case, Op

THREE_BY_THREE = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
HALVING = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
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
    yield Case("3-4-4-1", (rng.normal(size=(5, 3)), *_mlp_theta(rng, 3, 4, 4, 1)), {"activation": "sigmoid"})
    yield Case("tanh", (rng.normal(size=(3, 4)), *_mlp_theta(rng, 4, 6, 5)), {"activation": "tanh"})
    yield Case("relu", (rng.normal(size=(7, 3)), *_mlp_theta(rng, 3, 6, 5, 4)), {"activation": "relu"})
    yield Case("deep", (rng.normal(size=(2, 7)), *_mlp_theta(rng, 7, 5, 4, 6, 3, 1)), {"activation": "tanh"})
    yield Case("no-hidden-layer", (rng.normal(size=(5, 3)), *_mlp_theta(rng, 3, 4)), {"activation": "relu"})
    # Exclusive or, which no affine map can compute: Deep Learning, section 6.1.
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    theta = (np.ones((2, 2)), np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.zeros(1))
    answer = np.array([[0.0], [1.0], [1.0], [0.0]])
    yield Case("exclusive-or", (corners, *theta), {"activation": "relu"}, "special", answer)
    w1, b1, w2, b2, w3, b3 = _mlp_theta(rng, 3, 4, 4, 1)
    sigmoids = {"activation": "sigmoid"}
    yield Case("no-rows", (np.zeros((0, 3)), w1, b1, w2, b2, w3, b3), sigmoids, "empty", np.zeros((0, 1)))
    x = rng.normal(size=(5, 3))
    yield Case("weights-transposed", (x, w1.T, b1, w2, b2, w3, b3), sigmoids, "refused")
    yield Case("bias-of-one", (x, w1, b1[:1], w2, b2, w3, b3), sigmoids, "refused")
    yield Case("a-bias-missing", (x, w1, b1, w2, b2, w3), sigmoids, "refused")
    yield Case("unknown-activation", (x, w1, b1, w2, b2), {"activation": "sinusoid"}, "refused")


def mlp_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_mlp_theta(rng, 64, 32, 10)), {"activation": "relu"})


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
    x, theta = rng.normal(size=(7, 3)), _mlp_theta(rng, 3, 4, 4, 1)
    yield Case("3-4-4-1", (x, labels, *theta), {"activation": "sigmoid"})
    yield Case("relu", (rng.normal(size=(7, 3)), labels, *_mlp_theta(rng, 3, 5, 4, 1)), {"activation": "relu"})
    soft = rng.uniform(0.1, 0.9, (4, 2))
    yield Case("soft-targets", (rng.normal(size=(4, 3)), soft, *_mlp_theta(rng, 3, 5, 2)), {"activation": "tanh"})
    identity = (np.ones((1, 1)), np.zeros(1))
    far = (np.array([[800.0], [-600.0]]), np.array([[0.0], [1.0]]), *identity)
    yield Case("surely-wrong", far, {"activation": "relu"}, "special", np.array(700.0))
    yield Case("target-without-its-axis", (x, labels[:, 0], *theta), {"activation": "sigmoid"}, "refused")


def mlp_binary_loss_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 64)), _mlp_theta(rng, 64, 32, 1)
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
    x, labels, theta = rng.normal(size=(7, 3)), _labels(rng, 7, 4), _mlp_theta(rng, 3, 6, 5, 4)
    yield Case("relu", (x, labels, *theta), {"activation": "relu"})
    three = _labels(rng, 5, 3)
    yield Case("tanh", (rng.normal(size=(5, 4)), three, *_mlp_theta(rng, 4, 6, 3)), {"activation": "tanh"})
    yield Case("no-hidden-layer", (rng.normal(size=(5, 4)), three, *_mlp_theta(rng, 4, 3)), {"activation": "relu"})
    far = (np.array([[1000.0, 0.0, -1000.0]]), np.array([2]), np.eye(3), np.zeros(3))
    yield Case("surely-wrong", far, {"activation": "relu"}, "special", np.array(2000.0))
    yield Case("label-out-of-range", (x, np.where(labels == 3, 4, labels), *theta), {"activation": "relu"}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], *theta), {"activation": "relu"}, "refused")


def mlp_classifier_loss_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 64)), _mlp_theta(rng, 64, 32, 10)
    return Case("sized", (x, _labels(rng, len(x), 10), *theta), {"activation": "relu"})


def cnn(x, *theta, eps):
    """y = flatten(f2(f1(x))) w3 + b3, with f = maxpool(relu(batch_norm(conv(x)))), in training mode.

    Shapes: x (N,C,H,W), theta = w1 (C1,C,3,3), gamma1, beta1 (C1,), w2 (C2,C1,3,3), gamma2, beta2 (C2,),
    w3 (C2 (H/4) (W/4), K), b3 (K,), y (N,K). The convolutions keep height and width, each pooling halves them.

    The convolutions have no bias: batch norm would subtract it again. In training mode the examples of a batch
    depend on each other, through its mean and variance.

    Raises ValueError when the parameters do not fit.

    Source: Ioffe and Szegedy (2015), Batch Normalization, section 3.2 (the norm stands between the convolution and
    the nonlinearity); LeCun, Bottou, Bengio and Haffner (1998), section II (convolution and subsampling in turn).
    """
    *_, p2 = _cnn_training(x, *theta, eps=eps)
    return linear(_flatten(p2), *theta[6:])


def cnn_vjp(ybar, y, x, *theta, eps):
    """The VJPs of linear, pooling, relu, batch norm and convolution, and again of the last four, from the end to x."""
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3 = theta
    z1, n1, p1, z2, n2, p2 = _cnn_training(x, *theta, eps=eps)
    hbar, w3bar, b3bar = linear_vjp(ybar, y, _flatten(p2), w3, b3)
    n2bar = _relu_pool_vjp(np.reshape(hbar, p2.shape), p2, n2)
    z2bar, gamma2bar, beta2bar = batch_norm_vjp(n2bar, n2, z2, gamma2, beta2, eps=eps)
    p1bar, w2bar, _ = conv2d_vjp(z2bar, z2, p1, w2, None, **THREE_BY_THREE)
    n1bar = _relu_pool_vjp(p1bar, p1, n1)
    z1bar, gamma1bar, beta1bar = batch_norm_vjp(n1bar, n1, z1, gamma1, beta1, eps=eps)
    xbar, w1bar, _ = conv2d_vjp(z1bar, z1, x, w1, None, **THREE_BY_THREE)
    return xbar, w1bar, gamma1bar, beta1bar, w2bar, gamma2bar, beta2bar, w3bar, b3bar


def cnn_cases(rng):
    x, theta = rng.normal(size=(3, 2, 4, 8)), _cnn_theta(rng, 2, 5, 6, 12, 7)
    yield Case("wide", (x, *theta), {"eps": 0.1})
    yield Case("big-eps", (rng.normal(size=(4, 3, 5, 6)), *_cnn_theta(rng, 3, 2, 5, 5, 6)), {"eps": 0.5})
    yield Case("another-image-size", (rng.normal(size=(3, 2, 8, 8)), *theta), {"eps": 0.1}, "refused")
    yield Case("another-number-of-channels", (rng.normal(size=(3, 1, 4, 8)), *theta), {"eps": 0.1}, "refused")
    yield Case("a-parameter-missing", (x, *theta[:-1]), {"eps": 0.1}, "refused")


def cnn_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 1, 8, 8)), _cnn_theta(rng, 1, 8, 16, 64, 10)
    return Case("sized", (x, *theta), {"eps": 1e-5})


def cnn_loss(x, labels, *theta, eps):
    """loss = mean over the images n of logsumexp(z_n) - z_n,label(n), with the logits z = cnn(x, *theta).

    Shapes: x and theta as in cnn, labels (N,) integers in 0 ... K - 1, loss ().

    Raises ValueError as cnn and cross_entropy do.

    Source: as cnn, and Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3, eq. 6.30.
    """
    return cross_entropy(cnn(x, *theta, eps=eps), labels, None, **LABELS)


def cnn_loss_vjp(ybar, y, x, labels, *theta, eps):
    """The loss hands logitsbar = ybar (softmax(z) - onehot(labels)) / N to the network; labels have no cotangent."""
    logits = cnn(x, *theta, eps=eps)
    logitsbar, _ = cross_entropy_vjp(ybar, y, logits, labels, None, **LABELS)
    xbar, *thetabar = cnn_vjp(logitsbar, logits, x, *theta, eps=eps)
    return xbar, None, *thetabar


def cnn_loss_cases(rng):
    x, labels, theta = rng.normal(size=(5, 1, 4, 8)), _labels(rng, 5, 3), _cnn_theta(rng, 1, 2, 6, 12, 3)
    args = (rng.normal(size=(7, 2, 4, 5)), _labels(rng, 7, 6), *_cnn_theta(rng, 2, 3, 8, 8, 6))
    yield Case("big-eps", args, {"eps": 2.0})
    yield Case("label-out-of-range", (x, np.where(labels == 2, 3, labels), *theta), {"eps": 0.1}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], *theta), {"eps": 0.1}, "refused")


def cnn_loss_sized(rng, n):
    x, *theta = cnn_sized(rng, n).args
    return Case("sized", (x, _labels(rng, len(x), 10), *theta), {"eps": 1e-5})


def cnn_statistics(x, *theta, eps):
    """mean1, var1, mean2, var2 = what enters the two batch norms of cnn: the mean and the variance of each channel.

    Shapes: x and theta as in cnn, mean1 and var1 (C1,), mean2 and var2 (C2,).

    Averaged over training, they are what cnn_inference needs; the variances are therefore the unbiased ones.

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 2, line 10.
    """
    z1, _, _, z2, _, _ = _cnn_training(x, *theta, eps=eps)
    return (*batch_statistics(z1), *batch_statistics(z2))


def cnn_statistics_vjp(ybar, y, x, *theta, eps):
    """z1 has two ways to the outputs, its own statistics and those of z2: their cotangents add up."""
    w1, gamma1, beta1, w2, *_ = theta
    z1, n1, p1, z2, _, _ = _cnn_training(x, *theta, eps=eps)
    z2bar = batch_statistics_vjp(ybar[2:], z2)
    p1bar, w2bar, _ = conv2d_vjp(z2bar, z2, p1, w2, None, **THREE_BY_THREE)
    n1bar = _relu_pool_vjp(p1bar, p1, n1)
    z1bar, gamma1bar, beta1bar = batch_norm_vjp(n1bar, n1, z1, gamma1, beta1, eps=eps)
    z1bar = z1bar + batch_statistics_vjp(ybar[:2], z1)
    xbar, w1bar, _ = conv2d_vjp(z1bar, z1, x, w1, None, **THREE_BY_THREE)
    return xbar, w1bar, gamma1bar, beta1bar, w2bar


def cnn_inference(x, *theta_and_statistics, eps):
    """y = cnn, each batch norm using the given mean and variance in place of those of the batch.

    Shapes: x and theta as in cnn, then mean1, var1 (C1,), mean2, var2 (C2,); y (N,K).

    The answer for an image no longer depends on the other images: a batch of one has an answer.

    Raises ValueError when the parameters do not fit.

    Source: Ioffe and Szegedy (2015), Batch Normalization, section 3.1 and algorithm 2, line 11.
    """
    *_, p2 = _cnn_trained(x, *theta_and_statistics, eps=eps)
    return linear(_flatten(p2), *theta_and_statistics[6:8])


def cnn_inference_vjp(ybar, y, x, *theta_and_statistics, eps):
    """As cnn_vjp, with the VJP of the affine map that each norm is now."""
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, mean1, var1, mean2, var2 = theta_and_statistics
    z1, n1, p1, z2, n2, p2 = _cnn_trained(x, *theta_and_statistics, eps=eps)
    hbar, w3bar, b3bar = linear_vjp(ybar, y, _flatten(p2), w3, b3)
    n2bar = _relu_pool_vjp(np.reshape(hbar, p2.shape), p2, n2)
    z2bar, *norm2bar = batch_norm_inference_vjp(n2bar, n2, z2, gamma2, beta2, mean2, var2, eps=eps)
    p1bar, w2bar, _ = conv2d_vjp(z2bar, z2, p1, w2, None, **THREE_BY_THREE)
    n1bar = _relu_pool_vjp(p1bar, p1, n1)
    z1bar, *norm1bar = batch_norm_inference_vjp(n1bar, n1, z1, gamma1, beta1, mean1, var1, eps=eps)
    xbar, w1bar, _ = conv2d_vjp(z1bar, z1, x, w1, None, **THREE_BY_THREE)
    (gamma1bar, beta1bar, *statistics1bar), (gamma2bar, beta2bar, *statistics2bar) = norm1bar, norm2bar
    thetabar = (w1bar, gamma1bar, beta1bar, w2bar, gamma2bar, beta2bar, w3bar, b3bar)
    return xbar, *thetabar, *statistics1bar, *statistics2bar


def cnn_statistics_cases(rng):
    yield Case("big-eps", (rng.normal(size=(3, 2, 4, 6)), *_cnn_theta(rng, 2, 1, 5, 5, 7)), {"eps": 0.5})


def cnn_inference_cases(rng):
    theta = _cnn_theta(rng, 1, 2, 3, 6, 4)
    theta, statistics = _cnn_theta(rng, 2, 3, 4, 4, 6), _statistics(rng, 3, 4)
    yield Case("one-image", (rng.normal(size=(1, 2, 4, 5)), *theta, *statistics), {"eps": 0.5})
    nothing = (np.zeros((0, 2, 4, 5)), *theta, *statistics)
    yield Case("no-images", nothing, {"eps": 0.1}, "empty", np.zeros((0, 6)))
    yield Case("no-statistics", (rng.normal(size=(5, 2, 4, 5)), *theta), {"eps": 0.1}, "refused")


def cnn_inference_sized(rng, n):
    case = cnn_sized(rng, n)
    return Case("sized", (*case.args, *_statistics(rng, 8, 16)), case.params)


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


def _cnn_training(x, *theta, eps):
    """What the layers below the last one compute: z1, n1, p1, z2, n2, p2."""
    if len(theta) != 8:
        raise ValueError(f"theta has {len(theta)} arrays, expected w1, gamma1, beta1, w2, gamma2, beta2, w3, b3")
    w1, gamma1, beta1, w2, gamma2, beta2, _, _ = theta
    z1 = conv2d(x, w1, None, **THREE_BY_THREE)
    n1 = batch_norm(z1, gamma1, beta1, eps=eps)
    p1 = _relu_pool(n1)
    z2 = conv2d(p1, w2, None, **THREE_BY_THREE)
    n2 = batch_norm(z2, gamma2, beta2, eps=eps)
    p2 = _relu_pool(n2)
    return z1, n1, p1, z2, n2, p2


def _cnn_trained(x, *theta, eps):
    """As _cnn_training; the last four of theta are the statistics that training left behind."""
    if len(theta) != 12:
        raise ValueError(f"got {len(theta)} arrays after x, expected w1, ..., b3 (8), mean1, var1, mean2, var2")
    w1, gamma1, beta1, w2, gamma2, beta2, _, _, mean1, var1, mean2, var2 = theta
    z1 = conv2d(x, w1, None, **THREE_BY_THREE)
    n1 = batch_norm_inference(z1, gamma1, beta1, mean1, var1, eps=eps)
    p1 = _relu_pool(n1)
    z2 = conv2d(p1, w2, None, **THREE_BY_THREE)
    n2 = batch_norm_inference(z2, gamma2, beta2, mean2, var2, eps=eps)
    p2 = _relu_pool(n2)
    return z1, n1, p1, z2, n2, p2


def _relu_pool(n):
    return max_pool2d(relu(n), **HALVING)


def _relu_pool_vjp(pbar, p, n):
    a = relu(n)
    (abar,) = max_pool2d_vjp(pbar, p, a, **HALVING)
    (nbar,) = relu_vjp(abar, a, n)
    return nbar


def _flatten(p):
    n, c, height, width = p.shape
    return np.reshape(p, (n, c * height * width))


def _mlp_theta(rng, *widths):
    """Weights such that every neuron's sum is of order 1."""
    shapes = [widths[i : i + 2] for i in range(len(widths) - 1)]
    pairs = [(rng.normal(size=shape) / np.sqrt(shape[0]), rng.normal(size=shape[1]) / 2) for shape in shapes]
    return [parameter for pair in pairs for parameter in pair]


def _cnn_theta(rng, channels, channels1, channels2, features, classes):
    """Parameters whose betas are above 0, so that no channel is dead behind its relu."""

    def convolution(c_in, c_out):
        w = rng.normal(size=(c_out, c_in, 3, 3)) / np.sqrt(9 * c_in)
        return w, rng.uniform(0.5, 2, c_out), rng.uniform(0.2, 0.8, c_out)

    first, second = convolution(channels, channels1), convolution(channels1, channels2)
    return [*first, *second, *_mlp_theta(rng, features, classes)]


def _statistics(rng, channels1, channels2):
    return [
        *(rng.normal(size=channels1) / 2, rng.uniform(0.5, 2, channels1)),
        *(rng.normal(size=channels2) / 2, rng.uniform(0.5, 2, channels2)),
    ]


def _labels(rng, n, classes):
    """Every class, where n is large enough, in random order."""
    return rng.permutation(np.arange(n) % classes)


OPS = [
    Op(mlp, mlp_cases, mlp_vjp, mlp_sized),
    Op(mlp_binary_loss, mlp_binary_loss_cases, mlp_binary_loss_vjp, mlp_binary_loss_sized),
    Op(mlp_classifier_loss, mlp_classifier_loss_cases, mlp_classifier_loss_vjp, mlp_classifier_loss_sized),
    Op(cnn, cnn_cases, cnn_vjp, cnn_sized),
    Op(cnn_loss, cnn_loss_cases, cnn_loss_vjp, cnn_loss_sized),
    Op(cnn_statistics, cnn_statistics_cases, cnn_statistics_vjp, cnn_sized, wrt=(0, 1, 2, 3, 4)),
    Op(cnn_inference, cnn_inference_cases, cnn_inference_vjp, cnn_inference_sized),
]

"""A convolutional network with batch norm, in training and in inference."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..convolution.filters import conv2d, conv2d_vjp
from ..convolution.pooling import max_pool2d, max_pool2d_vjp
from ..linear.layer import linear, linear_vjp
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..norm.batch import (
    batch_norm,
    batch_norm_inference,
    batch_norm_inference_vjp,
    batch_norm_vjp,
    batch_statistics,
    batch_statistics_vjp,
)
from ..op import Case, Op
from .mlp import LABELS, mlp_theta, random_labels

THREE_BY_THREE = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
HALVING = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}


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
    x, labels, theta = rng.normal(size=(5, 1, 4, 8)), random_labels(rng, 5, 3), _cnn_theta(rng, 1, 2, 6, 12, 3)
    args = (rng.normal(size=(7, 2, 4, 5)), random_labels(rng, 7, 6), *_cnn_theta(rng, 2, 3, 8, 8, 6))
    yield Case("big-eps", args, {"eps": 2.0})
    yield Case("label-out-of-range", (x, np.where(labels == 2, 3, labels), *theta), {"eps": 0.1}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], *theta), {"eps": 0.1}, "refused")


def cnn_loss_sized(rng, n):
    x, *theta = cnn_sized(rng, n).args
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta), {"eps": 1e-5})


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


def _cnn_theta(rng, channels, channels1, channels2, features, classes):
    """Parameters whose betas are above 0, so that no channel is dead behind its relu."""

    def convolution(c_in, c_out):
        w = rng.normal(size=(c_out, c_in, 3, 3)) / np.sqrt(9 * c_in)
        return w, rng.uniform(0.5, 2, c_out), rng.uniform(0.2, 0.8, c_out)

    first, second = convolution(channels, channels1), convolution(channels1, channels2)
    return [*first, *second, *mlp_theta(rng, features, classes)]


def _statistics(rng, channels1, channels2):
    return [
        *(rng.normal(size=channels1) / 2, rng.uniform(0.5, 2, channels1)),
        *(rng.normal(size=channels2) / 2, rng.uniform(0.5, 2, channels2)),
    ]


OPS = [
    Op(cnn, cnn_cases, cnn_vjp, cnn_sized),
    Op(cnn_loss, cnn_loss_cases, cnn_loss_vjp, cnn_loss_sized),
    Op(cnn_statistics, cnn_statistics_cases, cnn_statistics_vjp, cnn_sized, wrt=(0, 1, 2, 3, 4)),
    Op(cnn_inference, cnn_inference_cases, cnn_inference_vjp, cnn_inference_sized),
]

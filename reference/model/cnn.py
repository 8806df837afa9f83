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
WEIGHTS = ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2", "w3", "b3")
STATISTICS = ("mean1", "var1", "mean2", "var2")
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
    return cnn_values(x, *theta, eps=eps)["y"]


def cnn_values(x, *theta, eps):
    """z1 (sums), n1 (normalised), h1 (bent), p1 (pooled), z2, n2, h2, p2, y."""
    if len(theta) != len(WEIGHTS):
        raise ValueError(f"theta has {len(theta)} arrays, expected {', '.join(WEIGHTS)}")
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3 = theta
    return _values(x, w1, (gamma1, beta1), w2, (gamma2, beta2), w3, b3, _norm(batch_norm, eps))


def cnn_vjp(ybar, y, x, *theta, eps):
    """The VJPs of linear, pooling, relu, batch norm and convolution, and again of the last four, from the end to x."""
    cotangents = cnn_cotangents(ybar, cnn_values(x, *theta, eps=eps), x, *theta, eps=eps)
    return tuple(cotangents[name] for name in ("x", *WEIGHTS))


def cnn_cotangents(ybar, values, x, *theta, eps):
    """Each layer's VJP gets what it has made and what it was given, which is why every value is kept."""
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3 = theta
    affine1, affine2, norm_vjp = (gamma1, beta1), (gamma2, beta2), _norm(batch_norm_vjp, eps)
    return _cotangents(ybar, values, x, w1, affine1, w2, affine2, w3, b3, norm_vjp)


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
    return cnn_loss_values(x, labels, *theta, eps=eps)["loss"]


def cnn_loss_values(x, labels, *theta, eps):
    """Those of cnn, whose y are the logits, and the loss."""
    values = cnn_values(x, *theta, eps=eps)
    return values | {"loss": cross_entropy(values["y"], labels, None, **LABELS)}


def cnn_loss_vjp(ybar, y, x, labels, *theta, eps):
    """The loss hands logitsbar = ybar (softmax(z) - onehot(labels)) / N to the network; labels have no cotangent."""
    values = cnn_loss_values(x, labels, *theta, eps=eps)
    cotangents = cnn_loss_cotangents(ybar, values, x, labels, *theta, eps=eps)
    return cotangents["x"], None, *(cotangents[name] for name in WEIGHTS)


def cnn_loss_cotangents(ybar, values, x, labels, *theta, eps):
    """Through the loss, then through the network."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["y"], labels, None, **LABELS)
    return {"loss": ybar} | cnn_cotangents(logitsbar, values, x, *theta, eps=eps)


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
    values = cnn_values(x, *theta, eps=eps)
    return (*batch_statistics(values["z1"]), *batch_statistics(values["z2"]))


def cnn_statistics_vjp(ybar, y, x, *theta, eps):
    """z1 has two ways to the outputs, its own statistics and those of z2: their cotangents add up."""
    w1, gamma1, beta1, w2, *_ = theta
    values = cnn_values(x, *theta, eps=eps)
    z2bar = batch_statistics_vjp(ybar[2:], values["z2"])
    p1bar, w2bar, _ = conv2d_vjp(z2bar, values["z2"], values["p1"], w2, None, **THREE_BY_THREE)
    bars = _pooled_cotangents(1, p1bar, values, (gamma1, beta1), _norm(batch_norm_vjp, eps))
    z1bar = bars["z1"] + batch_statistics_vjp(ybar[:2], values["z1"])
    xbar, w1bar, _ = conv2d_vjp(z1bar, values["z1"], x, w1, None, **THREE_BY_THREE)
    return xbar, w1bar, bars["gamma1"], bars["beta1"], w2bar


def cnn_inference(x, *theta_and_statistics, eps):
    """y = cnn, each batch norm using the given mean and variance in place of those of the batch.

    Shapes: x and theta as in cnn, then mean1, var1 (C1,), mean2, var2 (C2,); y (N,K).

    The answer for an image no longer depends on the other images: a batch of one has an answer.

    Raises ValueError when the parameters do not fit.

    Source: Ioffe and Szegedy (2015), Batch Normalization, section 3.1 and algorithm 2, line 11.
    """
    return cnn_inference_values(x, *theta_and_statistics, eps=eps)["y"]


def cnn_inference_values(x, *theta_and_statistics, eps):
    """As cnn_values; the last four arrays are the statistics that training left behind."""
    if len(theta_and_statistics) != len(WEIGHTS + STATISTICS):
        got, want = len(theta_and_statistics), ", ".join(WEIGHTS + STATISTICS)
        raise ValueError(f"got {got} arrays after x, expected {want}")
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, mean1, var1, mean2, var2 = theta_and_statistics
    first, second = (gamma1, beta1, mean1, var1), (gamma2, beta2, mean2, var2)
    return _values(x, w1, first, w2, second, w3, b3, _norm(batch_norm_inference, eps))


def cnn_inference_vjp(ybar, y, x, *theta_and_statistics, eps):
    """As cnn_vjp, with the VJP of the affine map that each norm is now."""
    values = cnn_inference_values(x, *theta_and_statistics, eps=eps)
    cotangents = cnn_inference_cotangents(ybar, values, x, *theta_and_statistics, eps=eps)
    return tuple(cotangents[name] for name in ("x", *WEIGHTS, *STATISTICS))


def cnn_inference_cotangents(ybar, values, x, *theta_and_statistics, eps):
    """As cnn_cotangents, and those of the statistics."""
    w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, mean1, var1, mean2, var2 = theta_and_statistics
    first, second = (gamma1, beta1, mean1, var1), (gamma2, beta2, mean2, var2)
    norm_vjp = _norm(batch_norm_inference_vjp, eps)
    return _cotangents(ybar, values, x, w1, first, w2, second, w3, b3, norm_vjp)


def cnn_statistics_cases(rng):
    yield Case("big-eps", (rng.normal(size=(3, 2, 4, 6)), *_cnn_theta(rng, 2, 1, 5, 5, 7)), {"eps": 0.5})


def cnn_inference_cases(rng):
    theta, statistics = _cnn_theta(rng, 2, 3, 4, 4, 6), _statistics(rng, 3, 4)
    yield Case("two-images", (rng.normal(size=(2, 2, 4, 5)), *theta, *statistics), {"eps": 0.5})
    nothing = (np.zeros((0, 2, 4, 5)), *theta, *statistics)
    yield Case("no-images", nothing, {"eps": 0.1}, "empty", np.zeros((0, 6)))
    yield Case("no-statistics", (rng.normal(size=(5, 2, 4, 5)), *theta), {"eps": 0.1}, "refused")


def cnn_inference_sized(rng, n):
    case = cnn_sized(rng, n)
    return Case("sized", (*case.args, *_statistics(rng, 8, 16)), case.params)


def _norm(norm, eps):
    """A normalisation, or its VJP, with this eps."""
    return lambda *args: norm(*args, eps=eps)


def _values(x, w1, first, w2, second, w3, b3, norm):
    """``first`` and ``second`` are what the two norms take beside the sums."""
    values = {"z1": conv2d(x, w1, None, **THREE_BY_THREE)}
    values |= _pooled(1, values["z1"], first, norm)
    values["z2"] = conv2d(values["p1"], w2, None, **THREE_BY_THREE)
    values |= _pooled(2, values["z2"], second, norm)
    return values | {"y": linear(_flatten(values["p2"]), w3, b3)}


def _cotangents(ybar, values, x, w1, first, w2, second, w3, b3, norm_vjp):
    p2 = values["p2"]
    flatbar, w3bar, b3bar = linear_vjp(ybar, values["y"], _flatten(p2), w3, b3)
    bars = {"y": ybar, "b3": b3bar, "w3": w3bar, "p2": np.reshape(flatbar, p2.shape)}
    bars |= _pooled_cotangents(2, bars["p2"], values, second, norm_vjp)
    bars["p1"], bars["w2"], _ = conv2d_vjp(bars["z2"], values["z2"], values["p1"], w2, None, **THREE_BY_THREE)
    bars |= _pooled_cotangents(1, bars["p1"], values, first, norm_vjp)
    bars["x"], bars["w1"], _ = conv2d_vjp(bars["z1"], values["z1"], x, w1, None, **THREE_BY_THREE)
    return bars


def _pooled(k, z, affine, norm):
    """Block k behind its convolution."""
    n = norm(z, *affine)
    h = relu(n)
    return {f"n{k}": n, f"h{k}": h, f"p{k}": max_pool2d(h, **HALVING)}


def _pooled_cotangents(k, pbar, values, affine, norm_vjp):
    z, n, h, p = (values[f"{name}{k}"] for name in "znhp")
    (hbar,) = max_pool2d_vjp(pbar, p, h, **HALVING)
    (nbar,) = relu_vjp(hbar, h, n)
    zbar, *affinebar = norm_vjp(nbar, n, z, *affine)
    named = zip(("gamma", "beta", "mean", "var"), affinebar, strict=False)
    return {f"h{k}": hbar, f"n{k}": nbar, **{f"{name}{k}": bar for name, bar in named}, f"z{k}": zbar}


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
    Op(cnn, cnn_cases, cnn_vjp, cnn_sized, values=cnn_values, cotangents=cnn_cotangents),
    Op(
        cnn_loss,
        cnn_loss_cases,
        cnn_loss_vjp,
        cnn_loss_sized,
        values=cnn_loss_values,
        cotangents=cnn_loss_cotangents,
    ),
    Op(cnn_statistics, cnn_statistics_cases, cnn_statistics_vjp, cnn_sized, wrt=(0, 1, 2, 3, 4)),
    Op(
        cnn_inference,
        cnn_inference_cases,
        cnn_inference_vjp,
        cnn_inference_sized,
        values=cnn_inference_values,
        cotangents=cnn_inference_cotangents,
    ),
]

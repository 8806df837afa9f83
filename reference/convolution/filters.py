"""Convolution: what a filter sees while it slides over a signal, an image or a volume.

The filters are not flipped (mathematics calls this a cross-correlation). stride, padding and dilation have one entry
for each axis of pixels. In place of numbers, padding may be "same": the result has the size of x, an odd extra row or
column of zeros going to the end. With a stride two readings of "same" are at odds, and it is refused; the names of
ONNX say which is meant: "same_upper" gives ceil(H / stride) rows with the odd extra one at the end (jax and TensorFlow
call it SAME; with an even H and stride 2 it pads the end more than torch's padding=1 does), "same_lower" has it at
the beginning.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .blocks import conv2d_fast, conv2d_vjp_fast
from .products import convolution, convolution_hvp, convolution_vjp


def conv1d(x, w, b, *, stride, padding, dilation, groups):
    """y[n,o,q] = b[o] + sum_cj w[o,c,j] x[n, c, q s + j d - p], x being 0 outside the signal.

    Shapes: x (N,C,W), w (O, C/groups, k), b (O,) or None, y (N,O,W') with
    W' = floor((W + 2 p - d (k - 1) - 1) / s) + 1; stride (s,), padding (p,) or a string, dilation (d,).

    A convolution over one axis: see conv2d.

    Raises ValueError as conv2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.1, eq. 9.3.
    """
    return convolution(1, x, w, b, stride, padding, dilation, groups)


def conv1d_vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """As conv2d_vjp: the two cotangents of one matrix product."""
    return convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)


def _case(rng, label, x, w, bias=True, kind: Kind = "regular", half=False, /, **windows):
    one = (1,) * (len(w) - 2)
    params = {"stride": one, "padding": (0,) * len(one), "dilation": one, "groups": 1, **windows}
    b = rng.normal(size=w[0]) if bias else None
    return Case(label, (rng.normal(size=x), rng.normal(size=w), b), params, kind, half=half)


def conv1d_hvp(ybar, dots, y, x, w, b, *, stride, padding, dilation, groups):
    """As conv2d_hvp: the VJP at (xdot, wdot), and 0 for b."""
    return convolution_hvp(ybar, dots, x, w, b, stride, padding, dilation, groups)


def conv1d_cases(rng):
    yield _case(rng, "stride-padding", (2, 3, 8), (6, 3, 4), stride=(3,), padding=(2,))
    yield _case(rng, "groups-dilation", (1, 4, 9), (6, 2, 3), False, dilation=(2,), groups=2, padding=(1,))
    yield _case(rng, "same-lower", (1, 2, 7), (3, 2, 4), stride=(2,), padding="same_lower")
    yield _case(rng, "plain", (2, 3, 6), (5, 3, 4))
    along = {"stride": (1,), "padding": (0,), "dilation": (1,)}
    yield _case(rng, "an-image", (1, 2, 4, 5), (3, 2, 2, 2), True, "refused", **along)
    yield _case(rng, "kernel-too-large", (1, 2, 4), (3, 2, 3), True, "refused", dilation=(2,))


def conv1d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 16, 512)), rng.normal(size=(32, 16, 5)), rng.normal(size=32)
    return Case("sized", (x, w, b), {"stride": (1,), "padding": (2,), "dilation": (1,), "groups": 1})


def conv2d(x, w, b, *, stride, padding, dilation, groups):
    """y[n,o,p,q] = b[o] + sum_cij w[o,c,i,j] x[n, c, p sh + i dh - ph, q sw + j dw - pw], x being 0 outside the image.

    Shapes: x (N,C,H,W), w (O, C/groups, kh, kw), b (O,) or None, y (N,O,H',W') with
    H' = floor((H + 2 ph - dh (kh - 1) - 1) / sh) + 1, and W' likewise. stride (sh,sw) and dilation (dh,dw) are pairs;
    padding is a pair (ph,pw), or "same", "same_upper" or "same_lower" as at the head of this page.

    With the windows as columns of a matrix, the convolution is one matrix product: each row of the filters times
    each window. groups split the channels: the g-th group of outputs sees the g-th group of inputs alone.

    Raises ValueError when the channels, the groups or b do not fit, when the kernel is larger than the padded image,
    and for "same" with a stride.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.1, eq. 9.6, and section 9.5, eq. 9.7.
    """
    return convolution(2, x, w, b, stride, padding, dilation, groups)


def conv2d_vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """wbar = sum_n ybar columns^T, columnsbar = filters^T ybar folded back to xbar, bbar = sum of ybar over n, p, q.

    These are the two cotangents of the matrix product y = filters columns, the filters being shared by all images.
    Said without matrices: xbar is the transposed convolution of ybar with w; wbar is the correlation of x with ybar,
    the images taking the place of the channels, stride and dilation that of each other.
    """
    return convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)


def conv2d_hvp(ybar, dots, y, x, w, b, *, stride, padding, dilation, groups):
    """A convolution is bilinear: xbar is linear in w, wbar in x, so they move as the VJP is at (xdot, wdot).

    bbar, a sum of ybar, moves with neither.
    """
    return convolution_hvp(ybar, dots, x, w, b, stride, padding, dilation, groups)


def conv2d_cases(rng):
    def case(label, x, w, bias=True, kind: Kind = "regular", half=True, /, **windows):
        return _case(rng, label, x, w, bias, kind, half, **windows)

    yield case("plain", (2, 3, 6, 8), (5, 3, 4, 7), True, "regular", False)
    yield case("stride-padding", (1, 2, 7, 9), (4, 2, 5, 3), stride=(2, 3), padding=(1, 2))
    yield case("dilation", (6, 1, 7, 5), (4, 1, 3, 2), False, dilation=(2, 3))
    yield case("groups", (1, 6, 4, 7), (8, 3, 2, 5), groups=2)
    yield case("same", (1, 1, 5, 6), (3, 1, 4, 2), True, "regular", False, padding="same", dilation=(1, 3))
    yield _case(rng, "same-upper", (1, 2, 5, 8), (6, 2, 4, 3), stride=(2, 3), padding="same_upper")
    yield _case(rng, "same-lower", (1, 2, 5, 8), (6, 2, 4, 3), stride=(2, 3), padding="same_lower")
    everything = {"stride": (3, 2), "padding": (2, 1), "dilation": (1, 2), "groups": 3}
    yield case("depthwise-with-everything", (1, 3, 5, 7), (6, 1, 4, 2), **everything)
    plain = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    w = np.arange(1.0, 7.0).reshape(1, 1, 2, 3)
    impulse, blind = np.zeros((1, 1, 3, 5)), np.zeros((1, 1, 3, 5))
    impulse[0, 0, 1, 2], blind[0, 0, 0, 1] = 1, np.nan
    answer = np.array([[[[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]]])
    yield Case("impulse-shows-the-flipped-kernel", (impulse, w, None), plain, "special", answer)
    answer = np.array([[[[np.nan, np.nan, 0.5], [0.5, 0.5, 0.5]]]])
    yield Case("nan-pixel", (blind, w, np.array([0.5])), plain, "special", answer)
    nothing = (np.zeros((0, 3, 4, 5)), rng.normal(size=(2, 3, 3, 2)), rng.normal(size=2))
    yield Case("no-images", nothing, plain, "empty", np.zeros((0, 2, 2, 4)))
    yield case("channels-differ", (1, 3, 4, 5), (2, 4, 3, 2), True, "refused")
    yield case("groups-do-not-divide", (1, 4, 4, 5), (3, 2, 3, 2), True, "refused", groups=2)
    yield case("kernel-too-large", (1, 3, 4, 5), (2, 3, 3, 2), True, "refused", dilation=(2, 1))
    yield case("same-with-stride", (1, 3, 4, 5), (2, 3, 3, 2), True, "refused", padding="same", stride=(2, 1))
    x, w = rng.normal(size=(1, 3, 4, 5)), rng.normal(size=(2, 3, 3, 2))
    yield Case("bias-of-one", (x, w, rng.normal(size=1)), plain, "refused")


def conv2d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 8, 32, 32)), rng.normal(size=(16, 8, 3, 3)), rng.normal(size=16)
    return Case("sized", (x, w, b), {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1})


def conv3d(x, w, b, *, stride, padding, dilation, groups):
    """y[n,o,r,p,q] = b[o] + sum_chij w[o,c,h,i,j] x[n, c, r sd + h dd - pd, p sh + i dh - ph, q sw + j dw - pw].

    Shapes: x (N,C,D,H,W), 0 outside the volume, w (O, C/groups, kd, kh, kw), b (O,) or None, y (N,O,D',H',W') with
    D' = floor((D + 2 pd - dd (kd - 1) - 1) / sd) + 1, and so on; stride, padding (or a string) and dilation have
    three entries.

    A convolution over three axes: see conv2d.

    Raises ValueError as conv2d does.

    Source: Tran, Bourdev, Fergus, Torresani and Paluri (2015), Learning Spatiotemporal Features with 3D Convolutional
    Networks, section 3.1.
    """
    return convolution(3, x, w, b, stride, padding, dilation, groups)


def conv3d_vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """As conv2d_vjp: the two cotangents of one matrix product."""
    return convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)


def conv3d_hvp(ybar, dots, y, x, w, b, *, stride, padding, dilation, groups):
    """As conv2d_hvp: the VJP at (xdot, wdot), and 0 for b."""
    return convolution_hvp(ybar, dots, x, w, b, stride, padding, dilation, groups)


def conv3d_cases(rng):
    yield _case(rng, "stride-padding", (2, 1, 4, 5, 6), (7, 1, 3, 1, 8), stride=(2, 1, 3), padding=(1, 0, 3))
    several = {"groups": 2, "dilation": (3, 2, 1), "padding": (0, 1, 2), "stride": (1, 3, 2)}
    yield _case(rng, "groups-dilation", (1, 4, 5, 6, 7), (8, 2, 1, 3, 9), False, **several)
    yield _case(rng, "channels-differ", (1, 3, 2, 4, 5), (2, 4, 1, 2, 3), True, "refused")


def conv3d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 4, 8, 16, 16)), rng.normal(size=(8, 4, 3, 3, 3)), rng.normal(size=8)
    return Case("sized", (x, w, b), {"stride": (1, 1, 1), "padding": (1, 1, 1), "dilation": (1, 1, 1), "groups": 1})


def depthwise_conv2d(x, w, b, *, stride, padding, dilation):
    """y[n, c m, p, q] = b[c m] + sum_ij w[c m, 0, i, j] x[n, c, p sh + i dh - ph, q sw + j dw - pw].

    Shapes: as conv2d, with x (N,C,H,W), w (C M, 1, kh, kw), y (N, C M, H', W'); M is the channel multiplier, and the
    channels c M ... c M + M - 1 of y see the channel c of x.

    A convolution whose groups are single channels: no sum over channels is left.

    Raises ValueError as conv2d does.

    Source: Howard et al. (2017), MobileNets, section 3.1, eq. 3.
    """
    return convolution(2, x, w, b, stride, padding, dilation, x.shape[1])


def depthwise_conv2d_vjp(ybar, y, x, w, b, *, stride, padding, dilation):
    """As conv2d_vjp, group by group: the filters of a channel meet no other."""
    return convolution_vjp(ybar, x, w, b, stride, padding, dilation, x.shape[1])


def depthwise_conv2d_hvp(ybar, dots, y, x, w, b, *, stride, padding, dilation):
    """As conv2d_hvp, group by group: the VJP at (xdot, wdot)."""
    return convolution_hvp(ybar, dots, x, w, b, stride, padding, dilation, x.shape[1])


def depthwise_conv2d_cases(rng):
    def case(label, x, w, bias, kind: Kind = "regular", /, **windows):
        whole = _case(rng, label, x, w, bias, kind, **windows)
        return Case(label, whole.args, {k: v for k, v in whole.params.items() if k != "groups"}, kind)

    yield case("one-filter-a-channel", (2, 3, 6, 5), (3, 1, 4, 1), True, stride=(2, 1), dilation=(1, 3))
    yield case("two-filters-a-channel", (1, 3, 4, 5), (6, 1, 2, 7), False, stride=(1, 2), padding=(1, 2))
    yield case("no-multiple-of-the-channels", (1, 3, 4, 5), (4, 1, 2, 2), True, "refused")
    yield case("several-channels-a-filter", (1, 4, 4, 5), (4, 2, 2, 2), True, "refused")


def depthwise_conv2d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 8, 32, 32)), rng.normal(size=(16, 1, 3, 3)), rng.normal(size=16)
    return Case("sized", (x, w, b), {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)})


def conv_tbc(x, w, b, *, pad):
    """y[t,n,o] = b[o] + sum_ic w[i,c,o] x[t + i - pad, n, c], x being 0 before the first and after the last time.

    Shapes: x (T,N,C), w (k,C,O), b (O,), y (T',N,O) with T' = T + 2 pad - k + 1. Time comes first, the channels last.

    A convolution over time is a linear layer for each of the last k times, added up.

    Raises ValueError when the channels or b do not fit, and when the kernel is longer than the padded sequence.

    Source: Waibel, Hanazawa, Hinton, Shikano and Lang (1989), Phoneme Recognition Using Time-Delay Neural Networks,
    section II; the layout is that of Gehring et al. (2017), Convolutional Sequence to Sequence Learning.
    """
    padded, times = _in_time(x, w, b, pad)
    return sum(padded[i : i + times] @ w[i] for i in range(w.shape[0])) + b


def conv_tbc_vjp(ybar, y, x, w, b, *, pad):
    """Of each linear layer wbar_i = sum_n x^T ybar, and xbar the sum of ybar w_i^T, moved back by i - pad."""
    padded, times = _in_time(x, w, b, pad)
    k = w.shape[0]
    moved = [np.pad(ybar @ w[i].mT, ((i, k - 1 - i), (0, 0), (0, 0))) for i in range(k)]
    wbar = np.stack([np.sum(padded[i : i + times].mT @ ybar, axis=0) for i in range(k)])
    xbar = np.sum(np.stack(moved), axis=0)
    return xbar[pad : pad + x.shape[0]], wbar, np.sum(ybar, axis=(0, 1))


def conv_tbc_hvp(ybar, dots, y, x, w, b, *, pad):
    """As conv2d_hvp: the VJP at (xdot, wdot), and 0 for b."""
    xdot, wdot, _ = dots
    xbardot, wbardot, _ = conv_tbc_vjp(ybar, y, xdot, wdot, b, pad=pad)
    return xbardot, wbardot, np.zeros_like(b)


def _in_time(x, w, b, pad):
    """x with zeros before and after, and how many times there are in y."""
    if x.ndim != 3 or w.ndim != 3 or x.shape[2] != w.shape[1]:
        raise ValueError(f"x and w have shapes {x.shape} and {w.shape}, expected (T,N,C) and (k,C,O)")
    if b.shape != w.shape[2:]:
        raise ValueError(f"b has shape {b.shape}, expected {w.shape[2:]}: one value for each channel of y")
    times = x.shape[0] + 2 * pad - w.shape[0] + 1
    if times < 1:
        raise ValueError(f"the kernel is {w.shape[0]} long, expected at most {x.shape[0] + 2 * pad}, T + 2 pad")
    return np.pad(x, ((pad, pad), (0, 0), (0, 0))), times


def conv_tbc_cases(rng):
    def case(label, x, w, pad, kind: Kind = "regular"):
        return Case(label, (rng.normal(size=x), rng.normal(size=w), rng.normal(size=w[2])), {"pad": pad}, kind)

    yield case("no-padding", (7, 2, 3), (4, 3, 5), 0)
    yield case("padding", (4, 2, 5), (3, 5, 6), 2)
    yield case("channels-differ", (5, 2, 3), (3, 4, 6), 1, "refused")
    yield case("kernel-too-long", (3, 2, 4), (6, 4, 5), 1, "refused")


def conv_tbc_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 512, 4), 16, 32)), rng.normal(size=(3, 32, 32)), rng.normal(size=32)
    return Case("sized", (x, w, b), {"pad": 1})


OPS = [
    Op(conv1d, conv1d_cases, conv1d_vjp, conv1d_sized, hvp=conv1d_hvp),
    Op(
        conv2d,
        conv2d_cases,
        conv2d_vjp,
        conv2d_sized,
        half=True,
        fast=conv2d_fast,
        vjp_fast=conv2d_vjp_fast,
        hvp=conv2d_hvp,
    ),
    Op(conv3d, conv3d_cases, conv3d_vjp, conv3d_sized, hvp=conv3d_hvp),
    Op(
        depthwise_conv2d, depthwise_conv2d_cases, depthwise_conv2d_vjp, depthwise_conv2d_sized, hvp=depthwise_conv2d_hvp
    ),
    Op(conv_tbc, conv_tbc_cases, conv_tbc_vjp, conv_tbc_sized, hvp=conv_tbc_hvp),
]

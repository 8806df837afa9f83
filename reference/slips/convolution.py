"""Slips of convolutions and of their transposes."""

from __future__ import annotations

import numpy as np

from ..convolution.columns import laid_back
from ..convolution.filters import conv_tbc, conv_tbc_vjp
from ..convolution.filters import depthwise_conv2d as depthwise
from ..convolution.filters import depthwise_conv2d_vjp as depthwise_vjp
from ..convolution.products import (
    as_rows,
    convolution,
    convolution_vjp,
    transposed_convolution,
    transposed_convolution_vjp,
)
from ..convolution.windows import crop, crop_to, extent_of, margins_of
from ..op import Slip
from .windows import LAST_WINDOW, last_window_wins


def flipped(w):
    return np.flip(w, axis=tuple(range(2, w.ndim)))


def channels_reshaped(w, groups):
    """The filters whose transpose has the numbers of w in their old order."""
    rows = np.reshape(w, (groups, w.shape[1], w.shape[0] // groups, *w.shape[2:]))
    return np.reshape(np.swapaxes(rows, 1, 2), w.shape)


def windowsbar_of(ybar, x, w, stride, padding, dilation, groups):
    """The cotangents of all windows, the padded image and its margins."""
    margins = margins_of(w.shape[2:], stride, padding, dilation, x.shape[2:])
    rowsbar = np.reshape(ybar, (len(x), groups, ybar.shape[1] // groups, -1))
    windowsbar = as_rows(w, groups).mT @ rowsbar
    shape = (*x.shape[:2], -1, *ybar.shape[2:])
    return np.reshape(windowsbar, shape), np.pad(x, ((0, 0), (0, 0), *margins)), margins


def assigned(ybar, x, w, stride, padding, dilation, groups):
    windowsbar, padded, margins = windowsbar_of(ybar, x, w, stride, padding, dilation, groups)
    return crop(last_window_wins(windowsbar, padded.shape[2:], w.shape[2:], stride, dilation), margins, x)


def cropped_at_the_end(ybar, x, w, stride, padding, dilation, groups):
    windowsbar, padded, margins = windowsbar_of(ybar, x, w, stride, padding, dilation, groups)
    nowhere = tuple((0, 0) for _ in margins)
    return crop(laid_back(windowsbar, padded.shape[2:], w.shape[2:], stride, dilation), nowhere, x)


NOT_FLIPPED = (
    "The gradient by x is a convolution of ybar with the filters turned round along every axis of pixels: the place i "
    "of a filter met the pixel p + i, so the pixel u gets w[i] ybar[u - i]. Here the filters are not turned round."
)
BY_THE_BATCH = (
    "The filters and the bias are shared by all examples, so their gradients are sums over the batch. A mean over the "
    "batch, where there is one, is taken in the loss, and ybar has its 1/N already: here it is divided once more."
)
BIAS_PIXELS = (
    "The bias of a channel is added at every pixel of every example, so its gradient is the sum over the batch and "
    "over all pixels: np.sum(ybar, axis=(0, 2, 3)) for images. Here the pixels are not summed."
)
FLIPPED = (
    "The filter is turned round, as mathematics and signal processing define a convolution; the layers of networks do "
    "not turn it round, y[p] = sum_i w[i] x[p + i]. For that turn w round first: np.flip(w, axis) along the pixels."
)


def filters(axes):
    """Slips of a convolution over so many axes of pixels."""

    def flip(x, w, b, *, stride, padding, dilation, groups):
        return convolution(axes, x, flipped(w), b, stride, padding, dilation, groups)

    def with_xbar(xbar_of):
        def vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
            _, wbar, bbar = convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)
            return xbar_of(ybar, x, w, stride, padding, dilation, groups), wbar, bbar

        return vjp

    def not_flipped(ybar, x, w, *windows):
        return convolution_vjp(ybar, x, flipped(w), None, *windows)[0]

    def reshaped(ybar, x, w, *windows):
        return convolution_vjp(ybar, x, channels_reshaped(w, windows[-1]), None, *windows)[0]

    def by_the_batch(ybar, y, x, w, b, *, stride, padding, dilation, groups):
        xbar, wbar, bbar = convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)
        return xbar, wbar / len(x), None if bbar is None else bbar / len(x)

    def over_the_batch_alone(ybar, y, x, w, b, *, stride, padding, dilation, groups):
        xbar, wbar, _ = convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups)
        return xbar, wbar, None if b is None else np.sum(ybar, axis=0)

    return (
        Slip("kernel-flipped", FLIPPED, flip, convention="signal processing (scipy.signal.convolve)"),
        Slip("kernel-not-flipped-on-the-way-back", NOT_FLIPPED, vjp=with_xbar(not_flipped)),
        Slip(
            "channels-reshaped-on-the-way-back",
            "Backwards the filters lead from the channels of y to those of x: the axes O and C of w are swapped, with "
            "np.swapaxes(w, 0, 1). A reshape to (C, O, ...) gives the same shape, but mixes the filters.",
            vjp=with_xbar(reshaped),
        ),
        Slip("last-window-only", LAST_WINDOW, vjp=with_xbar(assigned)),
        Slip(
            "padding-cropped-at-the-end-alone",
            "The input lies in the middle of the padded image: its gradient begins behind the padding, "
            "xbar = padded[..., p : p + H]. Here the part from 0 to H is taken, and so is shifted by p.",
            vjp=with_xbar(cropped_at_the_end),
        ),
        Slip("divided-by-the-batch", BY_THE_BATCH, vjp=by_the_batch),
        Slip("bias-not-over-the-pixels", BIAS_PIXELS, vjp=over_the_batch_alone),
    )


def multiplier_slowest(x, w, b, **windows):
    """w[m C + c] is the m-th filter of channel c, and y counts likewise."""
    n, c = len(w), x.shape[1]
    order = np.reshape(np.reshape(np.arange(n), (n // c, c)).T, -1)
    y = depthwise(x, w[order], None if b is None else b[order], **windows)
    return y[:, np.argsort(order)]


def depthwise_not_flipped(ybar, y, x, w, b, **windows):
    _, *others = depthwise_vjp(ybar, y, x, w, b, **windows)
    return depthwise_vjp(ybar, y, x, flipped(w), b, **windows)[0], *others


def depthwise_assigned(ybar, y, x, w, b, *, stride, padding, dilation):
    _, *others = depthwise_vjp(ybar, y, x, w, b, stride=stride, padding=padding, dilation=dilation)
    return assigned(ybar, x, w, stride, padding, dilation, x.shape[1]), *others


def depthwise_by_the_batch(ybar, y, x, w, b, **windows):
    xbar, wbar, bbar = depthwise_vjp(ybar, y, x, w, b, **windows)
    return xbar, wbar / len(x), None if bbar is None else bbar / len(x)


def tbc_in_front(x, w, b, *, pad):
    return conv_tbc(np.pad(x, ((2 * pad, 0), (0, 0), (0, 0))), w, b, pad=0)


def tbc_not_flipped(ybar, y, x, w, b, *, pad):
    xbar = conv_tbc_vjp(ybar, y, x, np.flip(w, axis=0), b, pad=pad)[0]
    return xbar, *conv_tbc_vjp(ybar, y, x, w, b, pad=pad)[1:]


def tbc_bias_over_time(ybar, y, x, w, b, *, pad):
    xbar, wbar, _ = conv_tbc_vjp(ybar, y, x, w, b, pad=pad)
    return xbar, wbar, np.sum(ybar, axis=0)


def tbc_last_time(ybar, y, x, w, b, *, pad):
    xbar, _, bbar = conv_tbc_vjp(ybar, y, x, w, b, pad=pad)
    padded, last = np.pad(x, ((pad, pad), (0, 0), (0, 0))), len(ybar) - 1
    return xbar, np.stack([padded[last + i].T @ ybar[last] for i in range(len(w))]), bbar


def transposed(axes):
    """Slips of a transposed convolution over so many axes of pixels."""

    def unflipped(x, w, b, *, stride, padding, output_padding, groups, dilation):
        return transposed_convolution(axes, x, flipped(w), b, stride, padding, output_padding, dilation, groups)

    def zeros_behind(x, w, b, *, stride, padding, output_padding, groups, dilation):
        y = transposed_convolution(axes, x, w, b, stride, padding, (0,) * axes, dilation, groups)
        return np.pad(y, ((0, 0), (0, 0), *((0, a) for a in output_padding)))

    def overwritten(x, w, b, *, stride, padding, output_padding, groups, dilation):
        """As the reference, but that windows overwrite each other."""
        rows = np.reshape(x, (len(x), groups, x.shape[1] // groups, -1))
        windows = np.reshape(as_rows(w, groups).mT @ rows, (len(x), w.shape[1] * groups, -1, *x.shape[2:]))
        extent = extent_of(x.shape[2:], w.shape[2:], stride, dilation)
        image = last_window_wins(windows, extent, w.shape[2:], stride, dilation)
        image = np.pad(image, ((0, 0), (0, 0), *((0, a) for a in output_padding)))
        size = tuple(n - 2 * p + a for n, p, a in zip(extent, padding, output_padding, strict=True))
        y = crop_to(image, tuple((p, p) for p in padding), size)
        return y if b is None else y + np.reshape(b, (-1, *(1,) * axes))

    def not_flipped(ybar, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
        windows = stride, padding, output_padding, dilation, groups
        _, *others = transposed_convolution_vjp(ybar, x, w, b, *windows)
        return transposed_convolution_vjp(ybar, x, flipped(w), b, *windows)[0], *others

    def by_the_batch(ybar, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
        windows = stride, padding, output_padding, dilation, groups
        xbar, wbar, bbar = transposed_convolution_vjp(ybar, x, w, b, *windows)
        return xbar, wbar / len(x), None if bbar is None else bbar / len(x)

    return (
        Slip(
            "kernel-not-flipped",
            "Every pixel of x lays a copy of the filter, as it is, into y. Written as a convolution over x with zeros "
            "between its pixels, this needs the filter turned round along every axis of pixels; here it is not.",
            unflipped,
        ),
        Slip(
            "overlaps-overwritten",
            "Where the copies of the filter overlap in y they add up. Here each one overwrites what was there: write "
            "+= in place of =.",
            overwritten,
        ),
        Slip(
            "output-padding-of-zeros",
            "The parameter output_padding moves the end of y outwards: of what the filters have laid there, padding - "
            "output_padding rows are cut away at the end, not padding, and the bias is added there too. Here padding "
            "rows are cut and rows of zeros are appended.",
            zeros_behind,
        ),
        Slip(
            "kernel-flipped-on-the-way-back",
            "The gradient by x is the convolution of ybar with w as it is: the transpose of the transpose. Here w is "
            "turned round, as it would be on the way back through a convolution.",
            vjp=not_flipped,
        ),
        Slip("divided-by-the-batch", BY_THE_BATCH, vjp=by_the_batch),
    )


SLIPS = {
    "conv1d": filters(1),
    "conv2d": filters(2),
    "conv3d": filters(3),
    "depthwise_conv2d": (
        Slip(
            "kernel-flipped",
            FLIPPED,
            lambda x, w, b, **windows: depthwise(x, flipped(w), b, **windows),
            convention="signal processing (scipy.signal.convolve)",
        ),
        Slip(
            "multiplier-counts-slowest",
            "The M filters of a channel lie beside each other: channel c M + m of y is the m-th filter of channel c. "
            "Here it is m C + c, all channels with their first filter before all with their second.",
            multiplier_slowest,
        ),
        Slip("kernel-not-flipped-on-the-way-back", NOT_FLIPPED, vjp=depthwise_not_flipped),
        Slip("last-window-only", LAST_WINDOW, vjp=depthwise_assigned),
        Slip("divided-by-the-batch", BY_THE_BATCH, vjp=depthwise_by_the_batch),
    ),
    "conv_tbc": (
        Slip(
            "kernel-flipped",
            "The kernel runs the way time does: w[0] meets x[t - pad], the earliest. Here it runs backwards, as "
            "mathematics defines a convolution: sum over i of w[i] x[t - i].",
            lambda x, w, b, *, pad: conv_tbc(x, np.flip(w, axis=0), b, pad=pad),
        ),
        Slip(
            "padded-in-front-alone",
            "The zeros lie on both sides, pad before the first time and pad after the last. Here all 2 pad lie in "
            "front, as in a causal convolution, and y is late by pad.",
            tbc_in_front,
        ),
        Slip(
            "kernel-not-flipped-on-the-way-back",
            "What is called x[s] met w[i] at the time t = s - i + pad, so xbar[s] = sum_i ybar[s - i + pad] w[i]^T: "
            "backwards the kernel runs against time. Here it runs with it.",
            vjp=tbc_not_flipped,
        ),
        Slip(
            "last-time-only",
            "The kernel is used at every time, so wbar is the sum over all of them. Here each time overwrites the one "
            "before it, and the last is left: write += in place of =.",
            vjp=tbc_last_time,
        ),
        Slip(
            "bias-not-over-the-batch",
            "The bias is added at every time and in every example: bbar = np.sum(ybar, axis=(0, 1)). Here it is summed "
            "over time alone.",
            vjp=tbc_bias_over_time,
        ),
    ),
    "conv_transpose1d": transposed(1),
    "conv_transpose2d": transposed(2),
    "conv_transpose3d": transposed(3),
}

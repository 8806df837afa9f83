"""Slips of pooling: maxima, means and norms of windows, and the way back from maxima."""

from __future__ import annotations

import numpy as np

from ..convolution import averaging, pooling, powers, switches, unpooling
from ..convolution.averaging import pad_with_zeros, repeated
from ..convolution.columns import laid_back, windows_of
from ..convolution.pooling import count, pad_for_maximum, pooling_margins
from ..convolution.windows import crop
from ..op import Slip
from .windows import IN_THE_WINDOW, LAST_WINDOW, UPSTREAM, column_by_column, last_window_wins, product

CROPPED = (
    "The input lies in the middle of the padded image: its gradient begins behind the padding, xbar = padded[..., p : "
    "p + H]. Here the part from 0 to H is taken, and so is shifted by p."
)


def maxima(name):
    """Slips of the maximum of windows."""
    reference_vjp = getattr(pooling, f"{name}_vjp")

    def padded_with_zeros(x, *, kernel_size, stride, padding, dilation, ceil_mode):
        margins = pooling_margins(x, kernel_size, stride, padding, dilation, ceil_mode)
        return np.max(windows_of(np.pad(x, ((0, 0), (0, 0), *margins)), kernel_size, stride, dilation), axis=2)

    def at_the_maxima(x, ybar, kernel_size, stride, padding, dilation, ceil_mode):
        padded, margins = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
        windows = windows_of(padded, kernel_size, stride, dilation)
        places = np.reshape(np.arange(windows.shape[2]), (-1, *(1 for _ in kernel_size)))
        first = places == np.argmax(windows, axis=2)[:, :, None]
        return np.where(first, ybar[:, :, None], 0), padded, margins

    def overwritten(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
        held, padded, margins = at_the_maxima(x, ybar, kernel_size, stride, padding, dilation, ceil_mode)
        return (crop(last_window_wins(held, padded.shape[2:], kernel_size, stride, dilation), margins, x),)

    def cropped_at_the_end(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
        held, padded, margins = at_the_maxima(x, ybar, kernel_size, stride, padding, dilation, ceil_mode)
        whole = laid_back(held, padded.shape[2:], kernel_size, stride, dilation)
        return (crop(whole, tuple((0, 0) for _ in margins), x),)

    def upstream_dropped(ybar, y, x, **params):
        return reference_vjp(np.ones_like(ybar), y, x, **params)

    return (
        Slip(
            "padded-with-zeros",
            "The padding of a maximum is -inf, to which no pixel loses. With 0 it wins where all pixels of a window "
            "are negative.",
            padded_with_zeros,
        ),
        Slip("last-window-only", LAST_WINDOW, vjp=overwritten),
        Slip("padding-cropped-at-the-end-alone", CROPPED, vjp=cropped_at_the_end),
        Slip("upstream-dropped", UPSTREAM, vjp=upstream_dropped),
    )


def means(name, *more):
    """Slips of the mean of windows; those of ``more`` beside the common ones."""
    forward, vjp = getattr(averaging, name), getattr(averaging, f"{name}_vjp")

    def by_the_kernel_size(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override=None):
        padded, _ = pad_with_zeros(x, kernel_size, stride, padding, ceil_mode)
        return np.sum(windows_of(padded, kernel_size, stride), axis=2) / (divisor_override or product(kernel_size))

    def by_the_kernel_size_vjp(ybar, y, x, *, kernel_size, stride, padding, ceil_mode, **counted):
        padded, margins = pad_with_zeros(x, kernel_size, stride, padding, ceil_mode)
        share = ybar / (counted.get("divisor_override") or product(kernel_size))
        return (crop(laid_back(repeated(share, kernel_size), padded.shape[2:], kernel_size, stride), margins, x),)

    def shares(ybar, x, **params):
        """What each window sends back to one of its pixels."""
        ones = np.ones_like(x)
        sums = by_the_kernel_size(ones, **params) * (params.get("divisor_override") or product(params["kernel_size"]))
        return ybar * forward(ones, **params) / sums

    def overwritten(ybar, y, x, **params):
        windows = params["kernel_size"], params["stride"]
        padded, margins = pad_with_zeros(x, *windows, params["padding"], params["ceil_mode"])
        held = repeated(shares(ybar, x, **params), params["kernel_size"])
        return (crop(last_window_wins(held, padded.shape[2:], *windows), margins, x),)

    def not_divided(ybar, y, x, **params):
        windows = params["kernel_size"], params["stride"]
        padded, margins = pad_with_zeros(x, *windows, params["padding"], params["ceil_mode"])
        return (crop(laid_back(repeated(ybar, params["kernel_size"]), padded.shape[2:], *windows), margins, x),)

    def never(f):
        return lambda *args, **params: f(*args, **{**params, "count_include_pad": False})

    slips = {
        "never": Slip(
            "padding-never-counted",
            "The pixels of the padding are not counted here, whatever the parameter says, as TensorFlow does it. With "
            "count_include_pad each window is divided by all its pixels, kh kw, of which those in the padding are 0.",
            never(forward),
            never(vjp),
            convention="TensorFlow and Keras",
        ),
        "kernel": Slip(
            "always-divided-by-the-kernel-size",
            "A window at the border is divided by the pixels it sees inside the image if count_include_pad is false, "
            "and in any case without those that hang over the padded image (ceil_mode). Here the divisor is always the "
            "size of the kernel.",
            by_the_kernel_size,
            by_the_kernel_size_vjp,
        ),
        "divisor": Slip(
            "divisor-ignored",
            "Where there is one, divisor_override takes the place of the number of pixels. Here it is not looked at.",
            lambda *args, **params: forward(*args, **{**params, "divisor_override": None}),
            lambda *args, **params: vjp(*args, **{**params, "divisor_override": None}),
        ),
    }
    return (
        *(slips[which] for which in more),
        Slip("last-window-only", LAST_WINDOW, vjp=overwritten),
        Slip(
            "not-divided-on-the-way-back",
            "A pixel has a share of 1/count in the mean of its window, and gets ybar / count back. Here it gets ybar.",
            vjp=not_divided,
        ),
    )


def spread(ybar, x):
    return np.broadcast_to(np.reshape(ybar, (*ybar.shape, *(1 for _ in x.shape[2:]))), x.shape)


def norms(name):
    """Slips of the norm of windows."""
    forward = getattr(powers, name)

    def with_share(share):
        def vjp(ybar, y, x, *, norm_type, kernel_size, stride, ceil_mode):
            padded, margins = pad_with_zeros(x, kernel_size, stride, (0,) * len(kernel_size), ceil_mode)
            windows = windows_of(padded, kernel_size, stride)
            held = repeated(ybar, kernel_size) * share(windows, y[:, :, None], norm_type)
            return (crop(laid_back(held, padded.shape[2:], kernel_size, stride), margins, x),)

        return vjp

    def of_the_mean(x, *, norm_type, kernel_size, **windows):
        y = forward(x, norm_type=norm_type, kernel_size=kernel_size, **windows)
        return y / product(kernel_size) ** (1 / norm_type)

    return (
        Slip(
            "mean-of-the-powers",
            "It is the norm of each window, of the sum of the powers: it grows with the kernel. Here the mean is taken "
            "under the root, which is smaller by the factor (kh kw)^(-1/r).",
            of_the_mean,
        ),
        Slip(
            "root-forgotten",
            "The sum of the powers has to be brought back to the size of x: y = (sum |x|^r)^(1/r). Here the root is "
            "missing.",
            lambda x, *, norm_type, **windows: forward(x, norm_type=norm_type, **windows) ** norm_type,
        ),
        Slip(
            "derivative-of-the-root-forgotten",
            "From y = (sum |x|^r)^(1/r) follows dy/dx = sign(x) (|x| / y)^(r - 1). Here the factor y^(1 - r), that of "
            "the root, is missing.",
            vjp=with_share(lambda x, y, r: np.sign(x) * np.abs(x) ** (r - 1)),
        ),
        Slip(
            "factor-of-the-power-kept",
            "The factor r of the power's derivative and the 1/r of the root's cancel: dy/dx = sign(x) (|x| / y)^(r - "
            "1). Here r is left.",
            vjp=with_share(lambda x, y, r: r * np.sign(x) * np.abs(x / y) ** (r - 1)),
        ),
        Slip(
            "divided-by-x-itself",
            "The derivative has the power r - 1 of |x| / y, one less than the value: (|x| / y)^(r - 1) sign(x). Here "
            "it is the power r.",
            vjp=with_share(lambda x, y, r: np.sign(x) * np.abs(x / y) ** r),
        ),
    )


def places_of_maxima(name):
    """Slips of the maxima and where they were."""
    forward = getattr(switches, name)

    def in_the_window(x, *, kernel_size, stride, padding, dilation, ceil_mode):
        padded, _ = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
        windows = windows_of(padded, kernel_size, stride, dilation)
        return np.max(windows, axis=2), np.argmax(windows, axis=2)

    def in_the_padded_image(x, *, kernel_size, stride, padding, dilation, ceil_mode):
        padded, _ = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
        windows = windows_of(padded, kernel_size, stride, dilation)
        counted = windows_of(count(padded.shape[2:]), kernel_size, stride, dilation)
        largest = np.argmax(windows, axis=2)[:, :, None]
        return np.max(windows, axis=2), np.take_along_axis(counted, largest, axis=2)[:, :, 0]

    slips = (
        Slip("counted-in-the-window", IN_THE_WINDOW, in_the_window),
        Slip(
            "counted-in-the-padded-image",
            "The indices count the pixels of x alone: of a maximum in row i and column j of x it is i W + j. Here "
            "those of the padding are counted too.",
            in_the_padded_image,
        ),
    )
    return slips if name == "max_pool1d_with_indices" else (*slips, column_by_column(forward))


def unpooled(name):
    """Slips of the way back from maxima."""
    forward = getattr(unpooling, name)

    def size_of(x, **params):
        return forward(np.zeros_like(x), np.zeros_like(x, dtype=int), **params).shape

    def into_the_first(x, indices, **params):
        y = np.zeros(size_of(x, **params))
        y.reshape(-1)[indices.reshape(-1)] = x.reshape(-1)
        return y

    def from_the_first(ybar, y, x, indices, **params):
        return (np.reshape(ybar, -1)[indices],)

    def columns(indices, size):
        return np.ravel_multi_index(np.unravel_index(indices, size, order="F"), size)

    slips = (
        Slip(
            "all-channels-into-the-first",
            "The indices count the pixels of one channel of one image, and begin at 0 in each: the number of the "
            "channel, times H W, has to be added before y is looked at as one row of numbers. Here all are laid into "
            "the first channel.",
            into_the_first,
        ),
        Slip(
            "cotangent-of-the-first-channel",
            "The indices count the pixels of one channel of one image: each channel picks from its own ybar, as "
            "np.take_along_axis does. Here all of them pick from the first.",
            vjp=from_the_first,
        ),
    )
    if name == "max_unpool1d":
        return (
            *slips,
            Slip(
                "values-in-their-old-order",
                "What belongs to x[q] is the cotangent at the place indices[q] that x[q] was laid at. Here the "
                "cotangents at these places are taken in the order of the places.",
                vjp=lambda ybar, y, x, indices, **params: (np.take_along_axis(ybar, np.sort(indices), axis=2),),
            ),
        )
    return (
        *slips,
        Slip(
            "indices-column-by-column",
            "The indices count the pixels row by row, k = i W + j, the last axis fastest. Here the first axis counts "
            "fastest: i = k mod H.",
            lambda x, indices, **params: forward(x, columns(indices, size_of(x, **params)[2:]), **params),
            lambda ybar, y, x, indices, **params: getattr(unpooling, f"{name}_vjp")(
                ybar, y, x, columns(indices, ybar.shape[2:]), **params
            ),
        ),
    )


SLIPS = {
    **{name: maxima(name) for name in ("max_pool1d", "max_pool2d", "max_pool3d")},
    "avg_pool1d": means("avg_pool1d", "never", "kernel"),
    "avg_pool2d": means("avg_pool2d", "never", "kernel", "divisor"),
    "avg_pool3d": means("avg_pool3d", "kernel", "divisor"),
    "global_avg_pool": (
        Slip(
            "summed",
            "It is the mean over the pixels, not their sum: divide by their number.",
            lambda x: np.sum(x, axis=tuple(range(2, x.ndim))),
            lambda ybar, y, x: (spread(ybar, x),),
        ),
        Slip(
            "over-the-channels",
            "The pixels of each channel are averaged, and the channels stay: the axes are those from 2 on. Here the "
            "channels are averaged, over axis 1, and the pixels too.",
            lambda x: np.mean(x, axis=tuple(range(1, x.ndim))),
        ),
        Slip(
            "divided-by-one-side",
            "Each pixel has a share of 1 / (H W) in the mean. Here the cotangent is divided by one of the sides of the "
            "image alone.",
            vjp=lambda ybar, y, x: (spread(ybar / x.shape[-1], x),),
        ),
    ),
    **{name: norms(name) for name in ("lp_pool1d", "lp_pool2d", "lp_pool3d")},
    **{f"{name}_with_indices": places_of_maxima(f"{name}_with_indices") for name in ("max_pool1d", "max_pool2d")},
    "max_pool3d_with_indices": places_of_maxima("max_pool3d_with_indices"),
    **{name: unpooled(name) for name in ("max_unpool1d", "max_unpool2d", "max_unpool3d")},
}

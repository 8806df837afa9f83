"""Maximum pooling: the largest pixel of each window, over images of one, two or three axes."""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .columns import laid_back, windows_of
from .windows import crop


def max_pool1d(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y[n,c,q] = max over i of x[n, c, q s + i d - p], over the samples inside the signal.

    Shapes: x (N,C,L), y (N,C,L'), each parameter a tuple of one number; L' and all else as for max_pool2d.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 1)
    return _maxima(x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool1d_vjp(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """xbar adds up ybar at the first largest sample of each window."""
    return (_maxima_vjp(ybar, x, kernel_size, stride, padding, dilation, ceil_mode),)


def max_pool2d(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y[n,c,p,q] = max over i, j of x[n, c, p sh + i dh - ph, q sw + j dw - pw], over the pixels inside the image.

    Shapes: x (N,C,H,W), y (N,C,H',W') with H' = floor((H + 2 ph - dh (kh - 1) - 1) / sh) + 1, and W' likewise;
    kernel_size (kh,kw), stride (sh,sw), padding (ph,pw) and dilation (dh,dw) are pairs. With ceil_mode a further window
    is taken where pixels are left over, so that H' is rounded up; it may hang over the end, but begins in the image.

    The image is padded with -inf, to which no pixel loses. With 0 the padding would win over negative pixels.

    Raises ValueError when the padding exceeds half of the kernel (a window could see nothing but padding), or when
    the kernel is larger than the padded image.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 2)
    return _maxima(x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """xbar adds up ybar[n,c,p,q] at the pixel that is the maximum of the window p, q; of equal ones, at the first.

    The maximum moves as its largest pixel does. When several are equal any share of ybar among them is a subgradient;
    the first one, row by row, gets it all, as in torch and jax.
    """
    return (_maxima_vjp(ybar, x, kernel_size, stride, padding, dilation, ceil_mode),)


def max_pool3d(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y[n,c,o,p,q] = max over h, i, j of x[n, c, o sd + h dd - pd, p sh + i dh - ph, q sw + j dw - pw], inside x.

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), each parameter a triple; the sizes and all else as for max_pool2d.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 3)
    return _maxima(x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d_vjp(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """xbar adds up ybar at the first largest voxel of each window."""
    return (_maxima_vjp(ybar, x, kernel_size, stride, padding, dilation, ceil_mode),)


def _maxima(x, kernel_size, stride, padding, dilation, ceil_mode):
    padded, _ = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
    return np.max(windows_of(padded, kernel_size, stride, dilation), axis=2)


def _maxima_vjp(ybar, x, kernel_size, stride, padding, dilation, ceil_mode):
    padded, margins = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
    windows = windows_of(padded, kernel_size, stride, dilation)
    largest = np.argmax(windows, axis=2)
    places = np.reshape(np.arange(windows.shape[2]), (-1, *(1 for _ in kernel_size)))
    windowsbar = np.where(places == largest[:, :, None], ybar[:, :, None], 0)
    return crop(laid_back(windowsbar, padded.shape[2:], kernel_size, stride, dilation), margins, x)


def pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode):
    margins = pooling_margins(x, kernel_size, stride, padding, dilation, ceil_mode)
    return np.pad(x, ((0, 0), (0, 0), *margins), constant_values=-np.inf), margins


def pooling_margins(x, kernel_size, stride, padding, dilation, ceil_mode):
    """Along each axis of pixels, how many are added before and behind, so that all windows lie inside."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    if any(2 * p > r for p, r in zip(padding, reach, strict=True)):
        raise ValueError(f"padding is {tuple(padding)}, expected at most half of what the kernel reaches over, {reach}")
    behind = []
    for size, r, s, p in zip(x.shape[2:], reach, stride, padding, strict=True):
        left_over = (size + 2 * p - r) % s
        next_begins = size + 2 * p - r - left_over + s
        behind.append(p + s - left_over if ceil_mode and left_over and next_begins < size + p else p)
    return tuple(zip(padding, behind, strict=True))


def count(size):
    """The pixels of an image, counted row by row."""
    return np.reshape(np.arange(np.prod(size)), (1, 1, *size))


def require_pixels(x, axes):
    if x.ndim != axes + 2:
        raise ValueError(f"x has shape {x.shape}, expected ({','.join('NCDHW'[:2] + 'DHW'[-axes:])})")


def window_params(axes, **params):
    """The parameters of windows over so many axes, those that are not given as they do nothing."""
    defaults = {"padding": (0,) * axes, "dilation": (1,) * axes, "ceil_mode": False}
    return {"kernel_size": params["kernel_size"], "stride": params["stride"], **defaults, **params}


def distinct(rng, shape):
    """Random numbers no two of which are equal even in bfloat16: spread out, then moved by less than their distance."""
    spread = rng.permutation(np.prod(shape)) - np.prod(shape) / 2
    return np.reshape(spread / 8 + rng.uniform(-1, 1, spread.shape) / 64, shape)


def max_pool1d_cases(rng):
    everything = window_params(1, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,))
    yield Case("negative-with-everything", (distinct(rng, (2, 3, 8)) - 9,), everything)
    rounded_up = window_params(1, kernel_size=(2,), stride=(3,), ceil_mode=True)
    yield Case("ties", (np.repeat(distinct(rng, (1, 2, 3)), [2, 3, 2], axis=2),), rounded_up, "kink")
    yield Case("no-signals", (np.zeros((0, 3, 7)),), rounded_up, "empty", np.zeros((0, 3, 3)))
    yield Case("two-axes", (distinct(rng, (1, 2, 5, 7)),), rounded_up, "refused")


def max_pool2d_cases(rng):
    def case(label, shape, shift=0.0, kind: Kind = "regular", **params):
        return Case(label, (distinct(rng, shape) + shift,), window_params(2, **params), kind)

    yield case("halving", (1, 3, 4, 6), kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), kernel_size=(2, 1), stride=(3, 2))
    yield case("negative-with-padding", (1, 2, 5, 6), -9.0, kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-on-one-axis", (3, 1, 4, 5), -9.0, kernel_size=(2, 3), stride=(1, 2), padding=(1, 0))
    both = {"dilation": (2, 1), "ceil_mode": True}
    yield case("dilation-ceil", (2, 1, 6, 7), -9.0, kernel_size=(2, 3), stride=(2, 3), padding=(1, 1), **both)
    overlapping = window_params(2, kernel_size=(2, 3), stride=(1, 2), padding=(1, 1))
    x = distinct(rng, (1, 2, 3, 5))
    ties = np.concat([np.repeat(x[:, :1, :, :3], [2, 1, 2], axis=3), x[:, 1:]], axis=1)
    yield Case("ties", (ties,), overlapping, "kink")
    x = np.full((1, 1, 3, 5), -np.inf)
    x[0, 0, 0, 0], x[0, 0, 1, 4] = np.nan, np.inf
    answer = np.array([[[[np.nan, -np.inf, -np.inf], [np.nan, -np.inf, np.inf]]]])
    answer = np.concat([answer, np.array([[[[-np.inf, -np.inf, np.inf], [-np.inf, -np.inf, -np.inf]]]])], axis=2)
    yield Case("nan-and-infinite", (x,), overlapping, "special", answer)
    halving = window_params(2, kernel_size=(2, 2), stride=(2, 2))
    yield Case("no-images", (np.zeros((0, 3, 4, 6)),), halving, "empty", np.zeros((0, 3, 2, 3)))
    yield case("kernel-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(4, 2), stride=(1, 1))
    yield case("padding-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(3, 2), stride=(1, 1), padding=(2, 1))
    yield case("no-image-axes", (3, 4), kind="refused", kernel_size=(2, 2), stride=(1, 1))


def max_pool3d_cases(rng):
    everything = window_params(3, kernel_size=(2, 3, 1), stride=(2, 1, 3), padding=(1, 0, 0))
    yield Case("negative-with-padding", (distinct(rng, (1, 2, 3, 5, 4)) - 9,), everything)
    rounded_up = {"padding": (0, 1, 0), "dilation": (1, 1, 2), "ceil_mode": True}
    rounded_up = window_params(3, kernel_size=(1, 2, 2), stride=(2, 1, 2), **rounded_up)
    ties = np.repeat(distinct(rng, (1, 1, 3, 2, 2)), [4, 2], axis=4)
    yield Case("ties", (ties,), rounded_up, "kink")
    yield Case("one-axis-less", (distinct(rng, (3, 4, 5)),), everything, "refused")


def sized_images(rng, n, axes):
    """About n numbers in images of 1024 pixels, of eight channels each."""
    shape = {1: (1024,), 2: (32, 32), 3: (16, 8, 8)}[axes]
    return rng.normal(size=(max(n // 8192, 1), 8, *shape))


def max_pool1d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), window_params(1, kernel_size=(2,), stride=(2,)))


def max_pool2d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), window_params(2, kernel_size=(2, 2), stride=(2, 2)))


def max_pool3d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), window_params(3, kernel_size=(2, 2, 2), stride=(2, 2, 2)))


OPS = [
    Op(max_pool1d, max_pool1d_cases, max_pool1d_vjp, max_pool1d_sized),
    Op(max_pool2d, max_pool2d_cases, max_pool2d_vjp, max_pool2d_sized, half=True),
    Op(max_pool3d, max_pool3d_cases, max_pool3d_vjp, max_pool3d_sized),
]

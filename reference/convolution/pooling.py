"""Pooling: the maximum or the mean of each window."""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .windows import both_sides, crop, fold, unfold


def max_pool2d(x, *, kernel_size, stride, padding):
    """y[n,c,p,q] = max over i, j of x[n, c, p sh + i - ph, q sw + j - pw], over the pixels inside the image.

    Shapes: x (N,C,H,W), y (N,C,H',W') with H' = floor((H + 2 ph - kh) / sh) + 1, and W' likewise; kernel_size
    (kh,kw), stride (sh,sw) and padding (ph,pw) are pairs.

    The image is padded with -inf, to which no pixel loses. With 0 the padding would win over negative pixels.

    Raises ValueError when the padding exceeds half of the kernel (a window could see nothing but padding), or when
    the kernel is larger than the padded image.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    windows = unfold(_pad_for_maximum(x, kernel_size, padding), kernel_size, stride)
    return np.max(windows, axis=2)


def max_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding):
    """xbar adds up ybar[n,c,p,q] at the pixel that is the maximum of the window p, q; of equal ones, at the first.

    The maximum moves as its largest pixel does. When several are equal any share of ybar among them is a subgradient;
    the first one, row by row, gets it all, as in torch and jax.
    """
    padded = _pad_for_maximum(x, kernel_size, padding)
    windows = unfold(padded, kernel_size, stride)
    largest = np.argmax(windows, axis=2)
    places = np.reshape(np.arange(windows.shape[2]), (-1, 1, 1))
    windowsbar = np.where(places == largest[:, :, None], ybar[:, :, None], 0)
    return (crop(fold(windowsbar, padded, kernel_size, stride), both_sides(padding), x),)


def max_pool2d_cases(rng):
    def case(label, shape, shift=0.0, kind: Kind = "regular", *, kernel_size, stride, padding=(0, 0)):
        params = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        return Case(label, (_distinct(rng, shape) + shift,), params, kind)

    yield case("halving", (1, 3, 4, 6), kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), kernel_size=(2, 1), stride=(3, 2))
    yield case("negative-with-padding", (1, 2, 5, 6), -9.0, kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-on-one-axis", (3, 1, 4, 5), -9.0, kernel_size=(2, 3), stride=(1, 2), padding=(1, 0))
    overlapping = {"kernel_size": (2, 3), "stride": (1, 2), "padding": (1, 1)}
    x = _distinct(rng, (1, 2, 3, 5))
    ties = np.concat([np.repeat(x[:, :1, :, :3], [2, 1, 2], axis=3), x[:, 1:]], axis=1)
    yield Case("ties", (ties,), overlapping, "kink")
    x = np.full((1, 1, 3, 5), -np.inf)
    x[0, 0, 0, 0], x[0, 0, 1, 4] = np.nan, np.inf
    answer = np.array([[[[np.nan, -np.inf, -np.inf], [np.nan, -np.inf, np.inf]]]])
    answer = np.concat([answer, np.array([[[[-np.inf, -np.inf, np.inf], [-np.inf, -np.inf, -np.inf]]]])], axis=2)
    yield Case("nan-and-infinite", (x,), overlapping, "special", answer)
    halving = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    yield Case("no-images", (np.zeros((0, 3, 4, 6)),), halving, "empty", np.zeros((0, 3, 2, 3)))
    yield case("kernel-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(4, 2), stride=(1, 1))
    yield case("padding-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(3, 2), stride=(1, 1), padding=(2, 1))
    yield case("no-image-axes", (3, 4), kind="refused", kernel_size=(2, 2), stride=(1, 1))


def max_pool2d_sized(rng, n):
    params = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


def avg_pool2d(x, *, kernel_size, stride, padding, count_include_pad):
    """y[n,c,p,q] = sum over i, j of x[n, c, p sh + i - ph, q sw + j - pw] / count, x being 0 outside the image.

    Shapes: as max_pool2d. count is kh kw, so that padding pulls the border towards 0; or, when count_include_pad is
    false, the number of pixels of this window that lie inside the image.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    windows = unfold(_pad_for_mean(x, kernel_size, padding), kernel_size, stride)
    return np.sum(windows, axis=2) / _counts(x, kernel_size, stride, padding, count_include_pad)


def avg_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding, count_include_pad):
    """xbar adds up ybar / count over the windows that see the pixel."""
    share = ybar / _counts(x, kernel_size, stride, padding, count_include_pad)
    padded = _pad_for_mean(x, kernel_size, padding)
    places = kernel_size[0] * kernel_size[1]
    windowsbar = np.broadcast_to(share[:, :, None], (*x.shape[:2], places, *ybar.shape[2:]))
    return (crop(fold(windowsbar, padded, kernel_size, stride), both_sides(padding), x),)


def avg_pool2d_cases(rng):
    def case(label, shape, include, kind: Kind = "regular", *, kernel_size, stride, padding=(0, 0)):
        params = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "count_include_pad": include}
        return Case(label, (rng.normal(size=shape),), params, kind)

    yield case("halving", (1, 3, 4, 6), True, kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), False, kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), True, kernel_size=(2, 1), stride=(3, 2))
    yield case("padding-counted", (1, 2, 5, 6), True, kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-not-counted", (1, 2, 6, 5), False, kernel_size=(4, 3), stride=(3, 2), padding=(2, 1))
    x = np.zeros((1, 1, 2, 3))
    x[0, 0, 0, 0], x[0, 0, 1, 2], x[0, 0, 0, 1] = np.inf, np.nan, 6
    answer = np.array([[[[np.inf, 3.0], [np.inf, np.nan], [0.0, np.nan]]]])
    params = {"kernel_size": (2, 2), "stride": (1, 2), "padding": (1, 1), "count_include_pad": False}
    yield Case("nan-and-infinite", (x,), params, "special", answer)
    yield Case("no-images", (np.zeros((0, 2, 2, 3)),), params, "empty", np.zeros((0, 2, 3, 2)))
    yield case("kernel-too-large", (1, 2, 3, 4), True, kind="refused", kernel_size=(4, 2), stride=(1, 1))
    too_much = {"kernel_size": (3, 2), "stride": (1, 1), "padding": (2, 1)}
    yield case("padding-too-large", (1, 2, 3, 4), True, kind="refused", **too_much)
    yield case("no-image-axes", (3, 4), True, kind="refused", kernel_size=(2, 2), stride=(1, 1))


def avg_pool2d_sized(rng, n):
    params = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "count_include_pad": True}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


def _pad_for_maximum(x, kernel_size, padding):
    _require_pooling(x, kernel_size, padding)
    return np.pad(x, ((0, 0), (0, 0), *both_sides(padding)), constant_values=-np.inf)


def _pad_for_mean(x, kernel_size, padding):
    _require_pooling(x, kernel_size, padding)
    return np.pad(x, ((0, 0), (0, 0), *both_sides(padding)))


def _counts(x, kernel_size, stride, padding, count_include_pad):
    """By how much each window divides its sum."""
    if count_include_pad:
        return kernel_size[0] * kernel_size[1]
    inside = np.pad(np.ones_like(x[:1, :1]), ((0, 0), (0, 0), *both_sides(padding)))
    return np.sum(unfold(inside, kernel_size, stride), axis=2)


def _require_pooling(x, kernel_size, padding):
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,H,W)")
    if any(2 * p > k for p, k in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding is {tuple(padding)}, expected at most half of kernel_size, {tuple(kernel_size)}")


def _distinct(rng, shape):
    """Random numbers no two of which are equal even in bfloat16: spread out, then moved by less than their distance."""
    spread = rng.permutation(np.prod(shape)) - np.prod(shape) / 2
    return np.reshape(spread / 8 + rng.uniform(-1, 1, spread.shape) / 64, shape)


OPS = [
    Op(max_pool2d, max_pool2d_cases, max_pool2d_vjp, max_pool2d_sized, half=True),
    Op(avg_pool2d, avg_pool2d_cases, avg_pool2d_vjp, avg_pool2d_sized, half=True),
]

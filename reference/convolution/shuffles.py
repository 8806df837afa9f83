"""Shuffles: channels become pixels, pixels become channels, groups of channels are dealt out like cards.

Nothing is computed, so a VJP is the inverse shuffle of the cotangent.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op


def pixel_shuffle(x, *, upscale_factor):
    """y[n, c, p r + i, q r + j] = x[n, c r^2 + i r + j, p, q], r being upscale_factor.

    Shapes: x (N, C r^2, H, W), y (N, C, r H, r W).

    Each pixel becomes a square of r x r pixels, made of its r^2 channels: after a convolution, a learned upscaling
    that computes at the small size. (In the paper, and in TensorFlow's depth_to_space, c counts fastest among the
    channels of x; here i and j do.)

    Raises ValueError when the channels are no multiple of r^2.

    Source: Shi et al. (2016), Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
    Convolutional Neural Network, section 3.2, eq. 4.
    """
    n, c, height, width = _sizes(x)
    r = upscale_factor
    if r < 1 or c % r**2:
        raise ValueError(f"x has {c} channels, expected a multiple of the square of upscale_factor = {r}")
    squares = np.reshape(x, (n, c // r**2, r, r, height, width))
    return np.reshape(np.transpose(squares, (0, 1, 4, 2, 5, 3)), (n, c // r**2, height * r, width * r))


def pixel_shuffle_vjp(ybar, y, x, *, upscale_factor):
    """xbar is ybar, unshuffled."""
    return (pixel_unshuffle(ybar, downscale_factor=upscale_factor),)


def pixel_shuffle_cases(rng):
    def case(label, x, r, kind: Kind = "regular"):
        return Case(label, (rng.normal(size=x),), {"upscale_factor": r}, kind)

    yield case("two", (2, 12, 3, 5), 2)
    yield case("three", (1, 18, 4, 2), 3)
    yield case("no-multiple", (1, 6, 3, 5), 2, "refused")


def pixel_shuffle_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 32, 16, 16)),), {"upscale_factor": 2})


def pixel_unshuffle(x, *, downscale_factor):
    """y[n, c r^2 + i r + j, p, q] = x[n, c, p r + i, q r + j], r being downscale_factor.

    Shapes: x (N, C, r H, r W), y (N, C r^2, H, W).

    The inverse of pixel_shuffle: each square of r x r pixels becomes one pixel with r^2 as many channels.

    Raises ValueError when the height or the width is no multiple of r.

    Source: Shi et al. (2016), Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
    Convolutional Neural Network, section 3.2, eq. 4, read backwards.
    """
    n, c, height, width = _sizes(x)
    r = downscale_factor
    if r < 1 or height % r or width % r:
        raise ValueError(f"the image is {height} x {width}, expected multiples of downscale_factor = {r}")
    squares = np.reshape(x, (n, c, height // r, r, width // r, r))
    return np.reshape(np.transpose(squares, (0, 1, 3, 5, 2, 4)), (n, c * r**2, height // r, width // r))


def pixel_unshuffle_vjp(ybar, y, x, *, downscale_factor):
    """xbar is ybar, shuffled."""
    return (pixel_shuffle(ybar, upscale_factor=downscale_factor),)


def pixel_unshuffle_cases(rng):
    def case(label, x, r, kind: Kind = "regular"):
        return Case(label, (rng.normal(size=x),), {"downscale_factor": r}, kind)

    yield case("two", (2, 3, 4, 10), 2)
    yield case("three", (1, 2, 9, 6), 3)
    yield case("no-multiple", (1, 2, 4, 5), 2, "refused")


def pixel_unshuffle_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), {"downscale_factor": 2})


def channel_shuffle(x, *, groups):
    """y[n, k groups + g, ...] = x[n, g C/groups + k, ...]: the k-th channel of every group, then the next of every.

    Shapes: x (N,C,...) with any number of axes of pixels, y as x.

    The channels as a matrix, a group a row, transposed. Between two convolutions with groups it lets each group of
    the second see all groups of the first.

    Raises ValueError when groups does not divide the channels.

    Source: Zhang, Zhou, Lin and Sun (2018), ShuffleNet, section 3.1.
    """
    if x.ndim < 3 or groups < 1 or x.shape[1] % groups:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,...) with C a multiple of groups = {groups}")
    matrix = np.reshape(x, (x.shape[0], groups, x.shape[1] // groups, *x.shape[2:]))
    return np.reshape(np.swapaxes(matrix, 1, 2), x.shape)


def channel_shuffle_vjp(ybar, y, x, *, groups):
    """xbar is ybar, shuffled with C/groups groups: the matrix is transposed back."""
    return (channel_shuffle(ybar, groups=x.shape[1] // groups),)


def channel_shuffle_cases(rng):
    def case(label, x, groups, kind: Kind = "regular"):
        return Case(label, (rng.normal(size=x),), {"groups": groups}, kind)

    yield case("two-groups", (2, 6, 3, 5), 2)
    yield case("three-groups", (2, 12, 1, 4), 3)
    yield case("no-multiple", (1, 4, 3, 5), 3, "refused")


def channel_shuffle_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 32, 16, 16)),), {"groups": 4})


def _sizes(x):
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,H,W)")
    return x.shape


OPS = [
    Op(pixel_shuffle, pixel_shuffle_cases, pixel_shuffle_vjp, pixel_shuffle_sized),
    Op(pixel_unshuffle, pixel_unshuffle_cases, pixel_unshuffle_vjp, pixel_unshuffle_sized),
    Op(channel_shuffle, channel_shuffle_cases, channel_shuffle_vjp, channel_shuffle_sized),
]

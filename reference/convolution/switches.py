"""Maxima and where they were."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .adaptive import cells, require_grid, window
from .columns import windows_of
from .pooling import count, distinct, pad_for_maximum, require_pixels, sized_images, window_params


def max_pool1d_with_indices(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y = max_pool1d(x), and k, the samples that were the largest: y[n,c,q] = x[n, c, k[n,c,q]].

    Shapes: x (N,C,L), y and k (N,C,L'), k whole numbers from 0 to L - 1.

    Raises ValueError as max_pool1d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    require_pixels(x, 1)
    return _with_indices(x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d_with_indices(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y = max_pool2d(x), and k, the pixels that were the largest, counted row by row: k = i W + j.

    Shapes: x (N,C,H,W), y and k (N,C,H',W'), k whole numbers from 0 to H W - 1 (the "switches" of the source).

    The pixels of the padding are not counted. Of equal pixels the first is taken.

    Raises ValueError as max_pool2d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    require_pixels(x, 2)
    return _with_indices(x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d_with_indices(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """y = max_pool3d(x), and k, the voxels that were the largest, counted row by row: k = (h H + i) W + j.

    Shapes: x (N,C,D,H,W), y and k (N,C,D',H',W'), k whole numbers from 0 to D H W - 1.

    Raises ValueError as max_pool3d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    require_pixels(x, 3)
    return _with_indices(x, kernel_size, stride, padding, dilation, ceil_mode)


def _with_indices(x, kernel_size, stride, padding, dilation, ceil_mode):
    padded, margins = pad_for_maximum(x, kernel_size, stride, padding, dilation, ceil_mode)
    windows = windows_of(padded, kernel_size, stride, dilation)
    counted = windows_of(np.pad(count(x.shape[2:]), ((0, 0), (0, 0), *margins)), kernel_size, stride, dilation)
    largest = np.argmax(windows, axis=2)[:, :, None]
    return np.max(windows, axis=2), np.take_along_axis(counted, largest, axis=2)[:, :, 0]


def adaptive_max_pool1d_with_indices(x, *, output_size):
    """y = adaptive_max_pool1d(x), and k, the samples that were the largest: y[n,c,q] = x[n, c, k[n,c,q]].

    Shapes: x (N,C,L), y and k (N,C,L'), k whole numbers from 0 to L - 1.

    Raises ValueError as adaptive_max_pool1d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _adaptive_with_indices(x, output_size, 1)


def adaptive_max_pool2d_with_indices(x, *, output_size):
    """y = adaptive_max_pool2d(x), and k, the pixels that were the largest, counted row by row: k = i W + j.

    Shapes: x (N,C,H,W), y and k (N,C,H',W'), k whole numbers from 0 to H W - 1.

    Raises ValueError as adaptive_max_pool2d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _adaptive_with_indices(x, output_size, 2)


def adaptive_max_pool3d_with_indices(x, *, output_size):
    """y = adaptive_max_pool3d(x), and k, the voxels that were the largest, counted row by row: k = (h H + i) W + j.

    Shapes: x (N,C,D,H,W), y and k (N,C,D',H',W'), k whole numbers from 0 to D H W - 1.

    Raises ValueError as adaptive_max_pool3d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _adaptive_with_indices(x, output_size, 3)


def _adaptive_with_indices(x, output_size, axes):
    require_grid(x, output_size, axes)
    counted, shape = count(x.shape[2:]), (*x.shape[:2], *output_size)
    y, k = [], []
    for cell in cells(x.shape[2:], output_size):
        pixels = np.reshape(window(x, cell), (*x.shape[:2], -1))
        y.append(np.max(pixels, axis=2))
        k.append(np.reshape(window(counted, cell), -1)[np.argmax(pixels, axis=2)])
    return np.reshape(np.stack(y, axis=2), shape), np.reshape(np.stack(k, axis=2), shape)


def max_pool1d_with_indices_cases(rng):
    everything = window_params(1, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,))
    yield Case("negative-with-everything", (distinct(rng, (2, 3, 8)) - 9,), everything)
    rounded_up = window_params(1, kernel_size=(2,), stride=(3,), ceil_mode=True)
    yield Case("ceil", (distinct(rng, (1, 2, 7)),), rounded_up)
    yield Case("two-axes", (distinct(rng, (1, 2, 5, 7)),), rounded_up, "refused")


def max_pool2d_with_indices_cases(rng):
    overlapping = window_params(2, kernel_size=(2, 3), stride=(1, 2), padding=(1, 1))
    yield Case("overlap", (distinct(rng, (2, 1, 3, 5)) - 9,), overlapping)
    both = {"padding": (1, 0), "dilation": (1, 2), "ceil_mode": True}
    yield Case(
        "dilation-ceil", (distinct(rng, (1, 2, 6, 7)),), window_params(2, kernel_size=(3, 2), stride=(2, 3), **both)
    )
    yield Case("padding-too-large", (distinct(rng, (1, 2, 3, 4)),), {**overlapping, "padding": (2, 1)}, "refused")


def max_pool3d_with_indices_cases(rng):
    everything = window_params(3, kernel_size=(2, 3, 1), stride=(2, 1, 3), padding=(1, 0, 0))
    yield Case("negative-with-padding", (distinct(rng, (1, 2, 3, 5, 4)) - 9,), everything)
    rounded_up = {"padding": (0, 1, 0), "dilation": (1, 1, 2), "ceil_mode": True}
    rounded_up = window_params(3, kernel_size=(1, 2, 2), stride=(2, 1, 2), **rounded_up)
    yield Case("ceil", (distinct(rng, (1, 1, 3, 2, 6)),), rounded_up)
    yield Case("one-axis-less", (distinct(rng, (3, 4, 5)),), everything, "refused")


def adaptive_max_pool1d_with_indices_cases(rng):
    yield Case("fewer", (distinct(rng, (2, 3, 7)),), {"output_size": (4,)})
    yield Case("more", (distinct(rng, (1, 2, 3)),), {"output_size": (5,)})


def adaptive_max_pool2d_with_indices_cases(rng):
    yield Case("overlap", (distinct(rng, (1, 2, 5, 7)) - 9,), {"output_size": (3, 4)})
    yield Case("more-rows-one-column", (distinct(rng, (2, 1, 3, 5)),), {"output_size": (4, 1)})


def adaptive_max_pool3d_with_indices_cases(rng):
    yield Case("fewer", (distinct(rng, (1, 2, 3, 5, 4)),), {"output_size": (2, 3, 3)})
    yield Case("one-plane", (distinct(rng, (1, 1, 2, 3, 4)),), {"output_size": (1, 2, 5)})


def max_pool1d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), window_params(1, kernel_size=(2,), stride=(2,)))


def max_pool2d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), window_params(2, kernel_size=(2, 2), stride=(2, 2)))


def max_pool3d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), window_params(3, kernel_size=(2, 2, 2), stride=(2, 2, 2)))


def adaptive_max_pool1d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), {"output_size": (7,)})


def adaptive_max_pool2d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), {"output_size": (3, 5)})


def adaptive_max_pool3d_with_indices_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), {"output_size": (3, 2, 3)})


OPS = [
    Op(max_pool1d_with_indices, max_pool1d_with_indices_cases, wrt=(), sized=max_pool1d_with_indices_sized),
    Op(max_pool2d_with_indices, max_pool2d_with_indices_cases, wrt=(), sized=max_pool2d_with_indices_sized),
    Op(max_pool3d_with_indices, max_pool3d_with_indices_cases, wrt=(), sized=max_pool3d_with_indices_sized),
    Op(
        adaptive_max_pool1d_with_indices,
        adaptive_max_pool1d_with_indices_cases,
        wrt=(),
        sized=adaptive_max_pool1d_with_indices_sized,
    ),
    Op(
        adaptive_max_pool2d_with_indices,
        adaptive_max_pool2d_with_indices_cases,
        wrt=(),
        sized=adaptive_max_pool2d_with_indices_sized,
    ),
    Op(
        adaptive_max_pool3d_with_indices,
        adaptive_max_pool3d_with_indices_cases,
        wrt=(),
        sized=adaptive_max_pool3d_with_indices_sized,
    ),
]

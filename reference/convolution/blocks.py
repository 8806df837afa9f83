"""The fast formulation of conv2d: a few images at a time.

The windows of an image are kh kw times as large as the image. All of them at once are written to memory and read
again; those of a few images stay in the cache between the copy and the matrix product. So the loop over blocks of
images wins although it calls more functions: with (32,16,32,32) images and (32,16,3,3) filters the value takes about
two thirds of the time of the text, and the VJP half of it.
"""

from __future__ import annotations

import numpy as np

from .products import as_rows, require_filters
from .windows import at, crop, margins_of, places, window_counts

BLOCK = 2**17
"""Numbers in the windows of one block: half a megabyte in float32, which a second-level cache holds."""


def conv2d_fast(x, w, b, *, stride, padding, dilation, groups):
    """y = filters columns + b, block by block."""
    require_filters(2, x, w, b, groups)
    windows = _windows(_padded(x, w, stride, padding, dilation), w, stride, dilation)
    n, height, width = windows.shape[0], *windows.shape[4:]
    rows, y = as_rows(w, groups), np.empty((n, groups, w.shape[0] // groups, height * width), x.dtype)
    for block in _blocks(windows):
        np.matmul(rows, _columns(windows[block], groups), out=y[block])
    y = np.reshape(y, (n, w.shape[0], height, width))
    return y if b is None else np.add(y, np.reshape(b, (-1, 1, 1)), out=y)


def conv2d_vjp_fast(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """wbar = sum_n ybar columns^T and columnsbar = filters^T ybar, folded back to xbar block by block."""
    padded = _padded(x, w, stride, padding, dilation)
    windows = _windows(padded, w, stride, dilation)
    n, c, *kernel_size, height, width = windows.shape
    rows, paddedbar = as_rows(w, groups), np.zeros_like(padded)
    rowsbar = np.reshape(ybar, (n, groups, w.shape[0] // groups, height * width))
    wbar = np.zeros_like(rows)
    for block in _blocks(windows):
        wbar += np.sum(rowsbar[block] @ _columns(windows[block], groups).mT, axis=0)
        windowsbar = np.reshape(rows.mT @ rowsbar[block], (-1, c, np.prod(kernel_size), height, width))
        for k, place in enumerate(places(kernel_size, dilation)):
            paddedbar[block][at(place, (height, width), stride)] += windowsbar[:, :, k]
    xbar = crop(paddedbar, margins_of(kernel_size, stride, padding, dilation, x.shape[2:]), x)
    return xbar, np.reshape(wbar, w.shape), None if b is None else np.sum(ybar, axis=(0, 2, 3))


def _padded(x, w, stride, padding, dilation):
    return np.pad(x, ((0, 0), (0, 0), *margins_of(w.shape[2:], stride, padding, dilation, x.shape[2:])))


def _windows(padded, w, stride, dilation):
    """(N, C, kh, kw, H', W'), a view: nothing is copied yet."""
    counts = window_counts(padded.shape[2:], w.shape[2:], stride, dilation)
    *head, row, column = padded.strides
    strides = (*head, row * dilation[0], column * dilation[1], row * stride[0], column * stride[1])
    shape = (*padded.shape[:2], *w.shape[2:], *counts)
    return np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)


def _columns(windows, groups):
    """(n, groups, C/groups kh kw, H' W'), copied."""
    n, c, kh, kw, height, width = windows.shape
    return np.reshape(windows, (n, groups, c // groups * kh * kw, height * width))


def _blocks(windows):
    """Slices of so many images that their windows fit into a block."""
    n, most = len(windows), max(1, BLOCK // max(1, int(np.prod(windows.shape[1:]))))
    return [slice(start, start + most) for start in range(0, n, most)]

"""The fast formulation of conv2d: a few images at a time, and the gradient by x without overlapping sums.

The windows of an image are kh kw times as large as the image. All of them at once are written to memory and read
again; those of a few images stay in the cache between the copy and the matrix product. So the loop over blocks of
images wins although it calls more functions.

Back to x, the text adds overlapping windows, row by row of a few pixels. Without a stride the transpose of a
convolution is a convolution with the flipped filters, and that is a matrix product again; but its windows are those of
ybar, and where y has many more channels than x it costs more to copy them than to add.
"""

from __future__ import annotations

import numpy as np

from .products import as_rows, require_filters
from .windows import at, crop, margins_of, places, window_counts

BLOCK = 2**17
"""Numbers in the windows of one block: half a megabyte in float32, which a second-level cache holds."""

WIDER = 3
"""So many times as many channels in y as in x: measured, above it adding up the windows of x is faster."""


def conv2d_fast(x, w, b, *, stride, padding, dilation, groups):
    """y = filters columns + b, block by block."""
    require_filters(2, x, w, b, groups)
    y = _correlate(np.pad(x, _margins(x, w, stride, padding, dilation)), w, stride, dilation, groups)
    return y if b is None else np.add(y, np.reshape(b, (-1, 1, 1)), out=y)


def conv2d_vjp_fast(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """wbar^T = sum_n columns ybar^T block by block, xbar = the convolution of ybar with the flipped filters."""
    margins = _margins(x, w, stride, padding, dilation)
    padded = np.pad(x, margins)
    wbar = np.zeros_like(as_rows(w, groups).mT)  # transposed: the libraries are faster at a tall matrix times a low one
    windows, rowsbar = _windows(padded, w, stride, dilation), _rows(ybar, groups)
    for block in _blocks(windows):
        wbar += np.sum(_columns(windows[block], groups) @ rowsbar[block].mT, axis=0)
    reach = [(0, 0), (0, 0), *((d * (k - 1),) * 2 for k, d in zip(w.shape[2:], dilation, strict=True))]
    around = [(r - before, r - after) for (r, _), (before, after) in zip(reach, margins, strict=True)]
    if tuple(stride) == (1, 1) and min(map(min, around)) >= 0 and w.shape[0] <= WIDER * x.shape[1]:
        xbar = _correlate(np.pad(ybar, around), _flipped(w, groups), stride, dilation, groups)
    else:
        xbar = crop(_fold(rowsbar, padded, w, stride, dilation, groups), margins[2:], x)
    return xbar, np.reshape(wbar.mT, w.shape), None if b is None else np.sum(ybar, axis=(0, 2, 3))


def _correlate(padded, w, stride, dilation, groups):
    windows = _windows(padded, w, stride, dilation)
    n, height, width = windows.shape[0], *windows.shape[4:]
    rows, y = as_rows(w, groups), np.empty((n, groups, w.shape[0] // groups, height * width), padded.dtype)
    for block in _blocks(windows):
        np.matmul(rows, _columns(windows[block], groups), out=y[block])
    return np.reshape(y, (n, w.shape[0], height, width))


def _fold(rowsbar, padded, w, stride, dilation, groups):
    """filters^T ybar, laid back into the image block by block."""
    windows, rows, image = _windows(padded, w, stride, dilation), as_rows(w, groups), np.zeros_like(padded)
    shape = (-1, padded.shape[1], w.shape[2] * w.shape[3], *windows.shape[4:])
    for block in _blocks(windows):
        windowsbar = np.reshape(rows.mT @ rowsbar[block], shape)
        for k, place in enumerate(places(w.shape[2:], dilation)):
            image[block][at(place, windows.shape[4:], stride)] += windowsbar[:, :, k]
    return image


def _flipped(w, groups):
    """(C, O/groups, kh, kw): the filters of the transpose, from the channels of y to those of x."""
    grouped = np.reshape(w, (groups, w.shape[0] // groups, *w.shape[1:]))
    swapped = np.reshape(np.swapaxes(grouped, 1, 2), (groups * w.shape[1], w.shape[0] // groups, *w.shape[2:]))
    return np.flip(swapped, axis=(2, 3))


def _margins(x, w, stride, padding, dilation):
    return ((0, 0), (0, 0), *margins_of(w.shape[2:], stride, padding, dilation, x.shape[2:]))


def _rows(ybar, groups):
    """(N, groups, O/groups, H' W')."""
    n, channels, height, width = ybar.shape
    return np.reshape(ybar, (n, groups, channels // groups, height * width))


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

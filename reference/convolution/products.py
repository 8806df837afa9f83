"""A convolution over any number of axes is one matrix product, filters times windows; its transpose goes the same way
back. Here are the two, their VJPs and HVPs, for operations with one, two and three axes of pixels.
"""

from __future__ import annotations

import numpy as np

from .columns import fold, steps, unfold
from .windows import both_sides, crop, crop_to, extent_of, how_many, margins_of, window_counts


def convolution(axes, x, w, b, stride, padding, dilation, groups):
    """y = filters columns + b: each row of the filters times each window, which is a column."""
    require_filters(axes, x, w, b, groups)
    padded = np.pad(x, ((0, 0), (0, 0), *margins_of(w.shape[2:], stride, padding, dilation, x.shape[2:])))
    columns = unfold(padded, **steps(w.shape[2:], stride, dilation))
    y = as_rows(w, groups) @ in_groups(columns, groups)
    counts = window_counts(padded.shape[2:], w.shape[2:], stride, dilation)
    return _plus_bias(np.reshape(y, (x.shape[0], w.shape[0], *counts)), b)


def convolution_vjp(ybar, x, w, b, stride, padding, dilation, groups):
    """The two cotangents of the matrix product, filtersbar = sum_n ybar columns^T and columnsbar = filters^T ybar; the
    columns are then laid back where they came from, and a pixel of several windows adds them up.
    """
    margins = margins_of(w.shape[2:], stride, padding, dilation, x.shape[2:])
    padded, windows = np.pad(x, ((0, 0), (0, 0), *margins)), steps(w.shape[2:], stride, dilation)
    columns, rowsbar = unfold(padded, **windows), in_groups(ybar, groups)
    wbar = np.reshape(np.sum(rowsbar @ in_groups(columns, groups).mT, axis=0), w.shape)
    columnsbar = np.reshape(as_rows(w, groups).mT @ rowsbar, columns.shape)
    xbar = crop(fold(columnsbar, output_size=padded.shape[2:], **windows), margins, x)
    return xbar, wbar, _bias_vjp(ybar, b)


def convolution_hvp(ybar, dots, x, w, b, stride, padding, dilation, groups):
    """xbar is linear in w and wbar in x, so these move as the VJP is at (xdot, wdot); bbar knows of neither."""
    xdot, wdot, _ = dots
    along = convolution_vjp(ybar, xdot, wdot, None, stride, padding, dilation, groups)
    return *along[:2], None if b is None else np.zeros_like(b)


def transposed_convolution(axes, x, w, b, stride, padding, output_padding, dilation, groups):
    """The windows are filters^T x, and overlap in y; then the margins fall away that a convolution would have added."""
    require_transposed(axes, x, w, b, padding, output_padding, stride, dilation, groups)
    kernel_size = w.shape[2:]
    columns = as_rows(w, groups).mT @ in_groups(x, groups)
    columns = np.reshape(columns, (x.shape[0], w.shape[1] * groups * how_many(kernel_size), how_many(x.shape[2:])))
    extent = extent_of(x.shape[2:], kernel_size, stride, dilation)
    image = fold(columns, output_size=extent, **steps(kernel_size, stride, dilation))
    image = np.pad(image, ((0, 0), (0, 0), *((0, unseen) for unseen in output_padding)))
    size = transposed_size(x.shape[2:], kernel_size, stride, padding, output_padding, dilation)
    return _plus_bias(crop_to(image, both_sides(padding), size), b)


def transposed_convolution_vjp(ybar, x, w, b, stride, padding, output_padding, dilation, groups):
    """xbar is the convolution of ybar with w; with the windows of ybar as columns, wbar = sum_n x columnsbar^T."""
    kernel_size = w.shape[2:]
    padded = np.pad(ybar, ((0, 0), (0, 0), *both_sides(padding)))
    seen = crop_to(padded, ((0, 0),) * len(stride), extent_of(x.shape[2:], kernel_size, stride, dilation))
    columnsbar = in_groups(unfold(seen, **steps(kernel_size, stride, dilation)), groups)
    xbar = np.reshape(as_rows(w, groups) @ columnsbar, x.shape)
    wbar = np.sum(in_groups(x, groups) @ columnsbar.mT, axis=0)
    return xbar, np.reshape(wbar, w.shape), _bias_vjp(ybar, b)


def transposed_convolution_hvp(ybar, dots, x, w, b, stride, padding, output_padding, dilation, groups):
    """As convolution_hvp: it is bilinear too."""
    xdot, wdot, _ = dots
    along = transposed_convolution_vjp(ybar, xdot, wdot, None, stride, padding, output_padding, dilation, groups)
    return *along[:2], None if b is None else np.zeros_like(b)


def transposed_size(size, kernel_size, stride, padding, output_padding, dilation):
    """(n - 1) s + d (k - 1) + 1 - 2 p + a, along each axis."""
    extent = extent_of(size, kernel_size, stride, dilation)
    return tuple(n - 2 * p + a for n, p, a in zip(extent, padding, output_padding, strict=True))


def as_rows(w, groups):
    """(groups, O/groups, C/groups kh kw): a filter a row."""
    return np.reshape(w, (groups, w.shape[0] // groups, -1))


def in_groups(image, groups):
    """(N, groups, C/groups, H W), the pixels in a row; or (N, groups, C/groups kh kw, L) of L windows as columns."""
    n, c, *size = image.shape
    return np.reshape(image, (n, groups, c // groups, how_many(size)))


def _plus_bias(y, b):
    return y if b is None else y + np.reshape(b, (-1,) + (1,) * (y.ndim - 2))


def _bias_vjp(ybar, b):
    return None if b is None else np.sum(ybar, axis=(0, *range(2, ybar.ndim)))


def require_filters(axes, x, w, b, groups):
    require_axes(axes, x, w)
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise ValueError(
            f"x has {x.shape[1]} channels and w has shape {w.shape}, expected (O, {x.shape[1]}/groups, ...) "
            f"with O a multiple of groups = {groups}"
        )
    _require_bias(b, w.shape[0])


def require_transposed(axes, x, w, b, padding, output_padding, stride, dilation, groups):
    require_axes(axes, x, w)
    if x.shape[1] != w.shape[0] or x.shape[1] % groups:
        raise ValueError(
            f"x has {x.shape[1]} channels and w has shape {w.shape}, expected ({x.shape[1]}, O/groups, ...) "
            f"with {x.shape[1]} a multiple of groups = {groups}"
        )
    _require_bias(b, w.shape[1] * groups)
    if any(a >= max(s, d) for a, s, d in zip(output_padding, stride, dilation, strict=True)):
        raise ValueError(
            f"output_padding is {tuple(output_padding)}, expected less than stride or dilation, "
            f"{tuple(stride)} and {tuple(dilation)}"
        )
    size = transposed_size(x.shape[2:], w.shape[2:], stride, padding, output_padding, dilation)
    if min(size) < 1:
        raise ValueError(f"padding {tuple(padding)} leaves an image of size {size}, expected at least one pixel")


def require_axes(axes, x, w):
    if x.ndim != 2 + axes or w.ndim != 2 + axes:
        raise ValueError(
            f"x and w have shapes {x.shape} and {w.shape}, expected (N,C,...) and (O,C/groups,...), "
            f"the dots being {axes} axes of pixels"
        )


def _require_bias(b, outputs):
    if b is not None and b.shape != (outputs,):
        raise ValueError(f"b has shape {b.shape}, expected {(outputs,)}: one value for each channel of the result")

"""Slips of pooling over grids: adaptive cells, and windows whose places random numbers decide."""

from __future__ import annotations

import numpy as np

from ..convolution import adaptive, fractional, switches
from ..convolution.adaptive import cells, window
from ..convolution.pooling import count
from ..op import Slip
from .windows import IN_THE_WINDOW, LAST_WINDOW, UPSTREAM, column_by_column, product


def of_one_stride(size, output_size):
    """Cells of one size at one stride, floor(n / m)."""
    strides = [n // m for n, m in zip(size, output_size, strict=True)]
    if min(strides) == 0:
        raise ValueError(f"a stride of 0: {size} to {output_size}")
    reach = [n - (m - 1) * s for n, m, s in zip(size, output_size, strides, strict=True)]
    return [
        tuple((k * s, k * s + r) for k, s, r in zip(cell, strides, reach, strict=True))
        for cell in np.ndindex(*output_size)
    ]


def rounded_down(size, output_size):
    """Each cell ends where the next begins."""
    return [
        tuple(
            (k * n // m, max((k + 1) * n // m, k * n // m + 1)) for k, n, m in zip(cell, size, output_size, strict=True)
        )
        for cell in np.ndindex(*output_size)
    ]


def pooled(reduction, cells_of):
    """The pooling by a reduction of the pixels of these cells."""

    def forward(x, *, output_size):
        y = [reduction(window(x, cell), axis=tuple(range(2, x.ndim))) for cell in cells_of(x.shape[2:], output_size)]
        return np.reshape(np.stack(y, axis=2), (*x.shape[:2], *output_size))

    return forward


def first_largest(seen):
    pixels = np.reshape(seen, (*seen.shape[:2], -1))
    chosen = np.arange(pixels.shape[-1]) == np.argmax(pixels, axis=2)[:, :, None]
    return np.reshape(chosen, seen.shape)


def equally(seen):
    return np.full_like(seen, 1 / product(seen.shape[2:]))


def overwritten(share):
    """The way back through the cells, each overwriting the ones before it."""

    def vjp(ybar, y, x, *, output_size):
        xbar, flat = np.zeros_like(x), np.reshape(ybar, (*x.shape[:2], -1))
        for k, cell in enumerate(cells(x.shape[2:], output_size)):
            to_each = np.reshape(flat[:, :, k], (*x.shape[:2], *(1 for _ in output_size)))
            window(xbar, cell)[...] = share(window(x, cell)) * to_each
        return (xbar,)

    return vjp


OVERWRITTEN = (
    "The cells of a grid overlap where an edge cuts a pixel, and the pixel gets the sum of what they send back. Here "
    "each cell overwrites what the ones before it have left: write += in place of =."
)


def grids(name, reduction, share):
    vjp = getattr(adaptive, f"{name}_vjp")
    common = (
        Slip(
            "one-stride-for-all-cells",
            "The edges of the cells lie at multiples of n/m, rounded outwards for each cell, so that the cells differ "
            "in size. Here all have one stride, floor(n/m), and one size, n - (m - 1) floor(n/m): right only where m "
            "divides n.",
            pooled(reduction, of_one_stride),
        ),
        Slip(
            "ends-rounded-down",
            "A cell begins at floor(k n/m) and ends at ceil((k + 1) n/m): a pixel that the edge cuts belongs to both "
            "cells. Here its end is rounded down too.",
            pooled(reduction, rounded_down),
        ),
        Slip("last-cell-only", OVERWRITTEN, vjp=overwritten(share)),
    )
    if reduction is np.max:
        return (
            *common,
            Slip(
                "upstream-dropped",
                UPSTREAM,
                vjp=lambda ybar, y, x, **params: vjp(np.ones_like(ybar), y, x, **params),
            ),
        )
    return (
        *common,
        Slip(
            "divided-by-the-mean-size",
            "Each pixel of a cell gets ybar divided by the number of pixels in that cell, and the cells differ in "
            "size. Here the divisor is the same for all, the pixels of x over those of y.",
            vjp=lambda ybar, y, x, *, output_size: by_the_mean_size(vjp, ybar, y, x, output_size),
        ),
    )


def by_the_mean_size(vjp, ybar, y, x, output_size):
    sizes = [product([behind - first for first, behind in cell]) for cell in cells(x.shape[2:], output_size)]
    ratio = product(x.shape[2:]) / product(output_size)
    return vjp(ybar * np.reshape(sizes, output_size) / ratio, y, x, output_size=output_size)


def in_the_cell(x, *, output_size):
    """The maxima, and their places within their cells."""
    y, k = [], []
    for cell in cells(x.shape[2:], output_size):
        pixels = np.reshape(window(x, cell), (*x.shape[:2], -1))
        y.append(np.max(pixels, axis=2))
        k.append(np.argmax(pixels, axis=2))
    shape = (*x.shape[:2], *output_size)
    return np.reshape(np.stack(y, axis=2), shape), np.reshape(np.stack(k, axis=2), shape)


def of_one_stride_with_indices(x, *, output_size):
    """As adaptive_max_pool with indices, of cells of one size."""
    y, k, counted = [], [], count(x.shape[2:])
    for cell in of_one_stride(x.shape[2:], output_size):
        pixels = np.reshape(window(x, cell), (*x.shape[:2], -1))
        y.append(np.max(pixels, axis=2))
        k.append(np.reshape(window(counted, cell), -1)[np.argmax(pixels, axis=2)])
    shape = (*x.shape[:2], *output_size)
    return np.reshape(np.stack(y, axis=2), shape), np.reshape(np.stack(k, axis=2), shape)


def grids_with_indices(name):
    slips = (
        Slip(
            "counted-in-the-cell",
            "The indices count the pixels of the whole image, row by row, as unpooling needs them. Here they are the "
            "places of the maxima within their cells.",
            in_the_cell,
        ),
        Slip(
            "one-stride-for-all-cells",
            "The edges of the cells lie at multiples of n/m, rounded outwards for each cell, so that the cells differ "
            "in size. Here all have one stride, floor(n/m), and one size.",
            of_one_stride_with_indices,
        ),
    )
    return slips if "1d" in name else (*slips, column_by_column(getattr(switches, name)))


def begins(u, n, k, m):
    """Where the windows begin that u puts in order; the last one ends where the axis does."""
    ratio = (n - k) / max(m - 1, 1)
    return [int(np.floor((u + p) * ratio) - np.floor(u * ratio)) for p in range(m - 1)] + [n - k]


def in_the_order_of_the_axes(samples):
    return samples[..., ::-1] if samples.shape[-1] == 2 else samples


def boxes(x, samples, kernel_size, output_size):
    """For each channel and each window in it: both places, and the slices of the pixels that it sees."""
    for plane in np.ndindex(*x.shape[:2]):
        axes = zip(in_the_order_of_the_axes(samples)[plane], x.shape[2:], kernel_size, output_size, strict=True)
        starts = [begins(*axis) for axis in axes]
        for cell in np.ndindex(*output_size):
            places = [s[c] for s, c in zip(starts, cell, strict=True)]
            yield (*plane, *cell), (*plane, *(slice(a, a + k) for a, k in zip(places, kernel_size, strict=True)))


def fractional_overwritten(ybar, y, x, samples, *, kernel_size, output_size):
    xbar = np.zeros_like(x)
    for cell, seen in boxes(x, samples, kernel_size, output_size):
        xbar[seen] = first_largest(x[seen][None, None])[0, 0] * ybar[cell]
    return (xbar,)


def in_the_window(x, samples, *, kernel_size, output_size):
    y, k = np.zeros((*x.shape[:2], *output_size)), np.zeros((*x.shape[:2], *output_size), dtype=int)
    for cell, seen in boxes(x, samples, kernel_size, output_size):
        y[cell], k[cell] = np.max(x[seen]), np.argmax(x[seen])
    return y, k


def fractions(name):
    forward, vjp = getattr(fractional, name), getattr(fractional, f"{name}_vjp")
    return (
        Slip(
            "samples-in-another-order",
            "Each axis has a random number of its own: of images the last axis comes first, of volumes they stand in "
            "the order of the axes. Here they are taken the other way round.",
            lambda x, samples, **params: forward(x, samples[..., ::-1], **params),
            lambda ybar, y, x, samples, **params: vjp(ybar, y, x, samples[..., ::-1], **params),
        ),
        Slip(
            "last-window-only",
            LAST_WINDOW,
            vjp=fractional_overwritten,
        ),
        Slip(
            "upstream-dropped",
            UPSTREAM,
            vjp=lambda ybar, y, *args, **params: vjp(np.ones_like(ybar), y, *args, **params),
        ),
    )


def fractions_with_indices(name):
    return (
        Slip("counted-in-the-window", IN_THE_WINDOW, in_the_window),
        column_by_column(getattr(fractional, name)),
    )


AXES = ("1d", "2d", "3d")
SLIPS = {
    **{f"adaptive_avg_pool{k}": grids(f"adaptive_avg_pool{k}", np.mean, equally) for k in AXES},
    **{f"adaptive_max_pool{k}": grids(f"adaptive_max_pool{k}", np.max, first_largest) for k in AXES},
    **{f"adaptive_max_pool{k}_with_indices": grids_with_indices(f"adaptive_max_pool{k}_with_indices") for k in AXES},
    **{f"fractional_max_pool{k}": fractions(f"fractional_max_pool{k}") for k in AXES[1:]},
    **{
        f"fractional_max_pool{k}_with_indices": fractions_with_indices(f"fractional_max_pool{k}_with_indices")
        for k in AXES[1:]
    },
}

"""What slips of operations with windows share: the overlap that is overwritten."""

from __future__ import annotations

import numpy as np

from ..op import Slip

SLIPS = {}

LAST_WINDOW = (
    "A pixel that several windows see gets the sum of what they send back. Here each window overwrites what the ones "
    "before it have left: write += in place of =."
)
IN_THE_WINDOW = (
    "The indices count the pixels of the whole image, row by row, as unpooling needs them. Here they are the places of "
    "the maxima within their windows."
)
UPSTREAM = (
    "The largest pixel of a window gets the cotangent of that window. Here it gets 1: the mask of the maxima has to be "
    "multiplied by ybar."
)


def product(sizes):
    """The pixels of an image, from its sizes."""
    return int(np.prod(sizes))


def column_by_column(forward):
    """The slip of maxima with indices, in which the first axis counts fastest."""

    def transposed(x, *args, **params):
        y, k = forward(x, *args, **params)
        return y, np.ravel_multi_index(np.unravel_index(k, x.shape[2:]), x.shape[2:], order="F")

    return Slip(
        "counted-column-by-column",
        "The pixels are counted row by row, k = i W + j, the last axis fastest. Here the first axis counts fastest: k "
        "= j H + i.",
        transposed,
    )


def last_window_wins(windows, size, kernel_size, stride, dilation=None):
    """As overlap_add of windows (N, C, kh kw, H', W'), but that each window overwrites the ones before it."""
    dilation = dilation or (1,) * len(kernel_size)
    image = np.zeros((*windows.shape[:2], *size))
    for place in np.ndindex(*windows.shape[3:]):
        axes = zip(place, kernel_size, stride, dilation, strict=True)
        seen = tuple(slice(p * s, p * s + d * (k - 1) + 1, d) for p, k, s, d in axes)
        image[(..., *seen)] = np.reshape(windows[(..., *place)], (*windows.shape[:2], *kernel_size))
    return image

"""Where the windows lie that slide over an image, and how what they hold is laid back into it.

An image is an array (N,C,...) with one, two or three axes of pixels; what belongs to these axes (kernel_size, stride,
padding, dilation) is a tuple with one entry for each of them.
"""

from __future__ import annotations

import numpy as np


def overlap_add(windows, size, kernel_size, stride, dilation):
    """(N, C, *size): what the windows hold, each laid where the window saw it; where they overlap, the sum."""
    apart = _set_apart(windows, stride)
    return sum(
        np.pad(apart[:, :, k], ((0, 0), (0, 0), *_around(place, apart.shape[3:], size)))
        for k, place in enumerate(places(kernel_size, dilation))
    )


def _set_apart(windows, stride):
    """Along each axis of pixels, stride - 1 zeros between neighbours."""
    if all(s == 1 for s in stride):
        return windows
    head, counts = windows.shape[:3], windows.shape[3:]
    cells = np.reshape(windows, (*head, *(size for n in counts for size in (n, 1))))
    cells = np.pad(cells, (*((0, 0) for _ in head), *(zeros for s in stride for zeros in ((0, 0), (0, s - 1)))))
    line = np.reshape(cells, (*head, *(n * s for n, s in zip(counts, stride, strict=True))))
    return line[(..., *(slice(0, (n - 1) * s + 1) for n, s in zip(counts, stride, strict=True)))]


def _around(place, extent, size):
    """Along each axis: the zeros before what begins at a place, and behind it."""
    return [(start, whole - start - n) for start, n, whole in zip(place, extent, size, strict=True)]


def places(kernel_size, dilation):
    """For each place of the kernel, row by row, the pixel that it meets in the first window."""
    if not kernel_size:
        return [()]
    rest = places(kernel_size[1:], dilation[1:])
    return [(i * dilation[0], *place) for i in range(kernel_size[0]) for place in rest]


def at(place, counts, stride):
    """The slice of the image that this place of the kernel meets as the window moves."""
    moves = zip(place, counts, stride, strict=True)
    return (..., *(slice(start, start + (n - 1) * step + 1, step) for start, n, step in moves))


def window_counts(size, kernel_size, stride, dilation):
    """(H', W') windows fit, floor((size - reach) / stride) + 1 of them; a kernel reaches over d (k - 1) + 1 pixels."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    if any(r > n for r, n in zip(reach, size, strict=True)):
        raise ValueError(f"the kernel reaches over {reach} pixels, expected at most {list(size)}, the padded image")
    return tuple((n - r) // s + 1 for n, r, s in zip(size, reach, stride, strict=True))


def how_many(sizes):
    """The pixels of an image, the places of a kernel, or the windows: the product of the sizes."""
    return sizes[0] * how_many(sizes[1:]) if sizes else 1


def extent_of(counts, kernel_size, stride, dilation):
    """The pixels that so many windows see: from the first of the first to the last of the last."""
    axes = zip(counts, kernel_size, stride, dilation, strict=True)
    return tuple((n - 1) * s + d * (k - 1) + 1 for n, k, s, d in axes)


def margins_of(kernel_size, stride, padding, dilation, size=()):
    """Rows to add above and below the image, and columns to add left and right of it.

    "same": the image keeps its size, which it cannot with a stride. "same_upper" and "same_lower", of an image of
    that ``size``: with any stride there are ceil(size / stride) windows. An odd extra row goes to the end, with
    "same_lower" to the beginning.
    """
    if not isinstance(padding, str):
        return both_sides(padding)
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError(f'padding "same" has stride {tuple(stride)}, expected 1: a stride changes the size')
        totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    elif padding in ("same_upper", "same_lower"):
        axes = zip(size, kernel_size, stride, dilation, strict=True)
        totals = [max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in axes]
    else:
        raise ValueError(f'padding is {padding!r}, expected "same", "same_upper", "same_lower" or numbers of pixels')
    halves = [(total // 2, total - total // 2) for total in totals]
    return tuple((more, less) for less, more in halves) if padding == "same_lower" else tuple(halves)


def both_sides(padding):
    return tuple((p, p) for p in padding)


def crop(image, margins, x):
    """The part of a padded image that is x."""
    return crop_to(image, margins, x.shape[2:])


def crop_to(image, margins, size):
    """The part of a padded image between its margins, of that size."""
    return image[(..., *(slice(before, before + n) for (before, _), n in zip(margins, size, strict=True)))]

"""Windows that slide over an image, and the sum back into the image: each the adjoint of the other."""

from __future__ import annotations

import numpy as np


def unfold(padded, kernel_size, stride, dilation=(1, 1)):
    """(N, C, kh kw, H', W'): for each place of the kernel the pixels it meets, one for each window."""
    return np.stack([padded[place] for place in _places(padded, kernel_size, stride, dilation)], axis=2)


def fold(windows, padded, kernel_size, stride, dilation=(1, 1)):
    """The transpose of ``unfold``: an image as large as ``padded``, to each pixel the sum of what its windows hold."""
    image = np.zeros_like(padded)
    for k, place in enumerate(_places(padded, kernel_size, stride, dilation)):
        image[place] += windows[:, :, k]
    return image


def _places(padded, kernel_size, stride, dilation):
    """For each place of the kernel, row by row, the slice of the padded image that it meets as the window moves."""
    rows, columns = (
        _steps(size, *steps) for size, *steps in zip(padded.shape[2:], kernel_size, stride, dilation, strict=True)
    )
    return [(slice(None), slice(None), row, column) for row in rows for column in columns]


def _steps(size, kernel, stride, dilation):
    """Along one axis: for each place of the kernel, the pixels that it meets."""
    reach = dilation * (kernel - 1) + 1
    if size < reach:
        raise ValueError(f"the kernel reaches over {reach} pixels, expected at most {size}, those of the padded image")
    last = (size - reach) // stride * stride
    return [slice(dilation * i, dilation * i + last + 1, stride) for i in range(kernel)]


def margins_of(kernel_size, stride, padding, dilation):
    """Rows to add above and below the image, and columns to add left and right of it."""
    if padding != "same":
        return both_sides(padding)
    if tuple(stride) != (1, 1):
        raise ValueError(f'padding "same" has stride {tuple(stride)}, expected (1, 1): a stride changes the size')
    totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def both_sides(padding):
    return tuple((p, p) for p in padding)


def crop(image, margins, x):
    """The part of a padded image that is x."""
    (top, _), (left, _) = margins
    return image[:, :, top : top + x.shape[2], left : left + x.shape[3]]

"""Slips of what moves pixels about: windows as columns, channels as pixels, groups of channels."""

from __future__ import annotations

import numpy as np

from ..convolution.columns import fold, unfold
from ..convolution.shuffles import channel_shuffle, pixel_shuffle, pixel_unshuffle
from ..convolution.windows import crop_to
from ..op import Slip
from .windows import LAST_WINDOW, last_window_wins


def places_first(rows, places):
    """(c i j) -> (i j c)."""
    n, k, windows = rows.shape
    return np.reshape(np.swapaxes(np.reshape(rows, (n, k // places, places, windows)), 1, 2), rows.shape)


def channels_first(rows, places):
    """(i j c) -> (c i j)."""
    return places_first(rows, rows.shape[1] // places)


def counts_of(size, *, kernel_size, dilation, padding, stride):
    axes = zip(size, kernel_size, dilation, padding, stride, strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in axes)


def columns_first(columns, counts):
    """(p q) -> (q p)."""
    n, k, _ = columns.shape
    return np.reshape(np.swapaxes(np.reshape(columns, (n, k, *counts)), 2, 3), columns.shape)


def fold_assigned(columns, *, output_size, kernel_size, dilation, padding, stride):
    counts = counts_of(output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    held = np.reshape(columns, (len(columns), -1, kernel_size[0] * kernel_size[1], *counts))
    size = tuple(n + 2 * p for n, p in zip(output_size, padding, strict=True))
    image = last_window_wins(held, size, kernel_size, stride, dilation)
    return crop_to(image, tuple((p, p) for p in padding), output_size)


def how_often(columns, **params):
    """How many windows see each pixel, 1 where none does."""
    return np.maximum(fold(np.ones_like(columns), **params), 1)


PLACES_FIRST = (
    "The places of the kernel count slowest here, and the channels fastest, (i j c), as tf.image.extract_patches has "
    "it. Here the channels count slowest, (c i j): np.reshape(y, (N, kh kw, C, L)), swap the two axes in the middle, "
    "and reshape back."
)
CHANNELS_FASTEST = (
    "The channels of the image count fastest here, (i j c), as in depth_to_space and space_to_depth. In this one i and "
    "j do, (c i j): transpose x reshaped to (N, r, r, C, H, W) into (N, C, r, r, H, W) first."
)
NOT_TRANSPOSED = (
    "A reshape leaves the numbers in their order in memory. r^2 channels become a square of pixels only if their axes "
    "are moved beside those of the rows and columns first: (N, C, r, r, H, W) is transposed to (N, C, H, r, W, r)."
)
ROWS_SWAPPED = (
    "Of the channels of a pixel the first r belong to the first row of its square, r^2 of them row by row: channel "
    "i r + j goes to row i and column j. Here it goes to row j and column i."
)


def squares_turned(x, r):
    """Of the r^2 channels that belong together, i r + j in the place of j r + i."""
    n, c, *size = x.shape
    return np.reshape(np.swapaxes(np.reshape(x, (n, c // r**2, r, r, *size)), 2, 3), x.shape)


def from_channels_fastest(x, r):
    """(i j c) -> (c i j)."""
    n, c, *size = x.shape
    return np.reshape(np.swapaxes(np.reshape(x, (n, r**2, c // r**2, *size)), 1, 2), x.shape)


def to_channels_fastest(x, r):
    """(c i j) -> (i j c)."""
    n, c, *size = x.shape
    return np.reshape(np.swapaxes(np.reshape(x, (n, c // r**2, r**2, *size)), 1, 2), x.shape)


SLIPS = {
    "unfold": (
        Slip(
            "channels-count-fastest",
            PLACES_FIRST,
            lambda x, *, kernel_size, **steps: places_first(
                unfold(x, kernel_size=kernel_size, **steps), kernel_size[0] * kernel_size[1]
            ),
            convention="TensorFlow (tf.image.extract_patches)",
        ),
        Slip(
            "windows-column-by-column",
            "The windows are counted row by row: window (p, q) is column p W' + q of y. Here they are counted column "
            "by column, q H' + p.",
            lambda x, **params: columns_first(unfold(x, **params), counts_of(x.shape[2:], **params)),
        ),
        Slip(
            "last-window-only",
            LAST_WINDOW,
            vjp=lambda ybar, y, x, **params: (fold_assigned(ybar, output_size=x.shape[2:], **params),),
        ),
        Slip(
            "overlaps-averaged",
            "A pixel adds up what all windows that saw it send back; the sum is not divided by their number. The way "
            "back is the transpose of unfold, not its inverse.",
            vjp=lambda ybar, y, x, **params: (
                fold(ybar, output_size=x.shape[2:], **params) / how_often(ybar, output_size=x.shape[2:], **params),
            ),
        ),
    ),
    "fold": (
        Slip(
            "channels-count-fastest",
            "The rows of x are read as (i j c) here, the channels counting fastest, as tf.image.extract_patches lays "
            "them out. Here they are (c i j): np.reshape(x, (N, kh kw, C, L)), swap the two axes in the middle, and "
            "reshape back.",
            lambda x, *, kernel_size, **others: fold(
                channels_first(x, kernel_size[0] * kernel_size[1]), kernel_size=kernel_size, **others
            ),
            convention="TensorFlow (tf.image.extract_patches)",
        ),
        Slip("overlaps-overwritten", LAST_WINDOW, fold_assigned),
        Slip(
            "overlaps-averaged",
            "What overlaps is added up, and not divided by the number of windows: fold is the transpose of unfold, "
            "not its inverse. So fold(unfold(x)) is x times that number.",
            lambda x, **params: fold(x, **params) / how_often(x, **params),
        ),
        Slip(
            "cotangent-averaged",
            "Each number of a window was added to one pixel, and gets the whole cotangent of it back. Here that is "
            "shared among the windows that overlap there.",
            vjp=lambda ybar, y, x, *, output_size, **params: (
                unfold(ybar / how_often(x, output_size=output_size, **params), **params),
            ),
        ),
    ),
    "pixel_shuffle": (
        Slip(
            "channels-count-fastest",
            CHANNELS_FASTEST,
            lambda x, *, upscale_factor: pixel_shuffle(
                from_channels_fastest(x, upscale_factor), upscale_factor=upscale_factor
            ),
            lambda ybar, y, x, *, upscale_factor: (
                to_channels_fastest(pixel_unshuffle(ybar, downscale_factor=upscale_factor), upscale_factor),
            ),
            convention="TensorFlow (depth_to_space)",
        ),
        Slip(
            "rows-and-columns-swapped",
            ROWS_SWAPPED,
            lambda x, *, upscale_factor: pixel_shuffle(
                squares_turned(x, upscale_factor), upscale_factor=upscale_factor
            ),
        ),
        Slip(
            "reshaped-without-transposing",
            NOT_TRANSPOSED,
            lambda x, *, upscale_factor: np.reshape(
                x, (len(x), -1, x.shape[2] * upscale_factor, x.shape[3] * upscale_factor)
            ),
        ),
        Slip(
            "cotangent-reshaped",
            "Every number goes back to where it came from: xbar is pixel_unshuffle of ybar. A reshape to the shape of "
            "x leaves the numbers in their order, and so in other places.",
            vjp=lambda ybar, y, x, *, upscale_factor: (np.reshape(ybar, x.shape),),
        ),
    ),
    "pixel_unshuffle": (
        Slip(
            "channels-count-fastest",
            CHANNELS_FASTEST.replace("transpose x reshaped to", "transpose y reshaped to").replace(" first.", "."),
            lambda x, *, downscale_factor: to_channels_fastest(
                pixel_unshuffle(x, downscale_factor=downscale_factor), downscale_factor
            ),
            lambda ybar, y, x, *, downscale_factor: (
                pixel_shuffle(from_channels_fastest(ybar, downscale_factor), upscale_factor=downscale_factor),
            ),
            convention="TensorFlow (space_to_depth)",
        ),
        Slip(
            "rows-and-columns-swapped",
            "The pixel in row i and column j of its square becomes channel i r + j, row by row. Here it becomes j r + "
            "i, column by column.",
            lambda x, *, downscale_factor: squares_turned(
                pixel_unshuffle(x, downscale_factor=downscale_factor), downscale_factor
            ),
        ),
        Slip(
            "reshaped-without-transposing",
            "A reshape leaves the numbers in their order in memory. A square of pixels becomes r^2 channels only if "
            "its axes are moved in front of those of the image: (N, C, H, r, W, r) is transposed to (N, C, r, r, H, "
            "W).",
            lambda x, *, downscale_factor: np.reshape(
                x, (len(x), -1, x.shape[2] // downscale_factor, x.shape[3] // downscale_factor)
            ),
        ),
        Slip(
            "cotangent-reshaped",
            "Every number goes back to where it came from: xbar is pixel_shuffle of ybar. A reshape to the shape of x "
            "leaves the numbers in their order, and so in other places.",
            vjp=lambda ybar, y, x, *, downscale_factor: (np.reshape(ybar, x.shape),),
        ),
    ),
    "channel_shuffle": (
        Slip(
            "shuffled-the-other-way",
            "The channels are a matrix of groups rows, one a group, which is transposed. Here it has C/groups rows: "
            "that is the inverse shuffle, which only for groups = sqrt(C) is the same.",
            lambda x, *, groups: channel_shuffle(x, groups=x.shape[1] // groups),
        ),
        Slip(
            "shuffled-once-more",
            "Backwards every channel returns to its place: the shuffle with C/groups groups undoes the one with "
            "groups. Here ybar is shuffled a second time the same way.",
            vjp=lambda ybar, y, x, *, groups: (channel_shuffle(ybar, groups=groups),),
        ),
        Slip(
            "cotangent-not-shuffled",
            "The channels of ybar are those of y, which stand in another order than those of x: they have to be "
            "shuffled back. Here ybar is passed on as it is.",
            vjp=lambda ybar, y, x, *, groups: (ybar,),
        ),
    ),
}

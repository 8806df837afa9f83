"""The windows of an image as the columns of a matrix, and the sum back into an image: each the adjoint of the other.

``unfold`` gathers, ``fold`` scatters and adds: fold(unfold(x)) is x times the number of windows that see the pixel.
Poolings take the windows with ``windows_of`` and lay them back with ``laid_back``: the two for an image that is padded
already, with the axes of a window's pixels and of the windows kept apart.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .windows import at, both_sides, crop_to, how_many, overlap_add, places, window_counts


def unfold(x, *, kernel_size, dilation, padding, stride):
    """y[n, (c i j), (p q)] = x[n, c, p sh + i dh - ph, q sw + j dw - pw], x being 0 outside the image.

    Shapes: x (N,C,H,W), y (N, C kh kw, H' W'), the windows row by row, with
    H' = floor((H + 2 ph - dh (kh - 1) - 1) / sh) + 1, and W' likewise; all parameters are pairs. Signals (N,C,W) and
    volumes (N,C,D,H,W) likewise, the parameters having one entry or three.

    Known as im2col: a convolution is then the filters, one a row, times y.

    Raises ValueError when x is no batch of images, and when the kernel is larger than the padded image.

    Source: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.1.
    """
    _require_images(x, kernel_size)
    padded = np.pad(x, ((0, 0), (0, 0), *both_sides(padding)))
    counts = window_counts(padded.shape[2:], kernel_size, stride, dilation)
    seen = np.stack([padded[at(place, counts, stride)] for place in places(kernel_size, dilation)], axis=2)
    return np.reshape(seen, (x.shape[0], x.shape[1] * how_many(kernel_size), how_many(counts)))


def unfold_vjp(ybar, y, x, *, kernel_size, dilation, padding, stride):
    """xbar = fold(ybar): a pixel adds up the cotangents of all windows that saw it."""
    size = x.shape[2:]
    return (fold(ybar, output_size=size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride),)


def _case(rng, label, x, kind: Kind = "regular", /, **changes):
    params = {"kernel_size": (2, 3), "dilation": (1, 1), "padding": (0, 0), "stride": (1, 1), **changes}
    return Case(label, (rng.normal(size=x),), params, kind)


def unfold_cases(rng):
    yield _case(rng, "stride-padding", (2, 3, 5, 7), kernel_size=(4, 2), padding=(1, 0), stride=(2, 3))
    yield _case(rng, "dilation", (1, 2, 6, 4), dilation=(3, 2), padding=(0, 1), stride=(1, 2))
    yield _case(rng, "plain", (2, 3, 4, 6))
    signal = {"kernel_size": (3,), "dilation": (2,), "padding": (1,), "stride": (2,)}
    yield _case(rng, "signal", (1, 2, 7), **signal)
    x = np.array([[[[1.0, np.nan, np.inf], [-np.inf, 5.0, 6.0]]]])
    answer = np.array([[[1.0, np.nan], [np.nan, np.inf], [-np.inf, 5.0], [5.0, 6.0]]])
    params = {"kernel_size": (2, 2), "dilation": (1, 1), "padding": (0, 0), "stride": (1, 1)}
    yield Case("nan-and-infinite", (x,), params, "special", answer)
    yield _case(rng, "kernel-too-large", (1, 2, 4, 5), "refused", kernel_size=(3, 2), dilation=(2, 1))
    yield _case(rng, "a-signal", (2, 5), "refused")


def unfold_sized(rng, n):
    params = {"kernel_size": (3, 3), "dilation": (1, 1), "padding": (1, 1), "stride": (1, 1)}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


def fold(x, *, output_size, kernel_size, dilation, padding, stride):
    """y[n,c,u,v] = sum of x[n, (c i j), (p q)] over p sh + i dh - ph = u and q sw + j dw - pw = v.

    Shapes: x (N, C kh kw, L), y (N,C,H,W) with (H,W) = output_size, and L = H' W' the number of windows that unfold
    finds in such an image; all parameters are pairs. Signals and volumes likewise, with one entry or three.

    Known as col2im. What the windows hold in the padding is lost.

    Raises ValueError when the rows of x are no multiple of kh kw, or its columns are not L.

    Source: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.1.
    """
    margins = both_sides(padding)
    size = tuple(n + 2 * p for n, p in zip(output_size, padding, strict=True))
    counts = window_counts(size, kernel_size, stride, dilation)
    k = how_many(kernel_size)
    if x.ndim != 3 or x.shape[1] % k or x.shape[2] != how_many(counts):
        raise ValueError(f"x has shape {x.shape}, expected (N, C {k}, {' '.join(map(str, counts))})")
    held = np.reshape(x, (x.shape[0], x.shape[1] // k, k, *counts))
    return crop_to(overlap_add(held, size, kernel_size, stride, dilation), margins, output_size)


def fold_vjp(ybar, y, x, *, output_size, kernel_size, dilation, padding, stride):
    """xbar = unfold(ybar): what a window held went to the pixels that it saw."""
    return (unfold(ybar, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride),)


def fold_cases(rng):
    steps = {"padding": (1, 0), "stride": (2, 3), "output_size": (5, 7)}
    yield _case(rng, "stride-padding", (2, 24, 4), kernel_size=(4, 2), **steps)
    steps = {"dilation": (3, 2), "padding": (0, 1), "stride": (1, 2), "output_size": (6, 4)}
    yield _case(rng, "dilation", (1, 12, 3), **steps)
    yield _case(rng, "plain", (2, 18, 12), output_size=(4, 6))
    signal = {"kernel_size": (3,), "dilation": (2,), "padding": (1,), "stride": (2,), "output_size": (7,)}
    yield _case(rng, "signal", (1, 6, 3), **signal)
    yield _case(rng, "another-number-of-windows", (1, 12, 5), "refused", output_size=(4, 5))
    yield _case(rng, "no-multiple-of-the-kernel", (1, 8, 9), "refused", output_size=(4, 5))


def fold_sized(rng, n):
    params = {"kernel_size": (3, 3), "dilation": (1, 1), "padding": (1, 1), "stride": (1, 1)}
    x = rng.normal(size=(max(n // 36864, 1), 36, 1024))
    return Case("sized", (x,), {"output_size": (32, 32), **params})


def windows_of(padded, kernel_size, stride, dilation=None):
    """(N, C, kh kw, H', W'): for each place of the kernel the pixels it meets, one for each window."""
    windows = steps(kernel_size, stride, dilation)
    counts = window_counts(padded.shape[2:], kernel_size, stride, windows["dilation"])
    return np.reshape(unfold(padded, **windows), (*padded.shape[:2], how_many(kernel_size), *counts))


def laid_back(windows, size, kernel_size, stride, dilation=None):
    """The transpose of ``windows_of``: an image of that size, to each pixel the sum of what its windows hold."""
    n, c, k, *counts = windows.shape
    columns = np.reshape(windows, (n, c * k, how_many(counts)))
    return fold(columns, output_size=size, **steps(kernel_size, stride, dilation))


def steps(kernel_size, stride, dilation=None):
    """The parameters of windows in an image that needs no padding, or has it already."""
    one, none = (1,) * len(kernel_size), (0,) * len(kernel_size)
    return {"kernel_size": kernel_size, "dilation": dilation or one, "padding": none, "stride": stride}


def _require_images(x, kernel_size):
    if x.ndim != 2 + len(kernel_size):
        axes = "DHW"[-len(kernel_size) :]
        raise ValueError(f"x has shape {x.shape}, expected (N,C,{','.join(axes)})")


OPS = [
    Op(unfold, unfold_cases, unfold_vjp, unfold_sized),
    Op(fold, fold_cases, fold_vjp, fold_sized),
]

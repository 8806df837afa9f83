"""Convolution and pooling: what a small window sees while it slides over an image.

Every operation here is the same two steps. ``_unfold`` lays out, for each place of the kernel, the pixels that this
place meets as the window moves; then each window is reduced to a number, by a matrix product, a maximum or a mean.
Backwards, ``_fold`` carries the cotangents of the windows back to the pixels: a pixel seen by several windows adds
them up. The two are each other's transpose.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .windows import crop, fold, margins_of, unfold


def conv2d(x, w, b, *, stride, padding, dilation, groups):
    """y[n,o,p,q] = b[o] + sum_cij w[o,c,i,j] x[n, c, p sh + i dh - ph, q sw + j dw - pw], x being 0 outside the image.

    Shapes: x (N,C,H,W), w (O, C/groups, kh, kw), b (O,) or None, y (N,O,H',W') with
    H' = floor((H + 2 ph - dh (kh - 1) - 1) / sh) + 1, and W' likewise. stride (sh,sw) and dilation (dh,dw) are pairs;
    padding is a pair (ph,pw) or "same": H' = H and W' = W, an odd extra row or column going to the end.

    With the windows as columns of a matrix, the convolution is one matrix product: each row of the filters times
    each window. The filter is not flipped (mathematics calls this a cross-correlation). groups split the
    channels: the g-th group of outputs sees the g-th group of inputs alone.

    Raises ValueError when the channels, the groups or b do not fit, when the kernel is larger than the padded image,
    and for "same" with a stride.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.1, eq. 9.6, and section 9.5, eq. 9.7.
    """
    _require_filters(x, w, b, groups)
    padded = np.pad(x, ((0, 0), (0, 0), *margins_of(w.shape[2:], stride, padding, dilation)))
    windows = unfold(padded, w.shape[2:], stride, dilation)
    y = _filters(w, groups) @ _columns(windows, groups)
    y = np.reshape(y, (x.shape[0], w.shape[0], *windows.shape[3:]))
    return y if b is None else y + np.reshape(b, (-1, 1, 1))


def conv2d_vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """wbar = sum_n ybar columns^T, columnsbar = filters^T ybar folded back to xbar, bbar = sum of ybar over n, p, q.

    These are the two cotangents of the matrix product y = filters columns, the filters being shared by all images.
    """
    margins = margins_of(w.shape[2:], stride, padding, dilation)
    padded = np.pad(x, ((0, 0), (0, 0), *margins))
    windows = unfold(padded, w.shape[2:], stride, dilation)
    n, c_out, height, width = ybar.shape
    rowsbar = np.reshape(ybar, (n, groups, c_out // groups, height * width))
    wbar = np.sum(rowsbar @ _columns(windows, groups).mT, axis=0)
    columnsbar = _filters(w, groups).mT @ rowsbar
    paddedbar = fold(np.reshape(columnsbar, windows.shape), padded, w.shape[2:], stride, dilation)
    bbar = None if b is None else np.sum(ybar, axis=(0, 2, 3))
    return crop(paddedbar, margins, x), np.reshape(wbar, w.shape), bbar


def conv2d_cases(rng):
    def case(label, x, w, bias=True, kind: Kind = "regular", half=True, *, groups=1, **windows):
        params = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": groups, **windows}
        b = rng.normal(size=w[0]) if bias else None
        return Case(label, (rng.normal(size=x), rng.normal(size=w), b), params, kind, half=half)

    yield case("plain", (2, 3, 6, 8), (5, 3, 4, 7), half=False)
    yield case("stride-padding", (1, 2, 7, 9), (4, 2, 5, 3), stride=(2, 3), padding=(1, 2))
    yield case("dilation", (6, 1, 7, 5), (4, 1, 3, 2), False, dilation=(2, 3))
    yield case("groups", (1, 6, 4, 7), (8, 3, 2, 5), groups=2)
    yield case("same", (1, 1, 5, 6), (3, 1, 4, 2), half=False, padding="same", dilation=(1, 3))
    everything = {"stride": (3, 2), "padding": (2, 1), "dilation": (1, 2), "groups": 3}
    yield case("depthwise-with-everything", (1, 3, 5, 7), (6, 1, 4, 2), **everything)
    plain = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    w = np.arange(1.0, 7.0).reshape(1, 1, 2, 3)
    impulse, blind = np.zeros((1, 1, 3, 5)), np.zeros((1, 1, 3, 5))
    impulse[0, 0, 1, 2], blind[0, 0, 0, 1] = 1, np.nan
    answer = np.array([[[[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]]])
    yield Case("impulse-shows-the-flipped-kernel", (impulse, w, None), plain, "special", answer)
    answer = np.array([[[[np.nan, np.nan, 0.5], [0.5, 0.5, 0.5]]]])
    yield Case("nan-pixel", (blind, w, np.array([0.5])), plain, "special", answer)
    nothing = (np.zeros((0, 3, 4, 5)), rng.normal(size=(2, 3, 3, 2)), rng.normal(size=2))
    yield Case("no-images", nothing, plain, "empty", np.zeros((0, 2, 2, 4)))
    yield case("channels-differ", (1, 3, 4, 5), (2, 4, 3, 2), kind="refused")
    yield case("groups-do-not-divide", (1, 4, 4, 5), (3, 2, 3, 2), kind="refused", groups=2)
    yield case("kernel-too-large", (1, 3, 4, 5), (2, 3, 3, 2), kind="refused", dilation=(2, 1))
    yield case("same-with-stride", (1, 3, 4, 5), (2, 3, 3, 2), kind="refused", padding="same", stride=(2, 1))
    x, w = rng.normal(size=(1, 3, 4, 5)), rng.normal(size=(2, 3, 3, 2))
    yield Case("bias-of-one", (x, w, rng.normal(size=1)), plain, "refused")


def conv2d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 8, 32, 32)), rng.normal(size=(16, 8, 3, 3)), rng.normal(size=16)
    return Case("sized", (x, w, b), {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1})


def _filters(w, groups):
    """(groups, O/groups, C/groups kh kw): a filter a row."""
    return np.reshape(w, (groups, w.shape[0] // groups, -1))


def _columns(windows, groups):
    """(N, groups, C/groups kh kw, H' W'): a window a column."""
    n, c, places, height, width = windows.shape
    return np.reshape(windows, (n, groups, c // groups * places, height * width))


def _require_filters(x, w, b, groups):
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(f"x and w have shapes {x.shape} and {w.shape}, expected (N,C,H,W) and (O,C/groups,kh,kw)")
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise ValueError(
            f"x has {x.shape[1]} channels and w has shape {w.shape}, expected (O, {x.shape[1]}/groups, kh, kw) "
            f"with O a multiple of groups = {groups}"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(f"b has shape {b.shape}, expected {w.shape[:1]}: one value for each filter of w")


OPS = [
    Op(conv2d, conv2d_cases, conv2d_vjp, conv2d_sized, half=True),
]

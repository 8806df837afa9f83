"""Convolution and pooling: what a small window sees while it slides over an image.

Every operation here is the same two steps. ``_unfold`` lays out, for each place of the kernel, the pixels that this
place meets as the window moves; then each window is reduced to a number, by a matrix product, a maximum or a mean.
Backwards, ``_fold`` carries the cotangents of the windows back to the pixels: a pixel seen by several windows adds
them up. The two are each other's transpose.
"""

from __future__ import annotations

import numpy as np

from .op import Case, Kind, Op


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
    padded = np.pad(x, ((0, 0), (0, 0), *_margins(w.shape[2:], stride, padding, dilation)))
    windows = _unfold(padded, w.shape[2:], stride, dilation)
    y = _filters(w, groups) @ _columns(windows, groups)
    y = np.reshape(y, (x.shape[0], w.shape[0], *windows.shape[3:]))
    return y if b is None else y + np.reshape(b, (-1, 1, 1))


def conv2d_vjp(ybar, y, x, w, b, *, stride, padding, dilation, groups):
    """wbar = sum_n ybar columns^T, columnsbar = filters^T ybar folded back to xbar, bbar = sum of ybar over n, p, q.

    These are the two cotangents of the matrix product y = filters columns, the filters being shared by all images.
    """
    margins = _margins(w.shape[2:], stride, padding, dilation)
    padded = np.pad(x, ((0, 0), (0, 0), *margins))
    windows = _unfold(padded, w.shape[2:], stride, dilation)
    n, c_out, height, width = ybar.shape
    rowsbar = np.reshape(ybar, (n, groups, c_out // groups, height * width))
    wbar = np.sum(rowsbar @ _columns(windows, groups).mT, axis=0)
    columnsbar = _filters(w, groups).mT @ rowsbar
    paddedbar = _fold(np.reshape(columnsbar, windows.shape), padded, w.shape[2:], stride, dilation)
    bbar = None if b is None else np.sum(ybar, axis=(0, 2, 3))
    return _crop(paddedbar, margins, x), np.reshape(wbar, w.shape), bbar


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


def max_pool2d(x, *, kernel_size, stride, padding):
    """y[n,c,p,q] = max over i, j of x[n, c, p sh + i - ph, q sw + j - pw], over the pixels inside the image.

    Shapes: x (N,C,H,W), y (N,C,H',W') with H' = floor((H + 2 ph - kh) / sh) + 1, and W' likewise; kernel_size
    (kh,kw), stride (sh,sw) and padding (ph,pw) are pairs.

    The image is padded with -inf, to which no pixel loses. With 0 the padding would win over negative pixels.

    Raises ValueError when the padding exceeds half of the kernel (a window could see nothing but padding), or when
    the kernel is larger than the padded image.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    windows = _unfold(_pad_for_maximum(x, kernel_size, padding), kernel_size, stride)
    return np.max(windows, axis=2)


def max_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding):
    """xbar adds up ybar[n,c,p,q] at the pixel that is the maximum of the window p, q; of equal ones, at the first.

    The maximum moves as its largest pixel does. When several are equal any share of ybar among them is a subgradient;
    the first one, row by row, gets it all, as in torch and jax.
    """
    padded = _pad_for_maximum(x, kernel_size, padding)
    windows = _unfold(padded, kernel_size, stride)
    largest = np.argmax(windows, axis=2)
    places = np.reshape(np.arange(windows.shape[2]), (-1, 1, 1))
    windowsbar = np.where(places == largest[:, :, None], ybar[:, :, None], 0)
    return (_crop(_fold(windowsbar, padded, kernel_size, stride), _both_sides(padding), x),)


def max_pool2d_cases(rng):
    def case(label, shape, shift=0.0, kind: Kind = "regular", *, kernel_size, stride, padding=(0, 0)):
        params = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        return Case(label, (_distinct(rng, shape) + shift,), params, kind)

    yield case("halving", (1, 3, 4, 6), kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), kernel_size=(2, 1), stride=(3, 2))
    yield case("negative-with-padding", (1, 2, 5, 6), -9.0, kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-on-one-axis", (3, 1, 4, 5), -9.0, kernel_size=(2, 3), stride=(1, 2), padding=(1, 0))
    overlapping = {"kernel_size": (2, 3), "stride": (1, 2), "padding": (1, 1)}
    x = _distinct(rng, (1, 2, 3, 5))
    ties = np.concat([np.repeat(x[:, :1, :, :3], [2, 1, 2], axis=3), x[:, 1:]], axis=1)
    yield Case("ties", (ties,), overlapping, "kink")
    x = np.full((1, 1, 3, 5), -np.inf)
    x[0, 0, 0, 0], x[0, 0, 1, 4] = np.nan, np.inf
    answer = np.array([[[[np.nan, -np.inf, -np.inf], [np.nan, -np.inf, np.inf]]]])
    answer = np.concat([answer, np.array([[[[-np.inf, -np.inf, np.inf], [-np.inf, -np.inf, -np.inf]]]])], axis=2)
    yield Case("nan-and-infinite", (x,), overlapping, "special", answer)
    halving = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    yield Case("no-images", (np.zeros((0, 3, 4, 6)),), halving, "empty", np.zeros((0, 3, 2, 3)))
    yield case("kernel-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(4, 2), stride=(1, 1))
    yield case("padding-too-large", (1, 2, 3, 4), kind="refused", kernel_size=(3, 2), stride=(1, 1), padding=(2, 1))
    yield case("no-image-axes", (3, 4), kind="refused", kernel_size=(2, 2), stride=(1, 1))


def max_pool2d_sized(rng, n):
    params = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


def avg_pool2d(x, *, kernel_size, stride, padding, count_include_pad):
    """y[n,c,p,q] = sum over i, j of x[n, c, p sh + i - ph, q sw + j - pw] / count, x being 0 outside the image.

    Shapes: as max_pool2d. count is kh kw, so that padding pulls the border towards 0; or, when count_include_pad is
    false, the number of pixels of this window that lie inside the image.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    windows = _unfold(_pad_for_mean(x, kernel_size, padding), kernel_size, stride)
    return np.sum(windows, axis=2) / _counts(x, kernel_size, stride, padding, count_include_pad)


def avg_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding, count_include_pad):
    """xbar adds up ybar / count over the windows that see the pixel."""
    share = ybar / _counts(x, kernel_size, stride, padding, count_include_pad)
    padded = _pad_for_mean(x, kernel_size, padding)
    places = kernel_size[0] * kernel_size[1]
    windowsbar = np.broadcast_to(share[:, :, None], (*x.shape[:2], places, *ybar.shape[2:]))
    return (_crop(_fold(windowsbar, padded, kernel_size, stride), _both_sides(padding), x),)


def avg_pool2d_cases(rng):
    def case(label, shape, include, kind: Kind = "regular", *, kernel_size, stride, padding=(0, 0)):
        params = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "count_include_pad": include}
        return Case(label, (rng.normal(size=shape),), params, kind)

    yield case("halving", (1, 3, 4, 6), True, kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), False, kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), True, kernel_size=(2, 1), stride=(3, 2))
    yield case("padding-counted", (1, 2, 5, 6), True, kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-not-counted", (1, 2, 6, 5), False, kernel_size=(4, 3), stride=(3, 2), padding=(2, 1))
    x = np.zeros((1, 1, 2, 3))
    x[0, 0, 0, 0], x[0, 0, 1, 2], x[0, 0, 0, 1] = np.inf, np.nan, 6
    answer = np.array([[[[np.inf, 3.0], [np.inf, np.nan], [0.0, np.nan]]]])
    params = {"kernel_size": (2, 2), "stride": (1, 2), "padding": (1, 1), "count_include_pad": False}
    yield Case("nan-and-infinite", (x,), params, "special", answer)
    yield Case("no-images", (np.zeros((0, 2, 2, 3)),), params, "empty", np.zeros((0, 2, 3, 2)))
    yield case("kernel-too-large", (1, 2, 3, 4), True, kind="refused", kernel_size=(4, 2), stride=(1, 1))
    too_much = {"kernel_size": (3, 2), "stride": (1, 1), "padding": (2, 1)}
    yield case("padding-too-large", (1, 2, 3, 4), True, kind="refused", **too_much)
    yield case("no-image-axes", (3, 4), True, kind="refused", kernel_size=(2, 2), stride=(1, 1))


def avg_pool2d_sized(rng, n):
    params = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "count_include_pad": True}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


def _unfold(padded, kernel_size, stride, dilation=(1, 1)):
    """(N, C, kh kw, H', W'): for each place of the kernel the pixels it meets, one for each window."""
    return np.stack([padded[place] for place in _places(padded, kernel_size, stride, dilation)], axis=2)


def _fold(windows, padded, kernel_size, stride, dilation=(1, 1)):
    """The transpose of ``_unfold``: an image as large as ``padded``, to each pixel the sum of what its windows hold."""
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


def _margins(kernel_size, stride, padding, dilation):
    """Rows to add above and below the image, and columns to add left and right of it."""
    if padding != "same":
        return _both_sides(padding)
    if tuple(stride) != (1, 1):
        raise ValueError(f'padding "same" has stride {tuple(stride)}, expected (1, 1): a stride changes the size')
    totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _both_sides(padding):
    return tuple((p, p) for p in padding)


def _crop(image, margins, x):
    """The part of a padded image that is x."""
    (top, _), (left, _) = margins
    return image[:, :, top : top + x.shape[2], left : left + x.shape[3]]


def _filters(w, groups):
    """(groups, O/groups, C/groups kh kw): a filter a row."""
    return np.reshape(w, (groups, w.shape[0] // groups, -1))


def _columns(windows, groups):
    """(N, groups, C/groups kh kw, H' W'): a window a column."""
    n, c, places, height, width = windows.shape
    return np.reshape(windows, (n, groups, c // groups * places, height * width))


def _pad_for_maximum(x, kernel_size, padding):
    _require_pooling(x, kernel_size, padding)
    return np.pad(x, ((0, 0), (0, 0), *_both_sides(padding)), constant_values=-np.inf)


def _pad_for_mean(x, kernel_size, padding):
    _require_pooling(x, kernel_size, padding)
    return np.pad(x, ((0, 0), (0, 0), *_both_sides(padding)))


def _counts(x, kernel_size, stride, padding, count_include_pad):
    """By how much each window divides its sum."""
    if count_include_pad:
        return kernel_size[0] * kernel_size[1]
    inside = np.pad(np.ones_like(x[:1, :1]), ((0, 0), (0, 0), *_both_sides(padding)))
    return np.sum(_unfold(inside, kernel_size, stride), axis=2)


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


def _require_pooling(x, kernel_size, padding):
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,H,W)")
    if any(2 * p > k for p, k in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding is {tuple(padding)}, expected at most half of kernel_size, {tuple(kernel_size)}")


def _distinct(rng, shape):
    """Random numbers no two of which are equal even in bfloat16: spread out, then moved by less than their distance."""
    spread = rng.permutation(np.prod(shape)) - np.prod(shape) / 2
    return np.reshape(spread / 8 + rng.uniform(-1, 1, spread.shape) / 64, shape)


OPS = [
    Op(conv2d, conv2d_cases, conv2d_vjp, conv2d_sized, half=True),
    Op(max_pool2d, max_pool2d_cases, max_pool2d_vjp, max_pool2d_sized, half=True),
    Op(avg_pool2d, avg_pool2d_cases, avg_pool2d_vjp, avg_pool2d_sized, half=True),
]

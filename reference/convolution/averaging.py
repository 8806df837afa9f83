"""Mean pooling: the mean of each window, or of all pixels."""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op
from .columns import laid_back, windows_of
from .pooling import pooling_margins, require_pixels, sized_images, window_params
from .windows import both_sides, crop


def avg_pool1d(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad):
    """y[n,c,q] = sum over i of x[n, c, q s + i - p] / count, x being 0 outside the signal.

    Shapes: x (N,C,L), y (N,C,L'), each parameter a tuple of one number; count and all else as for avg_pool2d.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 1)
    return _means(x, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool1d_vjp(ybar, y, x, *, kernel_size, stride, padding, ceil_mode, count_include_pad):
    """xbar adds up ybar / count over the windows that see the sample."""
    return (_means_vjp(ybar, x, kernel_size, stride, padding, ceil_mode, count_include_pad, None),)


def avg_pool2d(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """y[n,c,p,q] = sum over i, j of x[n, c, p sh + i - ph, q sw + j - pw] / count, x being 0 outside the image.

    Shapes: as max_pool2d, without dilation. count is kh kw, so that padding pulls the border towards 0; or, when
    count_include_pad is false, the number of pixels of this window that lie inside the image; or, whatever the window
    sees, divisor_override, unless that is None. What hangs over the padded image (ceil_mode) never counts.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 2)
    return _means(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool2d_vjp(ybar, y, x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """xbar adds up ybar / count over the windows that see the pixel."""
    return (_means_vjp(ybar, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override),)


def avg_pool3d(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """y[n,c,o,p,q] = sum over h, i, j of x[n, c, o sd + h - pd, p sh + i - ph, q sw + j - pw] / count.

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), each parameter a triple; count and all else as for avg_pool2d.

    Raises ValueError as max_pool2d does.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    require_pixels(x, 3)
    return _means(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d_vjp(ybar, y, x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """xbar adds up ybar / count over the windows that see the voxel."""
    return (_means_vjp(ybar, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override),)


def _means(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor):
    padded, margins = pad_with_zeros(x, kernel_size, stride, padding, ceil_mode)
    sums = np.sum(windows_of(padded, kernel_size, stride), axis=2)
    return sums / _counts(x, kernel_size, stride, padding, margins, count_include_pad, divisor)


def _means_vjp(ybar, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor):
    padded, margins = pad_with_zeros(x, kernel_size, stride, padding, ceil_mode)
    share = ybar / _counts(x, kernel_size, stride, padding, margins, count_include_pad, divisor)
    return crop(laid_back(repeated(share, kernel_size), padded.shape[2:], kernel_size, stride), margins, x)


def pad_with_zeros(x, kernel_size, stride, padding, ceil_mode):
    margins = pooling_margins(x, kernel_size, stride, padding, (1,) * len(kernel_size), ceil_mode)
    return np.pad(x, ((0, 0), (0, 0), *margins)), margins


def repeated(windows, kernel_size):
    """What belongs to each window, at each of its places."""
    shape = (*windows.shape[:2], int(np.prod(kernel_size)), *windows.shape[2:])
    return np.broadcast_to(windows[:, :, None], shape)


def _counts(x, kernel_size, stride, padding, margins, count_include_pad, divisor):
    """By how much each window divides its sum."""
    if divisor is not None:
        return divisor
    counted = np.ones_like(x[:1, :1])
    counted = np.pad(counted, ((0, 0), (0, 0), *both_sides(padding)), constant_values=int(count_include_pad))
    hanging_over = tuple((0, behind - before) for before, behind in margins)
    return np.sum(windows_of(np.pad(counted, ((0, 0), (0, 0), *hanging_over)), kernel_size, stride), axis=2)


def global_avg_pool(x):
    """y[n,c] = the mean of x[n,c,...] over all pixels.

    Shapes: x (N,C,...) with at least one axis of pixels, y (N,C).

    Raises ValueError without an axis of pixels.

    Source: Lin, Chen and Yan (2014), Network In Network, section 3.2.
    """
    if x.ndim < 3:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,...) with at least one axis of pixels")
    return np.mean(x, axis=tuple(range(2, x.ndim)))


def global_avg_pool_vjp(ybar, y, x):
    """xbar[n,c,...] = ybar[n,c] / (the number of pixels), the same for all of them."""
    pixels = int(np.prod(x.shape[2:]))
    return (np.broadcast_to(np.reshape(ybar / pixels, (*ybar.shape, *(1 for _ in x.shape[2:]))), x.shape),)


def _params(axes, *, divisor=None, include=True, **windows):
    params = {k: v for k, v in window_params(axes, **windows).items() if k != "dilation"}
    return {**params, "count_include_pad": include} | ({} if axes == 1 else {"divisor_override": divisor})


def avg_pool1d_cases(rng):
    padded = _params(1, kernel_size=(4,), stride=(3,), padding=(2,), include=False)
    yield Case("padding-not-counted", (rng.normal(size=(2, 3, 8)),), padded)
    rounded_up = _params(1, kernel_size=(3,), stride=(2,), padding=(1,), ceil_mode=True)
    yield Case("ceil", (rng.normal(size=(1, 2, 6)),), rounded_up)
    yield Case("two-axes", (rng.normal(size=(1, 2, 5, 7)),), padded, "refused")


def avg_pool2d_cases(rng):
    def case(label, shape, kind: Kind = "regular", **params):
        return Case(label, (rng.normal(size=shape),), _params(2, **params), kind)

    yield case("halving", (1, 3, 4, 6), kernel_size=(2, 2), stride=(2, 2))
    yield case("overlap", (2, 1, 6, 5), include=False, kernel_size=(3, 2), stride=(2, 1))
    yield case("gaps", (1, 2, 5, 7), kernel_size=(2, 1), stride=(3, 2), divisor=3)
    yield case("padding-counted", (1, 2, 5, 6), kernel_size=(3, 4), stride=(2, 3), padding=(1, 2))
    yield case("padding-not-counted", (1, 2, 6, 5), include=False, kernel_size=(4, 3), stride=(3, 2), padding=(2, 1))
    yield case("ceil", (1, 3, 6, 5), kernel_size=(3, 2), stride=(2, 3), padding=(1, 1), ceil_mode=True)
    x = np.zeros((1, 1, 2, 3))
    x[0, 0, 0, 0], x[0, 0, 1, 2], x[0, 0, 0, 1] = np.inf, np.nan, 6
    answer = np.array([[[[np.inf, 3.0], [np.inf, np.nan], [0.0, np.nan]]]])
    params = _params(2, include=False, kernel_size=(2, 2), stride=(1, 2), padding=(1, 1))
    yield Case("nan-and-infinite", (x,), params, "special", answer)
    yield Case("no-images", (np.zeros((0, 2, 2, 3)),), params, "empty", np.zeros((0, 2, 3, 2)))
    yield case("kernel-too-large", (1, 2, 3, 4), "refused", kernel_size=(4, 2), stride=(1, 1))
    yield case("padding-too-large", (1, 2, 3, 4), "refused", kernel_size=(3, 2), stride=(1, 1), padding=(2, 1))
    yield case("no-image-axes", (3, 4), "refused", kernel_size=(2, 2), stride=(1, 1))


def avg_pool3d_cases(rng):
    padded = _params(3, kernel_size=(2, 3, 1), stride=(2, 1, 3), padding=(1, 0, 0), include=False)
    yield Case("padding-not-counted", (rng.normal(size=(1, 2, 3, 5, 4)),), padded)
    rounded_up = _params(3, kernel_size=(1, 2, 3), stride=(1, 3, 2), padding=(0, 0, 1), ceil_mode=True, divisor=5)
    yield Case("ceil-divisor", (rng.normal(size=(1, 1, 2, 5, 4)),), rounded_up)
    yield Case("one-axis-less", (rng.normal(size=(3, 4, 5)),), padded, "refused")


def global_avg_pool_cases(rng):
    yield Case("images", (rng.normal(size=(2, 3, 4, 5)),))
    yield Case("signals", (10 + rng.normal(size=(3, 2, 7)),))
    yield Case("nan", (np.array([[[1.0, np.nan], [2.0, -5.0]]]),), {}, "special", np.array([[np.nan, -1.5]]))
    yield Case("no-pixel-axes", (rng.normal(size=(3, 4)),), {}, "refused")


def avg_pool1d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), _params(1, kernel_size=(2,), stride=(2,)))


def avg_pool2d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), _params(2, kernel_size=(2, 2), stride=(2, 2)))


def avg_pool3d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), _params(3, kernel_size=(2, 2, 2), stride=(2, 2, 2)))


def global_avg_pool_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),))


OPS = [
    Op(avg_pool1d, avg_pool1d_cases, avg_pool1d_vjp, avg_pool1d_sized),
    Op(avg_pool2d, avg_pool2d_cases, avg_pool2d_vjp, avg_pool2d_sized, half=True),
    Op(avg_pool3d, avg_pool3d_cases, avg_pool3d_vjp, avg_pool3d_sized),
    Op(global_avg_pool, global_avg_pool_cases, global_avg_pool_vjp, global_avg_pool_sized, half=True),
]

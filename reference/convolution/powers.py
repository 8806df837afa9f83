"""Power pooling: the norm of each window."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .averaging import pad_with_zeros, repeated
from .columns import laid_back, windows_of
from .pooling import require_pixels, sized_images
from .windows import crop


def lp_pool1d(x, *, norm_type, kernel_size, stride, ceil_mode):
    """y[n,c,q] = (sum over i of |x[n, c, q s + i]|^p)^(1/p), p = norm_type.

    Shapes: x (N,C,L), y (N,C,L'), kernel_size and stride tuples of one number; all else as for lp_pool2d.

    Raises ValueError when the kernel is larger than the signal.

    Source: Sermanet, Chintala and LeCun (2012), Convolutional neural networks applied to house numbers digit
    classification, section 2.1, eq. 1.
    """
    require_pixels(x, 1)
    return _norms(x, norm_type, kernel_size, stride, ceil_mode)


def lp_pool1d_vjp(ybar, y, x, *, norm_type, kernel_size, stride, ceil_mode):
    """xbar adds up ybar sign(x) (|x| / y)^(p - 1) over the windows that see the sample."""
    return (_norms_vjp(ybar, y, x, norm_type, kernel_size, stride, ceil_mode),)


def lp_pool2d(x, *, norm_type, kernel_size, stride, ceil_mode):
    """y[n,c,p,q] = (sum over i, j of |x[n, c, p sh + i, q sw + j]|^r)^(1/r), r = norm_type.

    Shapes: x (N,C,H,W), y (N,C,H',W') as for max_pool2d, kernel_size and stride pairs; a window that hangs over the
    end (ceil_mode) sums what it sees.

    It is the norm of each window: for r = 1 the sum of the magnitudes, for large r nearly the largest of them. It is a
    sum, not a mean, so that it grows with the kernel.

    Raises ValueError when the kernel is larger than the image.

    Source: Sermanet, Chintala and LeCun (2012), Convolutional neural networks applied to house numbers digit
    classification, section 2.1, eq. 1.
    """
    require_pixels(x, 2)
    return _norms(x, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d_vjp(ybar, y, x, *, norm_type, kernel_size, stride, ceil_mode):
    """xbar adds up ybar sign(x) (|x| / y)^(r - 1) over the windows that see the pixel.

    From y^r = sum |x|^r follows r y^(r-1) ydot = sum r |x|^(r-1) sign(x) xdot.
    """
    return (_norms_vjp(ybar, y, x, norm_type, kernel_size, stride, ceil_mode),)


def lp_pool3d(x, *, norm_type, kernel_size, stride, ceil_mode):
    """y[n,c,o,p,q] = (sum over h, i, j of |x[n, c, o sd + h, p sh + i, q sw + j]|^r)^(1/r), r = norm_type.

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), kernel_size and stride triples; all else as for lp_pool2d.

    Raises ValueError when the kernel is larger than the volume.

    Source: Sermanet, Chintala and LeCun (2012), Convolutional neural networks applied to house numbers digit
    classification, section 2.1, eq. 1.
    """
    require_pixels(x, 3)
    return _norms(x, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d_vjp(ybar, y, x, *, norm_type, kernel_size, stride, ceil_mode):
    """xbar adds up ybar sign(x) (|x| / y)^(r - 1) over the windows that see the voxel."""
    return (_norms_vjp(ybar, y, x, norm_type, kernel_size, stride, ceil_mode),)


def _norms(x, norm_type, kernel_size, stride, ceil_mode):
    padded, _ = pad_with_zeros(x, kernel_size, stride, (0,) * len(kernel_size), ceil_mode)
    windows = windows_of(padded, kernel_size, stride)
    if norm_type == 2:
        return np.sqrt(np.sum(windows * windows, axis=2))
    return np.sum(np.abs(windows) ** norm_type, axis=2) ** (1 / norm_type)


def _norms_vjp(ybar, y, x, norm_type, kernel_size, stride, ceil_mode):
    padded, margins = pad_with_zeros(x, kernel_size, stride, (0,) * len(kernel_size), ceil_mode)
    windows = windows_of(padded, kernel_size, stride)
    share = np.sign(windows) * np.abs(windows / y[:, :, None]) ** (norm_type - 1)
    return crop(laid_back(repeated(ybar, kernel_size) * share, padded.shape[2:], kernel_size, stride), margins, x)


def _params(norm_type, kernel_size, stride, ceil_mode=False):
    return {"norm_type": norm_type, "kernel_size": kernel_size, "stride": stride, "ceil_mode": ceil_mode}


def lp_pool1d_cases(rng):
    yield Case("overlap", (rng.normal(size=(2, 3, 7)),), _params(2.0, (2,), (1,)))
    yield Case("ceil-positive", (rng.uniform(0.5, 2, size=(1, 2, 6)),), _params(3.0, (3,), (2,), True))
    yield Case("two-axes", (rng.normal(size=(1, 2, 5, 7)),), _params(2.0, (2,), (1,)), "refused")


def lp_pool2d_cases(rng):
    yield Case("overlap", (rng.normal(size=(1, 2, 4, 5)),), _params(2.0, (2, 3), (1, 2)))
    yield Case("fractional-positive", (rng.uniform(0.5, 2, size=(2, 1, 3, 4)),), _params(2.5, (3, 2), (1, 2)))
    yield Case("odd-negative", (-rng.uniform(0.5, 2, size=(1, 2, 3, 4)),), _params(3.0, (2, 2), (1, 2)))
    yield Case("ceil", (rng.normal(size=(1, 2, 4, 5)),), _params(4.0, (3, 2), (2, 3), True))
    infinite = np.array([[[[0.0, -0.0, np.inf], [0.0, 0.0, 1.0]]]])
    yield Case("zero-and-infinite", (infinite,), _params(2.0, (2, 2), (1, 1)), "special", np.array([[[[0.0, np.inf]]]]))
    yield Case("kernel-too-large", (rng.normal(size=(1, 2, 3, 4)),), _params(2.0, (4, 2), (1, 1)), "refused")


def lp_pool3d_cases(rng):
    yield Case("overlap", (rng.normal(size=(1, 2, 3, 4, 5)),), _params(2.0, (2, 1, 3), (1, 3, 2)))
    yield Case("ceil-positive", (rng.uniform(0.5, 2, size=(1, 1, 2, 3, 4)),), _params(3.0, (2, 1, 2), (1, 2, 3), True))
    yield Case("one-axis-less", (rng.normal(size=(3, 4, 5)),), _params(2.0, (2, 1, 3), (1, 3, 2)), "refused")


def lp_pool1d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), _params(2.0, (2,), (2,)))


def lp_pool2d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), _params(2.0, (2, 2), (2, 2)))


def lp_pool3d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), _params(2.0, (2, 2, 2), (2, 2, 2)))


OPS = [
    Op(lp_pool1d, lp_pool1d_cases, lp_pool1d_vjp, lp_pool1d_sized),
    Op(lp_pool2d, lp_pool2d_cases, lp_pool2d_vjp, lp_pool2d_sized),
    Op(lp_pool3d, lp_pool3d_cases, lp_pool3d_vjp, lp_pool3d_sized),
]

"""The way back from maxima: values laid at the pixels that they came from."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .pooling import require_pixels, sized_images


def max_unpool1d(x, indices, *, kernel_size, stride, padding, output_size):
    """y[n,c,k] = x[n,c,q] where k = indices[n,c,q], and 0 everywhere else.

    Shapes: x and indices (N,C,L'), y (N,C,L), the other parameters tuples of one number; all else as for max_unpool2d.

    Raises ValueError as max_unpool2d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _unpooled(x, indices, kernel_size, stride, padding, output_size, 1)


def max_unpool1d_vjp(ybar, y, x, indices, *, kernel_size, stride, padding, output_size):
    """xbar[n,c,q] = ybar at the sample where x[n,c,q] was laid."""
    return (_picked(ybar, indices),)


def max_unpool2d(x, indices, *, kernel_size, stride, padding, output_size):
    """y[n,c,i,j] = x[n,c,p,q] where i W + j = indices[n,c,p,q], and 0 everywhere else.

    Shapes: x and indices (N,C,H',W'), y (N,C,H,W) with (H,W) = output_size. Where that is None it is the smallest image
    whose windows are as many, H = (H' - 1) sh - 2 ph + kh and W likewise: several sizes are pooled to one, and
    kernel_size, stride and padding are there to find one of them.

    It undoes max_pool2d_with_indices as far as that is possible: what was no maximum is gone. The indices of a channel
    of an image must differ, as they do where windows do not overlap.

    Raises ValueError when the shapes of x and indices differ, and for an index beyond the image.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _unpooled(x, indices, kernel_size, stride, padding, output_size, 2)


def max_unpool2d_vjp(ybar, y, x, indices, *, kernel_size, stride, padding, output_size):
    """xbar[n,c,p,q] = ybar at the pixel where x[n,c,p,q] was laid."""
    return (_picked(ybar, indices),)


def max_unpool3d(x, indices, *, kernel_size, stride, padding, output_size):
    """y[n,c,h,i,j] = x[n,c,o,p,q] where (h H + i) W + j = indices[n,c,o,p,q], and 0 everywhere else.

    Shapes: x and indices (N,C,D',H',W'), y (N,C,D,H,W), the other parameters triples; all else as for max_unpool2d.

    Raises ValueError as max_unpool2d does.

    Source: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    return _unpooled(x, indices, kernel_size, stride, padding, output_size, 3)


def max_unpool3d_vjp(ybar, y, x, indices, *, kernel_size, stride, padding, output_size):
    """xbar[n,c,o,p,q] = ybar at the voxel where x[n,c,o,p,q] was laid."""
    return (_picked(ybar, indices),)


def _unpooled(x, indices, kernel_size, stride, padding, output_size, axes):
    require_pixels(x, axes)
    steps = zip(x.shape[2:], kernel_size, stride, padding, strict=True)
    size = output_size or tuple((n - 1) * s - 2 * p + k for n, k, s, p in steps)
    pixels = int(np.prod(size))
    if indices.shape != x.shape or not np.all((indices >= 0) & (indices < pixels)):
        raise ValueError(f"indices has shape {indices.shape}, expected {x.shape}, each from 0 to {pixels - 1}")
    k, flat = (np.reshape(a, (*x.shape[:2], -1)) for a in (indices, x))
    nothing = flat.shape[-1]  # the place of the zero behind the values
    comes_from = nothing + np.zeros_like(k, shape=(*x.shape[:2], pixels))
    np.put_along_axis(comes_from, k, np.arange(nothing)[None, None], axis=2)
    y = np.take_along_axis(np.pad(flat, ((0, 0), (0, 0), (0, 1))), comes_from, axis=2)
    return np.reshape(y, (*x.shape[:2], *size))


def _picked(ybar, indices):
    k, flat = (np.reshape(a, (*indices.shape[:2], -1)) for a in (indices, ybar))
    return np.reshape(np.take_along_axis(flat, k, axis=2), indices.shape)


def _places(rng, shape, pixels):
    """For each value another pixel of its channel; all channels use the same ones, in another order."""
    planes, values = int(np.prod(shape[:2])), int(np.prod(shape[2:]))
    some = rng.permutation(pixels)[:values]
    return np.reshape(np.stack([rng.permutation(some) for _ in range(planes)]), shape)


def _unpool(kernel_size, stride, padding, output_size=None):
    return {"kernel_size": kernel_size, "stride": stride, "padding": padding, "output_size": output_size}


def max_unpool1d_cases(rng):
    shape = (2, 3, 4)
    yield Case("smallest", (rng.normal(size=shape), _places(rng, shape, 9)), _unpool((3,), (2,), (0,)))
    yield Case("size-given", (rng.normal(size=shape), _places(rng, shape, 10)), _unpool((2,), (3,), (1,), (10,)))
    yield Case("beyond", (rng.normal(size=shape), _places(rng, shape, 9) + 9), _unpool((3,), (2,), (0,)), "refused")


def max_unpool2d_cases(rng):
    shape = (1, 2, 3, 4)
    yield Case("smallest", (rng.normal(size=shape), _places(rng, shape, 48)), _unpool((2, 2), (2, 2), (0, 0)))
    padded = _unpool((3, 2), (2, 3), (1, 0), (6, 12))
    yield Case("size-given", (rng.normal(size=shape), _places(rng, shape, 72)), padded)
    x, k = rng.normal(size=shape), _places(rng, shape, 48)
    yield Case("too-few-indices", (x, k[:, :, :, :3]), _unpool((2, 2), (2, 2), (0, 0)), "refused")


def max_unpool3d_cases(rng):
    shape = (1, 2, 4, 3, 1)
    params = _unpool((2, 1, 3), (2, 2, 3), (0, 0, 1), (8, 6, 1))
    yield Case("size-given", (rng.normal(size=shape), _places(rng, shape, 48)), params)
    yield Case("smallest", (rng.normal(size=shape), _places(rng, shape, 80)), _unpool((2, 1, 2), (2, 2, 1), (0, 0, 0)))
    yield Case("beyond", (rng.normal(size=shape), _places(rng, shape, 48) - 24), params, "refused")


def _unpool_sized(rng, n, axes):
    x = sized_images(rng, n // 2, axes)
    places = _places(rng, x.shape, 1024 * 2**axes)
    return Case("sized", (x, places), _unpool((2,) * axes, (2,) * axes, (0,) * axes))


def max_unpool1d_sized(rng, n):
    return _unpool_sized(rng, n, 1)


def max_unpool2d_sized(rng, n):
    return _unpool_sized(rng, n, 2)


def max_unpool3d_sized(rng, n):
    return _unpool_sized(rng, n, 3)


OPS = [
    Op(max_unpool1d, max_unpool1d_cases, max_unpool1d_vjp, max_unpool1d_sized, wrt=(0,)),
    Op(max_unpool2d, max_unpool2d_cases, max_unpool2d_vjp, max_unpool2d_sized, wrt=(0,)),
    Op(max_unpool3d, max_unpool3d_cases, max_unpool3d_vjp, max_unpool3d_sized, wrt=(0,)),
]

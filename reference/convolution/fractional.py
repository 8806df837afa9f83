"""Fractional maximum pooling: windows of one size at steps of two lengths, which random numbers put in order."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .pooling import count, distinct, require_pixels


def fractional_max_pool2d(x, samples, *, kernel_size, output_size):
    """y[n,c,p,q] = max over 0 <= i < kh, 0 <= j < kw of x[n, c, a_p + i, b_q + j].

    Shapes: x (N,C,H,W), y (N,C,H',W') with (H',W') = output_size, kernel_size (kh,kw); samples (N,C,2) numbers u from 0
    to 1, for each channel of an image one for its columns and one for its rows, the last axis first.

    The windows begin at a_p = floor(r (p + u)) - floor(r u), r = (H - kh) / (H' - 1): their steps are two neighbouring
    whole numbers, whose mean is nearly r, in an order that u decides. The last window ends where the image does.

    Raises ValueError when the samples do not fit, and when the windows do not fit into the image.

    Source: Graham (2014), Fractional max-pooling, arXiv 1412.6071, section 2.
    """
    return _pooled(x, samples, kernel_size, output_size, 2)


def fractional_max_pool2d_vjp(ybar, y, x, samples, *, kernel_size, output_size):
    """xbar adds up ybar at the largest pixel of each window."""
    return (_pooled_vjp(ybar, x, samples, kernel_size, output_size),)


def fractional_max_pool3d(x, samples, *, kernel_size, output_size):
    """y[n,c,o,p,q] = max over h, i, j of x[n, c, a_o + h, b_p + i, c_q + j].

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), samples (N,C,3), kernel_size and output_size triples; the samples stand in
    the order of the axes here. All else as for fractional_max_pool2d.

    Raises ValueError as fractional_max_pool2d does.

    Source: Graham (2014), Fractional max-pooling, arXiv 1412.6071, section 2.
    """
    return _pooled(x, samples, kernel_size, output_size, 3)


def fractional_max_pool3d_vjp(ybar, y, x, samples, *, kernel_size, output_size):
    """xbar adds up ybar at the largest voxel of each window."""
    return (_pooled_vjp(ybar, x, samples, kernel_size, output_size),)


def _pooled(x, samples, kernel_size, output_size, axes):
    """A maximum over a box is one over its last axis, then over the one before, and so on."""
    _require_fraction(x, samples, kernel_size, output_size, axes)
    for axis in range(axes)[::-1]:
        x = np.max(_windows(x, samples, kernel_size, output_size, axis), axis=-1)
    return x


def _pooled_vjp(ybar, x, samples, kernel_size, output_size):
    """The way back through the maxima, the last one first."""
    axes, pooled = len(kernel_size), [x]
    for axis in range(1, axes)[::-1]:
        pooled.append(np.max(_windows(pooled[-1], samples, kernel_size, output_size, axis), axis=-1))
    for axis, before in enumerate(pooled[::-1]):
        windows = _windows(before, samples, kernel_size, output_size, axis)
        largest = np.arange(windows.shape[-1]) == np.argmax(windows, axis=-1)[..., None]
        moved = np.moveaxis(np.where(largest, ybar[..., None], 0), axis + 2, -1)
        ybar = np.moveaxis(np.sum(moved, axis=-1), -1, axis + 2)
    return ybar


def fractional_max_pool2d_with_indices(x, samples, *, kernel_size, output_size):
    """y = fractional_max_pool2d(x, samples), and k, the pixels that were the largest, counted row by row: k = i W + j.

    Shapes: x (N,C,H,W), samples (N,C,2), y and k (N,C,H',W'), k whole numbers from 0 to H W - 1.

    Raises ValueError as fractional_max_pool2d does.

    Source: Graham (2014), Fractional max-pooling, arXiv 1412.6071, section 2.
    """
    return _pooled_with_indices(x, samples, kernel_size, output_size, 2)


def fractional_max_pool3d_with_indices(x, samples, *, kernel_size, output_size):
    """y = fractional_max_pool3d(x, samples), and k, the voxels that were the largest: k = (h H + i) W + j.

    Shapes: x (N,C,D,H,W), samples (N,C,3), y and k (N,C,D',H',W'), k whole numbers from 0 to D H W - 1.

    Raises ValueError as fractional_max_pool3d does.

    Source: Graham (2014), Fractional max-pooling, arXiv 1412.6071, section 2.
    """
    return _pooled_with_indices(x, samples, kernel_size, output_size, 3)


def _pooled_with_indices(x, samples, kernel_size, output_size, axes):
    _require_fraction(x, samples, kernel_size, output_size, axes)
    k = np.broadcast_to(count(x.shape[2:]), x.shape)
    for axis in range(axes)[::-1]:
        windows = _windows(x, samples, kernel_size, output_size, axis)
        seen = np.broadcast_to(_as_last(k, axis), windows.shape)
        k = np.take_along_axis(seen, np.argmax(windows, axis=-1)[..., None], axis=-1)[..., 0]
        x = np.max(windows, axis=-1)
    return x, k


def _as_last(x, axis):
    """An axis of pixels moved to the end, with one of length 1 in its place."""
    return np.moveaxis(np.expand_dims(x, axis + 2), axis + 3, -1)


def _windows(x, samples, kernel_size, output_size, axis):
    """x along an axis, as a last one, once for each of its windows, -inf outside of them."""
    n, k, m = x.shape[axis + 2], kernel_size[axis], output_size[axis]
    u = samples[:, :, -1 - axis if len(kernel_size) == 2 else axis][..., None]
    if m > 1:
        ratio = np.full_like(u, n - k) / (m - 1)
        begins = np.floor((u + np.full_like(u, np.arange(m - 1), shape=(m - 1,))) * ratio) - np.floor(u * ratio)
        begins = np.concat([begins, np.full_like(u, n - k)], axis=-1)
    else:
        begins = np.full_like(u, n - k)
    place = np.arange(n)
    inside = (place >= begins[..., None]) & (place < begins[..., None] + k)
    others = [1] * (x.ndim - 2)
    others[axis] = m
    return np.where(np.reshape(inside, (*x.shape[:2], *others, n)), _as_last(x, axis), -np.inf)


def _require_fraction(x, samples, kernel_size, output_size, axes):
    require_pixels(x, axes)
    if samples.shape != (*x.shape[:2], axes):
        raise ValueError(f"samples has shape {samples.shape}, expected {(*x.shape[:2], axes)}")
    if any(m < 1 or k + m - 1 > n for k, m, n in zip(kernel_size, output_size, x.shape[2:], strict=True)):
        raise ValueError(f"{output_size} windows of size {kernel_size}, expected as many as fit into {x.shape[2:]}")


def fractional_max_pool2d_cases(rng):
    params = {"kernel_size": (2, 3), "output_size": (3, 4)}
    yield Case("overlap", (distinct(rng, (1, 1, 6, 9)) - 9, rng.uniform(size=(1, 1, 2))), params)
    few = {"kernel_size": (2, 1), "output_size": (4, 1)}
    yield Case("one-column", (distinct(rng, (3, 1, 7, 5)), rng.uniform(size=(3, 1, 2))), few)
    ties = np.repeat(distinct(rng, (1, 2, 5, 3)), 2, axis=3)
    yield Case("ties", (ties, rng.uniform(size=(1, 2, 2))), {"kernel_size": (2, 3), "output_size": (2, 3)}, "kink")
    yield Case("one-sample", (rng.normal(size=(1, 2, 6, 9)), rng.uniform(size=(1, 2, 1))), params, "refused")


def fractional_max_pool3d_cases(rng):
    params = {"kernel_size": (2, 1, 3), "output_size": (2, 3, 4)}
    yield Case("overlap", (distinct(rng, (1, 2, 4, 5, 8)) - 9, rng.uniform(size=(1, 2, 3))), params)
    ties = np.repeat(distinct(rng, (1, 1, 3, 4, 3)), 2, axis=4)
    few = {"kernel_size": (2, 2, 3), "output_size": (1, 2, 3)}
    yield Case("ties", (ties, rng.uniform(size=(1, 1, 3))), few, "kink")
    yield Case("too-many", (rng.normal(size=(1, 2, 4, 5, 3)), rng.uniform(size=(1, 2, 3))), params, "refused")


def fractional_max_pool2d_with_indices_cases(rng):
    params = {"kernel_size": (2, 3), "output_size": (3, 4)}
    yield Case("overlap", (distinct(rng, (1, 1, 6, 9)) - 9, rng.uniform(size=(1, 1, 2))), params)
    few = {"kernel_size": (2, 1), "output_size": (4, 1)}
    yield Case("one-column", (distinct(rng, (3, 1, 7, 5)), rng.uniform(size=(3, 1, 2))), few)


def fractional_max_pool3d_with_indices_cases(rng):
    params = {"kernel_size": (2, 1, 3), "output_size": (2, 3, 4)}
    yield Case("overlap", (distinct(rng, (1, 2, 4, 5, 8)) - 9, rng.uniform(size=(1, 2, 3))), params)
    few = {"kernel_size": (3, 2, 1), "output_size": (1, 2, 3)}
    yield Case("one-plane", (distinct(rng, (1, 1, 4, 6, 5)), rng.uniform(size=(1, 1, 3))), few)


def fractional_max_pool2d_sized(rng, n):
    planes = max(n // 8192, 1)
    x, samples = rng.normal(size=(planes, 8, 32, 32)), rng.uniform(size=(planes, 8, 2))
    return Case("sized", (x, samples), {"kernel_size": (2, 2), "output_size": (21, 19)})


def fractional_max_pool3d_sized(rng, n):
    planes = max(n // 8192, 1)
    x, samples = rng.normal(size=(planes, 8, 16, 8, 8)), rng.uniform(size=(planes, 8, 3))
    return Case("sized", (x, samples), {"kernel_size": (2, 2, 2), "output_size": (11, 5, 6)})


OPS = [
    Op(
        fractional_max_pool2d,
        fractional_max_pool2d_cases,
        fractional_max_pool2d_vjp,
        fractional_max_pool2d_sized,
        wrt=(0,),
    ),
    Op(
        fractional_max_pool3d,
        fractional_max_pool3d_cases,
        fractional_max_pool3d_vjp,
        fractional_max_pool3d_sized,
        wrt=(0,),
    ),
    Op(
        fractional_max_pool2d_with_indices,
        fractional_max_pool2d_with_indices_cases,
        sized=fractional_max_pool2d_sized,
        wrt=(),
    ),
    Op(
        fractional_max_pool3d_with_indices,
        fractional_max_pool3d_with_indices_cases,
        sized=fractional_max_pool3d_sized,
        wrt=(),
    ),
]

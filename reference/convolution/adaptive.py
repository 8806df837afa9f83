"""Adaptive pooling: a grid of a given size is laid over the image, and each of its cells becomes one number."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .pooling import distinct, require_pixels, sized_images


def adaptive_avg_pool1d(x, *, output_size):
    """y[n,c,q] = the mean of x[n,c,i] over floor(q L / L') <= i < ceil((q + 1) L / L').

    Shapes: x (N,C,L), y (N,C,L'), output_size (L',); all else as for adaptive_avg_pool2d.

    Raises ValueError as adaptive_avg_pool2d does.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.mean, x, output_size, 1)


def adaptive_avg_pool1d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar / count over the cells that see the sample."""
    return (_shared(_equally, ybar, x, output_size),)


def adaptive_avg_pool2d(x, *, output_size):
    """y[n,c,p,q] = the mean of x[n,c,i,j] over floor(p H / H') <= i < ceil((p + 1) H / H'), and j likewise.

    Shapes: x (N,C,H,W), y (N,C,H',W'), output_size (H',W').

    The edges of the cells lie at multiples of H / H'; a pixel that an edge cuts belongs to both cells. So cells may
    overlap and differ in size, and when H' exceeds H pixels are repeated.

    Raises ValueError when x has not two axes of pixels, or when output_size is not positive.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.mean, x, output_size, 2)


def adaptive_avg_pool2d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar / count over the cells that see the pixel."""
    return (_shared(_equally, ybar, x, output_size),)


def adaptive_avg_pool3d(x, *, output_size):
    """y[n,c,o,p,q] = the mean of x over the voxels of the cell o, p, q of a grid of D' H' W' cells.

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), output_size (D',H',W'); the cells as for adaptive_avg_pool2d.

    Raises ValueError as adaptive_avg_pool2d does.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.mean, x, output_size, 3)


def adaptive_avg_pool3d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar / count over the cells that see the voxel."""
    return (_shared(_equally, ybar, x, output_size),)


def adaptive_max_pool1d(x, *, output_size):
    """y[n,c,q] = the largest x[n,c,i] with floor(q L / L') <= i < ceil((q + 1) L / L').

    Shapes: x (N,C,L), y (N,C,L'), output_size (L',).

    Raises ValueError as adaptive_avg_pool2d does.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.max, x, output_size, 1)


def adaptive_max_pool1d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar at the first largest sample of each cell."""
    return (_shared(_to_the_first_largest, ybar, x, output_size),)


def adaptive_max_pool2d(x, *, output_size):
    """y[n,c,p,q] = the largest x[n,c,i,j] with floor(p H / H') <= i < ceil((p + 1) H / H'), and j likewise.

    Shapes: x (N,C,H,W), y (N,C,H',W'), output_size (H',W'); the cells as for adaptive_avg_pool2d.

    Raises ValueError as adaptive_avg_pool2d does.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.max, x, output_size, 2)


def adaptive_max_pool2d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar at the first largest pixel of each cell, row by row; any share among equals is right."""
    return (_shared(_to_the_first_largest, ybar, x, output_size),)


def adaptive_max_pool3d(x, *, output_size):
    """y[n,c,o,p,q] = the largest x of the voxels of the cell o, p, q of a grid of D' H' W' cells.

    Shapes: x (N,C,D,H,W), y (N,C,D',H',W'), output_size (D',H',W'); the cells as for adaptive_avg_pool2d.

    Raises ValueError as adaptive_avg_pool2d does.

    Source: He, Zhang, Ren and Sun (2015), Spatial pyramid pooling in deep convolutional networks, appendix A.
    """
    return _pooled(np.max, x, output_size, 3)


def adaptive_max_pool3d_vjp(ybar, y, x, *, output_size):
    """xbar adds up ybar at the first largest voxel of each cell."""
    return (_shared(_to_the_first_largest, ybar, x, output_size),)


def cells(size, output_size):
    """Row by row, along each axis the first pixel of the cell and the one behind its last."""
    for cell in np.ndindex(*output_size):
        yield tuple((k * n // m, -(-(k + 1) * n // m)) for k, n, m in zip(cell, size, output_size, strict=True))


def window(x, cell):
    return x[(..., *(slice(first, behind) for first, behind in cell))]


def require_grid(x, output_size, axes):
    require_pixels(x, axes)
    if len(output_size) != axes or any(count < 1 for count in output_size):
        raise ValueError(f"output_size is {tuple(output_size)}, expected {axes} positive numbers of cells")


def _pooled(reduction, x, output_size, axes):
    require_grid(x, output_size, axes)
    pixels = tuple(range(2, x.ndim))
    y = np.stack([reduction(window(x, cell), axis=pixels) for cell in cells(x.shape[2:], output_size)], axis=2)
    return np.reshape(y, (*x.shape[:2], *output_size))


def _shared(share, ybar, x, output_size):
    """To each pixel the sum of the shares that it has in the cells that see it."""
    flat = np.reshape(ybar, (*x.shape[:2], -1))
    xbar = 0
    for k, cell in enumerate(cells(x.shape[2:], output_size)):
        around = [(first, n - behind) for (first, behind), n in zip(cell, x.shape[2:], strict=True)]
        xbar = xbar + np.pad(share(flat[:, :, k], window(x, cell)), ((0, 0), (0, 0), *around))
    return xbar


def _equally(ybar, seen):
    pixels = int(np.prod(seen.shape[2:]))
    return np.broadcast_to(np.reshape(ybar / pixels, (*ybar.shape, *(1 for _ in seen.shape[2:]))), seen.shape)


def _to_the_first_largest(ybar, seen):
    pixels = np.reshape(seen, (*seen.shape[:2], -1))
    chosen = np.arange(pixels.shape[-1]) == np.argmax(pixels, axis=2)[:, :, None]
    return np.reshape(np.where(chosen, ybar[:, :, None], 0), seen.shape)


def adaptive_avg_pool1d_cases(rng):
    yield Case("fewer", (rng.normal(size=(2, 3, 7)),), {"output_size": (4,)})
    yield Case("more", (rng.normal(size=(1, 2, 3)),), {"output_size": (5,)})
    yield Case("two-axes", (rng.normal(size=(1, 2, 5, 7)),), {"output_size": (3,)}, "refused")


def adaptive_avg_pool2d_cases(rng):
    yield Case("overlap", (rng.normal(size=(1, 2, 5, 7)),), {"output_size": (3, 4)})
    yield Case("more-rows-one-column", (rng.normal(size=(2, 1, 3, 5)),), {"output_size": (4, 1)})
    x = np.array([[[[np.inf, 1.0, np.nan], [2.0, 5.0, 8.0]]]])
    yield Case(
        "nan-and-infinite", (x,), {"output_size": (2, 2)}, "special", np.array([[[[np.inf, np.nan], [3.5, 6.5]]]])
    )
    yield Case("no-images", (np.zeros((0, 2, 5, 7)),), {"output_size": (3, 4)}, "empty", np.zeros((0, 2, 3, 4)))
    yield Case("one-size", (rng.normal(size=(1, 2, 5, 7)),), {"output_size": (3, 4, 2)}, "refused")


def adaptive_avg_pool3d_cases(rng):
    yield Case("fewer", (rng.normal(size=(1, 2, 3, 5, 4)),), {"output_size": (2, 3, 3)})
    yield Case("one-plane", (rng.normal(size=(1, 1, 2, 3, 4)),), {"output_size": (1, 2, 5)})
    yield Case("one-axis-less", (rng.normal(size=(3, 4, 5)),), {"output_size": (1, 2, 3)}, "refused")


def adaptive_max_pool1d_cases(rng):
    yield Case("negative", (distinct(rng, (2, 3, 7)) - 9,), {"output_size": (4,)})
    yield Case("ties", (np.repeat(distinct(rng, (1, 2, 3)), [2, 3, 2], axis=2),), {"output_size": (3,)}, "kink")
    yield Case("two-axes", (rng.normal(size=(1, 2, 5, 7)),), {"output_size": (3,)}, "refused")


def adaptive_max_pool2d_cases(rng):
    yield Case("overlap", (distinct(rng, (1, 2, 5, 7)) - 9,), {"output_size": (3, 4)})
    yield Case("more-rows-one-column", (distinct(rng, (2, 1, 3, 5)),), {"output_size": (4, 1)})
    yield Case("ties", (np.repeat(distinct(rng, (1, 1, 3, 2)), [3, 2], axis=3),), {"output_size": (2, 3)}, "kink")
    x = np.array([[[[np.inf, 1.0, np.nan], [2.0, -np.inf, 8.0]]]])
    answer = np.array([[[[np.inf, np.nan], [2.0, 8.0]]]])
    yield Case("nan-and-infinite", (x,), {"output_size": (2, 2)}, "special", answer)
    yield Case("nothing-asked", (rng.normal(size=(1, 2, 5, 7)),), {"output_size": (3, -1)}, "refused")


def adaptive_max_pool3d_cases(rng):
    yield Case("negative", (distinct(rng, (1, 2, 3, 5, 4)) - 9,), {"output_size": (2, 3, 3)})
    ties = np.repeat(distinct(rng, (1, 1, 2, 2, 3)), [2, 1], axis=3)
    yield Case("ties", (ties,), {"output_size": (1, 2, 2)}, "kink")
    yield Case("one-axis-less", (rng.normal(size=(3, 4, 5)),), {"output_size": (1, 2, 3)}, "refused")


def adaptive_avg_pool1d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 1),), {"output_size": (7,)})


def adaptive_avg_pool2d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 2),), {"output_size": (3, 5)})


def adaptive_avg_pool3d_sized(rng, n):
    return Case("sized", (sized_images(rng, n, 3),), {"output_size": (3, 2, 3)})


OPS = [
    Op(adaptive_avg_pool1d, adaptive_avg_pool1d_cases, adaptive_avg_pool1d_vjp, adaptive_avg_pool1d_sized),
    Op(adaptive_avg_pool2d, adaptive_avg_pool2d_cases, adaptive_avg_pool2d_vjp, adaptive_avg_pool2d_sized),
    Op(adaptive_avg_pool3d, adaptive_avg_pool3d_cases, adaptive_avg_pool3d_vjp, adaptive_avg_pool3d_sized),
    Op(adaptive_max_pool1d, adaptive_max_pool1d_cases, adaptive_max_pool1d_vjp, adaptive_avg_pool1d_sized),
    Op(adaptive_max_pool2d, adaptive_max_pool2d_cases, adaptive_max_pool2d_vjp, adaptive_avg_pool2d_sized),
    Op(adaptive_max_pool3d, adaptive_max_pool3d_cases, adaptive_max_pool3d_vjp, adaptive_avg_pool3d_sized),
]

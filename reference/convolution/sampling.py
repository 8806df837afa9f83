"""An image looked at between its pixels: at the points of a grid, and the grid that an affine map gives."""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op

MODES, PADDING_MODES = ("bilinear", "nearest"), ("zeros", "border", "reflection")


def grid_sample(x, grid, *, mode, padding_mode, align_corners):
    """y[n,c,p] = sum over i, j of k(i - s) k(j - t) x[n,c,i,j], with (t, s) from grid[n,p].

    Shapes: x (N,C,H,W), grid (N,H',W',2), y (N,C,H',W'); or x (N,C,D,H,W), grid (N,D',H',W',3), y (N,C,D',H',W').

    A point of the grid names the last axis first: (x, y) is column and row. -1 and 1 are the outer edges of the image,
    s = ((y + 1) H - 1) / 2; with align_corners they are the centres of the outermost pixels, s = (y + 1) (H - 1) / 2.

    mode "bilinear" weighs the pixels around the point by the tent k(d) = max(1 - |d|, 0), over each axis; "nearest"
    takes the pixel with |d| < 1/2. There are no pixels outside the image (padding_mode "zeros"); or the point is moved
    to the nearest one inside ("border"), or mirrored at the edges as often as need be, and then moved ("reflection").

    Raises ValueError for another mode, and when x and grid do not fit.

    Source: Jaderberg, Simonyan, Zisserman and Kavukcuoglu (2015), Spatial transformer networks, section 3.3, eq. 5.
    """
    _require_grid(x, grid, mode, padding_mode)
    weights, _ = _tents(x, grid, mode, padding_mode, align_corners)
    y = np.reshape(x, (*x.shape[:2], -1)) @ _outer(weights).mT
    return np.reshape(y, (*x.shape[:2], *grid.shape[1:-1]))


def grid_sample_vjp(ybar, y, x, grid, *, mode, padding_mode, align_corners):
    """xbar = sum over points of ybar k k; gridbar = sum over pixels of ybar x times the slope of the product k k.

    The slope of the tent in the position is 1 before the pixel and -1 behind it, where it is not 0. That of the
    position in the grid's coordinate is H/2 or (H - 1)/2; 0 where the point was moved to an end, and negative where it
    was mirrored an odd number of times.
    """
    weights, slopes = _tents(x, grid, mode, padding_mode, align_corners)
    ybar, flat = (np.reshape(a, (*x.shape[:2], -1)) for a in (ybar, x))
    xbar = np.reshape(ybar @ _outer(weights), x.shape)
    share = ybar.mT @ flat
    along = [
        np.sum(share * _outer([*weights[:k], slope, *weights[k + 1 :]]), axis=-1) for k, slope in enumerate(slopes)
    ]
    return xbar, np.reshape(np.stack(along[::-1], axis=-1), grid.shape)


def _tents(x, grid, mode, padding_mode, align_corners):
    """For each axis of x, (N, points, pixels): what a pixel weighs at a point, and the slope of that in the grid."""
    weights, slopes = [], []
    for k, n in enumerate(x.shape[2:]):
        g = np.reshape(grid[..., x.ndim - 3 - k], (len(grid), -1, 1))
        s, slope = _moved(_position(g, n, align_corners), n, padding_mode, align_corners)
        d = s - np.full_like(x, np.arange(n), shape=(n,))
        if mode == "nearest":
            seen = np.abs(d) < 0.5
            weights.append(np.where(seen, np.ones_like(d), np.zeros_like(d)))
            slopes.append(np.zeros_like(d))
        else:
            seen = np.abs(d) < 1
            weights.append(np.where(seen, 1 - np.abs(d), 0))
            slopes.append(np.where(seen, -np.sign(d), 0) * slope * (n - 1 if align_corners else n) / 2)
    return weights, slopes


def _position(g, n, align_corners):
    return (g + 1) * (n - 1) / 2 if align_corners else ((g + 1) * n - 1) / 2


def _moved(s, n, padding_mode, align_corners):
    """Where a point is looked at, and the slope of that."""
    slope = np.ones_like(s)
    if padding_mode == "reflection":
        start, span = (0, n - 1) if align_corners else (-0.5, n)
        u = (s - start) / span
        t = u - 2 * np.floor(u / 2)  # there and back again in 2
        s, slope = start + span * (1 - np.abs(1 - t)), np.sign(1 - t)
    if padding_mode != "zeros":
        slope = np.where((s > 0) & (s < n - 1), slope, 0)
        s = np.minimum(np.maximum(s, 0), n - 1)
    return s, slope


def _outer(weights):
    """(N, points, all pixels): the products of what the axes weigh."""
    product, *others = weights
    for w in others:
        product = np.reshape(product[..., None] * w[:, :, None], (*w.shape[:2], -1))
    return product


def _require_grid(x, grid, mode, padding_mode):
    if mode not in MODES or padding_mode not in PADDING_MODES:
        raise ValueError(f"got {mode!r} and {padding_mode!r}, expected one of {MODES} and of {PADDING_MODES}")
    if x.ndim not in (4, 5) or grid.ndim != x.ndim or grid.shape[-1] != x.ndim - 2 or len(grid) != len(x):
        raise ValueError(
            f"x has shape {x.shape} and grid {grid.shape}, expected (N,C,H,W), (N,H',W',2), or an axis more"
        )


def affine_grid(theta, *, size, align_corners):
    """y[n,p] = theta[n] (x_p, y_p, 1), the points (x_p, y_p) lying regularly in the square from -1 to 1.

    Shapes: theta (N,2,3), size (H,W), y (N,H,W,2); or theta (N,3,4), size (D,H,W), y (N,D,H,W,3).

    The last axis comes first in a point, as in grid_sample. The i-th of n points along an axis lies at (2i + 1)/n - 1,
    the centre of a pixel; with align_corners at 2i/(n - 1) - 1, from end to end.

    Raises ValueError when theta is no affine map of as many axes as size has.

    Source: Jaderberg, Simonyan, Zisserman and Kavukcuoglu (2015), Spatial transformer networks, section 3.2, eq. 1.
    """
    axes = len(size)
    if theta.ndim != 3 or theta.shape[1:] != (axes, axes + 1):
        raise ValueError(f"theta has shape {theta.shape}, expected (N,{axes},{axes + 1})")
    return np.reshape(_regular(theta, size, align_corners) @ theta.mT, (len(theta), *size, axes))


def affine_grid_vjp(ybar, y, theta, *, size, align_corners):
    """thetabar[n] = sum over points of ybar[n,p] (x_p, y_p, 1)^T."""
    ybar = np.reshape(ybar, (len(theta), -1, len(size)))
    return (ybar.mT @ _regular(theta, size, align_corners),)


def _regular(theta, size, align_corners):
    """(points, axes + 1): (x_p, y_p, 1) row by row."""
    index = np.reshape(np.stack(np.indices(size)[::-1], axis=-1), (-1, len(size)))
    n = np.array(size[::-1])
    twice, steps = (2 * index - (n - 1), np.maximum(n - 1, 1)) if align_corners else (2 * index + 1 - n, n)
    points = np.full_like(theta, twice, shape=twice.shape) / np.full_like(theta, steps, shape=steps.shape)
    return np.concat([points, np.full_like(theta, 1, shape=(len(twice), 1))], axis=-1)


def grid_sample_cases(rng):
    def case(label, x, points, mode, padding_mode, align_corners, kind: Kind = "regular"):
        grid = rng.uniform(-1.4, 1.4, size=(x[0], *points, len(points)))
        params = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
        return Case(label, (rng.normal(size=x), grid), params, kind)

    yield case("zeros", (3, 1, 5, 4), (1, 7), "bilinear", "zeros", False)
    yield case("border-corners", (1, 4, 3, 5), (6, 1), "bilinear", "border", True)
    yield case("reflection", (1, 4, 3, 5), (7, 1), "bilinear", "reflection", False)
    yield case("reflection-corners", (1, 4, 3, 5), (1, 7), "bilinear", "reflection", True)
    yield case("volume", (1, 1, 2, 5, 4), (1, 1, 6), "bilinear", "zeros", True)
    # in the grid its slope is 0, which a regular question takes for no answer
    yield case("nearest", (1, 2, 3, 5), (2, 4), "nearest", "zeros", False, "kink")
    yield case("nearest-border", (1, 1, 4, 3), (2, 1), "nearest", "border", True, "kink")
    yield case("other-mode", (1, 2, 3, 5), (2, 4), "linear", "zeros", False, "refused")
    x, grid = rng.normal(size=(2, 3, 5, 4)), rng.uniform(-1, 1, size=(2, 3, 4, 3))
    yield Case(
        "points-of-three", (x, grid), {"mode": "bilinear", "padding_mode": "zeros", "align_corners": True}, "refused"
    )


def grid_sample_sized(rng, n):
    images = max(n // 1024, 1)
    x, grid = rng.normal(size=(images, 4, 12, 16)), rng.uniform(-1.1, 1.1, size=(images, 8, 10, 2))
    return Case("sized", (x, grid), {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False})


def affine_grid_cases(rng):
    yield Case("image", (rng.normal(size=(4, 2, 3)),), {"size": (4, 6), "align_corners": False})
    yield Case("image-corners", (rng.normal(size=(5, 2, 3)),), {"size": (4, 2), "align_corners": True})
    yield Case("volume", (rng.normal(size=(1, 3, 4)),), {"size": (2, 6, 4), "align_corners": False})
    yield Case("linear-map", (rng.normal(size=(4, 2, 2)),), {"size": (5, 7), "align_corners": False}, "refused")


def affine_grid_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 6 + 1, 2, 3)),), {"size": (3, 4), "align_corners": False})


OPS = [
    Op(grid_sample, grid_sample_cases, grid_sample_vjp, grid_sample_sized),
    Op(affine_grid, affine_grid_cases, affine_grid_vjp, affine_grid_sized),
]

"""Resampling: an image at another size."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op

AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
MODES = ("nearest", "nearest-exact", "area", *AXES)


def interpolate(x, *, size, mode, align_corners, antialias):
    """y[n,c,p,q] = sum over i, j of w_pi w_qj x[n,c,i,j], each row of weights summing to 1.

    Shapes: x (N,C,...) with one to three axes of pixels, y (N,C,*size). Each axis has a matrix of weights of its own.

    A pixel is an area of length 1: the centre of the p-th of m pixels lies at s = (p + 1/2) n/m - 1/2, counted in
    the n pixels of x. With align_corners the centres of the first and the last fall on each other, s = p (n-1)/(m-1).
    Beyond the outermost centres the image goes on as it ends. Then pixel i weighs k(i - s):

    - "linear", and "bilinear" and "trilinear" over two and three axes: the tent k(d) = 1 - |d|, 0 from |d| = 1 on.
    - "bicubic": (a+2) |d|^3 - (a+3) |d|^2 + 1 up to 1, a |d|^3 - 5a |d|^2 + 8a |d| - 4a from there to 2, a = -3/4.
    - antialias, of these: the kernel is stretched by n/m where that exceeds 1, so that no pixel is passed over, and what
      falls outside the image is left out. The cubic kernel has a = -1/2 then.
    - "nearest-exact": the pixel in which the centre lies. "nearest": the pixel floor(p n/m), where its left edge lies.
    - "area": the mean of all pixels that it touches, as in adaptive_avg_pool2d.

    All these positions are fractions with the denominator 2m or m - 1, so the weights are taken as whole numbers, exactly,
    and the result is divided by their sum.

    Raises ValueError for another mode or another number of axes than the mode has, for align_corners without a kernel
    and for antialias without a kernel of two axes or with align_corners.

    Source: Keys (1981), Cubic convolution interpolation for digital image processing, section II, eq. 4 and 8.
    """
    _require_mode(x, size, mode, align_corners, antialias)
    for axis, m in enumerate(size, start=2):
        w, total = _weights(x, x.shape[axis], m, mode, align_corners, antialias)
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ w.mT / total, -1, axis)
    return x


def interpolate_vjp(ybar, y, x, *, size, mode, align_corners, antialias):
    """xbar[n,c,i,j] = sum over p, q of w_pi w_qj ybar[n,c,p,q]: the same matrices, transposed."""
    for axis, m in enumerate(size, start=2):
        w, total = _weights(x, x.shape[axis], m, mode, align_corners, antialias)
        ybar = np.moveaxis((np.moveaxis(ybar, axis, -1) / total) @ w, -1, axis)
    return (ybar,)


def _weights(x, n, m, mode, align_corners, antialias):
    """(m, n) whole numbers, and the sum of each row, in the arithmetic of x."""
    w = _whole_weights(n, m, mode, align_corners, antialias)
    total = np.sum(w, axis=1)
    return np.full_like(x, w, shape=w.shape), np.full_like(x, total, shape=total.shape)


def _whole_weights(n, m, mode, align_corners, antialias):
    i, p = np.arange(n), np.arange(m)[:, None]
    if mode == "nearest":
        return (i == p * n // m).astype(int)
    if mode == "nearest-exact":
        return (i == (2 * p + 1) * n // (2 * m)).astype(int)
    if mode == "area":
        return ((i >= p * n // m) & (i < -(-(p + 1) * n // m))).astype(int)
    if antialias:
        reach = 2 * max(n, m)
        distance = np.abs((2 * i + 1) * m - (2 * p + 1) * n)
        return _sharp_cubic(distance, reach) if mode == "bicubic" else np.maximum(reach - distance, 0)
    # the centre is s = where / unit
    where, unit = (p * (n - 1), max(m - 1, 1)) if align_corners else ((2 * p + 1) * n - m, 2 * m)
    if mode != "bicubic":
        return np.maximum(unit - np.abs(i * unit - np.clip(where, 0, (n - 1) * unit)), 0)
    around = np.arange(-2, n + 2)
    ends_repeated = np.clip(around, 0, n - 1)[:, None] == i
    return _cubic(np.abs(around * unit - where), unit) @ ends_repeated.astype(int)


def _cubic(d, unit):
    """4 unit^3 times the cubic kernel with a = -3/4 at d / unit."""
    near = 5 * d**3 - 9 * d**2 * unit + 4 * unit**3
    far = -3 * d**3 + 15 * d**2 * unit - 24 * d * unit**2 + 12 * unit**3
    return np.where(d <= unit, near, np.where(d < 2 * unit, far, 0))


def _sharp_cubic(d, unit):
    """2 unit^3 times the cubic kernel with a = -1/2 at d / unit."""
    near = 3 * d**3 - 5 * d**2 * unit + 2 * unit**3
    far = -(d**3) + 5 * d**2 * unit - 8 * d * unit**2 + 4 * unit**3
    return np.where(d <= unit, near, np.where(d < 2 * unit, far, 0))


def _require_mode(x, size, mode, align_corners, antialias):
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
    if len(size) != x.ndim - 2 or AXES.get(mode, len(size)) != len(size):
        axes = AXES.get(mode, x.ndim - 2)
        raise ValueError(f"{mode} of x {x.shape} to size {tuple(size)}, expected {axes} axes of pixels, and as many sizes")
    if (align_corners or antialias) and mode not in AXES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(AXES)} with align_corners or antialias")
    if antialias and (align_corners or AXES[mode] != 2):
        raise ValueError(f"antialias of {mode!r}, expected bilinear or bicubic, without align_corners")


def interpolate_cases(rng):
    def case(label, shape, size, mode, align_corners=False, antialias=False, kind="regular"):
        params = {"size": size, "mode": mode, "align_corners": align_corners, "antialias": antialias}
        return Case(label, (rng.normal(size=shape),), params, kind)

    yield case("nearest", (1, 2, 5, 3), (3, 7), "nearest")
    yield case("nearest-exact", (1, 1, 5, 3, 2), (2, 4, 3), "nearest-exact")
    yield case("area", (1, 2, 5, 3), (3, 4), "area")
    yield case("linear", (2, 3, 5), (7,), "linear")
    yield case("linear-corners", (2, 3, 7), (4,), "linear", True)
    yield case("bilinear", (1, 2, 5, 3), (3, 7), "bilinear")
    yield case("bilinear-corners", (2, 1, 3, 4), (5, 1), "bilinear", True)
    yield case("trilinear", (1, 1, 4, 2, 3), (3, 3, 5), "trilinear")
    yield case("trilinear-corners", (1, 1, 4, 2, 3), (3, 3, 5), "trilinear", True)
    yield case("bicubic", (1, 2, 5, 3), (3, 7), "bicubic")
    yield case("bicubic-corners", (2, 1, 5, 3), (6, 2), "bicubic", True)
    yield case("bilinear-antialias", (1, 2, 7, 3), (3, 4), "bilinear", antialias=True)
    yield case("bicubic-antialias", (1, 2, 7, 3), (3, 4), "bicubic", antialias=True)
    yield case("three-axes-of-two", (1, 2, 5, 3), (3, 2, 4), "bilinear", kind="refused")
    yield case("no-such-mode", (1, 2, 5, 3), (3, 2), "cubic", kind="refused")


def interpolate_sized(rng, n):
    params = {"size": (48, 40), "mode": "bilinear", "align_corners": False, "antialias": False}
    return Case("sized", (rng.normal(size=(max(n // 8192, 1), 8, 32, 32)),), params)


OPS = [
    Op(interpolate, interpolate_cases, interpolate_vjp, interpolate_sized),
]

"""Resampling: an image at another size."""

from __future__ import annotations

import numpy as np

from ..op import Case, Kind, Op

AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
MODES = ("nearest", "nearest-exact", "area", *AXES)


def interpolate(x, *, size, mode, align_corners, antialias):
    """y[n,c,p,q] = sum over i, j of w_pi w_qj x[n,c,i,j], each row of weights summing to 1.

    Shapes: x (N,C,...) with one to three axes of pixels, y (N,C,*size). Each axis has a matrix of weights of its own.

    A pixel is an area of length 1: the centre of the p-th of m pixels lies at s = (p + 1/2) n/m - 1/2, counted in
    the n pixels of x. With align_corners the centres of the first and the last fall on each other, s = p (n-1)/(m-1).
    Beyond the outermost centres the image goes on as it ends. Then pixel i weighs k(i - s):

    - "linear", and with two and three axes "bilinear" and "trilinear": the tent k(d) = 1 - |d|, 0 from |d| = 1 on.
    - "bicubic": (a+2) |d|^3 - (a+3) |d|^2 + 1 up to 1, a |d|^3 - 5a |d|^2 + 8a |d| - 4a from there to 2, a = -3/4.
    - antialias, of these: the kernel is stretched by n/m where that exceeds 1, so that no pixel is passed over, and
      pixels outside the image are left out, the weights being divided by their sum. The cubic kernel has a = -1/2 then.
    - "nearest-exact": the pixel in which the centre lies. "nearest": the pixel floor(p n/m), where its left edge lies.
    - "area": the mean of all pixels that it touches, as in adaptive_avg_pool2d.

    Which pixels lie within reach of a kernel is decided in whole numbers, exactly; how far they are is rounded.

    Raises ValueError for another mode or another number of axes than the mode has, for align_corners without a kernel
    and for antialias without a kernel of two axes or with align_corners.

    Source: Keys (1981), Cubic convolution interpolation for digital image processing, section II, eq. 4 and 8.
    """
    _require_mode(x, size, mode, align_corners, antialias)
    for axis, m in enumerate(size, start=2):
        w = _weights(x, x.shape[axis], m, mode, align_corners, antialias)
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ w.mT, -1, axis)
    return x


def interpolate_vjp(ybar, y, x, *, size, mode, align_corners, antialias):
    """xbar[n,c,i,j] = sum over p, q of w_pi w_qj ybar[n,c,p,q]: the same matrices, transposed."""
    for axis, m in enumerate(size, start=2):
        w = _weights(x, x.shape[axis], m, mode, align_corners, antialias)
        ybar = np.moveaxis(np.moveaxis(ybar, axis, -1) @ w, -1, axis)
    return (ybar,)


def _weights(x, n, m, mode, align_corners, antialias):
    """(m, n): what each pixel weighs in each of the new ones."""
    if mode not in AXES:
        return _weights_of_whole_pixels(x, n, m, mode)
    p = np.arange(m)[:, None]
    # the centres s, and in whole numbers s = where / unit
    if align_corners:
        where, unit = p * (n - 1), max(m - 1, 1)
        s = _numbers(x, p) * (_numbers(x, n - 1) / unit)
    else:
        where, unit = (2 * p + 1) * n - m, 2 * m
        s = (_numbers(x, p) + 0.5) * (_numbers(x, n) / m) - 0.5
    if mode == "bicubic" and not antialias:
        around = np.arange(-2, n + 2)
        w = _cubic(*_distances(x, around, s, where, unit, unit), a=-0.75)
        return w @ (np.clip(around, 0, n - 1)[:, None] == np.arange(n))
    if not antialias:
        s = np.where(where <= 0, 0, np.where(where >= (n - 1) * unit, n - 1, s))
        return _tent(*_distances(x, np.arange(n), s, np.clip(where, 0, (n - 1) * unit), unit, unit))
    d, near, far = _distances(x, np.arange(n), s, where, unit, 2 * max(n, m))
    d = d / (_numbers(x, n) / m) if n > m else d
    w = _cubic(d, near, far, -0.5) if mode == "bicubic" else _tent(d, near, far)
    return w / np.sum(w, axis=1, keepdims=True)


def _weights_of_whole_pixels(x, n, m, mode):
    i, p = np.arange(n), np.arange(m)[:, None]
    if mode == "nearest":
        seen = i == p * n // m
    elif mode == "nearest-exact":
        seen = i == (2 * p + 1) * n // (2 * m)
    else:
        seen = (i >= p * n // m) & (i < -(-(p + 1) * n // m))
    return _numbers(x, seen) / _numbers(x, np.sum(seen, axis=1, keepdims=True))


def _numbers(x, whole):
    """Whole numbers in the arithmetic of x."""
    return np.full_like(x, whole, shape=np.shape(whole))


def _distances(x, i, s, where, unit, reach):
    """|i - s|, and whether that is up to reach / unit, and whether it is below twice as much; s is where / unit."""
    d = np.where(i * unit >= where, _numbers(x, i) - s, s - _numbers(x, i))
    return d, np.abs(i * unit - where) <= reach, np.abs(i * unit - where) < 2 * reach


def _tent(d, near, _):
    return np.where(near, 1 - d, 0)


def _cubic(d, near, far, a):
    """The polynomials with their zeros at 1 and 2 as factors, so that a small weight keeps its digits."""
    return np.where(near, (1 - d) * (1 + d - (2 + a) * d * d), np.where(far, a * (d - 1) * (d - 2) * (d - 2), 0))


def _require_mode(x, size, mode, align_corners, antialias):
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
    if len(size) != x.ndim - 2 or AXES.get(mode, len(size)) != len(size):
        axes = AXES.get(mode, x.ndim - 2)
        raise ValueError(
            f"{mode} of x {x.shape} to size {tuple(size)}, expected {axes} axes of pixels, and as many sizes"
        )
    if (align_corners or antialias) and mode not in AXES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(AXES)} with align_corners or antialias")
    if antialias and (align_corners or AXES[mode] != 2):
        raise ValueError(f"antialias of {mode!r}, expected bilinear or bicubic, without align_corners")


def interpolate_cases(rng):
    def case(label, shape, size, mode, align_corners=False, antialias=False, kind: Kind = "regular"):
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

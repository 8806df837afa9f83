"""Slips of what looks at an image beyond its edges or between its pixels: padding, resampling, sampling."""

from __future__ import annotations

import numpy as np

from ..convolution.padding import pad, pad_vjp
from ..convolution.resampling import AXES, interpolate, interpolate_vjp
from ..convolution.sampling import affine_grid, affine_grid_vjp, grid_sample, grid_sample_vjp
from ..op import Slip


def edge_repeated(x, *, pad_width, mode, constant_values):
    if mode == "reflect":
        return np.pad(x, pad_width, mode="symmetric")
    return pad(x, pad_width=pad_width, mode=mode, constant_values=constant_values)


def cropped(ybar, y, x, *, pad_width, **others):
    return (ybar[tuple(slice(before, before + n) for (before, _), n in zip(pad_width, x.shape, strict=True))],)


def cropped_from_the_first(ybar, y, x, **params):
    return (
        (ybar[tuple(slice(0, n) for n in x.shape)],) if params["mode"] == "constant" else pad_vjp(ybar, y, x, **params)
    )


def resized(x, size, weights):
    for axis, m in enumerate(size, start=2):
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ weights(x.shape[axis], m).T, -1, axis)
    return x


def tent_of(s, n):
    s = np.clip(s, 0, n - 1)
    return np.maximum(1 - np.abs(s[:, None] - np.arange(n)), 0)


def cubic_of(s, n, a):
    around = np.arange(-2, n + 2)
    d = np.abs(s[:, None] - around)
    near, far = (a + 2) * d**3 - (a + 3) * d**2 + 1, a * (d**3 - 5 * d**2 + 8 * d - 4)
    w = np.where(d <= 1, near, np.where(d < 2, far, 0))
    return w @ (np.clip(around, 0, n - 1)[:, None] == np.arange(n))


def otherwise(applies, weights):
    """The resampling with these weights where the mistake makes a difference, else as it is."""

    def forward(x, *, size, mode, align_corners, antialias):
        if applies(mode, align_corners, antialias):
            return resized(x, size, weights(mode, align_corners))
        return interpolate(x, size=size, mode=mode, align_corners=align_corners, antialias=antialias)

    def vjp(ybar, y, x, *, size, mode, align_corners, antialias):
        if applies(mode, align_corners, antialias):
            return (resized(ybar, x.shape[2:], lambda m, n: weights(mode, align_corners)(n, m).T),)
        return interpolate_vjp(ybar, y, x, size=size, mode=mode, align_corners=align_corners, antialias=antialias)

    return {"forward": forward, "vjp": vjp}


def left_edges(mode, align_corners):
    kernel = (lambda s, n: cubic_of(s, n, -0.75)) if mode == "bicubic" else tent_of
    return lambda n, m: kernel(np.arange(m) * n / m, n)


def keys(mode, align_corners):
    def weights(n, m):
        p = np.arange(m)
        return cubic_of(p * (n - 1) / max(m - 1, 1) if align_corners else (p + 0.5) * n / m - 0.5, n, -0.5)

    return weights


def with_params(change):
    """The slip that reads these parameters otherwise."""
    return {
        "forward": lambda x, **params: interpolate(x, **change(params)),
        "vjp": lambda ybar, y, x, **params: interpolate_vjp(ybar, y, x, **change(params)),
    }


def aligned(params):
    return {**params, "align_corners": params["mode"] in AXES and not params["antialias"]}


def with_grid(change):
    """The slip that reads the parameters of grid_sample or of affine_grid otherwise."""
    return lambda f: lambda *args, **params: f(*args, **{**params, **change})


ALWAYS, NEVER = with_grid({"align_corners": True}), with_grid({"align_corners": False})


def turned(x, grid, **params):
    return grid_sample(x, grid[..., ::-1], **params)


def turned_vjp(ybar, y, x, grid, **params):
    xbar, gridbar = grid_sample_vjp(ybar, y, x, grid[..., ::-1], **params)
    return xbar, gridbar[..., ::-1]


def in_pixels(ybar, y, x, grid, *, align_corners, **params):
    xbar, gridbar = grid_sample_vjp(ybar, y, x, grid, align_corners=align_corners, **params)
    n = np.array(x.shape[:1:-1])
    return xbar, gridbar / ((n - 1 if align_corners else n) / 2)


def mirrored_alike(ybar, y, x, grid, *, mode, padding_mode, align_corners):
    params = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    xbar, gridbar = grid_sample_vjp(ybar, y, x, grid, **params)
    if padding_mode == "reflection":
        gridbar = gridbar * np.where(np.floor((grid + 1) / 2) % 2 == 0, 1, -1)
    return xbar, gridbar


def points_turned(theta, **params):
    """theta (y, x, 1) in place of theta (x, y, 1)."""
    return affine_grid(np.concat([theta[..., -2::-1], theta[..., -1:]], axis=-1), **params)


def points_turned_vjp(ybar, y, theta, **params):
    (thetabar,) = affine_grid_vjp(ybar, y, theta, **params)
    return (np.concat([thetabar[..., -2::-1], thetabar[..., -1:]], axis=-1),)


CORNERS = (
    "With align_corners the centres of the outermost pixels lie at the ends, without it their outer edges do: s = "
    "((y + 1) H - 1) / 2. Here the centres always do, as in PyTorch before 1.3. Read align_corners."
)
NEVER_CORNERS = (
    "With align_corners -1 and 1 are the centres of the outermost pixels, s = (y + 1) (H - 1) / 2. Here they always "
    "are their outer edges."
)

SLIPS = {
    "pad": (
        Slip(
            "edge-repeated",
            "The edge itself is repeated here, 2 1 0 [0 1 2] 2 1 0, as NumPy's mode symmetric does it. The mode "
            "reflect turns at the edge and does not repeat it, 2 1 [0 1 2] 1 0: use np.pad(x, pad_width, "
            "mode='reflect').",
            edge_repeated,
            convention="NumPy's mode symmetric",
        ),
        Slip(
            "last-axis-first",
            "The first pair belongs to the last axis here, as in torch.nn.functional.pad. In this one pad_width begins "
            "with the first axis: reverse the pairs.",
            lambda x, *, pad_width, **others: pad(x, pad_width=pad_width[::-1], **others),
            convention="PyTorch",
        ),
        Slip(
            "before-and-after-swapped",
            "Each pair holds what is added before the axis begins, and then what is added after it has ended. Here "
            "they are taken the other way round.",
            lambda x, *, pad_width, **others: pad(x, pad_width=[pair[::-1] for pair in pad_width], **others),
        ),
        Slip(
            "zeros-whatever-the-constant",
            "With the mode constant, constant_values stands outside of x. Here it is 0.",
            lambda x, *, constant_values, **others: pad(x, constant_values=0.0, **others),
        ),
        Slip(
            "copies-forgotten-on-the-way-back",
            "A pixel that is seen again in the padding gets the cotangents of all its copies, added up. Here only the "
            "middle of ybar is cut out, which is right with the mode constant alone.",
            vjp=cropped,
        ),
        Slip(
            "cropped-from-the-first",
            "The input lies behind what was added before it: its cotangent begins at before, ybar[before : before + "
            "n]. Here it is cut out from 0 to n.",
            vjp=cropped_from_the_first,
        ),
    ),
    "interpolate": (
        Slip(
            "corners-always-aligned",
            "Without align_corners a pixel is an area, whose centre is mapped to (p + 1/2) n/m - 1/2. Here the "
            "centres of the outermost pixels always fall on each other, p (n - 1) / (m - 1), as with align_corners.",
            **with_params(aligned),
        ),
        Slip(
            "corners-never-aligned",
            "With align_corners the centres of the first and the last pixel stay at the ends: s = p (n - 1) / (m - 1). "
            "Here s is (p + 1/2) n/m - 1/2 in any case.",
            **with_params(lambda params: {**params, "align_corners": False}),
        ),
        Slip(
            "half-a-pixel-forgotten",
            "The left edges of the pixels are mapped to each other here, s = p n/m, as TensorFlow 1 did it. A pixel is "
            "an area whose centre is mapped: s = (p + 1/2) n/m - 1/2.",
            **otherwise(lambda mode, corners, antialias: mode in AXES and not (corners or antialias), left_edges),
            convention="TensorFlow 1 (tf.compat.v1.image.resize)",
        ),
        Slip(
            "cubic-of-one-half",
            "The cubic kernel has a = -1/2 here, as Keys derived it and as TensorFlow, jax and Pillow take it. Without "
            "antialias it is a = -3/4 in this one, as in PyTorch and OpenCV: set a = -0.75.",
            **otherwise(lambda mode, corners, antialias: mode == "bicubic" and not antialias, keys),
            convention="Keys (1981), TensorFlow and jax",
        ),
        Slip(
            "antialias-ignored",
            "Where the image shrinks, antialias stretches the kernel by n/m, so that every pixel counts. Here the "
            "kernel has its own width, and pixels between its places are passed over.",
            **with_params(lambda params: {**params, "antialias": False}),
        ),
        Slip(
            "nearest-to-the-centre",
            "The pixel nearest to the centre is taken here, floor((p + 1/2) n/m), as Pillow does it. The mode nearest "
            "takes floor(p n/m); use nearest-exact for the other.",
            **with_params(lambda p: {**p, "mode": "nearest-exact" if p["mode"] == "nearest" else p["mode"]}),
            convention="Pillow and scikit-image",
        ),
        Slip(
            "cotangent-resized",
            "The way back is the transpose of the weights: each pixel of x gets w times ybar of all pixels that it "
            "counted in. Resizing ybar to the size of x uses other weights, whose rows add up to 1.",
            vjp=lambda ybar, y, x, *, size, **params: (interpolate(ybar, size=x.shape[2:], **params),),
        ),
    ),
    "grid_sample": (
        Slip(
            "row-before-column",
            "A point of the grid names the last axis first: grid[..., 0] is the column, x, and grid[..., 1] the row, "
            "y. Here the row is read first.",
            turned,
            turned_vjp,
        ),
        Slip(
            "corners-always-aligned",
            CORNERS,
            ALWAYS(grid_sample),
            ALWAYS(grid_sample_vjp),
            convention="PyTorch before 1.3",
        ),
        Slip("corners-never-aligned", NEVER_CORNERS, NEVER(grid_sample), NEVER(grid_sample_vjp)),
        Slip(
            "slope-in-pixels",
            "The grid runs from -1 to 1 over the whole image, so a step in it is H/2 pixels, or (H - 1)/2 with "
            "align_corners: the slope in pixels has to be multiplied by that.",
            vjp=in_pixels,
        ),
        Slip(
            "mirror-forgotten-on-the-way-back",
            "Where a point is mirrored an odd number of times, it moves against its coordinate, and the slope changes "
            "its sign. Here it keeps it.",
            vjp=mirrored_alike,
        ),
    ),
    "affine_grid": (
        Slip(
            "row-before-column",
            "A point is (x, y, 1), the column first: theta[..., 0] belongs to x, which runs along the last axis. Here "
            "the points are (y, x, 1).",
            points_turned,
            points_turned_vjp,
        ),
        Slip(
            "corners-always-aligned",
            "With align_corners the points reach from -1 to 1; without it they are the centres of the pixels, "
            "(2 i + 1)/n - 1. Here they always reach from -1 to 1, as in PyTorch before 1.3. Read align_corners.",
            ALWAYS(affine_grid),
            ALWAYS(affine_grid_vjp),
            convention="PyTorch before 1.3",
        ),
        Slip(
            "corners-never-aligned",
            "With align_corners the points reach from -1 to 1, 2 i/(n - 1) - 1: np.linspace(-1, 1, n). Here they are "
            "always the centres of the pixels, (2 i + 1)/n - 1.",
            NEVER(affine_grid),
            NEVER(affine_grid_vjp),
        ),
        Slip(
            "averaged-over-the-points",
            "Every point of the grid is moved by the same theta, so thetabar is the sum over all points of ybar (x, y, "
            "1)^T. Here it is their mean.",
            vjp=lambda ybar, y, theta, *, size, align_corners: (
                affine_grid_vjp(ybar, y, theta, size=size, align_corners=align_corners)[0] / np.prod(size),
            ),
        ),
    ),
}

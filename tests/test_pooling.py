"""Pooling, padding and resampling: what must hold beyond each answer, and the mistakes that people make in them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.verdict import WRONG
from crosscheck.reference.convolution.adaptive import adaptive_avg_pool2d
from crosscheck.reference.convolution.averaging import avg_pool2d
from crosscheck.reference.convolution.columns import laid_back, windows_of
from crosscheck.reference.convolution.padding import pad
from crosscheck.reference.convolution.pooling import max_pool2d, max_pool2d_vjp, pooling_margins
from crosscheck.reference.convolution.resampling import interpolate
from crosscheck.reference.convolution.sampling import affine_grid, grid_sample, grid_sample_vjp
from crosscheck.reference.convolution.switches import max_pool2d_with_indices
from crosscheck.reference.convolution.unpooling import max_unpool2d
from crosscheck.reference.convolution.windows import crop

SMOOTH = [
    ("linear", False, False),
    ("linear", True, False),
    ("bicubic", False, False),
    ("bicubic", True, False),
    ("bilinear", False, True),
    ("bicubic", False, True),
]


def resized(x: np.ndarray, m: int, mode: str, align_corners: bool, antialias: bool) -> np.ndarray:
    """A signal at m points; modes of two axes by an image that is the signal in every row."""
    params: Any = {"mode": mode, "align_corners": align_corners, "antialias": antialias}
    if mode == "linear":
        return interpolate(x[None, None], size=(m,), **params)[0, 0]
    return interpolate(np.tile(x, (3, 1))[None, None], size=(2, m), **params)[0, 0, 1]


@pytest.mark.parametrize(("mode", "align_corners", "antialias"), SMOOTH)
def test_the_weights_add_up_to_one(mode, align_corners, antialias):
    """So a constant stays what it is, whatever the sizes."""
    for n in range(2, 8):
        for m in range(1, 9):
            y = resized(np.full(n, 2.5), m, mode, align_corners, antialias)
            np.testing.assert_allclose(y, 2.5, rtol=1e-14, err_msg=f"{n} to {m}")


@pytest.mark.parametrize(("mode", "align_corners", "antialias"), [SMOOTH[i] for i in (0, 1, 4, 5)])
def test_a_ramp_stays_a_ramp(mode, align_corners, antialias):
    """Away from the ends, beyond which it does not go on: y = s, the position itself. Not so with a = -3/4."""
    n, m = 9, 14
    p = np.arange(m)
    s = p * (n - 1) / (m - 1) if align_corners else (p + 0.5) * n / m - 0.5
    inside = (s >= 1) & (s <= n - 2)
    y = resized(np.arange(n, dtype=np.float64), m, mode, align_corners, antialias)
    np.testing.assert_allclose(y[inside], s[inside], rtol=1e-13)


def test_unpooling_undoes_pooling_where_it_can():
    """What was largest comes back to its place, everything else is 0, and is pooled to the same again."""
    x = 1 + np.random.default_rng(0).random((2, 3, 7, 9))
    windows: Any = {"kernel_size": (2, 3), "stride": (2, 3), "padding": (0, 0)}
    y, k = max_pool2d_with_indices(x, **windows, dilation=(1, 1), ceil_mode=False)
    back = max_unpool2d(y, k, **windows, output_size=(7, 9))
    assert np.array_equal(back[back != 0], x[back != 0]) and np.count_nonzero(back) == y.size
    assert np.array_equal(max_pool2d(back, **windows, dilation=(1, 1), ceil_mode=False), y)


@pytest.mark.parametrize("align_corners", [False, True])
def test_the_identity_map_samples_the_image_itself(align_corners):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    grid = affine_grid(np.tile(np.eye(2, 3), (2, 1, 1)), size=(4, 5), align_corners=align_corners)
    y = grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=align_corners)
    np.testing.assert_allclose(y, x, rtol=1e-13, atol=1e-14)


# Mistakes: each must be caught by the cases of its operation.


def padded_by_zero(x, *, kernel_size, stride, padding, dilation, ceil_mode):
    around = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    windows: Any = {"kernel_size": kernel_size, "stride": stride, "padding": (0, 0)}
    return max_pool2d(around, **windows, dilation=dilation, ceil_mode=ceil_mode)


def every_window_overwrites(ybar, y, x, **params):
    """The last window that sees a pixel decides alone."""
    xbar = np.zeros_like(x)
    for index in np.ndindex(ybar.shape):
        one = np.zeros_like(ybar)
        one[index] = ybar[index]
        (share,) = max_pool2d_vjp(one, y, x, **params)
        xbar = np.where(share != 0, share, xbar)
    return (xbar,)


def everybody_that_is_as_large(ybar, y, x, *, kernel_size, stride, padding, dilation, ceil_mode):
    """Each pixel that equals the maximum of its window gets all of ybar."""
    margins = pooling_margins(x, kernel_size, stride, padding, dilation, ceil_mode)
    around = np.pad(x, ((0, 0), (0, 0), *margins), constant_values=-np.inf)
    windows = windows_of(around, kernel_size, stride, dilation)
    share = np.where(windows == y[:, :, None], ybar[:, :, None], 0)
    return (crop(laid_back(share, around.shape[2:], kernel_size, stride, dilation), margins, x),)


def padding_counted_always(x, **params):
    return avg_pool2d(x, **{**params, "count_include_pad": True})


def windows_never_hang_over(x, **params):
    return avg_pool2d(x, **{**params, "ceil_mode": False})


def mean_of_whole_windows(x, *, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """Divides what hangs over by the size of the kernel."""
    count = divisor_override or (int(np.prod(kernel_size)) if count_include_pad else None)
    params: Any = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    return avg_pool2d(x, **params, count_include_pad=count_include_pad, divisor_override=count)


def cells_of_one_size(x, *, output_size):
    kernel = tuple(max(n // m, 1) for n, m in zip(x.shape[2:], output_size, strict=True))
    if any(k * m > n for k, m, n in zip(kernel, output_size, x.shape[2:], strict=True)):
        return adaptive_avg_pool2d(x, output_size=output_size)
    cells = windows_of(x, kernel, kernel)[..., : output_size[0], : output_size[1]]
    return np.mean(cells, axis=2)


def last_axis_first(x, *, pad_width, mode, constant_values):
    return pad(x, pad_width=pad_width[::-1], mode=mode, constant_values=constant_values)


def ends_repeated(x, *, pad_width, mode, constant_values):
    return (
        np.pad(x, pad_width, mode="symmetric")
        if mode == "reflect"
        else pad(x, pad_width=pad_width, mode=mode, constant_values=constant_values)
    )


def other_parameters(f, change, *args, **params):
    return f(*args, **{**params, **change(params)})


def corners_the_other_way(params):
    has_corners = params["mode"].endswith(("linear", "cubic")) and not params.get("antialias")
    return {"align_corners": not params["align_corners"]} if has_corners else {}


def centres_for_edges(params):
    return {"mode": {"nearest": "nearest-exact"}.get(params["mode"], params["mode"])}


def no_antialias(params):
    return {"antialias": False}


def rows_first(x, grid, **params):
    return grid_sample(x, grid[..., ::-1], **params)


def slope_without_size(ybar, y, x, grid, **params):
    xbar, gridbar = grid_sample_vjp(ybar, y, x, grid, **params)
    return xbar, gridbar / (np.array(x.shape[:1:-1]) / 2)


def columns_counted_first(x, **params):
    y, k = max_pool2d_with_indices(x, **params)
    return y, k % x.shape[3] * x.shape[2] + k // x.shape[3]


def counted_in_the_padded_image(x, *, padding, **params):
    y, k = max_pool2d_with_indices(x, padding=padding, **params)
    return y, (k // x.shape[3] + padding[0]) * (x.shape[3] + 2 * padding[1]) + k % x.shape[3] + padding[1]


PLANTED: dict[str, tuple[str, Any]] = {
    "max pooling pads with 0": ("max_pool2d", padded_by_zero),
    "overlapping windows are not added up": ("max_pool2d_vjp", every_window_overwrites),
    "all that tie get everything": ("max_pool2d_vjp", everybody_that_is_as_large),
    "dilation is ignored": ("max_pool2d", partial(other_parameters, max_pool2d, lambda _: {"dilation": (1, 1)})),
    "padding counted always": ("avg_pool2d", padding_counted_always),
    "ceil_mode is ignored": ("avg_pool2d", windows_never_hang_over),
    "hanging windows divide by the kernel": ("avg_pool2d", mean_of_whole_windows),
    "adaptive cells of one size": ("adaptive_avg_pool2d", cells_of_one_size),
    "the last axis is padded first": ("pad", last_axis_first),
    "reflection repeats the ends": ("pad", ends_repeated),
    "align_corners the other way": ("interpolate", partial(other_parameters, interpolate, corners_the_other_way)),
    "nearest by centres": ("interpolate", partial(other_parameters, interpolate, centres_for_edges)),
    "no antialiasing": ("interpolate", partial(other_parameters, interpolate, no_antialias)),
    "the grid's points as row, column": ("grid_sample", rows_first),
    "corners of the grid": ("grid_sample", partial(other_parameters, grid_sample, corners_the_other_way)),
    "the grid's unit is forgotten": ("grid_sample_vjp", slope_without_size),
    "indices by columns": ("max_pool2d_with_indices", columns_counted_first),
    "indices of the padded image": ("max_pool2d_with_indices", counted_in_the_padded_image),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_mistake_is_caught(mistake):
    name, wrong = PLANTED[mistake]
    op = catalogue()[name.removesuffix("_vjp")]
    right = {op.name: op.forward, f"{op.name}_vjp": op.vjp}
    backend = type("Mistaken", (), {"find": staticmethod({**right, name: wrong}.get), "dtypes": ("float64",)})()
    outcomes = [v.outcome for v in interrogate(Witness(backend, mistake), op, draws=1)]
    assert set(outcomes) & set(WRONG) and "agrees" in outcomes

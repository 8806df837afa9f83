"""Pooling in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F


def _global_avg_pool(x):
    pool = {3: F.adaptive_avg_pool1d, 4: F.adaptive_avg_pool2d, 5: F.adaptive_avg_pool3d}
    if x.ndim not in pool:
        raise ValueError(f"got x of shape {tuple(x.shape)}, want (N,C,...) with one to three axes of pixels")
    return pool[x.ndim](x, 1).flatten(1)


def _lp_pool1d(x, *, norm_type, kernel_size, stride, ceil_mode):
    """Alone among its kin it takes no tuple."""
    return F.lp_pool1d(x, norm_type, kernel_size[0], stride[0], ceil_mode)


def _fractional(pool):
    return lambda x, samples, *, kernel_size, output_size: pool(x, kernel_size, output_size, _random_samples=samples)


FORWARDS = {
    "fractional_max_pool2d": _fractional(F.fractional_max_pool2d),
    "fractional_max_pool3d": _fractional(F.fractional_max_pool3d),
    "fractional_max_pool2d_with_indices": _fractional(F.fractional_max_pool2d_with_indices),
    "fractional_max_pool3d_with_indices": _fractional(F.fractional_max_pool3d_with_indices),
    "max_pool1d": F.max_pool1d,
    "max_pool2d": F.max_pool2d,
    "max_pool3d": F.max_pool3d,
    "avg_pool1d": F.avg_pool1d,
    "avg_pool2d": F.avg_pool2d,
    "avg_pool3d": F.avg_pool3d,
    "global_avg_pool": _global_avg_pool,
    "adaptive_avg_pool1d": F.adaptive_avg_pool1d,
    "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "adaptive_avg_pool3d": F.adaptive_avg_pool3d,
    "adaptive_max_pool1d": F.adaptive_max_pool1d,
    "adaptive_max_pool2d": F.adaptive_max_pool2d,
    "adaptive_max_pool3d": F.adaptive_max_pool3d,
    "max_pool1d_with_indices": F.max_pool1d_with_indices,
    "max_pool2d_with_indices": F.max_pool2d_with_indices,
    "max_pool3d_with_indices": F.max_pool3d_with_indices,
    "adaptive_max_pool1d_with_indices": F.adaptive_max_pool1d_with_indices,
    "adaptive_max_pool2d_with_indices": F.adaptive_max_pool2d_with_indices,
    "adaptive_max_pool3d_with_indices": F.adaptive_max_pool3d_with_indices,
    "max_unpool1d": F.max_unpool1d,
    "max_unpool2d": F.max_unpool2d,
    "max_unpool3d": F.max_unpool3d,
    "lp_pool1d": _lp_pool1d,
    "lp_pool2d": F.lp_pool2d,
    "lp_pool3d": F.lp_pool3d,
}

LEDGER = (
    (
        "takes powers of x, not of |x|: the root of the negative sum of an odd power is nan",
        "https://github.com/pytorch/pytorch/issues/184037",
        (
            "*-over-*:lp_pool2d-odd-negative-*",
            "batched:lp_pool2d-odd-negative-*",
            "jvp:lp_pool2d-odd-negative-*",
            "layout:lp_pool2d-odd-negative-*",
            "*value:lp_pool2d-odd-negative-*",
            "*vjp:lp_pool2d-odd-negative-*",
        ),
    ),
    (
        "multiplies the mean of a window that hangs over the end, which sees less, by the size of a whole one",
        "",
        (
            "*-over-*:lp_pool?d-ceil*",
            "batched:lp_pool?d-ceil*",
            "jvp:lp_pool?d-ceil*",
            "layout:lp_pool?d-ceil*",
            "*value:lp_pool?d-ceil*",
            "*vjp:lp_pool?d-ceil*",
        ),
    ),
)

"""Convolution in JAX."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .common import channels

PADDING = {"same": "SAME", "same_upper": "SAME", "same_lower": "SAME_LOWER"}


def _conv(x, w, b, axes, stride, padding, dilation, groups):
    """``axes`` are letters, one for each axis of pixels."""
    y = lax.conv_general_dilated(
        x,
        w,
        window_strides=stride,
        padding=PADDING[padding] if isinstance(padding, str) else [(p, p) for p in padding],
        rhs_dilation=dilation,  # the kernel's; lhs_dilation makes a transposed convolution
        dimension_numbers=("NC" + axes, "OI" + axes, "NC" + axes),
        feature_group_count=groups,
    )
    return y if b is None else y + channels(b, x)


def conv1d(x, w, b, *, stride, padding, dilation, groups):
    return _conv(x, w, b, "W", stride, padding, dilation, groups)


def conv2d(x, w, b, *, stride, padding, dilation, groups):
    return _conv(x, w, b, "HW", stride, padding, dilation, groups)


def conv3d(x, w, b, *, stride, padding, dilation, groups):
    return _conv(x, w, b, "DHW", stride, padding, dilation, groups)


def depthwise_conv2d(x, w, b, *, stride, padding, dilation):
    return _conv(x, w, b, "HW", stride, padding, dilation, x.shape[1])


def conv_tbc(x, w, b, *, pad):
    return b + lax.conv_general_dilated(x, w, (1,), [(pad, pad)], dimension_numbers=("WNC", "WIO", "WNC"))


def _conv_transpose(x, w, b, axes, stride, padding, output_padding, groups, dilation):
    layouts = ("NC" + axes, "OI" + axes, "NC" + axes)
    reach = [d * (k - 1) for d, k in zip(dilation, w.shape[2:], strict=True)]
    pads = [(r - p, r - p + a) for r, p, a in zip(reach, padding, output_padding, strict=True)]
    if groups == 1:
        y = lax.conv_transpose(x, w, stride, pads, dilation, layouts, transpose_kernel=True)
    else:  # which lax.conv_transpose does not know: the convolution that it stands for
        split = w.reshape(groups, w.shape[0] // groups, *w.shape[1:]).swapaxes(1, 2)
        filters = jnp.flip(split.reshape(-1, *split.shape[2:]), range(2, w.ndim))
        one = (1,) * len(stride)
        y = lax.conv_general_dilated(x, filters, one, pads, stride, dilation, layouts, feature_group_count=groups)
    return y if b is None else y + channels(b, x)


def conv_transpose1d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return _conv_transpose(x, w, b, "W", stride, padding, output_padding, groups, dilation)


def conv_transpose2d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return _conv_transpose(x, w, b, "HW", stride, padding, output_padding, groups, dilation)


def conv_transpose3d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return _conv_transpose(x, w, b, "DHW", stride, padding, output_padding, groups, dilation)


def unfold(x, *, kernel_size, dilation, padding, stride):
    pads = [(p, p) for p in padding]
    y = lax.conv_general_dilated_patches(x, kernel_size, stride, pads, rhs_dilation=dilation)
    return y.reshape(*y.shape[:2], -1)


FORWARDS = {
    "conv1d": conv1d,
    "conv2d": conv2d,
    "conv3d": conv3d,
    "depthwise_conv2d": depthwise_conv2d,
    "conv_tbc": conv_tbc,
    "conv_transpose1d": conv_transpose1d,
    "conv_transpose2d": conv_transpose2d,
    "conv_transpose3d": conv_transpose3d,
    "unfold": unfold,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:conv1d-kernel-too-large-float64",
            "refused:conv2d-bias-of-one-float64",
            "refused:conv2d-kernel-too-large-float64",
            "refused:conv2d-same-with-stride-float64",
            "refused:conv_tbc-kernel-too-long-float64",
            "refused:conv_transpose2d-nothing-left-float64",
            "refused:conv_transpose2d-output-padding-too-large-float64",
            "refused:unfold-kernel-too-large-float64",
        ),
    ),
    (
        "conv_general_dilated_patches is a convolution with zeros and ones, and 0 times infinity is nan: one pixel "
        "that is not finite fills the windows that see it with nan",
        "",
        ("special:unfold-nan-and-infinite-*",),
    ),
)

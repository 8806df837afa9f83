"""Convolution in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F

from .common import quiet


def _offered(padding):
    """torch knows "same" where no stride makes it ambiguous."""
    if padding in ("same_upper", "same_lower"):
        raise NotImplementedError(f"torch has no padding {padding!r}")
    return padding


@quiet()
def _conv1d(x, w, b, *, stride, padding, dilation, groups):
    return F.conv1d(x, w, b, stride, _offered(padding), dilation, groups)


@quiet()
def _conv2d(x, w, b, *, stride, padding, dilation, groups):
    return F.conv2d(x, w, b, stride, _offered(padding), dilation, groups)


@quiet()
def _conv3d(x, w, b, *, stride, padding, dilation, groups):
    return F.conv3d(x, w, b, stride, _offered(padding), dilation, groups)


def _depthwise_conv2d(x, w, b, *, stride, padding, dilation):
    return F.conv2d(x, w, b, stride, padding, dilation, groups=x.shape[1])


def _conv_transpose1d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return F.conv_transpose1d(x, w, b, stride, padding, output_padding, groups, dilation)


def _conv_transpose2d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return F.conv_transpose2d(x, w, b, stride, padding, output_padding, groups, dilation)


def _conv_transpose3d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    return F.conv_transpose3d(x, w, b, stride, padding, output_padding, groups, dilation)


def _unfold(x, **windows):
    _require_images(windows)
    return F.unfold(x, **windows)


def _fold(x, **windows):
    _require_images(windows)
    return F.fold(x, **windows)


def _require_images(windows):
    if len(windows["kernel_size"]) != 2:
        raise NotImplementedError("images alone, of two axes")


FORWARDS = {
    "conv1d": _conv1d,
    "conv2d": _conv2d,
    "conv3d": _conv3d,
    "depthwise_conv2d": _depthwise_conv2d,
    "conv_tbc": F.conv_tbc,
    "conv_transpose1d": _conv_transpose1d,
    "conv_transpose2d": _conv_transpose2d,
    "conv_transpose3d": _conv_transpose3d,
    "unfold": _unfold,
    "fold": _fold,
    "pixel_shuffle": F.pixel_shuffle,
    "pixel_unshuffle": F.pixel_unshuffle,
    "channel_shuffle": F.channel_shuffle,
}

LEDGER = (
    (
        "conv_tbc raises for an x whose times and batch cannot be viewed as one axis, such as a transposed one",
        "",
        ("layout:conv_tbc-*",),
    ),
    (
        "conv_tbc answers nothing, an array without times, where F.conv1d says that the kernel is too long",
        "",
        ("refused:conv_tbc-kernel-too-long-float64",),
    ),
)

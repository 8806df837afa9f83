"""Convolution in JAX."""

from __future__ import annotations

from jax import lax

from .common import channels


def conv2d(x, w, b, *, stride, padding, dilation, groups):
    y = lax.conv_general_dilated(
        x,
        w,
        window_strides=stride,
        padding="SAME" if padding == "same" else [(p, p) for p in padding],
        rhs_dilation=dilation,  # the kernel's; lhs_dilation makes a transposed convolution
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        feature_group_count=groups,
    )
    return y if b is None else y + channels(b, x)


FORWARDS = {
    "conv2d": conv2d,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:conv2d-bias-of-one-float64",
            "refused:conv2d-kernel-too-large-float64",
            "refused:conv2d-same-with-stride-float64",
        ),
    ),
)

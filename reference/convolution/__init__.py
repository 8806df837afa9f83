"""Convolution and pooling: what a small window sees while it slides over an image.

Every operation here is the same two steps. ``unfold`` lays out, for each place of the kernel, the pixels that
this place meets as the window moves; then each window is reduced to a number, by a matrix product, a maximum or a
mean. Backwards, ``fold`` carries the cotangents of the windows back to the pixels: a pixel seen by several
windows adds them up. The two are each other's transpose.
"""

from __future__ import annotations

from . import (
    adaptive,
    averaging,
    columns,
    filters,
    fractional,
    padding,
    pooling,
    powers,
    resampling,
    sampling,
    shuffles,
    switches,
    transposed,
    unpooling,
)

OPS = [
    *filters.OPS,
    *transposed.OPS,
    *columns.OPS,
    *shuffles.OPS,
    *pooling.OPS,
    *averaging.OPS,
    *powers.OPS,
    *adaptive.OPS,
    *fractional.OPS,
    *switches.OPS,
    *unpooling.OPS,
    *padding.OPS,
    *resampling.OPS,
    *sampling.OPS,
]

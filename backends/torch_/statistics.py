"""Statistics in PyTorch."""

from __future__ import annotations

import torch

from .common import quiet


def _median(x, *, axis, keepdims):
    """Not torch.median, which of an even count returns the lower of the middle two."""
    return torch.quantile(x, 0.5, dim=axis, keepdim=keepdims)


def _quantile(x, *, q, axis, method):
    """Of the nine methods torch has "linear"; its others (lower, higher, nearest, midpoint) are none of the nine."""
    if method != "linear":
        raise NotImplementedError(f"torch.quantile has no interpolation {method!r} of Hyndman and Fan's, only 'linear'")
    return torch.quantile(x, torch.tensor(q, dtype=x.dtype, device=x.device), dim=axis)


def _spread(f):
    return quiet()(lambda x, *, axis, correction, keepdims: f(x, dim=axis, correction=correction, keepdim=keepdims))


FORWARDS = {
    "median": _median,
    "quantile": _quantile,
    "quartiles": lambda x, *, axis: _quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear"),
    "variance": _spread(torch.var),
    "std": _spread(torch.std),
}

LEDGER = (
    (
        "interpolating next to an infinity gives nan where the quantile is exact",
        "https://github.com/pytorch/pytorch/issues/133998",
        (
            "special:median-infinite-*",
            "special:quantile-infinite-*",
        ),
    ),
    (
        "refuses an empty array, whose quantiles are nan",
        "",
        (
            "empty:median-nothing-float64",
            "empty:quantile-nothing-float64",
            "empty:quartiles-nothing-float64",
        ),
    ),
)

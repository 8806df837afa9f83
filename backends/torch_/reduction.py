"""Reductions in PyTorch."""

from __future__ import annotations

import torch


def _max(x, *, axis, keepdims):
    """Not torch.max, which takes a single axis and there gives the whole gradient to one of several equal values."""
    return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)


def _logsumexp(x, *, axis, keepdims):
    """The one reduction that demands its axes: None is refused, and () too unless keepdim is set."""
    return torch.logsumexp(x, dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims)


FORWARDS = {
    "sum": lambda x, *, axis, keepdims: torch.sum(x, dim=axis, keepdim=keepdims),
    "mean": lambda x, *, axis, keepdims: torch.mean(x, dim=axis, keepdim=keepdims),
    "max": _max,
    "logsumexp": _logsumexp,
}

LEDGER = (
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        ("*-over-reverse:logsumexp-spread-*",),
    ),
)

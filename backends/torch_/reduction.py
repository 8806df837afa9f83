"""Reductions in PyTorch."""

from __future__ import annotations

import torch


def _max(x, *, axis, keepdims):
    """Not torch.max, which takes a single axis and there gives the whole gradient to one of several equal values."""
    return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)


def _min(x, *, axis, keepdims):
    return torch.amin(x, dim=() if axis is None else axis, keepdim=keepdims)


def _prod(x, *, axis, keepdims):
    """torch.prod takes a single axis, or all of them."""
    if axis is None and not keepdims:
        return torch.prod(x)
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for i in sorted((i % x.ndim for i in axes), reverse=True) if len(axes) > 1 else axes:
        x = torch.prod(x, i, keepdims)
    return x


def _segment_sum(x, segment_ids, *, num_segments):
    return x.new_zeros((num_segments, *x.shape[1:])).index_add(0, segment_ids, x)


def _logsumexp(x, *, axis, keepdims):
    """The one reduction that demands its axes: None is refused, and () too unless keepdim is set."""
    return torch.logsumexp(x, dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims)


FORWARDS = {
    "sum": lambda x, *, axis, keepdims: torch.sum(x, dim=axis, keepdim=keepdims),
    "mean": lambda x, *, axis, keepdims: torch.mean(x, dim=axis, keepdim=keepdims),
    "max": _max,
    "min": _min,
    "logsumexp": _logsumexp,
    "prod": _prod,
    "cumprod": lambda x, *, axis: torch.cumprod(x, axis),
    "cumsum": lambda x, *, axis: torch.cumsum(x, axis),
    "segment_sum": _segment_sum,
    "argmax": lambda x, *, axis, keepdims: torch.argmax(x, axis, keepdims),
    "sort": lambda x, *, axis, descending: torch.sort(x, stable=True, dim=axis, descending=descending).values,
    "topk": lambda x, *, k, axis, largest: torch.topk(x, k, axis, largest).values,
    "topk_indices": lambda x, *, k, axis, largest: torch.topk(x, k, axis, largest).indices,
}

LEDGER = (
    (
        "the forward mode of cumprod divides by its factors, and multiplies again",
        "",
        ("jvp:cumprod-*", "*-over-forward:cumprod-small-factor-*"),
    ),
    (
        "the derivative of the forward mode of cumprod is wrong where a factor is 0",
        "https://github.com/pytorch/pytorch/issues/196701",
        ("*-over-forward:cumprod-middle-zeros-*",),
    ),
    (
        "topk promises no order among equal elements",
        "https://github.com/pytorch/pytorch/issues/88227",
        ("*value:topk_indices-ties-*", "layout:topk_indices-ties-*", "batched:topk_indices-ties-*"),
    ),
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        ("*-over-reverse:logsumexp-spread-*",),
    ),
)

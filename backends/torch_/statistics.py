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


def _tables(f, x, rowvar):
    """torch.cov and torch.corrcoef take one table, its variables as rows."""
    f = quiet()(f)
    for _ in x.shape[:-2]:
        f = torch.vmap(f)
    return f(x if rowvar else x.mT)


def _weighted_variance(x, w, *, axis, weights, correction):
    """torch.cov takes one variable, and whole numbers as frequencies."""
    if weights == "frequency":
        raise NotImplementedError("torch.cov takes whole numbers as fweights, and so only of samples that were counted")
    if x.shape != w.shape or weights != "reliability":
        raise ValueError(f"got x of shape {tuple(x.shape)}, w of {tuple(w.shape)} and weights {weights!r}")
    x, w = x.movedim(axis, -1), w.movedim(axis, -1)
    lines = zip(x.reshape(-1, x.shape[-1]), w.reshape(-1, x.shape[-1]), strict=True)
    with quiet():
        return torch.stack([torch.cov(x, correction=correction, aweights=w) for x, w in lines]).reshape(x.shape[:-1])


def _standardize(x, *, axis, correction):
    s, m = torch.std_mean(x, dim=axis, correction=correction, keepdim=True)
    return (x - m) / s


def _welford(x):
    """The kernel of torch.var_mean is Welford's, and merges what its threads found."""
    variance, mean = torch.var_mean(x, dim=0, correction=0)
    return mean, variance * len(x)


def _bootstrap_interval(x, indices, *, q):
    return _quantile(x[..., indices].mean(dim=-1), q=q, axis=-1, method="linear")


FORWARDS = {
    "welford": _welford,
    "standardize": _standardize,
    "weighted_variance": _weighted_variance,
    "covariance": lambda x, *, rowvar, correction: _tables(lambda t: torch.cov(t, correction=correction), x, rowvar),
    "correlation": lambda x, *, rowvar: _tables(torch.corrcoef, x, rowvar),
    "histogram": lambda x, edges: torch.histogram(x, edges).hist.to(torch.int64),
    "bootstrap_interval": _bootstrap_interval,
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
    (
        "cannot be compiled: torch.cov asks its data a question that the trace must answer",
        "https://github.com/pytorch/pytorch/pull/190669",
        ("compiled *:correlation-*", "compiled *:covariance-*", "compiled *:weighted_variance-*"),
    ),
    (
        "torch.cov asks all its weights whether one is negative, which cannot be asked under vmap",
        "",
        ("batched:weighted_variance-of-these-*", "batched:weighted_variance-reliability-*"),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:bootstrap_interval-too-few-float64",
            "refused:correlation-vector-float64",
        ),
    ),
    (
        "the mean of no values is nan, where our stream must begin with one",
        "",
        ("refused:welford-nothing-float64",),
    ),
)

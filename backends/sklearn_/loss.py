"""Losses in scikit-learn: metrics of labels and scores."""

from __future__ import annotations

import numpy as np
from sklearn import metrics


def mse(input, target, *, reduction):
    if reduction != "mean" or input.ndim > 2:
        raise NotImplementedError("mean_squared_error is a mean, of a table at most")
    return np.asarray(metrics.mean_squared_error(target, input))


def mae(input, target, *, reduction):
    if reduction != "mean" or input.ndim > 2:
        raise NotImplementedError("mean_absolute_error is a mean, of a table at most")
    return np.asarray(metrics.mean_absolute_error(target, input))


def hinge(input, target, *, margin, reduction):
    if margin != 1 or reduction != "mean" or input.ndim != 1:
        raise NotImplementedError("hinge_loss has margin 1, and is a mean over samples")
    return np.asarray(metrics.hinge_loss(target, input, labels=[-1, 1]))


def multiclass_hinge(input, target, *, margin, reduction):
    if margin != 1 or reduction != "mean":
        raise NotImplementedError("hinge_loss has margin 1, and is a mean over samples")
    return np.asarray(metrics.hinge_loss(target, input, labels=np.arange(input.shape[1])))


def nll(input, target, weight, *, reduction, ignore_index):
    """log_loss takes probabilities, weights of samples, and no label to ignore."""
    if reduction not in ("mean", "sum") or input.ndim != 2:
        raise NotImplementedError("log_loss is a mean or a sum over samples")
    kept, labels = target != ignore_index, np.arange(input.shape[1])
    weights = None if weight is None else weight[target[kept]]
    p = np.exp(input[kept])
    mean = reduction == "mean"
    return np.asarray(metrics.log_loss(target[kept], p, normalize=mean, sample_weight=weights, labels=labels))


FORWARDS = {
    "nll": nll,
    "mse": mse,
    "mae": mae,
    "hinge": hinge,
    "multiclass_hinge": multiclass_hinge,
}

LEDGER = (
    (
        "no samples raise, where the sum of nothing is 0 and its mean nan",
        "",
        (
            "empty:nll-no-rows-float64",
            "special:nll-all-ignored-float64",
        ),
    ),
    (
        "silently broadcasts, or takes parameters that have no meaning",
        "",
        (
            "refused:mae-column-against-row-float64",
            "refused:mse-column-against-row-float64",
            "refused:nll-weight-too-short-float64",
        ),
    ),
)

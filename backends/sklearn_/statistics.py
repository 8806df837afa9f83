"""Statistics in scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.covariance import empirical_covariance
from sklearn.preprocessing import StandardScaler, scale


def covariance(x, *, rowvar, correction):
    if rowvar or correction or x.ndim != 2:
        raise NotImplementedError("empirical_covariance takes variables as columns, and divides by n")
    return empirical_covariance(x)


def standardize(x, *, axis, correction):
    if correction or x.ndim != 2:
        raise NotImplementedError("scale takes a table, and divides by n")
    return scale(x, axis=axis + 2 if axis < 0 else axis)


def welford(x):
    """partial_fit keeps the mean, the variance and the number of the rows that it has seen."""
    scaler = StandardScaler()
    for row in x:
        scaler.partial_fit(row[None])
    return np.asarray(scaler.mean_), np.asarray(scaler.var_) * len(x)


FORWARDS = {
    "covariance": covariance,
    "standardize": standardize,
    "welford": welford,
}

LEDGER = (
    (
        "equal values are not divided by their deviation, 0: their z-scores are 0, where 0 / 0 is nan",
        "",
        ("special:standardize-constant-float64",),
    ),
    (
        "the running mean of equal values, a quotient of sums, is not that value, and their variance not 0",
        "https://github.com/scikit-learn/scikit-learn/issues/5602",
        ("layout:welford-*-float64",),
    ),
    (
        "a nan is passed over as a missing value",
        "https://github.com/scikit-learn/scikit-learn/pull/11206",
        ("special:welford-nan-float64",),
    ),
)

"""Statistics in scikit-learn."""

from __future__ import annotations

from sklearn.covariance import empirical_covariance
from sklearn.preprocessing import StandardScaler, scale


def covariance(x, *, rowvar, correction):
    if rowvar or correction or x.ndim != 2:
        raise NotImplementedError("empirical_covariance takes variables as columns, and divides by n")
    return empirical_covariance(x)


def standardize(x, *, axis, correction):
    if correction or x.ndim != 2:
        raise NotImplementedError("scale takes a table, and divides by n")
    return scale(x, axis=axis)


def welford(x):
    """partial_fit keeps the mean, the variance and the number of the rows that it has seen."""
    scaler = StandardScaler()
    for row in x:
        scaler.partial_fit(row[None])
    return scaler.mean_, scaler.var_ * len(x)


FORWARDS = {
    "covariance": covariance,
    "standardize": standardize,
    "welford": welford,
}

LEDGER = ()

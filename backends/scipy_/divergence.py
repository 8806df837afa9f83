"""Divergences in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import special, stats
from scipy.spatial import distance

from .common import in_float64


@in_float64
def js_divergence(p, q, *, axis):
    """The square of the metric, which rescales p and q to the sum 1."""
    if not (np.allclose(np.sum(p, axis), 1) and np.allclose(np.sum(q, axis), 1)):
        raise NotImplementedError("jensenshannon rescales p and q to the sum 1")
    return distance.jensenshannon(np.moveaxis(p, axis, 0), np.moveaxis(q, axis, 0)) ** 2


@in_float64
def wasserstein_1d(x, y, *, axis):
    """wasserstein_distance takes two samples, of any sizes."""
    if x.shape != y.shape:
        raise NotImplementedError("wasserstein_distance takes samples of different sizes")
    lines = np.vectorize(stats.wasserstein_distance, signature="(n),(n)->()")
    return np.asarray(lines(np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)))


@in_float64
def wasserstein_1d_weighted(x, y, u, v):
    """wasserstein_distance takes two samples."""
    lines = np.vectorize(stats.wasserstein_distance, signature="(n),(m),(n),(m)->()")
    return np.asarray(lines(x, y, u, v))


FORWARDS = {
    "entropy": lambda p, *, axis: np.sum(special.entr(p), axis),
    "cross_entropy_between": lambda p, q, *, axis: -np.sum(special.xlogy(p, q), axis),
    "kl_categorical": lambda p, q, *, axis: np.sum(special.rel_entr(p, q), axis),
    "js_divergence": js_divergence,
    "wasserstein_1d": wasserstein_1d,
    "wasserstein_1d_weighted": wasserstein_1d_weighted,
}

LEDGER = (
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:kl_categorical-shapes-differ-float64",
        ),
    ),
)

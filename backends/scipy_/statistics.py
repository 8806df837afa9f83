"""Statistics in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import stats


def quantile(x, *, q, axis, method):
    y = stats.quantile(x, np.asarray(q, x.dtype), method=method, axis=axis)
    return np.moveaxis(y, axis, 0) if np.ndim(q) and axis is not None else y


FORWARDS = {
    "standardize": lambda x, *, axis, correction: stats.zscore(x, axis, ddof=correction),
    "skewness": stats.skew,
    "kurtosis": stats.kurtosis,
    "geometric_mean": stats.gmean,
    "harmonic_mean": stats.hmean,
    "quantile": quantile,
}

LEDGER = ()

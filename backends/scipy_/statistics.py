"""Statistics in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import stats


def quantile(x, *, q, axis, method):
    """Its levels lie along the axis that the values lay along."""
    lines = np.reshape(x, (-1,)) if axis is None else np.moveaxis(x, axis, -1)
    y = stats.quantile(lines, np.asarray(q, x.dtype), method=method, axis=-1)
    return np.moveaxis(y, -1, 0) if np.ndim(q) else y


FORWARDS = {
    "standardize": lambda x, *, axis, correction: stats.zscore(x, axis, ddof=correction),
    "skewness": stats.skew,
    "kurtosis": stats.kurtosis,
    "geometric_mean": stats.gmean,
    "harmonic_mean": stats.hmean,
    "quantile": quantile,
}

LEDGER = (
    (
        "of too few values for bias=False, the answer of bias=True",
        "",
        (
            "special:kurtosis-three-values-*",
            "special:skewness-two-values-*",
        ),
    ),
    (
        "beyond the last plotting position the last value is interpolated with itself, and an ulp off as that rounds",
        "",
        tuple(
            f"?{kind}:quantile-{method}-*"
            for kind in ("layout", "value")
            for method in ("median_unbiased", "normal_unbiased", "weibull")
        ),
    ),
    (
        "answers nan where there is no answer",
        "",
        ("refused:quantile-q-above-1-float64",),
    ),
)

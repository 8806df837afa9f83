"""Linear models in scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge


def linear_regression(x, target, *, alpha):
    fitted = (Ridge(alpha=alpha) if alpha else LinearRegression()).fit(x, target)
    return fitted.coef_, np.asarray(fitted.intercept_)


def _probabilities(x, w, b):
    """Of an estimator as its fit would leave it, with one row of weights for each class, or for label 1."""
    estimator = LogisticRegression()
    vars(estimator).update(classes_=np.arange(max(len(w), 2)), coef_=w, intercept_=b)
    return estimator.predict_proba(x)


FORWARDS = {
    "linear_regression": linear_regression,
    "logistic_regression": lambda x, w, b: _probabilities(x, w[None], b[None])[:, 1],
    "softmax_regression": lambda x, w, b: _probabilities(x, w.T, b),
}

LEDGER = (
    (
        "refuses nan",
        "",
        (
            "special:logistic_regression-sure-float64",
            "special:softmax_regression-sure-float64",
        ),
    ),
    (
        "takes targets in a column for several targets",
        "",
        ("refused:linear_regression-targets-in-a-column-float64",),
    ),
)

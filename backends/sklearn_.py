"""scikit-learn as a witness: what it fits, under our calling convention. Ask for it as crosscheck.backends.sklearn_."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.decomposition import PCA
from sklearn.naive_bayes import GaussianNB

SOLVERS = {"covariance": "covariance_eigh", "svd": "full"}
CANCELS = """\
predict_log_proba takes from the joint log density its logsumexp, which is nearly the same number where a class is \
all but certain: of a log posterior of -1.6e-15 nothing is left, 0.0"""
DISAGREEMENTS = {"fit:gaussian_naive_bayes_log_posterior-digits-*": (CANCELS, "")}


@dataclass(frozen=True)
class ScikitLearn:
    name: ClassVar[str] = "scikit-learn"
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    """GaussianNB computes in float64, whatever it is given."""
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS

    def find(self, name: str) -> Callable[..., Any] | None:
        return FUNCTIONS.get(name)


def backend() -> ScikitLearn:
    return ScikitLearn()


def pca_fit(x, *, n_components, route):
    fitted = PCA(n_components, svd_solver=SOLVERS[route]).fit(x)
    return fitted.mean_, fitted.components_, fitted.explained_variance_


def gaussian_naive_bayes_fit(x, labels, *, n_classes, var_smoothing):
    fitted = GaussianNB(var_smoothing=var_smoothing).fit(x, labels)
    if len(fitted.theta_) != n_classes:
        raise ValueError(f"got rows of {len(fitted.theta_)} classes, want {n_classes}")
    return fitted.class_prior_, fitted.theta_, fitted.var_


def gaussian_naive_bayes_log_posterior(x, prior, mean, variance):
    return _fitted(prior, mean, variance).predict_log_proba(x)


def gaussian_naive_bayes_predict(x, prior, mean, variance):
    return _fitted(prior, mean, variance).predict(x)


def _fitted(prior, mean, variance):
    """An estimator as its fit would leave it."""
    estimator = GaussianNB()
    vars(estimator).update(classes_=np.arange(len(prior)), class_prior_=prior, theta_=mean, var_=variance)
    return estimator


FUNCTIONS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        pca_fit,
        gaussian_naive_bayes_fit,
        gaussian_naive_bayes_log_posterior,
        gaussian_naive_bayes_predict,
    )
}

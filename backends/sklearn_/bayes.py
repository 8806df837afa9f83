"""Bayesian inference in scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.naive_bayes import GaussianNB


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


FORWARDS = {
    "gaussian_naive_bayes_fit": gaussian_naive_bayes_fit,
    "gaussian_naive_bayes_log_posterior": gaussian_naive_bayes_log_posterior,
    "gaussian_naive_bayes_predict": gaussian_naive_bayes_predict,
}

LEDGER = (
    (
        "predict_log_proba takes from the joint log density its logsumexp, which is nearly the same number where a "
        "class is all but certain: of a log posterior of -1.6e-15 nothing is left, 0.0",
        "",
        ("fit:gaussian_naive_bayes_log_posterior-digits-*",),
    ),
)

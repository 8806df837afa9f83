"""Bayesian inference in scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, PairwiseKernel
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB


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


def multinomial_naive_bayes_fit(x, labels, *, n_classes, alpha):
    return _shares(MultinomialNB(alpha=alpha).fit(x, labels), n_classes)


def bernoulli_naive_bayes_fit(x, labels, *, n_classes, alpha):
    return _shares(BernoulliNB(alpha=alpha).fit(x, labels), n_classes)


def _shares(fitted, n_classes):
    if len(fitted.classes_) != n_classes:
        raise ValueError(f"got rows of {len(fitted.classes_)} classes, want {n_classes}")
    return np.exp(fitted.class_log_prior_), np.exp(fitted.feature_log_prob_)


def _of_shares(estimator, prior, probability):
    """An estimator as its fit would leave it."""
    logarithms = {"class_log_prior_": np.log(prior), "feature_log_prob_": np.log(probability)}
    vars(estimator).update(classes_=np.arange(len(prior)), n_features_in_=probability.shape[1], **logarithms)
    return estimator


def ridge(x, y, *, alpha):
    return Ridge(alpha=alpha, fit_intercept=False, solver="cholesky").fit(x, y).coef_


def bayesian_linear_regression_predictive(x_new, x, y, alpha, beta):
    """The same model as a Gaussian process, whose kernel is the covariance of the weights' predictions."""
    kernel = ConstantKernel(1 / alpha) * PairwiseKernel(metric="linear")
    as_given: dict[str, Any] = {"optimizer": None}
    process: Any = GaussianProcessRegressor(kernel, alpha=1 / beta, **as_given).fit(x, y)
    mean, deviation = process.predict(x_new, return_std=True)
    return mean, deviation**2 + 1 / beta


def em_gaussian_mixture_step(weights, means, variances, x):
    start = {"weights_init": weights, "means_init": means, "precisions_init": 1 / variances}
    model = GaussianMixture(len(weights), covariance_type="diag", reg_covar=0, max_iter=1, **start).fit(x)
    return model.weights_, model.means_, model.covariances_, np.asarray(model.lower_bound_ * len(x))


def kmeans_step(x, centroids):
    """KMeans ends with the labels of its new centroids, so those of the old ones are asked apart."""
    labels, distance = pairwise_distances_argmin_min(x, centroids)
    once: dict[str, Any] = {"n_init": 1, "max_iter": 1}
    moved = KMeans(len(centroids), init=centroids, **once).fit(x).cluster_centers_
    return labels, moved, np.sum(distance * distance)


FORWARDS = {
    "gaussian_naive_bayes_fit": gaussian_naive_bayes_fit,
    "gaussian_naive_bayes_log_posterior": gaussian_naive_bayes_log_posterior,
    "gaussian_naive_bayes_predict": gaussian_naive_bayes_predict,
    "multinomial_naive_bayes_fit": multinomial_naive_bayes_fit,
    "multinomial_naive_bayes_log_posterior": lambda x, *fit: _of_shares(MultinomialNB(), *fit).predict_log_proba(x),
    "multinomial_naive_bayes_predict": lambda x, *fit: _of_shares(MultinomialNB(), *fit).predict(x),
    "bernoulli_naive_bayes_fit": bernoulli_naive_bayes_fit,
    "bernoulli_naive_bayes_log_posterior": lambda x, *fit: _of_shares(BernoulliNB(), *fit).predict_log_proba(x),
    "bernoulli_naive_bayes_predict": lambda x, *fit: _of_shares(BernoulliNB(), *fit).predict(x),
    "ridge": ridge,
    "bayesian_linear_regression_predictive": bayesian_linear_regression_predictive,
    "em_gaussian_mixture_step": em_gaussian_mixture_step,
    "kmeans_step": kmeans_step,
}

LEDGER = (
    (
        "predict_log_proba takes from the joint log density its logsumexp, which is nearly the same number where a "
        "class is all but certain: of a log posterior of -1.6e-15 nothing is left, 0.0",
        "",
        (
            "?layout:gaussian_naive_bayes_log_posterior-*",
            "?value:gaussian_naive_bayes_log_posterior-*",
            "fit:gaussian_naive_bayes_log_posterior-digits-*",
        ),
    ),
    (
        "keeps logarithms, whose exponentials and sums are off by a few ulp",
        "",
        (
            "?layout:*_naive_bayes_fit-*",
            "?value:*_naive_bayes_fit-*",
            "special:bernoulli_naive_bayes_fit-by-hand-float64",
            "special:bernoulli_naive_bayes_log_posterior-even-odds-float64",
            "special:multinomial_naive_bayes_fit-by-hand-float64",
            "special:multinomial_naive_bayes_log_posterior-even-odds-float64",
        ),
    ),
    (
        "the variance of a Gaussian process is a difference of the prior's and what the data explain of it",
        "",
        (
            "?layout:bayesian_linear_regression_predictive-*",
            "?value:bayesian_linear_regression_predictive-*",
        ),
    ),
    (
        "GaussianMixture takes the variance as mean of squares less square of mean, and adds 10 eps to each total",
        "",
        ("?value:em_gaussian_mixture_step-*",),
    ),
    (
        "refuses weights that do not sum to 1",
        "",
        ("layout:em_gaussian_mixture_step-*",),
    ),
    (
        "refuses nan",
        "",
        (
            "special:em_gaussian_mixture_step-nan-float64",
            "special:gaussian_naive_bayes_log_posterior-nan-float64",
        ),
    ),
    (
        "distances as x.x - 2 x.c + c.c: of data near 100 four digits are lost",
        "",
        (
            "layout:kmeans_step-shifted-float64",
            "value:kmeans_step-shifted-float64",
        ),
    ),
    (
        "KMeans moves a centroid without rows to the row that is farthest from its own",
        "",
        (
            "layout:kmeans_step-three-clusters-float64",
            "special:kmeans_step-ties-and-none-float64",
        ),
    ),
    (
        "refuses an empty array",
        "",
        (
            "empty:*_naive_bayes_log_posterior-no-rows-float64",
            "empty:gaussian_naive_bayes_predict-no-rows-float64",
        ),
    ),
    (
        "any labels are classes, negative ones too",
        "",
        ("refused:gaussian_naive_bayes_fit-label-negative-float64",),
    ),
    (
        "silently broadcasts arguments that do not fit",
        "",
        (
            "refused:bernoulli_naive_bayes_log_posterior-prior-of-one-float64",
            "refused:gaussian_naive_bayes_log_posterior-mean-of-one-feature-float64",
            "refused:gaussian_naive_bayes_log_posterior-prior-of-one-float64",
            "refused:gaussian_naive_bayes_predict-prior-of-one-float64",
            "refused:multinomial_naive_bayes_log_posterior-prior-of-one-float64",
        ),
    ),
)

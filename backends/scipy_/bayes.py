"""Bayesian inference in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import linalg, special, stats
from scipy.cluster import vq

from .common import in_float64


def log_bayes_rule(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    return special.log_softmax(joint, axis=-1), special.logsumexp(joint, axis=-1)


def ridge(x, y, *, alpha):
    return linalg.solve(x.T @ x + alpha * np.eye(x.shape[1], dtype=x.dtype), x.T @ y, assume_a="pos")


def bayesian_linear_regression(x, y, alpha, beta):
    precision = alpha * np.eye(x.shape[1], dtype=x.dtype) + beta * (x.T @ x)
    return beta * linalg.solve(precision, x.T @ y, assume_a="pos"), linalg.inv(precision)


@in_float64
def bayesian_linear_regression_log_evidence(x, y, alpha, beta):
    """The density of the targets, which are normal when the weights are integrated out."""
    return stats.multivariate_normal.logpdf(y, cov=x @ x.T / alpha + np.eye(len(x)) / beta)


def kmeans_step(x, centroids):
    labels, distance = vq.vq(x, centroids)
    moved, same = vq.kmeans2(x, centroids, iter=1, minit="matrix")
    assert np.array_equal(labels, same)
    return labels.astype(np.int64), moved, np.sum(distance * distance)


FORWARDS = {
    "log_bayes_rule": log_bayes_rule,
    "beta_binomial_log_evidence": in_float64(lambda k, a, b, *, n: stats.betabinom.logpmf(k, n, a, b)),
    "dirichlet_multinomial_log_evidence": in_float64(
        lambda c, alpha, *, n: stats.dirichlet_multinomial.logpmf(c, alpha, n)
    ),
    "ridge": ridge,
    "bayesian_linear_regression": bayesian_linear_regression,
    "bayesian_linear_regression_log_evidence": bayesian_linear_regression_log_evidence,
    "kmeans_step": kmeans_step,
}

LEDGER = (
    (
        "logarithms of gamma functions cancel: of a parameter of 1e3 four digits are lost, or more",
        "",
        (
            "layout:beta_binomial_log_evidence-broadcast-float64",
            "layout:dirichlet_multinomial_log_evidence-all-strengths-float64",
            "value:beta_binomial_log_evidence-broadcast-float64",
            "value:dirichlet_multinomial_log_evidence-all-strengths-float64",
        ),
    ),
)

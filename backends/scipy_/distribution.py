"""Distributions in SciPy: scipy.stats."""

from __future__ import annotations

from scipy import linalg, stats

from .common import in_float64


def _one_covariance(covariance):
    if covariance.ndim != 2:
        raise NotImplementedError("scipy.stats.multivariate_normal has one covariance matrix")
    return covariance


def _multivariate_normal_log_density(x, mean, covariance):
    return stats.multivariate_normal.logpdf(x, mean, _one_covariance(covariance))


def _multivariate_normal_sample(noise, mean, covariance):
    return mean + noise @ linalg.cholesky(_one_covariance(covariance), lower=True).T


def _multivariate_normal_entropy(covariance):
    return stats.multivariate_normal.entropy(None, _one_covariance(covariance))


FORWARDS = {
    "normal_log_density": in_float64(stats.norm.logpdf),
    "normal_cdf": in_float64(stats.norm.cdf),
    "normal_entropy": in_float64(lambda sigma: stats.norm.entropy(scale=sigma)),
    "multivariate_normal_log_density": in_float64(_multivariate_normal_log_density),
    "multivariate_normal_sample": _multivariate_normal_sample,
    "multivariate_normal_entropy": in_float64(_multivariate_normal_entropy),
}

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
    "bernoulli_log_density": in_float64(stats.bernoulli.logpmf),
    "bernoulli_cdf": in_float64(stats.bernoulli.cdf),
    "bernoulli_entropy": in_float64(stats.bernoulli.entropy),
    "bernoulli_moments": in_float64(stats.bernoulli.stats),
    "binomial_log_density": in_float64(stats.binom.logpmf),
    "binomial_cdf": in_float64(stats.binom.cdf),
    "binomial_moments": in_float64(stats.binom.stats),
    "poisson_log_density": in_float64(stats.poisson.logpmf),
    "poisson_cdf": in_float64(stats.poisson.cdf),
    "poisson_moments": in_float64(stats.poisson.stats),
}

LEDGER = (
    (
        "a covariance whose eigenvalues differ by 1e10 is refused as singular, whatever its correlations",
        "https://github.com/scipy/scipy/issues/24718",
        (
            "layout:multivariate_normal_log_density-scales-float64",
            "pure:multivariate_normal_log_density-scales-float64",
            "value:multivariate_normal_log_density-scales-float64",
        ),
    ),
    (
        "the entropy leaves out eigenvalues below 1e-10 of the largest, without a word",
        "https://github.com/scipy/scipy/issues/17568",
        (
            "layout:multivariate_normal_entropy-scales-float64",
            "value:multivariate_normal_entropy-scales-float64",
        ),
    ),
    (
        "-(1 - p) log(1 - p) of a small p, whose digits 1 - p rounds away",
        "",
        (
            "layout:bernoulli_entropy-rare-and-nearly-certain-float64",
            "value:bernoulli_entropy-rare-and-nearly-certain-float64",
        ),
    ),
)

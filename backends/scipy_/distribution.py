"""Distributions in SciPy: scipy.stats."""

from __future__ import annotations

import numpy as np
from scipy import linalg, special, stats

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


@in_float64
def _normal_fit(x, *, axis):
    """norm.fit takes one sample."""
    fits = [stats.norm.fit(sample) for sample in np.moveaxis(x, axis, -1)]
    return tuple(np.array(v) for v in zip(*fits, strict=True))


def _categorical_log_density(x, logits):
    return stats.multinomial.logpmf(np.eye(logits.shape[-1])[x], 1, special.softmax(logits, axis=-1))


def _one_alpha(alpha):
    if alpha.ndim != 1:
        raise NotImplementedError("scipy.stats.dirichlet has one alpha")
    return alpha


def _dirichlet_moments(alpha):
    return stats.dirichlet.mean(_one_alpha(alpha)), stats.dirichlet.cov(alpha)


def _normal_mixture(logits, mu, sigma):
    if not logits.ndim == mu.ndim == sigma.ndim == 1:
        raise NotImplementedError("scipy.stats.Mixture has one weight for each component")
    components = [stats.Normal(mu=m, sigma=s) for m, s in zip(mu, sigma, strict=True)]
    return stats.Mixture(components, weights=special.softmax(logits))


def _normal_mixture_moments(logits, mu, sigma):
    mixture = _normal_mixture(logits, mu, sigma)
    return mixture.mean(), mixture.variance()


def _inverse_cdf(u, x, cdf):
    """A histogram whose counts are the steps of a cdf from 0 to 1."""
    return stats.rv_histogram((np.diff(cdf), x), density=False).ppf(u)


FORWARDS = {
    "normal_fit": _normal_fit,
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
    "categorical_log_density": in_float64(_categorical_log_density),
    "categorical_entropy": in_float64(lambda logits: stats.entropy(special.softmax(logits, axis=-1), axis=-1)),
    "gumbel_max": lambda u, logits: np.argmax(logits + stats.gumbel_r.ppf(u), axis=-1),
    "dirichlet_log_density": in_float64(lambda x, alpha: stats.dirichlet.logpdf(x.T, _one_alpha(alpha))),
    "dirichlet_entropy": in_float64(lambda alpha: stats.dirichlet.entropy(_one_alpha(alpha))),
    "dirichlet_moments": in_float64(_dirichlet_moments),
    "normal_mixture_log_density": in_float64(lambda x, *parameters: _normal_mixture(*parameters).logpdf(x)),
    "normal_mixture_cdf": in_float64(lambda x, *parameters: _normal_mixture(*parameters).cdf(x)),
    "normal_mixture_moments": in_float64(_normal_mixture_moments),
    "inverse_cdf": in_float64(_inverse_cdf),
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
    (
        "dirichlet refuses to say nothing about no rows",
        "",
        ("empty:dirichlet_log_density-no-rows-float64",),
    ),
    (
        "silently broadcasts arguments that do not fit",
        "",
        ("refused:gumbel_max-noise-used-twice-float64",),
    ),
)

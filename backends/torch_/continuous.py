"""Continuous distributions of one number in PyTorch."""

from __future__ import annotations

import torch
from torch import distributions
from torch.distributions import transforms


def _made(cls):
    return lambda *params: cls(*params, validate_args=False)


def _logistic(loc, scale):
    """PyTorch has no class for it; its documentation builds it so."""
    base = distributions.Uniform(torch.zeros_like(scale), torch.ones_like(scale), validate_args=False)
    steps: list = [transforms.SigmoidTransform().inv, transforms.AffineTransform(loc, scale)]
    return distributions.TransformedDistribution(base, steps, validate_args=False)


def _log_density(make):
    return lambda x, *params: make(*params).log_prob(x)


def _cdf(make):
    return lambda x, *params: make(*params).cdf(x)


def _quantile(make):
    """A distribution draws its own noise; for noise that is given, its quantile function is the map."""
    return lambda u, *params: make(*params).icdf(u)


def _entropy(make):
    return lambda *params: make(*params).entropy()


def _entropy_of_scale(make):
    return lambda scale: make(torch.zeros_like(scale), scale).entropy()


def _moments(make):
    def moments(*params):
        d = make(*params)
        return d.mean, d.variance

    return moments


def _log_normal_sample(noise, mu, sigma):
    """The transforms of torch.distributions.LogNormal."""
    return transforms.ComposeTransform([transforms.AffineTransform(mu, sigma), transforms.ExpTransform()])(noise)


uniform, laplace = _made(distributions.Uniform), _made(distributions.Laplace)
cauchy, exponential = _made(distributions.Cauchy), _made(distributions.Exponential)
log_normal, gamma = _made(distributions.LogNormal), _made(distributions.Gamma)
beta, student_t = _made(distributions.Beta), _made(distributions.StudentT)

FORWARDS = {
    "uniform_log_density": _log_density(uniform),
    "uniform_cdf": _cdf(uniform),
    "uniform_sample": _quantile(uniform),
    "uniform_entropy": _entropy(uniform),
    "uniform_moments": _moments(uniform),
    "laplace_log_density": _log_density(laplace),
    "laplace_cdf": _cdf(laplace),
    "laplace_sample": _quantile(laplace),
    "laplace_entropy": _entropy_of_scale(laplace),
    "laplace_moments": _moments(laplace),
    "logistic_log_density": _log_density(_logistic),
    "logistic_cdf": _cdf(_logistic),
    "logistic_sample": _quantile(_logistic),
    "cauchy_log_density": _log_density(cauchy),
    "cauchy_cdf": _cdf(cauchy),
    "cauchy_sample": _quantile(cauchy),
    "cauchy_entropy": _entropy_of_scale(cauchy),
    "exponential_log_density": _log_density(exponential),
    "exponential_cdf": _cdf(exponential),
    "exponential_sample": _quantile(exponential),
    "exponential_entropy": _entropy(exponential),
    "exponential_moments": _moments(exponential),
    "log_normal_log_density": _log_density(log_normal),
    "log_normal_cdf": _cdf(log_normal),
    "log_normal_sample": _log_normal_sample,
    "log_normal_entropy": _entropy(log_normal),
    "log_normal_moments": _moments(log_normal),
    "gamma_log_density": _log_density(gamma),
    "gamma_cdf": _cdf(gamma),
    "gamma_entropy": _entropy(gamma),
    "gamma_moments": _moments(gamma),
    "beta_log_density": _log_density(beta),
    "beta_entropy": _entropy(beta),
    "beta_moments": _moments(beta),
    "student_t_log_density": _log_density(student_t),
    "student_t_entropy": lambda df, scale: student_t(df, torch.zeros_like(scale), scale).entropy(),
    "student_t_moments": _moments(student_t),
}

LEDGER = ()

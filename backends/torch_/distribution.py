"""Distributions in PyTorch."""

from __future__ import annotations

import torch
from torch.distributions import MultivariateNormal, Normal
from torch.distributions.transforms import AffineTransform


def normal(mu, sigma):
    return Normal(mu, sigma, validate_args=False)


def _multivariate_normal(mean, covariance):
    return MultivariateNormal(mean, covariance_matrix=covariance, validate_args=False)


def _multivariate_normal_sample(noise, mean, covariance):
    """What MultivariateNormal.rsample does with the noise that it draws."""
    return mean + (torch.linalg.cholesky(covariance) @ noise.unsqueeze(-1)).squeeze(-1)


def _multivariate_normal_entropy(covariance):
    return _multivariate_normal(covariance.new_zeros(covariance.shape[-1]), covariance).entropy()


def _monte_carlo_expectation(fx):
    variance, mean = torch.var_mean(fx, correction=1)
    return mean, torch.sqrt(variance / fx.numel())


FORWARDS = {
    "normal_log_density": lambda x, mu, sigma: normal(mu, sigma).log_prob(x),
    "normal_cdf": lambda x, mu, sigma: normal(mu, sigma).cdf(x),
    "normal_entropy": lambda sigma: normal(torch.zeros_like(sigma), sigma).entropy(),
    "multivariate_normal_log_density": lambda x, mean, covariance: _multivariate_normal(mean, covariance).log_prob(x),
    "multivariate_normal_sample": _multivariate_normal_sample,
    "multivariate_normal_entropy": _multivariate_normal_entropy,
    "reparameterize": lambda noise, mu, sigma: AffineTransform(mu, sigma)(noise),
    "monte_carlo_expectation": _monte_carlo_expectation,
}

LEDGER = (
    (
        "Normal.cdf is (1 + erf(z/sqrt 2))/2, which cancels in the lower tail",
        "https://github.com/pytorch/pytorch/issues/192295",
        (
            "batched:normal_cdf-broadcast-float32",
            "batched:normal_cdf-lower-tail-*",
            "layout:normal_cdf-broadcast-float32",
            "layout:normal_cdf-lower-tail-*",
            "value:normal_cdf-broadcast-float32",
            "value:normal_cdf-lower-tail-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        ("refused:monte_carlo_expectation-*-float64",),
    ),
    (
        "torch.std of equal values has the derivative nan, which is no subgradient",
        "",
        ("kink:monte_carlo_expectation-all-equal-*",),
    ),
)

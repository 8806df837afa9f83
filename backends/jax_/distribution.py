"""Distributions in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp



def _multivariate_normal_sample(noise, mean, covariance):
    """What jax.random.multivariate_normal does with the noise that it draws."""
    return mean + jnp.einsum("...ij,...j->...i", jnp.linalg.cholesky(covariance), noise)


FORWARDS = {
    "normal_log_density": jax.scipy.stats.norm.logpdf,
    "normal_cdf": jax.scipy.stats.norm.cdf,
    "multivariate_normal_log_density": jax.scipy.stats.multivariate_normal.logpdf,
    "multivariate_normal_sample": _multivariate_normal_sample,
    "bernoulli_log_density": jax.scipy.stats.bernoulli.logpmf,
    "bernoulli_cdf": jax.scipy.stats.bernoulli.cdf,
    "binomial_log_density": jax.scipy.stats.binom.logpmf,
    "poisson_log_density": jax.scipy.stats.poisson.logpmf,
    "poisson_cdf": jax.scipy.stats.poisson.cdf,
    "reparameterize": lambda noise, mu, sigma: mu + sigma * noise,
    "monte_carlo_expectation": lambda fx: (jnp.mean(fx, 0), jax.scipy.stats.sem(fx, 0, ddof=1)),
}

LEDGER = (
    (
        "the derivative of a standard deviation of equal values is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/11716",
        ("kink:monte_carlo_expectation-all-equal-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        ("refused:monte_carlo_expectation-*-float64",),
    ),
    (
        "lgamma(1) is 4.8e-7 in float32, where it should be 0",
        "https://github.com/jax-ml/jax/issues/21284",
        (
            "layout:binomial_log_density-coins-float32",
            "layout:poisson_log_density-*-float32",
            "special:poisson_log_density-limits-float32",
            "value:binomial_log_density-coins-float32",
            "value:poisson_log_density-*-float32",
        ),
    ),
)

"""Distributions in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

FORWARDS = {
    "normal_log_density": jax.scipy.stats.norm.logpdf,
    "normal_cdf": jax.scipy.stats.norm.cdf,
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
)

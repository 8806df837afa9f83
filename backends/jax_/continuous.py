"""Continuous distributions of one number in JAX."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.stats import beta, cauchy, expon, gamma, laplace, logistic, t, uniform

FORWARDS = {
    "uniform_log_density": lambda x, low, high: uniform.logpdf(x, low, high - low),
    "uniform_cdf": lambda x, low, high: uniform.cdf(x, low, high - low),
    "uniform_sample": lambda u, low, high: uniform.ppf(u, low, high - low),
    "laplace_log_density": laplace.logpdf,
    "laplace_cdf": laplace.cdf,
    "logistic_log_density": logistic.logpdf,
    "logistic_cdf": logistic.cdf,
    "logistic_sample": logistic.ppf,
    "cauchy_log_density": cauchy.logpdf,
    "cauchy_cdf": cauchy.cdf,
    "cauchy_sample": cauchy.ppf,
    # of the standard distribution: to pass the scale 1 / rate would put the derivatives of a quotient into them
    "exponential_log_density": lambda x, rate: expon.logpdf(rate * x) + jnp.log(rate),
    "exponential_cdf": lambda x, rate: expon.cdf(rate * x),
    "exponential_sample": lambda u, rate: expon.ppf(u) / rate,
    "gamma_log_density": lambda x, concentration, rate: gamma.logpdf(rate * x, concentration) + jnp.log(rate),
    "gamma_cdf": lambda x, concentration, rate: gamma.cdf(rate * x, concentration),
    "beta_log_density": beta.logpdf,
    "beta_cdf": beta.cdf,
    "student_t_log_density": t.logpdf,
}

LEDGER = ()

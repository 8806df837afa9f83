"""Continuous distributions of one number in JAX."""

from __future__ import annotations

from jax.scipy.stats import cauchy, expon, laplace, logistic, uniform

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
    "exponential_log_density": lambda x, rate: expon.logpdf(x, scale=1 / rate),
    "exponential_cdf": lambda x, rate: expon.cdf(x, scale=1 / rate),
    "exponential_sample": lambda u, rate: expon.ppf(u, scale=1 / rate),
}

LEDGER = ()

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

LEDGER = (
    (
        "of nan the uniform density and cdf are numbers",
        "https://github.com/jax-ml/jax/issues/38317",
        (
            "special:uniform_cdf-limits-*",
            "special:uniform_log_density-limits-*",
        ),
    ),
    (
        "cauchy.cdf is 1/2 + arctan(z)/pi, which cancels in the lower tail",
        "",
        (
            "batched:cauchy_cdf-lower-tail-*",
            "eager value:cauchy_cdf-lower-tail-float64",
            "forward-over-forward:cauchy_cdf-lower-tail-*",
            "layout:cauchy_cdf-lower-tail-*",
            "special:cauchy_cdf-limits-*",
            "value:cauchy_cdf-lower-tail-*",
        ),
    ),
    (
        "cauchy.ppf is tan(pi u - pi/2): of a small u nothing is left, and at the ends it is finite",
        "https://github.com/jax-ml/jax/issues/38318",
        (
            "*-over-*:cauchy_sample-tails-*",
            "batched:cauchy_sample-tails-*",
            "eager *:cauchy_sample-tails-float64",
            "jvp:cauchy_sample-tails-*",
            "layout:cauchy_sample-tails-*",
            "special:cauchy_sample-limits-*",
            "value:cauchy_sample-tails-*",
            "vjp:cauchy_sample-tails-*",
        ),
    ),
    (
        "the derivative of expm1 is formed as expm1 + 1, which cancels after a long wait",
        "https://github.com/jax-ml/jax/issues/39794",
        (
            "*-over-*:exponential_cdf-short-and-long-*",
            "batched:exponential_cdf-short-and-long-*",
            "eager vjp:exponential_cdf-short-and-long-float64",
            "jvp:exponential_cdf-short-and-long-*",
            "vjp:exponential_cdf-short-and-long-*",
        ),
    ),
    (
        "gamma.logpdf at infinity is infinity - infinity",
        "",
        ("special:gamma_log_density-limits-*",),
    ),
    (
        "gamma.logpdf takes the logarithm of the product of x and the rate, whose mixed derivatives cancel for small x",
        "",
        (
            "forward-over-reverse:gamma_log_density-scales-*",
            "reverse-over-*:gamma_log_density-scales-*",
        ),
    ),
    (
        "betaln from 8 on takes h/(1+h) for 1/(1+h), and is off by up to 1e-7",
        "",
        (
            "*-over-*:beta_log_density-near-the-ends-float64",
            "batched:beta_log_density-near-the-ends-float64",
            "eager *:beta_log_density-near-the-ends-float64",
            "jvp:beta_log_density-near-the-ends-float64",
            "layout:beta_log_density-near-the-ends-float64",
            "value:beta_log_density-near-the-ends-float64",
            "vjp:beta_log_density-near-the-ends-float64",
        ),
    ),
    (
        "lgamma(1) is not 0 in float32",
        "",
        ("special:beta_log_density-limits-float32",),
    ),
    (
        "the factor of betainc is a difference of log-gammas, whose rounding XLA's code for the processor decides",
        "",
        (
            "?batched:beta_cdf-*",
            "?eager value:beta_cdf-*",
            "?layout:beta_cdf-*",
            "?value:beta_cdf-*",
        ),
    ),
)

"""Distributions in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import installed_optax


def _multivariate_normal_sample(noise, mean, covariance):
    """What jax.random.multivariate_normal does with the noise that it draws."""
    return mean + jnp.einsum("...ij,...j->...i", jnp.linalg.cholesky(covariance), noise)


def _categorical_log_density(x, logits):
    logits = jnp.broadcast_to(logits, (*x.shape, logits.shape[-1]))  # optax takes one row of logits for each label
    return -installed_optax().softmax_cross_entropy_with_integer_labels(logits, x)


def _dirichlet_log_density(x, alpha):
    """Components along the first axis."""
    if alpha.ndim != 1:
        raise NotImplementedError("jax.scipy.stats.dirichlet has one alpha")
    return jax.scipy.stats.dirichlet.logpdf(jnp.moveaxis(x, -1, 0), alpha)


FORWARDS = {
    "normal_fit": lambda x, *, axis: (jnp.mean(x, axis), jnp.std(x, axis)),
    "normal_log_density": jax.scipy.stats.norm.logpdf,
    "normal_cdf": jax.scipy.stats.norm.cdf,
    "multivariate_normal_log_density": jax.scipy.stats.multivariate_normal.logpdf,
    "multivariate_normal_sample": _multivariate_normal_sample,
    "bernoulli_log_density": jax.scipy.stats.bernoulli.logpmf,
    "bernoulli_cdf": jax.scipy.stats.bernoulli.cdf,
    "binomial_log_density": jax.scipy.stats.binom.logpmf,
    "poisson_log_density": jax.scipy.stats.poisson.logpmf,
    "poisson_cdf": jax.scipy.stats.poisson.cdf,
    "categorical_log_density": _categorical_log_density,
    "categorical_entropy": lambda logits: jax.scipy.special.entr(jax.nn.softmax(logits)).sum(-1),
    "gumbel_max": lambda u, logits: jnp.argmax(logits + jax.scipy.stats.gumbel_r.ppf(u), axis=-1),
    "dirichlet_log_density": _dirichlet_log_density,
    "inverse_cdf": lambda u, x, cdf: jnp.interp(u, cdf, x),
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
        (
            "refused:categorical_log_density-no-such-outcome-float64",
            "refused:gumbel_max-noise-used-twice-float64",
            "refused:monte_carlo_expectation-*-float64",
        ),
    ),
    (
        "lgamma(1) is 4.8e-7 in float32, where it should be 0",
        "https://github.com/jax-ml/jax/issues/21284",
        (
            "batched:binomial_log_density-coins-float32",
            "batched:poisson_log_density-*-float32",
            "layout:binomial_log_density-coins-float32",
            "layout:poisson_log_density-*-float32",
            "special:poisson_log_density-limits-float32",
            "value:binomial_log_density-coins-float32",
            "value:poisson_log_density-*-float32",
        ),
    ),
)

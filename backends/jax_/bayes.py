"""Bayesian inference in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy import special, stats


def log_bayes_rule(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    return jax.nn.log_softmax(joint), special.logsumexp(joint, axis=-1)


def ridge(x, y, *, alpha):
    return jnp.linalg.solve(x.T @ x + alpha * jnp.eye(x.shape[1], dtype=x.dtype), x.T @ y)


def bayesian_linear_regression(x, y, alpha, beta):
    covariance = jnp.linalg.inv(alpha * jnp.eye(x.shape[1], dtype=x.dtype) + beta * (x.T @ x))
    return beta * (covariance @ (x.T @ y)), covariance


def bayesian_linear_regression_predictive(x_new, x, y, alpha, beta):
    m, covariance = bayesian_linear_regression(x, y, alpha, beta)
    return x_new @ m, jnp.einsum("md,de,me->m", x_new, covariance, x_new) + 1 / beta


def bayesian_linear_regression_log_evidence(x, y, alpha, beta):
    """The density of the targets, which are normal when the weights are integrated out."""
    covariance = x @ x.T / alpha + jnp.eye(len(x), dtype=x.dtype) / beta
    return stats.multivariate_normal.logpdf(y, jnp.zeros_like(y), covariance)


def multinomial_naive_bayes_log_posterior(x, prior, probability):
    return jax.nn.log_softmax(jnp.log(prior) + x @ jnp.log(probability).T, axis=1)


def bernoulli_naive_bayes_log_posterior(x, prior, probability):
    joint = jnp.log(prior) + x @ jnp.log(probability).T + (1 - x) @ jnp.log1p(-probability).T
    return jax.nn.log_softmax(joint, axis=1)


def em_gaussian_mixture_step(weights, means, variances, x):
    joint = jnp.log(weights) + stats.norm.logpdf(x[:, None], means, jnp.sqrt(variances)).sum(axis=2)
    r = jax.nn.softmax(joint, axis=1)
    total = r.sum(axis=0)
    mean = r.T @ x / total[:, None]
    variance = jnp.average(
        (x[:, None] - mean) ** 2, axis=0, weights=jnp.broadcast_to(r[:, :, None], (*r.shape, x.shape[1]))
    )
    return total / len(x), mean, variance, special.logsumexp(joint, axis=1).sum()


FORWARDS = {
    "log_bayes_rule": log_bayes_rule,
    "beta_binomial_log_evidence": lambda k, a, b, *, n: stats.betabinom.logpmf(k, n, a, b),
    "ridge": ridge,
    "bayesian_linear_regression": bayesian_linear_regression,
    "bayesian_linear_regression_predictive": bayesian_linear_regression_predictive,
    "bayesian_linear_regression_log_evidence": bayesian_linear_regression_log_evidence,
    "multinomial_naive_bayes_log_posterior": multinomial_naive_bayes_log_posterior,
    "bernoulli_naive_bayes_log_posterior": bernoulli_naive_bayes_log_posterior,
    "em_gaussian_mixture_step": em_gaussian_mixture_step,
}

LEDGER = (
    (
        "betaln of arguments from 8 on is off by 1e-8 to 1e-6, in float64 too: its correction has so few digits",
        "",
        (
            "[!p]*:beta_binomial_log_evidence-seven-trials-float64",
            "[!p]*:beta_binomial_log_evidence-broadcast-float64",
            "*value:beta_binomial_log_evidence-broadcast-float32",
            "*-over-*:beta_binomial_log_evidence-broadcast-float32",
            "batched:beta_binomial_log_evidence-broadcast-float32",
            "jvp:beta_binomial_log_evidence-broadcast-float32",
            "layout:beta_binomial_log_evidence-broadcast-float32",
        ),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:bernoulli_naive_bayes_log_posterior-prior-of-one-float64",
            "refused:em_gaussian_mixture_step-one-width-for-all-float64",
            "refused:multinomial_naive_bayes_log_posterior-prior-of-one-float64",
        ),
    ),
)

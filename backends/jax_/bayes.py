"""Bayesian inference in JAX."""

from __future__ import annotations

import jax
from jax.scipy import special, stats


def log_bayes_rule(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    return jax.nn.log_softmax(joint), special.logsumexp(joint, axis=-1)


FORWARDS = {
    "log_bayes_rule": log_bayes_rule,
    "beta_binomial_log_evidence": lambda k, a, b, *, n: stats.betabinom.logpmf(k, n, a, b),
}

LEDGER = (
    (
        "betaln of arguments from 8 on is off by 1e-8 to 1e-6, in float64 too: its asymptotic correction has so few digits",
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
)

"""Bayesian inference in SciPy."""

from __future__ import annotations

from scipy import special, stats

from .common import in_float64


def log_bayes_rule(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    return special.log_softmax(joint, axis=-1), special.logsumexp(joint, axis=-1)


FORWARDS = {
    "log_bayes_rule": log_bayes_rule,
    "beta_binomial_log_evidence": in_float64(lambda k, a, b, *, n: stats.betabinom.logpmf(k, n, a, b)),
    "dirichlet_multinomial_log_evidence": in_float64(lambda c, alpha, *, n: stats.dirichlet_multinomial.logpmf(c, alpha, n)),
}

LEDGER = (
    (
        "logarithms of gamma functions cancel: of a parameter of 1e3 four digits are lost, where it is nearly certain ten",
        "",
        (
            "layout:beta_binomial_log_evidence-broadcast-float64",
            "layout:dirichlet_multinomial_log_evidence-all-strengths-float64",
            "value:beta_binomial_log_evidence-broadcast-float64",
            "value:dirichlet_multinomial_log_evidence-all-strengths-float64",
        ),
    ),
)

"""Bayesian inference in PyTorch."""

from __future__ import annotations

import torch
from torch.distributions import Beta, Categorical, Dirichlet


def _bayes_rule(prior, likelihood):
    """The normalisation of a categorical distribution, and a product of matrices."""
    return Categorical(prior * likelihood, validate_args=False).probs, likelihood @ prior


def _log_bayes_rule(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    return torch.log_softmax(joint, dim=-1), torch.logsumexp(joint, dim=-1)


def _beta_binomial_posterior(a, b, successes, failures):
    a, b = torch.broadcast_tensors(a + successes, b + failures)
    posterior = Beta(a, b, validate_args=False)
    return a, b, posterior.mean, posterior.variance


def _dirichlet_multinomial_posterior(alpha, counts):
    posterior = Dirichlet(alpha + counts, validate_args=False)
    return posterior.concentration, posterior.mean


FORWARDS = {
    "bayes_rule": _bayes_rule,
    "log_bayes_rule": _log_bayes_rule,
    "beta_binomial_posterior": _beta_binomial_posterior,
    "dirichlet_multinomial_posterior": _dirichlet_multinomial_posterior,
}

LEDGER = (
    (
        "the derivative of logsumexp is exp(x - y) of the rounded y: of a y near -800 three digits are lost",
        "",
        (
            "?batched:log_bayes_rule-unlikely-*",
            "?*vjp:log_bayes_rule-unlikely-*",
            "?reverse-over-reverse:log_bayes_rule-unlikely-*",
        ),
    ),
)

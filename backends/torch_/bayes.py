"""Bayesian inference in PyTorch."""

from __future__ import annotations

import torch
from torch.distributions import Beta, Categorical, Dirichlet, Independent, MultivariateNormal, Normal, kl_divergence

from .distribution import normal


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


def _elbo(x, mean, sigma, mean0, sigma0, noise):
    """The expectation of the log likelihood is that of the mean, less the spread of q in units of the noise."""
    likelihood = normal(mean, noise).log_prob(x).sum() - len(x) * ((sigma / noise) ** 2).sum() / 2
    return likelihood - kl_divergence(normal(mean, sigma), normal(mean0, sigma0)).sum()


def _eye(x):
    return torch.eye(x.shape[1], dtype=x.dtype, device=x.device)


def _ridge(x, y, *, alpha):
    return torch.linalg.solve(x.mT @ x + alpha * _eye(x), x.mT @ y)


def _bayesian_linear_regression(x, y, alpha, beta):
    covariance = torch.linalg.inv(alpha * _eye(x) + beta * (x.mT @ x))
    return beta * (covariance @ (x.mT @ y)), covariance


def _bayesian_linear_regression_predictive(x_new, x, y, alpha, beta):
    m, covariance = _bayesian_linear_regression(x, y, alpha, beta)
    return x_new @ m, torch.einsum("md,de,me->m", x_new, covariance, x_new) + 1 / beta


def _bayesian_linear_regression_log_evidence(x, y, alpha, beta):
    """The density of the targets, which are normal when the weights are integrated out."""
    covariance = x @ x.mT / alpha + torch.eye(len(x), dtype=x.dtype, device=x.device) / beta
    return MultivariateNormal(torch.zeros_like(y), covariance, validate_args=False).log_prob(y)


def _log_posterior(log_joint):
    return torch.log_softmax(log_joint, dim=1)


def _multinomial_joint(x, prior, probability):
    return torch.log(prior) + x @ torch.log(probability).T


def _bernoulli_joint(x, prior, probability):
    """Not by torch.distributions.Bernoulli, which goes through the logits and back."""
    present, absent = torch.xlogy(x[:, None], probability), torch.special.xlog1py(1 - x[:, None], -probability)
    return torch.log(prior) + present.sum(2) + absent.sum(2)


def _em_gaussian_mixture_step(weights, means, variances, x):
    components = Independent(Normal(means, torch.sqrt(variances), validate_args=False), 1)
    joint = torch.log(weights) + components.log_prob(x[:, None])
    r = torch.softmax(joint, dim=1)
    total = r.sum(dim=0)
    mean = r.T @ x / total[:, None]
    variance = torch.einsum("nk,nkd->kd", r, (x[:, None] - mean) ** 2) / total[:, None]
    return total / len(x), mean, variance, torch.logsumexp(joint, dim=1).sum()


FORWARDS = {
    "bayes_rule": _bayes_rule,
    "log_bayes_rule": _log_bayes_rule,
    "beta_binomial_posterior": _beta_binomial_posterior,
    "dirichlet_multinomial_posterior": _dirichlet_multinomial_posterior,
    "elbo": _elbo,
    "ridge": _ridge,
    "bayesian_linear_regression": _bayesian_linear_regression,
    "bayesian_linear_regression_predictive": _bayesian_linear_regression_predictive,
    "bayesian_linear_regression_log_evidence": _bayesian_linear_regression_log_evidence,
    "multinomial_naive_bayes_log_posterior": lambda *args: _log_posterior(_multinomial_joint(*args)),
    "bernoulli_naive_bayes_log_posterior": lambda *args: _log_posterior(_bernoulli_joint(*args)),
    "em_gaussian_mixture_step": _em_gaussian_mixture_step,
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
    (
        "forward mode makes float64 of a float32 log density of MultivariateNormal",
        "",
        (
            "forward-over-forward:bayesian_linear_regression_log_evidence-*-float32",
            "jvp:bayesian_linear_regression_log_evidence-*-float32",
        ),
    ),
    (
        "the JVP rule of linalg.solve is not differentiable: its own derivative drops terms",
        "",
        (
            "forward-over-forward:ridge-*",
            "reverse-over-forward:ridge-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:bernoulli_naive_bayes_log_posterior-prior-of-one-float64",
            "refused:elbo-one-noise-for-all-float64",
            "refused:em_gaussian_mixture_step-one-width-for-all-float64",
            "refused:multinomial_naive_bayes_log_posterior-prior-of-one-float64",
        ),
    ),
)

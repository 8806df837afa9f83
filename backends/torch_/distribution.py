"""Distributions in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Dirichlet,
    Gumbel,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
    Poisson,
)
from torch.distributions.transforms import AffineTransform


def normal(mu, sigma):
    return Normal(mu, sigma, validate_args=False)


def _multivariate_normal(mean, covariance):
    return MultivariateNormal(mean, covariance_matrix=covariance, validate_args=False)


def _multivariate_normal_sample(noise, mean, covariance):
    """What MultivariateNormal.rsample does with the noise that it draws."""
    return mean + (torch.linalg.cholesky(covariance) @ noise.unsqueeze(-1)).squeeze(-1)


def _multivariate_normal_entropy(covariance):
    return _multivariate_normal(covariance.new_zeros(covariance.shape[-1]), covariance).entropy()


def bernoulli(p):
    return Bernoulli(probs=p, validate_args=False)


def binomial(n, p):
    return Binomial(n.to(p.dtype), probs=p, validate_args=False)


def poisson(rate):
    return Poisson(rate, validate_args=False)


def categorical(logits):
    return Categorical(logits=logits, validate_args=False)


def dirichlet(alpha):
    return Dirichlet(alpha, validate_args=False)


def normal_mixture(logits, mu, sigma):
    return MixtureSameFamily(categorical(logits), normal(mu, sigma), validate_args=False)


def _normal_mixture_moments(logits, mu, sigma):
    mixture = normal_mixture(logits, mu, sigma)
    return mixture.mean, mixture.variance


def _gumbel_max(u, logits):
    standard = Gumbel(logits.new_zeros(()), logits.new_ones(()), validate_args=False)
    return torch.argmax(logits + standard.icdf(u), dim=-1)


def _monte_carlo_expectation(fx):
    variance, mean = torch.var_mean(fx, correction=1)
    return mean, torch.sqrt(variance / fx.numel())


FORWARDS = {
    "normal_fit": lambda x, *, axis: torch.std_mean(x, axis, correction=0)[::-1],
    "normal_log_density": lambda x, mu, sigma: normal(mu, sigma).log_prob(x),
    "normal_cdf": lambda x, mu, sigma: normal(mu, sigma).cdf(x),
    "normal_entropy": lambda sigma: normal(torch.zeros_like(sigma), sigma).entropy(),
    "multivariate_normal_log_density": lambda x, mean, covariance: _multivariate_normal(mean, covariance).log_prob(x),
    "multivariate_normal_sample": _multivariate_normal_sample,
    "multivariate_normal_entropy": _multivariate_normal_entropy,
    "bernoulli_log_density": lambda x, p: bernoulli(p).log_prob(x.to(p.dtype)),
    "bernoulli_entropy": lambda p: bernoulli(p).entropy(),
    "bernoulli_moments": lambda p: (bernoulli(p).mean, bernoulli(p).variance),
    "binomial_log_density": lambda x, n, p: binomial(n, p).log_prob(x.to(p.dtype)),
    "binomial_moments": lambda n, p: (binomial(n, p).mean, binomial(n, p).variance),
    "poisson_log_density": lambda x, rate: poisson(rate).log_prob(x.to(rate.dtype)),
    "poisson_moments": lambda rate: (poisson(rate).mean, poisson(rate).variance),
    "categorical_log_density": lambda x, logits: categorical(logits).log_prob(x),
    "categorical_entropy": lambda logits: categorical(logits).entropy(),
    "gumbel_max": _gumbel_max,
    "dirichlet_log_density": lambda x, alpha: dirichlet(alpha).log_prob(x),
    "dirichlet_sample": lambda gammas: F.normalize(gammas, p=1, dim=-1),
    "dirichlet_entropy": lambda alpha: dirichlet(alpha).entropy(),
    "normal_mixture_log_density": lambda x, logits, mu, sigma: normal_mixture(logits, mu, sigma).log_prob(x),
    "normal_mixture_cdf": lambda x, logits, mu, sigma: normal_mixture(logits, mu, sigma).cdf(x),
    "normal_mixture_moments": _normal_mixture_moments,
    "reparameterize": lambda noise, mu, sigma: AffineTransform(mu, sigma)(noise),
    "monte_carlo_expectation": _monte_carlo_expectation,
}

LEDGER = (
    (
        "Normal.cdf is (1 + erf(z/sqrt 2))/2, which cancels in the lower tail",
        "https://github.com/pytorch/pytorch/issues/192295",
        (
            "batched:normal_cdf-broadcast-float32",
            "batched:normal_cdf-lower-tail-*",
            "layout:normal_cdf-broadcast-float32",
            "layout:normal_cdf-lower-tail-*",
            "value:normal_cdf-broadcast-float32",
            "value:normal_cdf-lower-tail-*",
            "batched:normal_mixture_cdf-lower-tail-*",
            "forward-over-*:normal_mixture_cdf-lower-tail-*",
            "jvp:normal_mixture_cdf-lower-tail-*",
            "layout:normal_mixture_cdf-lower-tail-*",
            "reverse-over-*:normal_mixture_cdf-lower-tail-*",
            "value:normal_mixture_cdf-lower-tail-*",
            "vjp:normal_mixture_cdf-lower-tail-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:gumbel_max-noise-used-twice-float64",
            "refused:monte_carlo_expectation-*-float64",
            "refused:normal_mixture_cdf-one-width-float64",
            "refused:normal_mixture_log_density-one-width-float64",
            "refused:normal_mixture_moments-one-width-float64",
        ),
    ),
    (
        "torch.std of equal values has the derivative nan, which is no subgradient",
        "",
        ("kink:monte_carlo_expectation-all-equal-*",),
    ),
    (
        "probabilities within an epsilon of 0 or 1 are clamped to it",
        "https://github.com/pytorch/pytorch/issues/186825",
        (
            *(
                f"{kind}:bernoulli_{what}-rare-and-nearly-certain-float32"
                for kind in ("forward-over-*", "jvp", "reverse-over-*", "vjp")
                for what in ("entropy", "log_density")
            ),
            "special:bernoulli_entropy-certain-*",
            "special:bernoulli_log_density-limits-*",
            "special:binomial_log_density-limits-*",
        ),
    ),
    (
        "log(1 - p) of a small p is that of its logit, where log(1 + e^-|x|) is rounded away",
        "https://github.com/pytorch/pytorch/issues/195529",
        (
            *(
                f"{kind}:bernoulli_{what}-rare-and-nearly-certain-*"
                for kind in ("batched", "layout", "value")
                for what in ("entropy", "log_density")
            ),
            "forward-over-forward:bernoulli_entropy-rare-and-nearly-certain-float64",
            "forward-over-forward:bernoulli_log_density-rare-and-nearly-certain-float64",
            "jvp:bernoulli_entropy-rare-and-nearly-certain-float64",
            "?jvp:bernoulli_log_density-rare-and-nearly-certain-float64",
            "?vjp:bernoulli_log_density-rare-and-nearly-certain-float64",
        ),
    ),
    (
        "forward mode adds up terms that cancel where p is near 0 or 1",
        "",
        (
            "forward-over-forward:binomial_log_density-coins-*",
            "jvp:binomial_log_density-coins-*",
        ),
    ),
    (
        "forward mode makes a number of no axes plus a Python float a float64",
        "https://github.com/pytorch/pytorch/issues/90065",
        (
            "forward-over-forward:multivariate_normal_entropy-scales-float32",
            "jvp:multivariate_normal_entropy-scales-float32",
        ),
    ),
    (
        "trigamma, the derivative of digamma, is good to ten digits in float64 too",
        "https://github.com/pytorch/pytorch/pull/4399",
        (
            "batched:dirichlet_entropy-*-float64",
            "forward-over-*:dirichlet_entropy-*-float64",
            "forward-over-*:dirichlet_log_density-*-float64",
            "jvp:dirichlet_entropy-*-float64",
            "reverse-over-*:dirichlet_entropy-*-float64",
            "reverse-over-*:dirichlet_log_density-*-float64",
            "vjp:dirichlet_entropy-*-float64",
        ),
    ),
)

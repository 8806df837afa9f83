"""Continuous distributions of one number in PyTorch."""

from __future__ import annotations

import torch
from torch import distributions
from torch.distributions import transforms


def _made(cls):
    return lambda *params: cls(*params, validate_args=False)


def _logistic(loc, scale):
    """PyTorch has no class for it; its documentation builds it so."""
    base = distributions.Uniform(torch.zeros_like(scale), torch.ones_like(scale), validate_args=False)
    steps: list = [transforms.SigmoidTransform().inv, transforms.AffineTransform(loc, scale)]
    return distributions.TransformedDistribution(base, steps, validate_args=False)


def _log_density(make):
    return lambda x, *params: make(*params).log_prob(x)


def _cdf(make):
    return lambda x, *params: make(*params).cdf(x)


def _quantile(make):
    """A distribution draws its own noise; for noise that is given, its quantile function is the map."""
    return lambda u, *params: make(*params).icdf(u)


def _entropy(make):
    return lambda *params: make(*params).entropy()


def _entropy_of_scale(make):
    return lambda scale: make(torch.zeros_like(scale), scale).entropy()


def _moments(make):
    def moments(*params):
        d = make(*params)
        return d.mean, d.variance

    return moments


def _log_normal_sample(noise, mu, sigma):
    """The transforms of torch.distributions.LogNormal."""
    return transforms.ComposeTransform([transforms.AffineTransform(mu, sigma), transforms.ExpTransform()])(noise)


uniform, laplace = _made(distributions.Uniform), _made(distributions.Laplace)
cauchy, exponential = _made(distributions.Cauchy), _made(distributions.Exponential)
log_normal, gamma = _made(distributions.LogNormal), _made(distributions.Gamma)
beta, student_t = _made(distributions.Beta), _made(distributions.StudentT)

FORWARDS = {
    "uniform_log_density": _log_density(uniform),
    "uniform_cdf": _cdf(uniform),
    "uniform_sample": _quantile(uniform),
    "uniform_entropy": _entropy(uniform),
    "uniform_moments": _moments(uniform),
    "laplace_log_density": _log_density(laplace),
    "laplace_cdf": _cdf(laplace),
    "laplace_sample": _quantile(laplace),
    "laplace_entropy": _entropy_of_scale(laplace),
    "laplace_moments": _moments(laplace),
    "logistic_log_density": _log_density(_logistic),
    "logistic_cdf": _cdf(_logistic),
    "logistic_sample": _quantile(_logistic),
    "cauchy_log_density": _log_density(cauchy),
    "cauchy_cdf": _cdf(cauchy),
    "cauchy_sample": _quantile(cauchy),
    "cauchy_entropy": _entropy_of_scale(cauchy),
    "exponential_log_density": _log_density(exponential),
    "exponential_cdf": _cdf(exponential),
    "exponential_sample": _quantile(exponential),
    "exponential_entropy": _entropy(exponential),
    "exponential_moments": _moments(exponential),
    "log_normal_log_density": _log_density(log_normal),
    "log_normal_cdf": _cdf(log_normal),
    "log_normal_sample": _log_normal_sample,
    "log_normal_entropy": _entropy(log_normal),
    "log_normal_moments": _moments(log_normal),
    "gamma_log_density": _log_density(gamma),
    "gamma_cdf": _cdf(gamma),
    "gamma_entropy": _entropy(gamma),
    "gamma_moments": _moments(gamma),
    "beta_log_density": _log_density(beta),
    "beta_entropy": _entropy(beta),
    "beta_moments": _moments(beta),
    "student_t_log_density": _log_density(student_t),
    "student_t_entropy": lambda df, scale: student_t(df, torch.zeros_like(scale), scale).entropy(),
    "student_t_moments": _moments(student_t),
}

LEDGER = (
    (
        "answers what its formula gives outside the support, where the density is 0 (or, validating, refuses)",
        "https://github.com/pytorch/pytorch/issues/14672",
        (
            "special:exponential_log_density-limits-*",
            "special:gamma_log_density-limits-*",
            "special:gamma_cdf-limits-*",
            "special:beta_log_density-limits-*",
            "special:log_normal_log_density-limits-*",
            "special:log_normal_cdf-limits-*",
        ),
    ),
    (
        "Uniform.log_prob of nan is -inf",
        "",
        ("special:uniform_log_density-limits-*",),
    ),
    (
        "Laplace.cdf is 1/2 - sign(z) expm1(-|z|)/2, which cancels in the lower tail; so does the derivative of expm1",
        "https://github.com/pytorch/pytorch/issues/192406",
        (
            "*-over-*:laplace_cdf-lower-tail-*",
            "batched:laplace_cdf-lower-tail-*",
            "compiled *:laplace_cdf-lower-tail-float64",
            "jvp:laplace_cdf-lower-tail-*",
            "layout:laplace_cdf-lower-tail-*",
            "value:laplace_cdf-lower-tail-*",
            "vjp:laplace_cdf-lower-tail-*",
        ),
    ),
    (
        "Laplace.icdf forms u - 1/2, and of a small u nothing is left",
        "",
        (
            "*-over-*:laplace_sample-tails-*",
            "batched:laplace_sample-tails-*",
            "compiled *:laplace_sample-tails-float64",
            "jvp:laplace_sample-tails-*",
            "layout:laplace_sample-tails-*",
            "value:laplace_sample-tails-*",
            "vjp:laplace_sample-tails-*",
        ),
    ),
    (
        "TransformedDistribution takes a probability u as (u - 1/2) + 1/2, and so a small one is rounded or lost",
        "",
        (
            "*-over-*:logistic_sample-tails-*",
            "batched:logistic_cdf-lower-tail-*",
            "batched:logistic_sample-tails-*",
            "compiled *:logistic_sample-tails-float64",
            "compiled value:logistic_cdf-lower-tail-float64",
            "jvp:logistic_sample-tails-*",
            "layout:logistic_cdf-lower-tail-*",
            "layout:logistic_sample-tails-*",
            "value:logistic_cdf-lower-tail-*",
            "value:logistic_sample-tails-*",
            "vjp:logistic_sample-tails-*",
        ),
    ),
    (
        "SigmoidTransform keeps its values in [tiny, 1 - eps], and so do the cdf and the quantiles built of it",
        "",
        (
            "special:logistic_cdf-limits-*",
            "special:logistic_sample-limits-*",
        ),
    ),
    (
        "Cauchy.cdf is arctan(z)/pi + 1/2, which cancels in the lower tail",
        "",
        (
            "batched:cauchy_cdf-lower-tail-*",
            "compiled value:cauchy_cdf-lower-tail-float64",
            "forward-over-forward:cauchy_cdf-lower-tail-*",
            "layout:cauchy_cdf-lower-tail-*",
            "value:cauchy_cdf-lower-tail-*",
        ),
    ),
    (
        "Cauchy.icdf is tan(pi (u - 1/2)): of a small u nothing is left, and at the ends it is finite",
        "https://github.com/pytorch/pytorch/issues/186824",
        (
            "*-over-*:cauchy_sample-tails-*",
            "batched:cauchy_sample-tails-*",
            "compiled *:cauchy_sample-tails-float64",
            "jvp:cauchy_sample-tails-*",
            "layout:cauchy_sample-tails-*",
            "special:cauchy_sample-limits-*",
            "value:cauchy_sample-tails-*",
            "vjp:cauchy_sample-tails-*",
        ),
    ),
    (
        "Exponential.cdf is 1 - exp(-rate x), which cancels after a short wait and is negative before 0",
        "",
        (
            "*-over-*:exponential_cdf-short-and-long-*",
            "batched:exponential_cdf-short-and-long-*",
            "compiled *:exponential_cdf-short-and-long-float64",
            "jvp:exponential_cdf-short-and-long-*",
            "layout:exponential_cdf-short-and-long-*",
            "special:exponential_cdf-limits-*",
            "value:exponential_cdf-short-and-long-*",
            "vjp:exponential_cdf-short-and-long-*",
        ),
    ),
    (
        "LogNormal.cdf is (1 + erf(z/sqrt 2))/2, which cancels in the lower tail",
        "https://github.com/pytorch/pytorch/issues/192295",
        (
            "batched:log_normal_cdf-lower-tail-*",
            "compiled value:log_normal_cdf-lower-tail-float64",
            "layout:log_normal_cdf-lower-tail-*",
            "value:log_normal_cdf-lower-tail-*",
        ),
    ),
    (
        "compiled for vector registers, expm1(x) is exp(x) - 1",
        "https://github.com/pytorch/pytorch/issues/189803",
        ("?compiled value:log_normal_moments-scales-float64",),
    ),
    (
        "trigamma, the derivative of digamma, is good to about nine digits",
        "https://github.com/pytorch/pytorch/pull/4399",
        (
            "*-over-*:beta_entropy-*-float64",
            "*-over-*:beta_log_density-*-float64",
            "*-over-*:gamma_entropy-*-float64",
            "*-over-*:gamma_log_density-*-float64",
            "*-over-*:student_t_entropy-*-float64",
            "*-over-*:student_t_log_density-*-float64",
            "batched:beta_entropy-*-float64",
            "batched:gamma_entropy-*-float64",
            "batched:student_t_entropy-*-float64",
            "compiled vjp:beta_entropy-*-float64",
            "compiled vjp:gamma_entropy-*-float64",
            "compiled vjp:student_t_entropy-*-float64",
            "jvp:beta_entropy-*-float64",
            "jvp:gamma_entropy-*-float64",
            "jvp:student_t_entropy-*-float64",
            "vjp:beta_entropy-*-float64",
            "vjp:gamma_entropy-*-float64",
            "vjp:student_t_entropy-*-float64",
        ),
    ),
    (
        "StudentT.mean and variance assign through a mask: vmap raises, and so does the VJP when compiled",
        "",
        (
            "batched:student_t_moments-*",
            "compiled vjp:student_t_moments-*-float64",
        ),
    ),
)

"""Divergences in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Beta, Dirichlet, Gamma, Independent, MultivariateNormal, kl_divergence

from .distribution import normal


def _kl_categorical(p, q, *, axis):
    """F.kl_div takes log q first. (kl_divergence of two Categorical would normalise p and q first.)"""
    return F.kl_div(torch.log(q), p, reduction="none").sum(dim=axis)


def _kl(distribution, parameters):
    """Between two of one kind; ``parameters`` is the number that each takes."""

    def kl(*args):
        here, there = (distribution(*part, validate_args=False) for part in (args[:parameters], args[parameters:]))
        return kl_divergence(here, there)

    return kl


def _kl_diagonal_normal(mean0, sigma0, mean1, sigma1):
    return kl_divergence(Independent(normal(mean0, sigma0), 1), Independent(normal(mean1, sigma1), 1))


def _kl_standard_normal(mu, logvar):
    here, there = normal(mu, torch.exp(logvar / 2)), normal(torch.zeros_like(mu), torch.ones_like(mu))
    return kl_divergence(Independent(here, 1), Independent(there, 1))


FORWARDS = {
    "kl_standard_normal": _kl_standard_normal,
    "kl_bernoulli": _kl(Bernoulli, 1),
    "total_variation": lambda p, q, *, axis: torch.linalg.vector_norm(p - q, 1, dim=axis) / 2,
    "hellinger": lambda p, q, *, axis: torch.linalg.vector_norm(p.sqrt() - q.sqrt(), dim=axis) / 2**0.5,
    "wasserstein_1d": lambda x, y, *, axis: (x.sort(dim=axis).values - y.sort(dim=axis).values).abs().mean(dim=axis),
    "kl_diagonal_normal": _kl_diagonal_normal,
    "kl_multivariate_normal": _kl(MultivariateNormal, 2),
    "kl_gamma": _kl(Gamma, 2),
    "kl_beta": _kl(Beta, 2),
    "kl_dirichlet": _kl(Dirichlet, 1),
    "entropy": lambda p, *, axis: torch.special.entr(p).sum(dim=axis),
    "cross_entropy_between": lambda p, q, *, axis: -torch.special.xlogy(p, q).sum(dim=axis),
    "kl_categorical": _kl_categorical,
    "kl_normal": lambda mu0, sigma0, mu1, sigma1: kl_divergence(normal(mu0, sigma0), normal(mu1, sigma1)),
}

DERIVATIVES = ("vjp", "jvp", "forward-over-*", "reverse-over-*", "batched", "compiled vjp")

LEDGER = (
    (
        "torch.polygamma(1, x), the derivative of digamma, has nine digits in float64",
        "https://github.com/pytorch/pytorch/pull/4399",
        tuple(f"{kind}:{op}-*-float64" for kind in DERIVATIVES for op in ("kl_gamma", "kl_beta", "kl_dirichlet")),
    ),
    (
        "of probabilities of one shape only: a mask of the shape of q is laid on an array of the broadcast shape",
        "",
        ("*:kl_bernoulli-broadcast-*",),
    ),
    (
        "indexes with a boolean mask, which vmap cannot",
        "",
        ("batched:kl_bernoulli-*",),
    ),
    (
        "differences of softplus of logits cancel for close or rare probabilities, and logits are clamped",
        "https://github.com/pytorch/pytorch/issues/15288",
        (
            "compiled *:kl_bernoulli-rare-*",
            "compiled value:kl_bernoulli-close-*",
            "forward-over-*:kl_bernoulli-rare-*",
            "jvp:kl_bernoulli-rare-*",
            "layout:kl_bernoulli-close-*",
            "layout:kl_bernoulli-rare-*",
            "reverse-over-*:kl_bernoulli-rare-*",
            "value:kl_bernoulli-close-*",
            "value:kl_bernoulli-rare-*",
            "vjp:kl_bernoulli-rare-*",
        ),
    ),
    (
        "cannot be compiled: _infer_size takes no traced shape",
        "https://github.com/pytorch/pytorch/issues/155800",
        ("compiled *:kl_multivariate_normal-*",),
    ),
    (
        "the tangent of a number times a Python float is a float64, whatever the number was",
        "https://github.com/pytorch/pytorch/issues/90065",
        (
            "forward-over-forward:kl_multivariate_normal-close-float32",
            "forward-over-forward:kl_multivariate_normal-three-float32",
            "jvp:kl_multivariate_normal-close-float32",
            "jvp:kl_multivariate_normal-three-float32",
        ),
    ),
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/pytorch/pytorch/issues/51910",
        ("special:kl_categorical-neither-shows-*",),
    ),
    (
        "of normals that are close, or of very different widths, terms that cancel are rounded first",
        "",
        (
            "batched:kl_diagonal_normal-close-*",
            "batched:kl_normal-close-*",
            "compiled value:kl_diagonal_normal-close-*",
            "forward-over-reverse:kl_normal-narrow-and-wide-*",
            "layout:kl_diagonal_normal-close-*",
            "layout:kl_normal-close-*",
            "reverse-over-*:kl_normal-narrow-and-wide-*",
            "value:kl_diagonal_normal-close-*",
            "value:kl_normal-close-*",
        ),
    ),
    (
        "takes a standard deviation: what its logarithm and its square add to the curvature in logvar cancels",
        "",
        (
            "forward-over-reverse:kl_standard_normal-narrow-and-wide-*",
            "reverse-over-*:kl_standard_normal-narrow-and-wide-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:hellinger-shapes-differ-float64",
            "refused:kl_categorical-shapes-differ-float64",
            "refused:kl_standard_normal-shapes-differ-float64",
            "refused:total_variation-shapes-differ-float64",
        ),
    ),
)

"""Divergences in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Beta, Dirichlet, Gamma, Independent, MultivariateNormal, kl_divergence

from .distribution import normal


def _kl_categorical(p, q, *, axis):
    """F.kl_div takes log q first. (kl_divergence of two Categorical would normalise p and q first.)"""
    return F.kl_div(torch.log(q), p, reduction="none").sum(dim=axis)


def _js_divergence(p, q, *, axis):
    m = (p + q) / 2
    return (_kl_categorical(p, m, axis=axis) + _kl_categorical(q, m, axis=axis)) / 2


def _mutual_information(joint):
    if joint.ndim < 2:
        raise ValueError(f"got a joint table of shape {tuple(joint.shape)}")
    p = joint / joint.sum(dim=(-2, -1), keepdim=True)
    return _kl_categorical(p, p.sum(dim=-1, keepdim=True) * p.sum(dim=-2, keepdim=True), axis=(-2, -1))


def _kl(distribution, parameters):
    """Between two of one kind; ``parameters`` is the number that each takes."""

    def kl(*args):
        here, there = (distribution(*part, validate_args=False) for part in (args[:parameters], args[parameters:]))
        return kl_divergence(here, there)

    return kl


def _kl_diagonal_normal(mean0, sigma0, mean1, sigma1):
    return kl_divergence(Independent(normal(mean0, sigma0), 1), Independent(normal(mean1, sigma1), 1))


FORWARDS = {
    "kl_bernoulli": _kl(Bernoulli, 1),
    "mutual_information": _mutual_information,
    "js_divergence": _js_divergence,
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

LEDGER = (
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/pytorch/pytorch/issues/51910",
        ("special:kl_categorical-neither-shows-*",),
    ),
    (
        "of normals that are close, or of very different widths, terms that cancel are rounded first",
        "",
        (
            "batched:kl_normal-close-*",
            "forward-over-reverse:kl_normal-narrow-and-wide-*",
            "layout:kl_normal-close-*",
            "reverse-over-*:kl_normal-narrow-and-wide-*",
            "value:kl_normal-close-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:kl_categorical-shapes-differ-float64",
        ),
    ),
)

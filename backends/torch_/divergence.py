"""Divergences in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.distributions import kl_divergence

from .distribution import normal


def _kl_categorical(p, q, *, axis):
    """F.kl_div takes log q first. (kl_divergence of two Categorical would normalise p and q first.)"""
    return F.kl_div(torch.log(q), p, reduction="none").sum(dim=axis)


FORWARDS = {
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

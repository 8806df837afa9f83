"""Decompositions in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

FORWARDS = {
    "eigh": lambda a: tuple(torch.linalg.eigh(a)),
    "svd": lambda a: tuple(torch.linalg.svd(a, full_matrices=False)),
    "pca_transform": lambda x, mean, components: F.linear(x - mean, components),
    "pca_reconstruct": lambda z, mean, components: torch.addmm(mean, z, components),
    "pca_whiten": lambda x, mean, components, variance: F.linear(x - mean, components) / torch.sqrt(variance),
}

LEDGER = (
    (
        "nan: the reverse mode through the JVP rule of eigh multiplies 0 by the infinite 1/(w_i - w_i)",
        "https://github.com/pytorch/pytorch/issues/198017",
        ("reverse-over-forward:eigh-*-*",),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
        ),
    ),
)

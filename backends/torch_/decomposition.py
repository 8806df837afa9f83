"""Decompositions in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def triangular_solve(a, b, *, lower, unit_diagonal):
    return torch.linalg.solve_triangular(a, b, upper=not lower, unitriangular=unit_diagonal)


def lstsq(a, b):
    """torch has no vector b, only matrices."""
    if b.ndim == 1:
        return torch.linalg.lstsq(a, b[:, None]).solution[..., 0]
    return torch.linalg.lstsq(a, b).solution


def low_rank_approximation(a, *, rank):
    """Not torch.svd_lowrank, which looks for the space at random."""
    u, s, vh = torch.linalg.svd(a, full_matrices=False)
    return u[..., :rank] * s[..., None, :rank] @ vh[..., :rank, :]


FORWARDS = {
    "triangular_solve": triangular_solve,
    "lu": lambda a: tuple(torch.linalg.lu(a)),
    "solve": torch.linalg.solve,
    "inv": torch.linalg.inv,
    "det": torch.linalg.det,
    "slogdet": lambda a: tuple(torch.linalg.slogdet(a)),
    "cholesky": torch.linalg.cholesky,
    "qr": lambda a: tuple(torch.linalg.qr(a)),
    "lstsq": lstsq,
    "eigh": lambda a: tuple(torch.linalg.eigh(a)),
    "eigvalsh": torch.linalg.eigvalsh,
    "svd": lambda a: tuple(torch.linalg.svd(a, full_matrices=False)),
    "low_rank_approximation": low_rank_approximation,
    "pinv": lambda a, *, rtol: torch.linalg.pinv(a, rtol=rtol),
    "matrix_exp": torch.linalg.matrix_exp,
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
        "the JVP rule takes the LU factors for constants, so a second derivative through it lacks a term",
        "https://github.com/pytorch/pytorch/issues/192540",
        (
            "forward-over-forward:solve-*-*",
            "reverse-over-forward:solve-*-*",
            "forward-over-forward:det-*-*",
            "reverse-over-forward:det-*-*",
            "forward-over-forward:slogdet-*-*",
            "reverse-over-forward:slogdet-*-*",
        ),
    ),
    (
        "torch.func takes the derivative of det by the singular values, and loses digits that elimination keeps",
        "https://github.com/pytorch/pytorch/issues/192521",
        (
            "?vjp:det-*-*",
            "?forward-over-reverse:det-*-*",
            "?reverse-over-reverse:det-*-*",
            "?batched:det-*-*",
            "?compiled vjp:det-*-*",
        ),
    ),
    (
        "the small elements of its second derivative have errors of the size of those of the large ones",
        "",
        ("?forward-over-forward:cholesky-*-*",),
    ),
    (
        "raises an error where the root is nan",
        "",
        ("special:cholesky-negative-*",),
    ),
    (
        "the tangent of r has rounding errors below the diagonal, where r is 0",
        "",
        ("?jvp:qr-wide-*", "?forward-over-forward:qr-wide-*"),
    ),
    (
        "the last bits depend on where in memory the arrays lie",
        "",
        ("?pure:lstsq-*",),
    ),
    (
        "torch.compile refuses it: the shape of the residuals, which nobody asks for, depends on the rank",
        "",
        ("compiled *:lstsq-*",),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:low_rank_approximation-rank-0-float64",
            "refused:low_rank_approximation-rank-too-large-float64",
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
        ),
    ),
)

"""Calculus in PyTorch."""

from __future__ import annotations

import torch

from .optim import sgd_step


def _gradient_descent(a, b, x0, *, lr, steps):
    """The gradient of f by autograd, the step by torch.optim."""
    iterates = [x0]
    for _ in range(steps):
        gradient = torch.func.grad(lambda x: torch.dot(x, a @ x) / 2 - torch.dot(b, x))(iterates[-1])
        iterates.append(sgd_step(iterates[-1], gradient, lr=lr))
    return torch.stack(iterates)


FORWARDS = {
    "gradient_descent": _gradient_descent,
}

LEDGER = (
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        ("refused:gradient_descent-negative-steps-float64",),
    ),
)

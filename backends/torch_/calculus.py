"""Calculus in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .model import mlp
from .optim_step import momentum_step, sgd_step


def _gradient_descent(a, b, x0, *, lr, steps):
    """The gradient of f by autograd, the step by torch.optim."""
    iterates = [x0]
    for _ in range(steps):
        gradient = torch.func.grad(lambda x: torch.dot(x, a @ x) / 2 - torch.dot(b, x))(iterates[-1])
        iterates.append(sgd_step(iterates[-1], gradient, lr=lr))
    return torch.stack(iterates)


def _heavy_ball(a, b, x0, *, lr, momentum, steps):
    """torch.optim.SGD keeps a velocity: the move divided by the learning rate."""
    iterates, velocity = [x0], torch.zeros_like(x0)
    for _ in range(steps):
        gradient = torch.func.grad(lambda x: torch.dot(x, a @ x) / 2 - torch.dot(b, x))(iterates[-1])
        params = {"lr": lr, "momentum": momentum, "dampening": 0, "weight_decay": 0, "lr_inside": False}
        x, velocity = momentum_step(iterates[-1], gradient, velocity, **params)
        iterates.append(x)
    return torch.stack(iterates)


def _rosenbrock(x, *, a, b):
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError("fewer than two variables")
    return (b * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (a - x[..., :-1]) ** 2).sum(dim=-1)


def _gradient(x, **params):
    return torch.func.grad(lambda x: _rosenbrock(x, **params).sum())(x)


def _hessian(x, **params):
    """Of each row: the rows do not depend on each other, so their sum has the Hessian of one at one row of it."""
    if x.ndim == 1:
        return torch.func.hessian(lambda x: _rosenbrock(x, **params))(x)
    return torch.func.vmap(lambda row: _hessian(row, **params))(x)


def _newton(a, b, x0, *, steps):
    iterates = [x0]
    for _ in range(steps):
        iterates.append(iterates[-1] - torch.linalg.solve((a + a.mT) / 2, (a + a.mT) / 2 @ iterates[-1] - b))
    return torch.stack(iterates)


def _newton_rosenbrock(x0, *, steps, **params):
    iterates = [x0]
    for _ in range(steps):
        x = iterates[-1]
        iterates.append(x - torch.linalg.solve(_hessian(x, **params), _gradient(x, **params)))
    return torch.stack(iterates)


def _rosenbrock_descent(x0, *, lr, steps, **params):
    iterates = [x0]
    for _ in range(steps):
        iterates.append(sgd_step(iterates[-1], _gradient(iterates[-1], **params), lr=lr))
    return torch.stack(iterates)


def _exact_line_search(a, b, x, p):
    """The parabola along p by forward mode: its slope and its bend at 0."""

    def slope(x):
        return torch.func.jvp(lambda x: torch.dot(x, a @ x) / 2 - torch.dot(b, x), (x,), (p,))[1]

    along, bend = torch.func.jvp(slope, (x,), (p,))[:2]
    return -along / bend, x - along / bend * p


def _taylor_rosenbrock(x, h, *, order, **params):
    def f(x):
        return _rosenbrock(x, **params)

    def slope(x):
        return torch.func.jvp(f, (x,), (h,))[1]

    if order not in (1, 2):
        raise ValueError(f"order {order}")
    along, bend = torch.func.jvp(slope, (x,), (h,))[:2]
    return f(x) + along if order == 1 else f(x) + along + bend / 2


def _loss_surface_slice(s, t, x, target, *theta, activation):
    n = len(theta) // 3

    def height(a, b):
        parameters = [w + a * u + b * v for w, u, v in zip(theta[:n], theta[n : 2 * n], theta[2 * n :], strict=True)]
        return F.binary_cross_entropy_with_logits(mlp(x, *parameters, activation=activation), target)

    return torch.func.vmap(lambda a: torch.func.vmap(lambda b: height(a, b))(t))(s)


FORWARDS = {
    "rosenbrock": _rosenbrock,
    "rosenbrock_gradient": _gradient,
    "rosenbrock_hessian": _hessian,
    "rosenbrock_descent": _rosenbrock_descent,
    "exact_line_search": _exact_line_search,
    "newton": _newton,
    "newton_rosenbrock": _newton_rosenbrock,
    "taylor_rosenbrock": _taylor_rosenbrock,
    "loss_surface_slice": _loss_surface_slice,
    "gradient_descent": _gradient_descent,
    "heavy_ball": _heavy_ball,
    "step_limit": lambda a: 2 / torch.linalg.eigvalsh(a)[..., -1],
}

LEDGER = (
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:gradient_descent-negative-steps-float64",
            "refused:rosenbrock_descent-negative-steps-float64",
        ),
    ),
    (
        "forward mode writes in place, and refuses tensors whose elements share memory",
        "",
        (
            "layout:newton_rosenbrock-*",
            "layout:rosenbrock_hessian-classic-*",
            "layout:taylor_rosenbrock-*",
        ),
    ),
    (
        "the JVP rule of linalg.solve is not differentiable: its own derivative drops terms",
        "",
        (
            "forward-over-forward:newton-*",
            "forward-over-forward:newton_rosenbrock-*",
            "reverse-over-forward:newton-*",
            "reverse-over-forward:newton_rosenbrock-*",
        ),
    ),
)

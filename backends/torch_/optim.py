"""Optimisers in PyTorch: their classes for several steps, and what these call for a single one with a given state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import optim
from torch.optim.adam import adam
from torch.optim.sgd import sgd


def _state(v, g):
    """A new tensor worth v, for the optimizer to write into; v - 0 is v to the bit, and under vmap batched as g is."""
    return v - torch.zeros_like(g).expand_as(v)


def _given(g, p, *state):
    """p and its state for the optimizer to write into; as its user does, refuses a gradient of another shape."""
    p.clone().grad = g
    return [_state(s, g) for s in (p, *state)]


def sgd_step(p, g, *, lr):
    """What torch.optim.SGD calls in its step; the class itself would step outside autograd."""
    (p,) = _given(g, p)
    sgd([p], [g], [None], lr=lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False)
    return p


def _adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    """What torch.optim.Adam calls in its step; it counts a step before it takes it, so the counter stands at t - 1."""
    p, m, v = _given(g, p, m, v)
    betas = {"beta1": beta1, "beta2": beta2}
    options = {"amsgrad": False, "weight_decay": 0, "maximize": False}
    adam([p], [g], [m], [v], [], [torch.tensor(t - 1.0)], lr=lr, eps=eps, **betas, **options)
    return p, m, v


def _momentum_step(p, g, v, *, lr, momentum, dampening, weight_decay, lr_inside, nesterov=False):
    _velocity_alone(lr_inside)
    p, v = _given(g, p, v)
    options = {"weight_decay": weight_decay, "nesterov": nesterov, "maximize": False}
    sgd([p], [g], [v], lr=lr, momentum=momentum, dampening=dampening, **options)
    return p, v


def _nesterov_step(p, g, v, **params):
    return _momentum_step(p, g, v, dampening=0, nesterov=True, **params)


def _velocity_alone(lr_inside):
    if lr_inside:
        raise NotImplementedError("torch.optim.SGD has the learning rate outside of the velocity")


def _sgd(p, grads, *, lr):
    path = [p]
    for g in grads:
        path.append(sgd_step(path[-1], g, lr=lr))
    return torch.stack(path)[1:]


def _adam(p, grads, **params):
    path, m, v = [p], torch.zeros_like(p), torch.zeros_like(p)
    for t, g in enumerate(grads, 1):
        p, m, v = _adam_step(p, g, m, v, t=t, **params)
        path.append(p)
    return torch.stack(path)[1:]


def _trajectory(create: Callable[..., Any], p, grads, lr: Sequence[float] = (), state: Sequence[str] = ()):
    """The parameters after each step of an optimiser, as its user has them. ``lr`` are the learning rates of the steps,
    if they change; ``state`` names what begins at 0 where the optimiser would begin otherwise.
    """
    if torch.compiler.is_compiling():
        raise NotImplementedError("torch.compile traces the steps of an optimiser, not the making of it")
    path, p = [p], p.clone()
    optimiser = create([p])
    for name in state:
        optimiser.state[p][name] = torch.zeros_like(p)
    for i, g in enumerate(grads):
        if lr:
            optimiser.param_groups[0]["lr"] = lr[i]
        p.grad = g
        optimiser.step()
        path.append(p.clone())
    return torch.stack(path)[1:]


def _momentum(p, grads, *, lr, momentum, dampening, weight_decay, lr_inside, dampen_first):
    _velocity_alone(lr_inside)

    def create(params):
        return optim.SGD(params, lr=1.0, momentum=momentum, dampening=dampening, weight_decay=weight_decay)

    return _trajectory(create, p, grads, lr, ["momentum_buffer"] if dampen_first else [])


def _nesterov(p, grads, *, lr, momentum, weight_decay, lr_inside):
    _velocity_alone(lr_inside)

    def create(params):
        return optim.SGD(params, lr=1.0, momentum=momentum, weight_decay=weight_decay, nesterov=True)

    return _trajectory(create, p, grads, lr)


FORWARDS = {
    "sgd_step": sgd_step,
    "sgd": _sgd,
    "momentum_step": _momentum_step,
    "momentum": _momentum,
    "nesterov_step": _nesterov_step,
    "nesterov": _nesterov,
    "adam_step": _adam_step,
    "adam": _adam,
}

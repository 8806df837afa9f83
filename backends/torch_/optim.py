"""Optimisers in PyTorch."""

from __future__ import annotations

import torch
from torch.optim.adam import adam
from torch.optim.sgd import sgd


def _state(v, g):
    """A new tensor worth v, for the optimizer to write into; v - 0 is v to the bit, and under vmap batched as g is."""
    return v - torch.zeros_like(g).expand_as(v)


def sgd_step(p, g, *, lr):
    """What torch.optim.SGD calls in its step; the class itself would step outside autograd."""
    p.clone().grad = g  # as its user does: refuses a gradient of another shape
    p = _state(p, g)
    sgd([p], [g], [None], lr=lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False)
    return p


def _adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    """What torch.optim.Adam calls in its step; it counts a step before it takes it, so the counter stands at t - 1."""
    p.clone().grad = g
    p, m, v = (_state(s, g) for s in (p, m, v))
    betas = {"beta1": beta1, "beta2": beta2}
    options = {"amsgrad": False, "weight_decay": 0, "maximize": False}
    adam([p], [g], [m], [v], [], [torch.tensor(t - 1.0)], lr=lr, eps=eps, **betas, **options)
    return p, m, v


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


FORWARDS = {
    "sgd_step": sgd_step,
    "adam_step": _adam_step,
    "sgd": _sgd,
    "adam": _adam,
}

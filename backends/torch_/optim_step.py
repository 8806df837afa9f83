"""One step of PyTorch's optimisers with a given state: what their classes call in theirs."""

from __future__ import annotations

import torch
from torch.optim.adadelta import adadelta
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.adamax import adamax
from torch.optim.nadam import nadam
from torch.optim.radam import radam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd


def _state(v, g):
    """A new tensor worth v, for the optimizer to write into; v - 0 is v to the bit, and under vmap batched as g is."""
    return v - torch.zeros_like(g).expand_as(v)


def _given(g, p, *state):
    """p and its state for the optimizer to write into; as its user does, refuses a gradient of another shape."""
    p.clone().grad = g
    return [_state(s, g) for s in (p, *state)]


def _before(t=1):
    """The optimizers count a step before they take it, so the counter stands at t - 1."""
    return [torch.tensor(t - 1.0)]


def sgd_step(p, g, *, lr):
    (p,) = _given(g, p)
    sgd([p], [g], [None], lr=lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False)
    return p


def velocity_alone(lr_inside):
    if lr_inside:
        raise NotImplementedError("torch.optim.SGD has the learning rate outside of the velocity")


def momentum_step(p, g, v, *, lr, momentum, dampening, weight_decay, lr_inside, nesterov=False):
    velocity_alone(lr_inside)
    p, v = _given(g, p, v)
    options = {"weight_decay": weight_decay, "nesterov": nesterov, "maximize": False}
    sgd([p], [g], [v], lr=lr, momentum=momentum, dampening=dampening, **options)
    return p, v


def _nesterov_step(p, g, v, **params):
    return momentum_step(p, g, v, dampening=0, nesterov=True, **params)


def eps_outside(eps_inside):
    if eps_inside:
        raise NotImplementedError("torch.optim adds eps to the root, not under it")


def _adagrad_step(p, g, s, *, t, eps_inside, **params):
    eps_outside(eps_inside)
    p, s = _given(g, p, s)
    adagrad([p], [g], [s], _before(t), maximize=False, **params)
    return p, s


def _adadelta_step(p, g, v, d, **params):
    p, v, d = _given(g, p, v, d)
    adadelta([p], [g], [v], [d], _before(), maximize=False, **params)
    return p, v, d


def _rmsprop_step(p, g, v, m, b, *, eps_inside, **params):
    eps_outside(eps_inside)
    p, v, m, b = _given(g, p, v, m, b)
    rmsprop([p], [g], [v], [m], [b], _before(), maximize=False, **params)
    return p, v, m, b


def adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay=0.0, decoupled=False):
    p, m, v = _given(g, p, m, v)
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    options = {"amsgrad": False, "maximize": False, "decoupled_weight_decay": decoupled}
    adam([p], [g], [m], [v], [], _before(t), **options, **params)
    return p, m, v


def _adamw_step(p, g, m, v, **params):
    return adam_step(p, g, m, v, decoupled=True, **params)


def coupled(decoupled):
    if decoupled:
        raise NotImplementedError("torch.optim.Adamax has no decoupled weight decay")


def _adamax_step(p, g, m, u, *, t, decoupled, **params):
    coupled(decoupled)
    p, m, u = _given(g, p, m, u)
    adamax([p], [g], [m], [u], _before(t), **params)
    return p, m, u


def _nadam_step(p, g, m, v, c, *, t, decoupled, **params):
    (p, m, v), (c,) = _given(g, p, m, v), _given(c, c)
    nadam([p], [g], [m], [v], [c], _before(t), decoupled_weight_decay=decoupled, **params)
    return p, m, v, c


def beside_the_plain_root(eps_hat):
    if not eps_hat:
        raise NotImplementedError("torch.optim.RAdam adds eps to the root before its correction")


def _radam_step(p, g, m, v, *, t, decoupled, eps_hat, **params):
    beside_the_plain_root(eps_hat)
    p, m, v = _given(g, p, m, v)
    radam([p], [g], [m], [v], _before(t), decoupled_weight_decay=decoupled, **params)
    return p, m, v


FORWARDS = {
    "sgd_step": sgd_step,
    "momentum_step": momentum_step,
    "nesterov_step": _nesterov_step,
    "adagrad_step": _adagrad_step,
    "adadelta_step": _adadelta_step,
    "rmsprop_step": _rmsprop_step,
    "adam_step": adam_step,
    "adamw_step": _adamw_step,
    "adamax_step": _adamax_step,
    "nadam_step": _nadam_step,
    "radam_step": _radam_step,
}

LEDGER = (
    (
        "reads what changes under vmap as a Python number, which vmap does not let it",
        "",
        ("batched:nadam_step-*",),
    ),
    (
        "compiled, it corrects its averages in float32, the format of its step counter, whatever the parameters are",
        "",
        (
            *(f"compiled {kind}:adam_step-*-float64" for kind in ("value", "vjp")),
            *("compiled value:adamw_step-*-float64", "compiled value:nadam_step-*-float64"),
            *("compiled value:adagrad_step-eps-outside-float64", "compiled value:adamax_step-coupled-float64"),
        ),
    ),
    (
        "compiled, it branches on its step counter, which is a tensor",
        "",
        ("compiled value:radam_step-rectified-float64", "compiled value:radam_step-early-float64"),
    ),
    (
        "vmap has no rule for the torch.maximum with out= that it calls",
        "",
        ("batched:adamax_step-coupled-*",),
    ),
)

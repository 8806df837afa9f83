"""The optimisers of torch.optim, over several steps, as their users call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import optim

from .optim_step import adam_step, beside_the_plain_root, coupled, eps_outside, sgd_step, velocity_alone


def _sgd(p, grads, *, lr):
    path = [p]
    for g in grads:
        path.append(sgd_step(path[-1], g, lr=lr))
    return torch.stack(path)[1:]


def _adam(p, grads, **params):
    path, m, v = [p], torch.zeros_like(p), torch.zeros_like(p)
    for t, g in enumerate(grads, 1):
        p, m, v = adam_step(p, g, m, v, t=t, **params)
        path.append(p)
    return torch.stack(path)[1:]


def _trajectory(create: Callable[..., Any], p, grads, lr: Sequence[float] = (), state=(), results=()):
    """The parameters after each step of an optimiser, as its user has them. ``lr`` are the learning rates of the steps,
    if they change; ``state`` names what begins at 0 where the optimiser would begin otherwise, ``results`` what else of
    the state is wanted.
    """
    _refuse_compiling()
    paths, p = [[p] for _ in ("p", *results)], p.clone()
    optimiser = create([p])
    for name in state:
        optimiser.state[p][name] = torch.zeros_like(p)
    for i, g in enumerate(grads):
        if lr:
            optimiser.param_groups[0]["lr"] = lr[i]
        p.grad = g
        optimiser.step()
        for path, x in zip(paths, (p, *(optimiser.state[p][name] for name in results)), strict=True):
            path.append(x.clone())
    stacked = tuple(torch.stack(path)[1:] for path in paths)
    return stacked if results else stacked[0]


def _refuse_compiling():
    if torch.compiler.is_compiling():
        raise NotImplementedError("torch.compile traces the steps of an optimiser, not the making of it")


def _momentum(p, grads, *, lr, momentum, dampening, weight_decay, lr_inside, dampen_first):
    velocity_alone(lr_inside)

    def create(params):
        return optim.SGD(params, lr=1.0, momentum=momentum, dampening=dampening, weight_decay=weight_decay)

    return _trajectory(create, p, grads, lr, ["momentum_buffer"] if dampen_first else [])


def _nesterov(p, grads, *, lr, momentum, weight_decay, lr_inside):
    velocity_alone(lr_inside)

    def create(params):
        return optim.SGD(params, lr=1.0, momentum=momentum, weight_decay=weight_decay, nesterov=True)

    return _trajectory(create, p, grads, lr)


def _adagrad(p, grads, *, eps_inside, initial, **params):
    eps_outside(eps_inside)
    return _trajectory(lambda x: optim.Adagrad(x, initial_accumulator_value=initial, **params), p, grads)


def _adadelta(p, grads, **params):
    return _trajectory(lambda x: optim.Adadelta(x, **params), p, grads)


def _rmsprop(p, grads, *, eps_inside, **params):
    eps_outside(eps_inside)
    return _trajectory(lambda x: optim.RMSprop(x, **params), p, grads)


def _adamw(p, grads, *, beta1, beta2, **params):
    return _trajectory(lambda x: optim.AdamW(x, betas=(beta1, beta2), **params), p, grads)


def _amsgrad(p, grads, *, beta1, beta2, correct_first, **params):
    if correct_first:
        raise NotImplementedError("torch.optim.Adam corrects the largest average, and remembers it uncorrected")
    return _trajectory(lambda x: optim.Adam(x, betas=(beta1, beta2), amsgrad=True, **params), p, grads)


def _adamax(p, grads, *, beta1, beta2, decoupled, **params):
    coupled(decoupled)
    return _trajectory(lambda x: optim.Adamax(x, betas=(beta1, beta2), **params), p, grads)


def _nadam(p, grads, *, beta1, beta2, decoupled, momentum_decay, **params):
    if momentum_decay is None:
        raise NotImplementedError("torch.optim.NAdam has no constant momentum")
    options = {"decoupled_weight_decay": decoupled, "momentum_decay": momentum_decay}
    return _trajectory(lambda x: optim.NAdam(x, betas=(beta1, beta2), **options, **params), p, grads)


def _radam(p, grads, *, beta1, beta2, decoupled, eps_hat, **params):
    beside_the_plain_root(eps_hat)
    options = {"decoupled_weight_decay": decoupled}
    return _trajectory(lambda x: optim.RAdam(x, betas=(beta1, beta2), **options, **params), p, grads)


def _rprop(p, grads, *, lr, etaminus, etaplus, step_min, step_max):
    return _trajectory(lambda x: optim.Rprop(x, lr, (etaminus, etaplus), (step_min, step_max)), p, grads)


def _asgd(p, grads, **params):
    return _trajectory(lambda x: optim.ASGD(x, **params), p, grads, results=("ax",))


def _adafactor(p, grads, *, eps1, eps2, clamp, **params):
    if not clamp:
        raise NotImplementedError("torch.optim.Adafactor takes eps1 as the least value, and does not add it")
    return _trajectory(lambda x: optim.Adafactor(x, eps=(eps1, eps2), **params), p, grads)


def _muon(p, grads, *, steps, corrected, outputs_first, **params):
    if corrected or not outputs_first:
        raise NotImplementedError(
            "torch.optim.Muon corrects no averages, and takes matrices as torch.nn.Linear has them"
        )
    return _trajectory(lambda x: optim.Muon(x, ns_steps=steps, **params), p, grads)


def _sparse_adam(p, rows, values, *, lr, beta1, beta2, eps):
    _refuse_compiling()
    grads = [torch.sparse_coo_tensor(r[None], v, p.shape) for r, v in zip(rows, values, strict=True)]
    return _trajectory(lambda x: optim.SparseAdam(x, lr=lr, betas=(beta1, beta2), eps=eps), p, grads)


def _lbfgs(a, b, x0, *, lr, steps, history, first):
    if first != 1:
        raise NotImplementedError("torch.optim.LBFGS caps its first step by the sum of |g|")
    options = {"max_iter": 1, "tolerance_grad": 0, "tolerance_change": 0, "history_size": history}
    _refuse_compiling()
    x, path = x0.clone(), [x0]
    optimiser = optim.LBFGS([x], lr=lr, **options)

    def loss():
        x.grad = (a + a.mT) / 2 @ x - b
        return x @ (a @ x) / 2 - b @ x

    for _ in range(steps):
        optimiser.step(loss)
        path.append(x.clone())
    return torch.stack(path)[1:]


FORWARDS = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "amsgrad": _amsgrad,
    "adamax": _adamax,
    "nadam": _nadam,
    "radam": _radam,
    "rprop": _rprop,
    "asgd": _asgd,
    "adafactor": _adafactor,
    "muon": _muon,
    "sparse_adam": _sparse_adam,
    "lbfgs": _lbfgs,
}

ASKED = ("value", "layout", "batched")
LEDGER = (
    (
        "vmap has no rule for the torch.maximum with out= that it calls",
        "",
        ("batched:adamax-coupled-*", "batched:amsgrad-correct-last-*"),
    ),
    (
        "vmap has no rule for the boolean masks that it writes through",
        "",
        ("batched:rprop-*",),
    ),
    (
        "branches on values, or computes with them as Python numbers, which vmap does not let it",
        "",
        tuple(
            f"batched:{case}-float*"
            for case in ("adafactor-clamped", "adafactor-vector", "adafactor-small", "lbfgs-forgetful", "lbfgs-near")
        ),
    ),
    (
        "compiled, Adam corrects its averages in float32, the format of its step counter, whatever the parameters are",
        "",
        ("compiled value:adam-*-float64",),
    ),
    (
        "NAdam keeps the product of its momenta in float32 whatever the parameters are",
        "",
        tuple(f"{kind}:nadam-warming-float64" for kind in ASKED),
    ),
    (
        "ASGD keeps its learning rate and the weight of its average in float32 whatever the parameters are",
        "",
        tuple(f"{kind}:asgd-*-float64" for kind in ASKED),
    ),
    (
        "RAdam subtracts two numbers of about 2 / (1 - beta2) to get rho_t, which is about t",
        "",
        tuple(f"?{kind}:radam-decoupled-float64" for kind in ASKED),
    ),
    (
        "Muon orthogonalises in bfloat16 whatever the parameters are",
        "https://github.com/pytorch/pytorch/pull/160213",
        tuple(f"{kind}:muon-plain-*" for kind in ASKED),
    ),
)

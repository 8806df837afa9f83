"""Optimisers in JAX: optax's, and its transformations in other orders where a convention wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import lax

from .common import installed_optax


def _trajectory(optimiser, p, grads):
    """The parameters after each step of an optax optimiser."""

    def step(carry, g):
        p, state = carry
        updates, state = optimiser.update(g, state, p)
        p = installed_optax().apply_updates(p, updates)
        return (p, state), p

    return lax.scan(step, (p, optimiser.init(p)), grads)[1]


def _step(optimiser, p, g, state: Mapping[str, Any], t=1):
    """One step from a given state, under optax's names, and the new state.

    A count is the number of steps already taken, t that of this one.
    """
    optax = installed_optax()
    ready = optimiser.init(p)
    if optax.tree.get_all_with_path(ready, "count"):
        ready = optax.tree.set(ready, count=jnp.asarray(t - 1, dtype=jnp.int32))
    updates, new = optimiser.update(g, optax.tree.set(ready, **state), p)
    return optax.apply_updates(p, updates), *(optax.tree.get(new, name) for name in state)


def _rates(lr):
    """A learning rate for each step, as optax's schedules are: a function of the number of steps taken."""
    return lr if isinstance(lr, float) else lambda count: jnp.asarray(lr)[count]


def _coupled(weight_decay, *parts):
    """Weight decay is added to the gradient, before everything else."""
    optax = installed_optax()
    return optax.chain(optax.add_decayed_weights(weight_decay), *parts)


def _momentum(*, lr, momentum, dampening, weight_decay, lr_inside, dampen_first=True) -> Any:
    """optax's transformations in the order of the convention; its alias sgd is the velocity."""
    optax = installed_optax()
    if dampening not in (0, momentum) or (dampening and not dampen_first):
        raise NotImplementedError("optax has no dampening other than that of an average which begins at 0")
    trace = optax.ema(momentum, debias=False) if dampening else optax.trace(momentum)
    rate = optax.scale_by_learning_rate(_rates(lr))
    return _coupled(weight_decay, *((rate, trace) if lr_inside else (trace, rate)))


def _nesterov(*, lr, momentum, weight_decay, lr_inside):
    optax = installed_optax()
    if not lr_inside:
        return _coupled(weight_decay, optax.sgd(_rates(lr), momentum, nesterov=True))
    trace = optax.trace(momentum, nesterov=True)
    return _coupled(weight_decay, optax.scale_by_learning_rate(_rates(lr)), trace)


def _with_velocity(create):
    def step(p, g, v, **params):
        sign = -1 if params["lr_inside"] else 1  # optax's displacement is what is added to p
        p, v = _step(create(**params), p, g, {"trace": sign * v})
        return p, sign * v

    return step


def _adagrad(*, lr, lr_decay, eps, weight_decay, eps_inside, initial=0.0):
    _eps_inside("adagrad", eps_inside)
    rate = lr if lr_decay == 0 else lambda count: lr / (1 + lr_decay * count)
    return _coupled(weight_decay, installed_optax().adagrad(rate, initial, eps))


def _eps_inside(name, eps_inside):
    if not eps_inside:
        raise NotImplementedError(f"optax.{name} has eps under the root")


def _rmsprop(*, lr, alpha, eps, weight_decay, momentum, centered, eps_inside):
    options = {"eps_in_sqrt": eps_inside, "centered": centered, "momentum": momentum or None}
    return _coupled(weight_decay, installed_optax().rmsprop(lr, alpha, eps, **options))


def _rmsprop_step(p, g, v, m, b, **params):
    # optax's momentum has the learning rate inside
    state = {"nu": v, "trace": -params["lr"] * b, **({"mu": m} if params["centered"] else {})}
    p, v, b, *m_ = _step(_rmsprop(**params), p, g, state)
    return p, v, *(m_ or [m]), -b / params["lr"]


def _adadelta(*, lr, rho, eps, weight_decay):
    return installed_optax().adadelta(lr, rho, eps, weight_decay)


def _adam(*, lr, beta1, beta2, eps, weight_decay=0.0):
    return _coupled(weight_decay, installed_optax().adam(lr, beta1, beta2, eps))


def _adamw(*, lr, beta1, beta2, eps, weight_decay):
    return installed_optax().adamw(lr, beta1, beta2, eps, weight_decay=weight_decay)


def _amsgrad(*, lr, beta1, beta2, eps, weight_decay, correct_first):
    if not correct_first:
        raise NotImplementedError("optax.amsgrad remembers the largest corrected average")
    return _coupled(weight_decay, installed_optax().amsgrad(lr, beta1, beta2, eps))


def _adamax(*, lr, beta1, beta2, eps, weight_decay, decoupled):
    optax = installed_optax()
    if decoupled:
        return optax.adamaxw(lr, beta1, beta2, eps, weight_decay)
    return _coupled(weight_decay, optax.adamax(lr, beta1, beta2, eps))


def _nadam(*, lr, beta1, beta2, eps, weight_decay, decoupled, momentum_decay):
    optax = installed_optax()
    if momentum_decay is not None:
        raise NotImplementedError("optax.nadam has a constant momentum")
    if decoupled:
        return optax.nadamw(lr, beta1, beta2, eps, weight_decay=weight_decay)
    return _coupled(weight_decay, optax.nadam(lr, beta1, beta2, eps))


def _radam(*, lr, beta1, beta2, eps, weight_decay, decoupled, eps_hat):
    optax = installed_optax()
    if eps_hat:
        raise NotImplementedError("optax.radam adds eps to the corrected root")
    if not decoupled:
        return _coupled(weight_decay, optax.radam(lr, beta1, beta2, eps))
    parts = optax.add_decayed_weights(weight_decay), optax.scale_by_learning_rate(lr)
    return optax.chain(optax.scale_by_radam(beta1, beta2, eps), *parts)


def _adabelief(*, lr, beta1, beta2, eps, eps_root):
    return installed_optax().adabelief(lr, beta1, beta2, eps, eps_root)


def _yogi(*, lr, beta1, beta2, eps, initial):
    optax = installed_optax()
    if initial == 1e-6:
        return optax.yogi(lr, beta1, beta2, eps)
    moments = optax.scale_by_yogi(beta1, beta2, eps, initial_accumulator_value=initial)
    return optax.chain(moments, optax.scale_by_learning_rate(lr))


def _lion(*, lr, beta1, beta2, weight_decay):
    return installed_optax().lion(lr, beta1, beta2, weight_decay=weight_decay)


def _rprop(*, lr, etaminus, etaplus, step_min, step_max):
    return installed_optax().rprop(lr, etaminus, etaplus, step_min, step_max)


def _lars(*, lr, momentum, weight_decay, trust, eps):
    options = {"trust_coefficient": trust, "eps": eps, "momentum": momentum}
    return installed_optax().lars(lr, weight_decay, **options)


def _lamb(*, lr, beta1, beta2, eps, weight_decay):
    return installed_optax().lamb(lr, beta1, beta2, eps, weight_decay=weight_decay)


def _novograd(*, lr, beta1, beta2, eps, weight_decay):
    return installed_optax().novograd(lr, beta1, beta2, eps, weight_decay=weight_decay)


def _optimistic_adam(*, lr, alpha, beta, beta1, beta2, eps, nesterov):
    options = {"alpha": alpha, "beta": beta, "b1": beta1, "b2": beta2, "eps": eps, "nesterov": nesterov}
    return installed_optax().optimistic_adam_v2(lr, **options)


def _adan(*, lr, beta1, beta2, beta3, eps, eps_root, weight_decay):
    return installed_optax().adan(lr, beta1, beta2, beta3, eps, eps_root, weight_decay)


def _adafactor(*, lr, beta2_decay, eps1, eps2, d, weight_decay, clamp):
    if clamp or eps2 != 1e-3:
        raise NotImplementedError("optax.adafactor adds eps1 to the squares, and always has 0.001 as eps2")
    options = {"min_dim_size_to_factor": 1, "decay_rate": -beta2_decay, "clipping_threshold": d, "eps": eps1}
    # optax does not multiply weight decay by the learning rate
    decay = {"weight_decay_rate": lr * weight_decay or None}
    return installed_optax().adafactor(lambda count: jnp.minimum(lr, (count + 1.0) ** -0.5), **options, **decay)


def _sm3(*, lr, momentum, eps):
    optax = installed_optax()
    if eps == 1e-8:
        return optax.sm3(lr, momentum)
    return optax.chain(optax.scale_by_sm3(momentum, eps=eps), optax.scale(-lr))


def _muon(*, lr, momentum, nesterov, weight_decay, steps, eps, corrected, outputs_first):
    if outputs_first or not corrected:
        raise NotImplementedError(
            "optax.contrib.muon corrects its averages, and takes matrices as flax.linen.Dense has them"
        )
    options = {"ns_steps": steps, "beta": momentum, "eps": eps, "weight_decay": weight_decay, "nesterov": nesterov}
    return installed_optax().contrib.muon(lr, **options)


def _polyak_sgd(p, grads, losses, *, max_lr, scaling, f_min, eps):
    optimiser = installed_optax().polyak_sgd(max_lr, scaling, f_min, eps)

    def step(carry, now):
        p, state = carry
        updates, state = optimiser.update(now[0], state, p, value=now[1])
        p = installed_optax().apply_updates(p, updates)
        return (p, state), p

    return lax.scan(step, (p, optimiser.init(p)), (grads, losses))[1]


def _lbfgs(a, b, x0, *, lr, steps, history, first):
    if first != 2:
        raise NotImplementedError("optax.lbfgs caps its first step by the Euclidean norm of g")
    optimiser = installed_optax().lbfgs(lr, history, linesearch=None)

    def step(carry, _):
        x, state = carry
        updates, state = optimiser.update((a + a.mT) / 2 @ x - b, state, x)
        x = installed_optax().apply_updates(x, updates)
        return (x, state), x

    return lax.scan(step, (x0, optimiser.init(x0)), length=steps)[1]


OPTIMISERS = {
    "sgd": lambda *, lr: installed_optax().sgd(lr),
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
    "adabelief": _adabelief,
    "yogi": _yogi,
    "sign_sgd": lambda *, lr: installed_optax().sign_sgd(lr),
    "signum": lambda *, lr, beta: installed_optax().signum(lr, beta),
    "lion": _lion,
    "rprop": _rprop,
    "lars": _lars,
    "lamb": _lamb,
    "fromage": lambda *, lr, min_norm: installed_optax().fromage(lr, min_norm),
    "novograd": _novograd,
    "adafactor": _adafactor,
    "sm3": _sm3,
    "muon": _muon,
    "optimistic_gradient_descent": lambda *, lr, **weights: installed_optax().optimistic_gradient_descent(
        lr, **weights
    ),
    "optimistic_adam": _optimistic_adam,
    "adan": _adan,
}
STATES = {
    "adagrad": ("sum_of_squares",),
    "adadelta": ("e_g", "e_x"),
    "adam": ("mu", "nu"),
    "adamw": ("mu", "nu"),
    "adamax": ("mu", "nu"),
    "radam": ("mu", "nu"),
    "lion": ("mu",),
    "lamb": ("mu", "nu"),
}
"""optax's names of what a step is given and gives."""


def _path_of(create):
    return lambda p, grads, **params: _trajectory(create(**params), p, grads)


def _step_of(create, names):
    def step(p, g, *state, t=1, **params):
        return _step(create(**params), p, g, dict(zip(names, state, strict=True)), t)

    return step


FORWARDS = {
    **{name: _path_of(create) for name, create in OPTIMISERS.items()},
    **{f"{name}_step": _step_of(OPTIMISERS[name], names) for name, names in STATES.items()},
    "sgd_step": lambda p, g, *, lr: _trajectory(installed_optax().sgd(lr), p, g[None])[0],
    "momentum_step": _with_velocity(_momentum),
    "nesterov_step": _with_velocity(_nesterov),
    "rmsprop_step": _rmsprop_step,
    "polyak_sgd": _polyak_sgd,
    "lbfgs": _lbfgs,
}

BOTH = ("momentum", "nesterov", "adadelta", "rmsprop", "adam", "adamw", "adamax", "nadam", "radam", "lamb", "lion")
ASKED = ("value", "layout", "batched", "eager value")
LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            *(f"refused:{name}-*-float64" for name in ("sgd", "adagrad", *BOTH)),
            *(f"refused:{name}_step-*-float64" for name in BOTH if name not in ("nadam", "radam")),
        ),
    ),
    (
        "optax.rprop takes every step one step late, and none at first",
        "https://github.com/google-deepmind/optax/pull/1725",
        (*(f"{kind}:rprop-*" for kind in ASKED), "special:rprop-by-hand-*"),
    ),
    (
        "optax.polyak_sgd divides by the square of the scaled gradient, so a scaling of s comes out as 1 / s",
        "",
        tuple(f"{kind}:polyak_sgd-scaled-*" for kind in ASKED),
    ),
    (
        "optax.adafactor computes the weight of its averages in float32 whatever the parameters are",
        "",
        tuple(f"{kind}:adafactor-{case}-float64" for kind in ASKED for case in ("added", "vector-added")),
    ),
)

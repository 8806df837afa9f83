"""Optimisers in JAX: optax."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from .common import installed_optax


def adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    optimiser = installed_optax().adam(lr, beta1, beta2, eps)
    moments, *rest = optimiser.init(p)
    # count is the number of steps already taken, t the number of this one
    moments = moments._replace(count=jnp.full_like(moments.count, t - 1), mu=m, nu=v)
    updates, (moments, *_) = optimiser.update(g, (moments, *rest), p)
    return installed_optax().apply_updates(p, updates), moments.mu, moments.nu


def _trajectory(optimiser, p, grads):
    """The parameters after each step of an optax optimiser."""

    def step(carry, g):
        p, state = carry
        updates, state = optimiser.update(g, state, p)
        p = installed_optax().apply_updates(p, updates)
        return (p, state), p

    return lax.scan(step, (p, optimiser.init(p)), grads)[1]


def _step(optimiser, p, g, state):
    updates, state = optimiser.update(g, state, p)
    return installed_optax().apply_updates(p, updates), state


def _rates(lr):
    """A learning rate for each step, as optax's schedules are: a function of the number of steps taken."""
    return lr if isinstance(lr, float) else lambda count: jnp.asarray(lr)[count]


def _momentum(*, lr, momentum, dampening, weight_decay, lr_inside, dampen_first=True) -> Any:
    """optax's transformations in the order of the convention; its alias sgd is the velocity."""
    optax = installed_optax()
    if dampening not in (0, momentum) or (dampening and not dampen_first):
        raise NotImplementedError("optax has no dampening other than that of an average which begins at 0")
    trace = optax.ema(momentum, debias=False) if dampening else optax.trace(momentum)
    rate = optax.scale_by_learning_rate(_rates(lr))
    parts = (rate, trace) if lr_inside else (trace, rate)
    return optax.chain(optax.add_decayed_weights(weight_decay), *parts), 1 + lr_inside


def _momentum_step(p, g, v, **params):
    optimiser, place = _momentum(**params)
    state = list(optimiser.init(p))
    sign = -1 if params["lr_inside"] else 1  # optax's displacement is what is added to p
    state[place] = state[place]._replace(trace=sign * v)
    p, state = _step(optimiser, p, g, tuple(state))
    return p, sign * state[place].trace


def _nesterov(*, lr, momentum, weight_decay, lr_inside):
    optax = installed_optax()
    decay = optax.add_decayed_weights(weight_decay)
    if not lr_inside:
        return optax.chain(decay, optax.sgd(_rates(lr), momentum, nesterov=True))
    return optax.chain(decay, optax.scale_by_learning_rate(_rates(lr)), optax.trace(momentum, nesterov=True))


def _nesterov_step(p, g, v, **params):
    optimiser = _nesterov(**params)
    first, *rest = optimiser.init(p)
    if params["lr_inside"]:
        state = (first, rest[0], rest[1]._replace(trace=-v))
        p, state = _step(optimiser, p, g, state)
        return p, -state[2].trace
    (velocity, *others) = rest[0]
    p, state = _step(optimiser, p, g, (first, (velocity._replace(trace=v), *others)))
    return p, state[1][0].trace


FORWARDS = {
    "sgd_step": lambda p, g, *, lr: _trajectory(installed_optax().sgd(lr), p, g[None])[0],
    "sgd": lambda p, grads, *, lr: _trajectory(installed_optax().sgd(lr), p, grads),
    "momentum_step": _momentum_step,
    "momentum": lambda p, grads, **params: _trajectory(_momentum(**params)[0], p, grads),
    "nesterov_step": _nesterov_step,
    "nesterov": lambda p, grads, **params: _trajectory(_nesterov(**params), p, grads),
    "adam": lambda p, grads, *, lr, beta1, beta2, eps: _trajectory(
        installed_optax().adam(lr, beta1, beta2, eps), p, grads
    ),
    "adam_step": adam_step,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:adam-*-float64",
            "refused:adam_step-*-float64",
            "refused:sgd-*-float64",
            *(f"refused:{op}-*-float64" for op in ("momentum", "momentum_step", "nesterov", "nesterov_step")),
        ),
    ),
)

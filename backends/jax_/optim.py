"""Optimisers in JAX."""

from __future__ import annotations

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


def _adam(p, grads, *, lr, beta1, beta2, eps):
    return _trajectory(installed_optax().adam(lr, beta1, beta2, eps), p, grads)


FORWARDS = {
    "sgd_step": lambda p, g, *, lr: _trajectory(installed_optax().sgd(lr), p, g[None])[0],
    "sgd": lambda p, grads, *, lr: _trajectory(installed_optax().sgd(lr), p, grads),
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
        ),
    ),
)

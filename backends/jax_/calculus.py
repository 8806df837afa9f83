"""Calculus in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax


def gradient_descent(a, b, x0, *, lr, steps):
    slope = jax.grad(lambda x: x @ a @ x / 2 - b @ x)

    def step(x, _):
        x = x - lr * slope(x)
        return x, x

    return jnp.concat([x0[None], lax.scan(step, x0, length=steps)[1]])


FORWARDS = {
    "gradient_descent": gradient_descent,
}

"""Calculus in JAX."""

from __future__ import annotations

import math
from functools import reduce

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental.jet import jet

from .common import installed_optax
from .model import mlp_binary_loss


def gradient_descent(a, b, x0, *, lr, steps):
    slope = jax.grad(lambda x: x @ a @ x / 2 - b @ x)

    def step(x, _):
        x = x - lr * slope(x)
        return x, x

    return jnp.concat([x0[None], lax.scan(step, x0, length=steps)[1]])


def heavy_ball(a, b, x0, *, lr, momentum, steps):
    optax = installed_optax()
    optimiser, slope = optax.sgd(lr, momentum), jax.grad(lambda x: x @ a @ x / 2 - b @ x)

    def step(carry, _):
        x, state = carry
        updates, state = optimiser.update(slope(x), state)
        x = optax.apply_updates(x, updates)
        return (x, state), x

    return jnp.concat([x0[None], lax.scan(step, (x0, optimiser.init(x0)), length=steps)[1]])


def rosenbrock(x, *, a, b):
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError("fewer than two variables")
    return (b * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (a - x[..., :-1]) ** 2).sum(axis=-1)


def rosenbrock_gradient(x, **params):
    return jax.grad(lambda x: rosenbrock(x, **params).sum())(x)


def rosenbrock_hessian(x, **params):
    if x.ndim == 1:
        return jax.hessian(lambda x: rosenbrock(x, **params))(x)
    return jax.vmap(lambda row: rosenbrock_hessian(row, **params))(x)


def _iterates(step, x0, steps):
    return jnp.concat([x0[None], lax.scan(lambda x, _: (step(x),) * 2, x0, length=steps)[1]])


def newton(a, b, x0, *, steps):
    symmetric = (a + a.T) / 2
    return _iterates(lambda x: x - jnp.linalg.solve(symmetric, symmetric @ x - b), x0, steps)


def newton_rosenbrock(x0, *, steps, **params):
    def step(x):
        return x - jnp.linalg.solve(rosenbrock_hessian(x, **params), rosenbrock_gradient(x, **params))

    return _iterates(step, x0, steps)


def rosenbrock_descent(x0, *, lr, steps, **params):
    return _iterates(lambda x: x - lr * rosenbrock_gradient(x, **params), x0, steps)


def taylor(coefficients, x0):
    """The derivatives by jets."""
    if x0.ndim:
        return jax.vmap(taylor)(coefficients, x0)
    factorials = jnp.array([math.factorial(k) for k in range(len(coefficients))], dtype=x0.dtype)
    direction = [jnp.ones_like(x0), *[jnp.zeros_like(x0)] * (len(coefficients) - 2)]
    value, terms = jet(lambda x: reduce(lambda y, c: y * x + c, coefficients[::-1]), (x0,), (direction,))
    return jnp.stack([value, *terms]) / factorials


def taylor_rosenbrock(x, h, *, order, **params):
    if order not in (1, 2):
        raise ValueError(f"order {order}")

    def f(x):
        return rosenbrock(x, **params)

    slope, bend = jax.jvp(lambda x: jax.jvp(f, (x,), (h,))[1], (x,), (h,))
    return f(x) + slope if order == 1 else f(x) + slope + bend / 2


def loss_surface_slice(s, t, x, target, *theta, activation):
    n = len(theta) // 3

    def height(a, b):
        parameters = [w + a * u + b * v for w, u, v in zip(theta[:n], theta[n : 2 * n], theta[2 * n :], strict=True)]
        return mlp_binary_loss(x, target, *parameters, activation=activation)

    return jax.vmap(lambda a: jax.vmap(lambda b: height(a, b))(t))(s)


FORWARDS = {
    "rosenbrock": rosenbrock,
    "rosenbrock_gradient": rosenbrock_gradient,
    "rosenbrock_hessian": rosenbrock_hessian,
    "rosenbrock_descent": rosenbrock_descent,
    "newton": newton,
    "newton_rosenbrock": newton_rosenbrock,
    "taylor": taylor,
    "taylor_rosenbrock": taylor_rosenbrock,
    "loss_surface_slice": loss_surface_slice,
    "gradient_descent": gradient_descent,
    "heavy_ball": heavy_ball,
    "step_limit": lambda a: 2 / jnp.linalg.eigvalsh(a)[..., -1],
}

LEDGER = (
    (
        "jax.experimental.jet takes factorials as exp(lgamma(n + 1)), which is off by some twenty ulp in float64",
        "",
        (
            "special:taylor-cube-float64",
            "value:taylor-quartic-float64",
            "value:taylor-rows-float64",
            "?*:taylor-quartic-*",
            "?*:taylor-rows-*",
        ),
    ),
)

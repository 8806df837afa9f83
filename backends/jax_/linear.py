"""Linear algebra in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice


def neuron(x, w, b, *, activation):
    table = {"identity": jax.nn.identity, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
    return choice(table, activation, "activation")(x @ w + b)


def norm(x, *, ord, axis, keepdims):
    """jnp.linalg.norm over a pair of axes reads a number as an operator norm: numbers go to vector_norm."""
    if ord == "fro":
        return jnp.linalg.norm(x, ord, axis, keepdims)
    return jnp.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


FORWARDS = {
    "dot": jnp.dot,
    "matmul": jnp.matmul,
    "linear": lambda x, w, b: x @ w + b,
    "neuron": neuron,
    "norm": norm,
}

LEDGER = (
    (
        "the derivative at 0 is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/3058",
        ("kink:norm-two-norm-at-zero-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:dot-matrices-float64",
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
            "refused:neuron-bias-for-each-example-float64",
            "refused:neuron-weights-as-column-float64",
        ),
    ),
)

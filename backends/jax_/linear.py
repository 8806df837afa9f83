"""Linear algebra in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice, installed_optax


def neuron(x, w, b, *, activation):
    table = {"identity": jax.nn.identity, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
    return choice(table, activation, "activation")(x @ w + b)


def norm(x, *, ord, axis, keepdims):
    """jnp.linalg.norm over a pair of axes reads a number as an operator norm: numbers go to vector_norm."""
    if ord == "fro":
        return jnp.linalg.norm(x, ord, axis, keepdims)
    return jnp.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def cosine_similarity(x1, x2, *, axis, eps):
    """optax bounds the squares of the lengths."""
    return installed_optax().cosine_similarity(x1, x2, epsilon=eps**2, axis=axis)


def projection(v, u):
    return jnp.linalg.vecdot(u, v)[..., None] / jnp.linalg.vecdot(u, u)[..., None] * u


def gram_schmidt(a):
    """The factor q of a QR decomposition, whose signs are free, with the signs that make the diagonal of r positive."""
    q, r = jnp.linalg.qr(a)
    return q * jnp.sign(jnp.linalg.diagonal(r))[..., None, :]


def change_of_basis(x, basis):
    """JAX solves for the columns of a matrix, or for one vector."""
    if x.ndim == 1:
        return jnp.linalg.solve(basis, x)
    return jnp.linalg.solve(basis, x.reshape(-1, x.shape[-1]).mT).mT.reshape(x.shape)


FORWARDS = {
    "transpose": lambda x, *, axes: jnp.permute_dims(x, axes),
    "reshape": lambda x, *, shape: jnp.reshape(x, shape),
    "broadcast_to": lambda x, *, shape: jnp.broadcast_to(x, shape),
    "take": lambda x, indices, *, axis: jnp.take(x, indices, axis=axis),
    "dot": jnp.dot,
    "outer": jnp.outer,
    "matmul": jnp.matmul,
    "kron": jnp.kron,
    "einsum": lambda *operands, subscripts: jnp.einsum(subscripts, *operands),
    "trace": lambda a, *, offset: jnp.linalg.trace(a, offset=offset),
    "linear": lambda x, w, b: x @ w + b,
    "neuron": neuron,
    "norm": norm,
    "cosine_similarity": cosine_similarity,
    "projection": projection,
    "gram_schmidt": gram_schmidt,
    "change_of_basis": change_of_basis,
}

LEDGER = (
    (
        "a QR decomposition may have more columns than rows, orthonormal vectors not",
        "",
        ("refused:gram_schmidt-wide-float64",),
    ),
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
            "refused:einsum-length-one-is-not-repeated-float64",
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
            "refused:neuron-bias-for-each-example-float64",
            "refused:neuron-weights-as-column-float64",
            "refused:outer-matrix-float64",
            "refused:take-negative-float64",
            "refused:take-too-large-float64",
        ),
    ),
)

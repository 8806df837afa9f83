"""Decompositions in JAX."""

from __future__ import annotations

import jax.numpy as jnp
import jax.scipy.linalg as jsl


def triangular_solve(a, b, *, lower, unit_diagonal):
    return jsl.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal)


def lu(a):
    if a.ndim != 2:
        raise NotImplementedError("jax.scipy.linalg.lu takes one matrix; a batch goes through jax.vmap")
    return tuple(jsl.lu(a))


def low_rank_approximation(a, *, rank):
    u, s, vh = jnp.linalg.svd(a, full_matrices=False)
    return u[..., :rank] * s[..., None, :rank] @ vh[..., :rank, :]


FORWARDS = {
    "triangular_solve": triangular_solve,
    "lu": lu,
    "solve": jnp.linalg.solve,
    "inv": jnp.linalg.inv,
    "det": jnp.linalg.det,
    "slogdet": lambda a: tuple(jnp.linalg.slogdet(a)),
    "cholesky": jnp.linalg.cholesky,
    "qr": lambda a: tuple(jnp.linalg.qr(a)),
    "lstsq": lambda a, b: jnp.linalg.lstsq(a, b)[0],
    "eigh": lambda a: tuple(jnp.linalg.eigh(a)),
    "eigvalsh": jnp.linalg.eigvalsh,
    "svd": lambda a: tuple(jnp.linalg.svd(a, full_matrices=False)),
    "low_rank_approximation": low_rank_approximation,
    "pinv": lambda a, *, rtol: jnp.linalg.pinv(a, rtol=rtol),
    "matrix_exp": jsl.expm,
    "pca_transform": lambda x, mean, components: (x - mean) @ components.T,
    "pca_reconstruct": lambda z, mean, components: z @ components + mean,
    "pca_whiten": lambda x, mean, components, variance: (x - mean) @ components.T / jnp.sqrt(variance),
}

LEDGER = (
    (
        "decomposes the symmetric part, where LAPACK, NumPy and torch read the lower triangle",
        "https://github.com/jax-ml/jax/issues/12516",
        ("special:cholesky-lower-triangle-*",),
    ),
    (
        "the small elements of its second derivative have errors of the size of those of the large ones",
        "",
        ("?forward-over-forward:cholesky-*-*",),
    ),
    (
        "nan: the derivative of the cofactors divides by a pivot that may come out as 0",
        "https://github.com/jax-ml/jax/issues/2821",
        (
            "forward-over-forward:det-one-of-them-singular-*",
            "forward-over-reverse:det-one-of-them-singular-*",
            "reverse-over-forward:det-one-of-them-singular-*",
            "reverse-over-reverse:det-one-of-them-singular-*",
        ),
    ),
    (
        "the derivative rule adds 1 to w_i - w_i = 0, and what that contributes cancels only up to rounding",
        "",
        ("reverse-over-forward:eigh-large-float64", "reverse-over-reverse:eigh-large-float64"),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:low_rank_approximation-rank-0-float64",
            "refused:low_rank_approximation-rank-too-large-float64",
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
        ),
    ),
)

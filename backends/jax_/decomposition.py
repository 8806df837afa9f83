"""Decompositions in JAX."""

from __future__ import annotations

import jax.numpy as jnp

FORWARDS = {
    "eigh": lambda a: tuple(jnp.linalg.eigh(a)),
    "svd": lambda a: tuple(jnp.linalg.svd(a, full_matrices=False)),
    "pca_transform": lambda x, mean, components: (x - mean) @ components.T,
    "pca_reconstruct": lambda z, mean, components: z @ components + mean,
    "pca_whiten": lambda x, mean, components, variance: (x - mean) @ components.T / jnp.sqrt(variance),
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
        ),
    ),
)

"""Statistics in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice


def quantile(x, *, q, axis, method):
    if method not in ("linear", "inverted_cdf"):
        raise NotImplementedError(f"jnp.quantile has the methods linear and inverted_cdf of the nine, not {method!r}")
    q = jnp.asarray(q, x.dtype)  # as it is without x64; a float64 q and float32 data: inverted_cdf raises TypeError
    return jnp.quantile(x, q, axis, method=method)


def _over(f, axes):
    """f of one table or line, mapped over so many leading axes."""
    for _ in range(axes):
        f = jax.vmap(f)
    return f


def weighted_variance(x, w, *, axis, weights, correction):
    """jnp.cov takes one variable, and whole numbers as frequencies."""
    if choice({"frequency": True, "reliability": False}, weights, "weights"):
        raise NotImplementedError("jnp.cov takes whole numbers as fweights, and so only of samples that were counted")
    x, w = jnp.moveaxis(x, axis, -1), jnp.moveaxis(w, axis, -1)
    return _over(lambda x, w: jnp.cov(x, aweights=w, ddof=correction), x.ndim - 1)(x, w)


def standardize(x, *, axis, correction):
    if correction:
        raise NotImplementedError("jax.nn.standardize divides by n, whatever the sample is of")
    return jax.nn.standardize(x, axis, epsilon=0)


def bootstrap_interval(x, indices, *, q):
    return quantile(jnp.mean(x[..., indices], -1), q=q, axis=-1, method="linear")


FORWARDS = {
    "weighted_mean": lambda x, w, *, axis: jnp.average(x, axis, w),
    "weighted_variance": weighted_variance,
    "standardize": standardize,
    "covariance": lambda x, *, rowvar, correction: _over(
        lambda t: jnp.cov(t, rowvar=rowvar, ddof=correction), x.ndim - 2
    )(x),
    "correlation": lambda x, *, rowvar: _over(lambda t: jnp.corrcoef(t, rowvar=rowvar), x.ndim - 2)(x),
    "histogram": lambda x, edges: jnp.histogram(x, edges)[0].astype(int),
    "bootstrap_interval": bootstrap_interval,
    "median": jnp.median,
    "std": jnp.std,
    "variance": jnp.var,
    "quartiles": lambda x, *, axis: quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear"),
    "quantile": quantile,
}

LEDGER = (
    (
        "the variance of nn.standardize is mean(x^2) - mean(x)^2, which cancels far from 0",
        "https://github.com/jax-ml/jax/issues/37281",
        (
            "batched:standardize-shifted-*",
            "eager *:standardize-shifted-*",
            "forward-over-*:standardize-shifted-*",
            "jvp:standardize-shifted-*",
            "layout:standardize-shifted-*",
            "reverse-over-*:standardize-shifted-*",
            "value:standardize-shifted-*",
            "vjp:standardize-shifted-*",
        ),
    ),
    (
        "the derivative of a standard deviation of equal values is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/11716",
        ("kink:std-one-constant-row-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:bootstrap_interval-no-such-value-float64",
            "refused:bootstrap_interval-too-few-float64",
            "refused:correlation-vector-float64",
            "refused:covariance-vector-float64",
            "refused:histogram-one-edge-float64",
            "refused:quantile-q-above-1-float64",
        ),
    ),
)

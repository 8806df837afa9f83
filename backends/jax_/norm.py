"""Normalisation in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import channels, installed_flax, installed_optax


def batch_norm(x, gamma, beta, *, eps):
    z = jax.nn.standardize(x, (0, *range(2, x.ndim)), epsilon=eps)
    return z * channels(gamma, x) + channels(beta, x)


def batch_norm_inference(x, gamma, beta, running_mean, running_var, *, eps):
    z = jax.nn.standardize(x, mean=channels(running_mean, x), variance=channels(running_var, x), epsilon=eps)
    return z * channels(gamma, x) + channels(beta, x)


def batch_statistics(x):
    axes = (0, *range(2, x.ndim))
    return jnp.mean(x, axes), jnp.var(x, axes, correction=1)


def batch_norm_running(x, running_mean, running_var, *, momentum):
    """optax's step size is torch's momentum: the weight of the new batch."""
    return installed_optax().incremental_update(batch_statistics(x), (running_mean, running_var), momentum)


def layer_norm(x, gamma, beta, *, eps):
    return jax.nn.standardize(x, tuple(range(-gamma.ndim, 0)), epsilon=eps) * gamma + beta


def _flax(layer, x, **params):
    """A layer of flax.linen on x (N,C,...), whose channels it wants in the last axis."""
    y = layer.apply({"params": params}, jnp.moveaxis(x, 1, -1))
    return jnp.moveaxis(y, -1, 1)


def rms_norm(x, gamma, *, eps):
    axes = tuple(range(-gamma.ndim, 0))
    layer = installed_flax().RMSNorm(epsilon=eps, reduction_axes=axes, feature_axes=axes)
    return layer.apply({"params": {"scale": gamma}}, x)


def group_norm(x, gamma, beta, *, num_groups, eps):
    return _flax(installed_flax().GroupNorm(num_groups, epsilon=eps), x, scale=gamma, bias=beta)


def instance_norm(x, gamma, beta, *, eps):
    return _flax(installed_flax().InstanceNorm(epsilon=eps), x, scale=gamma, bias=beta)


FORWARDS = {
    "batch_norm": batch_norm,
    "batch_norm_inference": batch_norm_inference,
    "batch_norm_running": batch_norm_running,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
}

LEDGER = (
    (
        "jax.nn.standardize computes E[x^2] - E[x]^2, which cancels where the mean is large",
        "https://github.com/jax-ml/jax/issues/37281",
        (
            "jvp:batch_norm-shifted-*",
            "jvp:layer_norm-shifted-*",
            "layout:batch_norm-shifted-*",
            "layout:layer_norm-shifted-*",
            "value:batch_norm-shifted-*",
            "value:layer_norm-shifted-*",
            "vjp:batch_norm-shifted-*",
            "vjp:layer_norm-shifted-*",
        ),
    ),
    (
        "flax computes E[x^2] - E[x]^2 (use_fast_variance is its default), which cancels where the mean is large",
        "",
        (
            "jvp:group_norm-shifted-rows-*",
            "jvp:instance_norm-shifted-*",
            "layout:group_norm-shifted-rows-*",
            "layout:instance_norm-shifted-*",
            "value:group_norm-shifted-rows-*",
            "value:instance_norm-shifted-*",
            "vjp:group_norm-shifted-rows-*",
            "vjp:instance_norm-shifted-*",
        ),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:batch_norm-gamma-of-one-float64",
            "refused:batch_norm-one-value-a-channel-float64",
            "refused:batch_norm_inference-mean-of-one-float64",
            "refused:batch_norm_running-mean-of-one-float64",
            "refused:batch_norm_running-one-value-a-channel-float64",
            "refused:instance_norm-one-position-float64",
            "refused:layer_norm-beta-of-one-float64",
            "refused:layer_norm-gamma-of-one-float64",
        ),
    ),
)

"""Normalisation in JAX."""

from __future__ import annotations

import math

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


def batch_norm_trained(batches, x, gamma, beta, running_mean, running_var, *, momentum, correction, eps):
    """flax's momentum is the weight of the old average, and the variance that it stores the biased one."""
    if correction != 0:
        raise NotImplementedError("flax's BatchNorm stores the variance that divides by n, and no other")
    layer = installed_flax().BatchNorm(momentum=1 - momentum, epsilon=eps, axis=1)
    params, stats = {"scale": gamma, "bias": beta}, {"mean": running_mean, "var": running_var}
    for batch in batches:
        state = {"params": params, "batch_stats": stats}
        stats = layer.apply(state, batch, use_running_average=False, mutable=["batch_stats"])[1]["batch_stats"]
    y = layer.apply({"params": params, "batch_stats": stats}, x, use_running_average=True)
    return y, stats["mean"], stats["var"]


def _rows_of(w):
    """A layer whose weight is the matrix w, and the input for which it answers that weight: all of its indices."""
    return installed_flax().Embed(*w.shape), jnp.arange(len(w))


def weight_norm(v, g, *, axis):
    """flax has one length for each index of the last axis, that of the outputs, or one for all."""
    turned = v if axis is None else jnp.moveaxis(v, axis, -1)
    matrix = turned.reshape(math.prod(turned.shape[:-1]), turned.shape[-1])
    layer, x = _rows_of(matrix)
    scale = g.reshape(() if axis is None else (-1,))
    wrapped = installed_flax().WeightNorm(
        layer, epsilon=0.0, feature_axes=None if axis is None else -1, variable_filter={"embedding"}
    )
    params = {"layer_instance": {"embedding": matrix}, "layer_instance/embedding/scale": scale}
    w = wrapped.apply({"params": params}, x).reshape(turned.shape)
    return w if axis is None else jnp.moveaxis(w, -1, axis)


def spectral_norm_step(w, u, *, n_power_iterations, eps):
    """flax has the outputs in the last axis, and its eps in the root."""
    if eps:
        raise NotImplementedError("flax's SpectralNorm adds eps to the square of the length")
    matrix = w.reshape(len(w), -1).T
    layer, x = _rows_of(matrix)
    names = ("layer_instance/embedding/u", "layer_instance/embedding/sigma")
    stats = dict(zip(names, (u[None], jnp.ones((), w.dtype)), strict=True))
    wrapped = installed_flax().SpectralNorm(layer, n_power_iterations, epsilon=eps)
    variables = {"params": {"layer_instance": {"embedding": matrix}}, "batch_stats": stats}
    y, updated = wrapped.apply(variables, x, update_stats=True, mutable=["batch_stats"])
    return y.T.reshape(w.shape), updated["batch_stats"][names[0]][0]


FORWARDS = {
    "batch_norm": batch_norm,
    "batch_norm_inference": batch_norm_inference,
    "batch_norm_running": batch_norm_running,
    "batch_norm_trained": batch_norm_trained,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "weight_norm": weight_norm,
    "spectral_norm_step": spectral_norm_step,
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
        "the initialiser of flax's layer divides by the number of inputs before it is asked for anything",
        "",
        ("empty:weight_norm-no-inputs-float64",),
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
            "refused:spectral_norm_step-no-rounds-float64",
        ),
    ),
)

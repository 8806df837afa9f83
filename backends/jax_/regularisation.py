"""Regularisation in JAX: optax's gradient transformations, flax's dropout."""

from __future__ import annotations

from unittest import mock

import jax
import jax.numpy as jnp

from .common import installed_flax, installed_optax


def l1_penalty(w, *, alpha):
    return alpha * installed_optax().tree.norm(w, ord=1)


def l2_penalty(w, *, alpha):
    return alpha * jnp.sum(installed_optax().l2_loss(w))


def elastic_net(w, *, alpha, l1_ratio):
    return l1_penalty(w, alpha=alpha * l1_ratio) + l2_penalty(w, alpha=alpha * (1 - l1_ratio))


def _dropped(x, mask, p, whole=()):
    """flax's dropout, which draws its mask, one for all indices of the ``whole`` axes: here it is given."""
    layer = installed_flax().Dropout(p, broadcast_dims=whole, deterministic=False)
    with mock.patch.object(jax.random, "bernoulli", lambda key, p, shape: mask.reshape(shape)):
        return layer.apply({}, x, rng=jax.random.key(0))


def dropout(x, mask, *, p):
    return _dropped(x, mask, p)


def dropout_of_channels(x, mask, *, p):
    return _dropped(x, mask, p, tuple(range(2, x.ndim)))


def stochastic_depth(x, branch, mask, *, p):
    return x + _dropped(branch, mask, p, tuple(range(1, x.ndim)))


def smooth_labels(labels, *, alpha):
    return installed_optax().smooth_labels(labels, alpha)


def _transformed(transformation, gradients, params=None):
    return transformation.update(gradients, transformation.init(gradients), params)[0]


def clip_gradient_value(*gradients, clip_value):
    return _transformed(installed_optax().clip(clip_value), gradients)


def clip_gradient_norm(*gradients, max_norm, eps):
    if eps:
        raise NotImplementedError("optax.clip_by_global_norm adds nothing to the norm")
    return _transformed(installed_optax().clip_by_global_norm(max_norm), gradients)


def adaptive_gradient_clipping(gradient, w, *, clipping, eps):
    axis = tuple(range(1, w.ndim)) or None
    return _transformed(installed_optax().adaptive_grad_clip(clipping, eps, axis), gradient, w)


FORWARDS = {
    "l1_penalty": l1_penalty,
    "l2_penalty": l2_penalty,
    "elastic_net": elastic_net,
    "dropout": dropout,
    "dropout1d": dropout_of_channels,
    "dropout2d": dropout_of_channels,
    "dropout3d": dropout_of_channels,
    "stochastic_depth": stochastic_depth,
    "smooth_labels": smooth_labels,
    "clip_gradient_value": clip_gradient_value,
    "clip_gradient_norm": clip_gradient_norm,
    "adaptive_gradient_clipping": adaptive_gradient_clipping,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:clip_gradient_value-negative-limit-float64",
            "refused:dropout-more-than-certain-float64",
        ),
    ),
)

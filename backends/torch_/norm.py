"""Normalisation in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.autograd import forward_ad
from torch.nn.utils.parametrizations import _SpectralNorm, _WeightNorm


def _batch_norm_running(x, running_mean, running_var, *, momentum):
    """The buffers are updated in place and outside autograd, where a derivative would come out wrong unnoticed."""
    if any(v.requires_grad or forward_ad.unpack_dual(v).tangent is not None for v in (x, running_mean, running_var)):
        raise NotImplementedError("F.batch_norm updates its running statistics outside autograd: no derivative")
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)
    return mean, var


def _batch_norm_trained(batches, x, gamma, beta, running_mean, running_var, *, momentum, correction, eps):
    if correction != 1:
        raise NotImplementedError("F.batch_norm stores the variance that divides by n - 1, and no other")
    mean, var = running_mean, running_var
    for batch in batches.unbind():
        mean, var = _batch_norm_running(batch, mean, var, momentum=momentum)
    return F.batch_norm(x, mean, var, gamma, beta, eps=eps), mean, var


def _spectral_layer(w, u, v, eps=1e-12, **training):
    """The parametrization called spectral_norm, with its two vectors given."""
    layer = _SpectralNorm(w.new_empty(1), eps=eps, **training)  # that of a vector draws no u and v of its own
    layer.n_power_iterations = training.get("n_power_iterations", 1)
    layer.register_buffer("_u", u)
    layer.register_buffer("_v", v)
    return layer.train(bool(training))


def _spectral_norm(w, u, v):
    return _spectral_layer(w, u, v)(w)


def _spectral_norm_step(w, u, *, n_power_iterations, eps):
    """A round of torch's begins with W v where ours begins with W^T u: it is asked about W^T, with v for u."""
    matrix = w.flatten(1).T
    v = torch.empty_like(matrix[:, 0])
    layer = _spectral_layer(w, v, u.clone(), n_power_iterations=n_power_iterations, eps=eps)
    return layer(matrix).T.reshape(w.shape), layer._v


FORWARDS = {
    "batch_norm": lambda x, gamma, beta, *, eps: F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps),
    "batch_norm_inference": lambda x, gamma, beta, mean, var, *, eps: F.batch_norm(x, mean, var, gamma, beta, eps=eps),
    "batch_norm_running": _batch_norm_running,
    "batch_norm_trained": _batch_norm_trained,
    "layer_norm": lambda x, gamma, beta, *, eps: F.layer_norm(x, gamma.shape, gamma, beta, eps),
    "rms_norm": lambda x, gamma, *, eps: F.rms_norm(x, gamma.shape, gamma, eps),
    "group_norm": lambda x, gamma, beta, *, num_groups, eps: F.group_norm(x, num_groups, gamma, beta, eps),
    "instance_norm": lambda x, gamma, beta, *, eps: F.instance_norm(x, weight=gamma, bias=beta, eps=eps),
    "local_response_norm": lambda x, *, size, alpha, beta, k: F.local_response_norm(x, size, alpha, beta, k),
    "weight_norm": lambda v, g, *, axis: _WeightNorm(axis)(g, v),
    "spectral_norm": _spectral_norm,
    "spectral_norm_step": _spectral_norm_step,
}

LEDGER = (
    (
        "the JVP rule of batch_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196699",
        ("*-over-forward:batch_norm-*-*",),
    ),
    (
        "the JVP rule of layer_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196700",
        ("*-over-forward:layer_norm-*-*",),
    ),
    (
        "instance_norm is batch_norm of one example, with the same JVP rule, which is not differentiable",
        "https://github.com/pytorch/pytorch/issues/196699",
        ("*-over-forward:instance_norm-*-*",),
    ),
    (
        "group_norm: forward over any mode works with x as it is, not centred, which cancels where it is large",
        "",
        ("forward-over-*:group_norm-shifted-rows-*",),
    ),
    (
        "the double backward of _weight_norm takes the lengths it saved for constants, where axis is the first or last",
        "",
        ("reverse-over-reverse:weight_norm-rows-*", "reverse-over-reverse:weight_norm-last-axis-*"),
    ),
    (
        "the JVP of norm_except_dim(v, 2, -1) has shape (1, 1), and its value shape ()",
        "",
        (
            "jvp:weight_norm-whole-*",
            "forward-over-*:weight_norm-whole-*",
            "reverse-over-forward:weight_norm-whole-*",
        ),
    ),
    (
        "_weight_norm reads g as a flat buffer, whatever its shape",
        "https://github.com/pytorch/pytorch/pull/191141",
        ("refused:weight_norm-length-per-column-float64",),
    ),
    (
        "the power iteration of spectral_norm writes with out=, which vmap cannot",
        "",
        ("batched:spectral_norm_step-*-*",),
    ),
    (
        "the compiler cannot trace a method under no_grad, as the power iteration of spectral_norm is",
        "",
        ("compiled value:spectral_norm_step-*-*",),
    ),
    (
        "no examples: IndexError inside F.instance_norm",
        "",
        ("empty:instance_norm-no-examples-float64",),
    ),
    (
        "no channels: IndexError inside F.batch_norm",
        "",
        ("empty:batch_norm-no-channels-float64",),
    ),
)

"""Normalisation in PyTorch."""

from __future__ import annotations

import torch.nn.functional as F
from torch.autograd import forward_ad


def _batch_norm_running(x, running_mean, running_var, *, momentum):
    """The buffers are updated in place and outside autograd, where a derivative would come out wrong unnoticed."""
    if any(v.requires_grad or forward_ad.unpack_dual(v).tangent is not None for v in (x, running_mean, running_var)):
        raise NotImplementedError("F.batch_norm updates its running statistics outside autograd: no derivative")
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)
    return mean, var


FORWARDS = {
    "batch_norm": lambda x, gamma, beta, *, eps: F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps),
    "batch_norm_inference": lambda x, gamma, beta, mean, var, *, eps: F.batch_norm(x, mean, var, gamma, beta, eps=eps),
    "batch_norm_running": _batch_norm_running,
    "layer_norm": lambda x, gamma, beta, *, eps: F.layer_norm(x, gamma.shape, gamma, beta, eps),
    "rms_norm": lambda x, gamma, *, eps: F.rms_norm(x, gamma.shape, gamma, eps),
    "group_norm": lambda x, gamma, beta, *, num_groups, eps: F.group_norm(x, num_groups, gamma, beta, eps),
    "instance_norm": lambda x, gamma, beta, *, eps: F.instance_norm(x, weight=gamma, bias=beta, eps=eps),
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

"""Regularisation in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.autograd import forward_ad
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from . import drawn


def _dropping(dropout):
    """F.dropout and its like, which draw the mask of each (value, or channel) themselves: here it is given."""

    def forward(x, mask, *, p):
        with drawn.bernoulli(mask):
            return dropout(x, p, training=True)

    return forward


def _stochastic_depth(x, branch, mask, *, p):
    """What is dropped together is a channel of dropout1d, so the examples are the channels of one example."""
    with drawn.bernoulli(mask):
        return x + F.dropout1d(branch.flatten(1)[None], p, training=True).reshape(branch.shape)


def _clipped(clip, gradients, limit):
    if torch.compiler.is_compiling():
        raise NotImplementedError("compiled, clipping does not see that a derivative is asked for, which it has not")
    if any(g.requires_grad or forward_ad.unpack_dual(g).tangent is not None for g in gradients):
        raise NotImplementedError("torch clips gradients in place and outside autograd: no derivative")
    parameters = [torch.zeros_like(g) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = g.clone()
    clip(parameters, limit)
    return tuple(parameter.grad for parameter in parameters)


def _clip_gradient_norm(*gradients, max_norm, eps):
    if eps != 1e-6:
        raise NotImplementedError("clip_grad_norm_ adds 1e-6 to the norm, and nothing else")
    return _clipped(clip_grad_norm_, gradients, max_norm)


def l1_penalty(w, *, alpha):
    return alpha * torch.sum(torch.abs(w))


def l2_penalty(w, *, alpha):
    return alpha / 2 * torch.sum(w**2)


def _elastic_net(w, *, alpha, l1_ratio):
    return l1_penalty(w, alpha=alpha * l1_ratio) + l2_penalty(w, alpha=alpha * (1 - l1_ratio))


FORWARDS = {
    "l1_penalty": l1_penalty,
    "l2_penalty": l2_penalty,
    "elastic_net": _elastic_net,
    "dropout": _dropping(F.dropout),
    "dropout1d": _dropping(F.dropout1d),
    "dropout2d": _dropping(F.dropout2d),
    "dropout3d": _dropping(F.dropout3d),
    "alpha_dropout": _dropping(F.alpha_dropout),
    "feature_alpha_dropout": _dropping(F.feature_alpha_dropout),
    "stochastic_depth": _stochastic_depth,
    "clip_gradient_value": lambda *gradients, clip_value: _clipped(clip_grad_value_, gradients, clip_value),
    "clip_gradient_norm": _clip_gradient_norm,
}

LEDGER = (
    (
        "the tangent of a number times a Python float is a float64, whatever the number was",
        "https://github.com/pytorch/pytorch/issues/90065",
        (
            "jvp:l?_penalty-*-float32",
            "jvp:elastic_net-*-float32",
            "forward-over-forward:l?_penalty-*-float32",
            "forward-over-forward:elastic_net-*-float32",
        ),
    ),
    (
        "multiplies by the mask, so that an infinity that was dropped is 0 * inf = nan",
        "https://github.com/pytorch/pytorch/issues/59421",
        ("special:dropout-infinite-and-nan-*",),
    ),
    (
        "clipping goes through torch._foreach, which vmap has no rules for",
        "",
        (
            "batched:clip_gradient_value-*-*",
            "batched:clip_gradient_norm-clipped-eps-*",
            "batched:clip_gradient_norm-short-enough-eps-*",
        ),
    ),
    (
        "takes a negative limit: clips to an empty interval, or turns the gradients around",
        "",
        (
            "refused:clip_gradient_norm-negative-norm-float64",
            "refused:clip_gradient_value-negative-limit-float64",
        ),
    ),
)

"""Losses in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _binary_cross_entropy_with_logits(input, target, weight, pos_weight, *, reduction):
    """torch takes pos_weight last, after two arguments that it has deprecated."""
    return F.binary_cross_entropy_with_logits(input, target, weight, pos_weight=pos_weight, reduction=reduction)


def _kl_div(input, target, *, reduction, log_target):
    """F.kl_div warns that its "mean" is over all elements, which is what is asked; the function below it does not."""
    if reduction == "mean":
        return torch.kl_div(input, target, 1, log_target=log_target)
    return F.kl_div(input, target, reduction=reduction, log_target=log_target)


def _ctc_with_logits(logits, targets, input_lengths, target_lengths, **how):
    return F.ctc_loss(F.log_softmax(logits, dim=2), targets, input_lengths, target_lengths, **how)


FORWARDS = {
    "mse": F.mse_loss,
    "mae": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "ctc": F.ctc_loss,
    "ctc_with_logits": _ctc_with_logits,
    "huber": F.huber_loss,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": _binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
    "kl_div": _kl_div,
}

LEDGER = (
    (
        "the second derivatives clamp and shift by an epsilon of 1e-12 in every format",
        "https://github.com/pytorch/pytorch/pull/77416",
        (
            "*-over-*:binary_cross_entropy-*-float64",
            "*-over-*:binary_cross_entropy-rare-float32",
        ),
    ),
    (
        "the logarithm is clamped at -100: 100 instead of inf",
        "https://github.com/pytorch/pytorch/issues/103316",
        ("special:binary_cross_entropy-certain-*",),
    ),
    (
        "raises for nan instead of passing it on",
        "",
        ("special:binary_cross_entropy-nan-*",),
    ),
    (
        "nan for an infinite logit that is wrong for sure: inf - inf",
        "https://github.com/pytorch/pytorch/issues/135359",
        ("special:binary_cross_entropy_with_logits-wrong-for-sure-*",),
    ),
    (
        "0 for a confident right answer: log(1 + e^-|x|) is rounded away",
        "https://github.com/pytorch/pytorch/issues/195529",
        (
            "batched:binary_cross_entropy_with_logits-confident-*",
            "layout:binary_cross_entropy_with_logits-confident-*",
            "value:binary_cross_entropy_with_logits-confident-*",
        ),
    ),
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/pytorch/pytorch/issues/51910",
        (
            "special:kl_div-log-never-shown-*",
            "special:kl_div-neither-shows-*",
        ),
    ),
    (
        "the derivative is that by logits, of log_softmax followed by ctc_loss, whatever the log_probs came from",
        "https://github.com/pytorch/pytorch/issues/52241",
        (
            "batched:ctc-*",
            "vjp:ctc-*",
        ),
    ),
    (
        "the derivative of ctc_loss has no derivative",
        "https://github.com/pytorch/pytorch/issues/70108",
        ("reverse-over-reverse:ctc*",),
    ),
    (
        "torch.compile breaks the graph at ctc_loss with lengths given as tensors",
        "https://github.com/pytorch/pytorch/issues/183396",
        (
            "compiled value:ctc*",
            "compiled vjp:ctc*",
        ),
    ),
    (
        "an empty batch raises instead of having no loss",
        "",
        ("empty:ctc*-nobody-float64",),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:ctc*-blank-among-targets-float64",
            "refused:ctc*-no-such-class-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-target-broadcasts-float64",
            "refused:kl_div-column-against-row-float64",
            "refused:kl_div-target-broadcasts-float64",
            "refused:mae-column-against-row-float64",
            "refused:mae-target-broadcasts-float64",
            "refused:mse-column-against-row-float64",
            "refused:mse-target-broadcasts-float64",
            "refused:smooth_l1-column-against-row-float64",
            "refused:smooth_l1-target-broadcasts-float64",
        ),
    ),
)

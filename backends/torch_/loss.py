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


def _multi_margin(input, target, weight, *, p, margin, reduction):
    return F.multi_margin_loss(input, target, p=p, margin=margin, weight=weight, reduction=reduction)


def _triplet_margin_with_distance(anchor, positive, negative, *, distance, margin, swap, reduction):
    distances = {
        "cosine": lambda a, b: 1 - F.cosine_similarity(a, b),
        "squared": lambda a, b: torch.sum((a - b) ** 2, dim=1),
    }
    how = {"distance_function": distances[distance], "margin": margin, "swap": swap, "reduction": reduction}
    return F.triplet_margin_with_distance_loss(anchor, positive, negative, **how)


def _info_nce(query, key, *, temperature, reduction):
    """The cross-entropy of the similarities, whose classes are the keys."""
    similarity = F.normalize(query) @ F.normalize(key).T / temperature
    return F.cross_entropy(similarity, torch.arange(len(query), device=query.device), reduction=reduction)


def _linear_cross_entropy(input, linear_weight, linear_bias, target, weight, *, ignore_index, **how):
    """Unlike cross_entropy it refuses an ignore_index beside probabilities."""
    how |= {"linear_bias": linear_bias, "weight": weight}
    if not target.is_floating_point():
        how["ignore_index"] = ignore_index
    return F.linear_cross_entropy(input, linear_weight, target, **how)


FORWARDS = {
    "next_token_loss": lambda logits, tokens: F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten()),
    "mse": F.mse_loss,
    "mae": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "soft_margin": F.soft_margin_loss,
    "hinge_embedding": F.hinge_embedding_loss,
    "margin_ranking": F.margin_ranking_loss,
    "multi_margin": _multi_margin,
    "multilabel_margin": F.multilabel_margin_loss,
    "multilabel_soft_margin": F.multilabel_soft_margin_loss,
    "linear_cross_entropy": _linear_cross_entropy,
    "nll": F.nll_loss,
    "poisson_nll": F.poisson_nll_loss,
    "gaussian_nll": F.gaussian_nll_loss,
    "cosine_embedding": F.cosine_embedding_loss,
    "triplet_margin": F.triplet_margin_loss,
    "triplet_margin_with_distance": _triplet_margin_with_distance,
    "info_nce": _info_nce,
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
        "torch.compile counts class 0 as a right one for each place behind the -1",
        "https://github.com/pytorch/pytorch/issues/185464",
        (
            "compiled value:multilabel_margin-*",
            "compiled vjp:multilabel_margin-*",
        ),
    ),
    (
        "asks whether a variance is negative, which neither torch.compile nor torch.vmap can follow",
        "https://github.com/pytorch/pytorch/issues/194503",
        (
            "batched:gaussian_nll-*",
            "compiled value:gaussian_nll-*",
            "compiled vjp:gaussian_nll-*",
        ),
    ),
    (
        "in reverse mode, not in forward mode, the variance has the derivative of the formula below eps too",
        "https://github.com/pytorch/pytorch/pull/49807",
        (
            "forward-over-reverse:gaussian_nll-none-clamped-*",
            "reverse-over-*:gaussian_nll-none-clamped-*",
            "vjp:gaussian_nll-none-clamped-*",
        ),
    ),
    (
        "a count of 0 at a rate of 0 is nan: 0 times log 0",
        "",
        ("special:poisson_nll-ends-*",),
    ),
    (
        "adds 1e-12 to the squares of both lengths, in every format",
        "https://github.com/pytorch/pytorch/pull/5447",
        ("special:cosine_embedding-short-*",),
    ),
    (
        "a class of probability 0 and logit -inf makes nan of 0 times infinity",
        "",
        ("special:cross_entropy-masked-probabilities-*",),
    ),
    (
        "takes a margin of nan for one that is kept",
        "",
        (
            "special:multi_margin-infinite-*",
            "special:multilabel_margin-infinite-*",
        ),
    ),
    (
        "log(1 + exp(-t x)) overflows for a confident wrong score: inf, and a derivative of nan",
        "",
        (
            "*value:soft_margin-none-confident-*",
            "*vjp:soft_margin-none-confident-*",
            "batched:soft_margin-none-confident-*",
            "jvp:soft_margin-none-confident-*",
            "layout:soft_margin-none-confident-*",
            "reverse-over-*:soft_margin-none-confident-*",
        ),
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
            "refused:cosine_embedding-second-broadcasts-float64",
            "refused:ctc*-blank-among-targets-float64",
            "refused:ctc*-no-such-class-float64",
            "refused:gaussian_nll-target-broadcasts-float64",
            "refused:hinge_embedding-column-against-row-float64",
            "refused:hinge_embedding-target-broadcasts-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-target-broadcasts-float64",
            "refused:kl_div-column-against-row-float64",
            "refused:kl_div-target-broadcasts-float64",
            "refused:mae-column-against-row-float64",
            "refused:mae-target-broadcasts-float64",
            "refused:margin_ranking-second-broadcasts-float64",
            "refused:mse-column-against-row-float64",
            "refused:mse-target-broadcasts-float64",
            "refused:multilabel_soft_margin-target-broadcasts-float64",
            "refused:poisson_nll-column-against-row-float64",
            "refused:poisson_nll-target-broadcasts-float64",
            "refused:smooth_l1-column-against-row-float64",
            "refused:smooth_l1-target-broadcasts-float64",
            "refused:soft_margin-target-broadcasts-float64",
            "refused:triplet_margin-negative-broadcasts-float64",
        ),
    ),
)

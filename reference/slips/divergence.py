"""Slips of entropies and divergences of discrete distributions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..divergence.discrete import (
    cross_entropy_between,
    cross_entropy_between_vjp,
    entropy,
    kl_bernoulli,
    kl_bernoulli_vjp,
    kl_categorical,
    kl_categorical_vjp,
)
from ..divergence.joint import mutual_information_vjp
from ..divergence.renyi import renyi_divergence, renyi_divergence_vjp
from ..divergence.simplex import xlogy
from ..op import Slip


def _total(p, axis):
    return np.sum(p, axis=axis, keepdims=True)


def along(ybar, axis):
    return np.expand_dims(ybar, axis)


def _swapped(vjp):
    """The VJP of f(q, p), by p and q."""
    return lambda ybar, y, p, q, **params: vjp(ybar, y, q, p, **params)[::-1]


def _table(joint):
    """Probabilities, the sums of their rows, and those of their columns."""
    p = joint / np.sum(joint, axis=(-2, -1), keepdims=True)
    return p, np.sum(p, axis=-1, keepdims=True), np.sum(p, axis=-2, keepdims=True)


def _unnormalised_information(joint):
    rows, columns = np.sum(joint, axis=-1, keepdims=True), np.sum(joint, axis=-2, keepdims=True)
    return np.sum(joint * np.log(joint / (rows * columns)), axis=(-2, -1))


def _information(joint, weights, ratio):
    return np.sum(weights * np.log(ratio), axis=(-2, -1))


def _rescaled_entropy_vjp(ybar, y, p, *, axis):
    total = _total(p, axis)
    return (-along(ybar, axis) * (np.log(p / total) + along(y, axis)) / total,)


def _rescaled_divergence_vjp(ybar, y, p, q, *, axis):
    ybar, p_all, q_all = along(ybar, axis), _total(p, axis), _total(q, axis)
    log_ratio = np.log(p / p_all) - np.log(q / q_all)
    return ybar * (log_ratio - along(y, axis)) / p_all, ybar * (1 / q_all - p / (p_all * q))


def _rescaled_divergence(p, q, *, axis):
    return kl_categorical(p / _total(p, axis), q / _total(q, axis), axis=axis)


def _renyi_total_constant(ybar, y, p, q, *, alpha, axis):
    if alpha == 1:
        return kl_categorical_vjp(ybar / np.sum(p, axis=axis), y, p, q, axis=axis)
    _, qbar = renyi_divergence_vjp(ybar, y, p, q, alpha=alpha, axis=axis)
    r = (p / q) ** (alpha - 1)
    return along(ybar, axis) * alpha * r / ((alpha - 1) * _total(p * r, axis)), qbar


def _tsallis(p, q, *, alpha, axis):
    if alpha == 1:
        return renyi_divergence(p, q, alpha=alpha, axis=axis)
    return np.expm1((alpha - 1) * renyi_divergence(p, q, alpha=alpha, axis=axis)) / (alpha - 1)


def _renyi_undivided(p, q, *, alpha, axis):
    return renyi_divergence(p, q, alpha=alpha, axis=axis) * (1 if alpha == 1 else alpha - 1)


SLIPS = {
    "entropy": (
        Slip(
            "in-bits",
            "With logarithms to the base 2 the entropy comes in bits; here it is asked in nats, with natural "
            "logarithms. Multiply by log 2.",
            forward=lambda p, *, axis: entropy(p, axis=axis) / np.log(2),
            vjp=lambda ybar, y, p, *, axis: (-along(ybar, axis) * (np.log(p) + 1) / np.log(2),),
            convention="Shannon, who counts in bits",
        ),
        Slip(
            "rescaled",
            "SciPy's scipy.stats.entropy first divides p by its sum. Here the p_i are taken as they are, whatever they "
            "sum to. Divide p yourself, p / sum(p), where it is to be a distribution.",
            forward=lambda p, *, axis: entropy(p / _total(p, axis), axis=axis),
            vjp=_rescaled_entropy_vjp,
            convention="SciPy",
        ),
        Slip(
            "weights-missing",
            "The entropy is the mean of -log p_i over the outcomes as they occur: each logarithm is weighted by its "
            "p_i. Here they were added unweighted.",
            forward=lambda p, *, axis: -np.sum(np.log(p), axis=axis),
        ),
        Slip(
            "one-missing",
            "The product rule has two terms: p log p has the derivative log p + p / p = log p + 1. Here the second one "
            "is missing.",
            vjp=lambda ybar, y, p, *, axis: (-along(ybar, axis) * np.log(p),),
        ),
    ),
    "cross_entropy_between": (
        Slip(
            "arguments-exchanged",
            "The outcomes come from p and are coded for q: p weights, and q is in the logarithm, -sum_i p_i log q_i. "
            "Here their parts are exchanged.",
            forward=lambda p, q, *, axis: cross_entropy_between(q, p, axis=axis),
            vjp=_swapped(cross_entropy_between_vjp),
        ),
        Slip(
            "entropy-subtracted",
            "That is the divergence of Kullback and Leibler, the cross entropy less the entropy of p. The cross "
            "entropy is -sum_i p_i log q_i alone.",
            forward=kl_categorical,
            vjp=kl_categorical_vjp,
        ),
        Slip(
            "weights-missing",
            "Each -log q_i is weighted by p_i, the share of the outcomes that it is paid for. Here all were added "
            "alike.",
            forward=lambda p, q, *, axis: -np.sum(np.log(q), axis=axis),
        ),
        Slip(
            "gradient-of-the-logits",
            "The difference q - p is the gradient by the logits, when q is their softmax. By the probabilities q "
            "themselves it is -p / q.",
            vjp=lambda ybar, y, p, q, *, axis: (-along(ybar, axis) * np.log(q), along(ybar, axis) * (q - p)),
        ),
        Slip(
            "weight-missing-in-the-gradient",
            "The derivative of -p_i log q_i by q_i is -p_i / q_i. Here it is -1 / q_i, without the weight p_i.",
            vjp=lambda ybar, y, p, q, *, axis: (-along(ybar, axis) * np.log(q), -along(ybar, axis) / q),
        ),
    ),
    "kl_categorical": (
        Slip(
            "arguments-exchanged",
            "The divergence is not symmetric: sum_i p_i log(p_i / q_i) weights by p. Here it is that of q from p.",
            forward=lambda p, q, *, axis: kl_categorical(q, p, axis=axis),
            vjp=_swapped(kl_categorical_vjp),
        ),
        Slip(
            "weights-missing",
            "Each log(p_i / q_i) is weighted by p_i: it is the mean of the logarithm over outcomes of p. Here all were "
            "added alike.",
            forward=lambda p, q, *, axis: np.sum(np.log(p / q), axis=axis),
        ),
        Slip(
            "weighted-by-q",
            "The mean of log(p / q) is taken over outcomes of p, the first argument. Here q weights, which gives minus "
            "the divergence of q from p.",
            forward=lambda p, q, *, axis: -kl_categorical(q, p, axis=axis),
        ),
        Slip(
            "logarithm-outside-the-sum",
            "The logarithms are averaged, sum_i p_i log(p_i / q_i); here the quotients were averaged first, and then "
            "the logarithm was taken, which gives more (Jensen).",
            forward=lambda p, q, *, axis: np.log(np.sum(p * (p / q), axis=axis)),
        ),
        Slip(
            "entropy-of-p-missing",
            "That is the cross entropy, -sum_i p_i log q_i. The divergence is what it exceeds the entropy of p by, and "
            "is 0 where both are equal.",
            forward=cross_entropy_between,
            vjp=cross_entropy_between_vjp,
        ),
        Slip(
            "probabilities-for-logarithms",
            "In sum_i p_i (log p_i - log q_i) the logarithm of q is subtracted. Here it was q itself: "
            "torch.nn.functional.kl_div, for one, wants its input as logarithms.",
            forward=lambda p, q, *, axis: np.sum(xlogy(p, p) - p * q, axis=axis),
            vjp=lambda ybar, y, p, q, *, axis: (along(ybar, axis) * (np.log(p) + 1 - q), -along(ybar, axis) * p),
        ),
        Slip(
            "rescaled",
            "SciPy's scipy.stats.entropy(pk, qk) first divides both by their sums. Here p and q are taken as they are. "
            "Divide them yourself where they are to be distributions.",
            forward=_rescaled_divergence,
            vjp=_rescaled_divergence_vjp,
            convention="SciPy",
        ),
        Slip(
            "one-missing",
            "By the product rule p log(p / q) has the derivative log(p / q) + 1 by p. Here the 1 is missing, which "
            "only tangents that keep the sum of p do not see.",
            vjp=lambda ybar, y, p, q, *, axis: (
                along(ybar, axis) * (np.log(p) - np.log(q)),
                kl_categorical_vjp(ybar, y, p, q, axis=axis)[1],
            ),
        ),
        Slip(
            "gradient-of-the-logits",
            "The difference q - p is the gradient by the logits, when q is their softmax. By the probabilities q "
            "themselves it is -p / q.",
            vjp=lambda ybar, y, p, q, *, axis: (
                kl_categorical_vjp(ybar, y, p, q, axis=axis)[0],
                along(ybar, axis) * (q - p),
            ),
        ),
    ),
    "kl_bernoulli": (
        Slip(
            "second-outcome-missing",
            "A coin has two outcomes, and each has its term: the other one adds (1 - p) log((1 - p) / (1 - q)).",
            forward=lambda p, q: p * np.log(p / q),
            vjp=lambda ybar, y, p, q: (
                unbroadcast(ybar * (np.log(p / q) + 1), p.shape),
                unbroadcast(-ybar * p / q, q.shape),
            ),
        ),
        Slip(
            "arguments-exchanged",
            "The divergence is not symmetric: p, the first argument, weights the logarithms. Here q does.",
            forward=lambda p, q: kl_bernoulli(q, p),
            vjp=_swapped(kl_bernoulli_vjp),
        ),
        Slip(
            "gradient-of-the-logit",
            "The difference q - p is the slope by the logit of q. By q itself it is (q - p) / (q (1 - q)).",
            vjp=lambda ybar, y, p, q: (kl_bernoulli_vjp(ybar, y, p, q)[0], unbroadcast(ybar * (q - p), q.shape)),
        ),
    ),
    "mutual_information": (
        Slip(
            "not-normalised",
            "A table of counts has to be divided by its sum before it is one of probabilities, and so do its margins: "
            "p = joint / sum(joint).",
            forward=_unnormalised_information,
        ),
        Slip(
            "joint-entropy",
            "That is the entropy of the joint distribution. The information is what the entropies of both margins "
            "together exceed it by: put log(p_ij / (r_i c_j)) in place of -log p_ij.",
            forward=lambda joint: _information(joint, -_table(joint)[0], _table(joint)[0]),
        ),
        Slip(
            "one-margin-missing",
            "Independence makes p_ij = r_i c_j, the product of both margins. Here the joint probability was divided by "
            "the row's alone, which leaves minus a conditional entropy.",
            forward=lambda joint: _information(joint, _table(joint)[0], _table(joint)[0] / _table(joint)[1]),
        ),
        Slip(
            "weighted-by-the-margins",
            "The mean of log(p_ij / (r_i c_j)) is taken over the joint distribution, with the weights p_ij. Here the "
            "weights are the products of the margins.",
            forward=lambda joint: _information(
                joint,
                _table(joint)[1] * _table(joint)[2],
                _table(joint)[0] / (_table(joint)[1] * _table(joint)[2]),
            ),
        ),
        Slip(
            "sum-taken-as-constant",
            "The table is divided by its sum, which grows with each cell; that takes the mean of the slopes away: "
            "jointbar = ybar (log(p_ij / (r_i c_j)) - y) / sum. Here -1, what p and its margins leave, stands for -y.",
            vjp=lambda ybar, y, joint: mutual_information_vjp(ybar, np.ones_like(y), joint),
        ),
        Slip(
            "not-divided-by-the-sum",
            "The slope is taken by the cells of the table, not by the probabilities: these are the cells divided by "
            "their sum, so the chain rule adds the factor 1 / sum.",
            vjp=lambda ybar, y, joint: (
                mutual_information_vjp(ybar, y, joint)[0] * np.sum(joint, axis=(-2, -1), keepdims=True),
            ),
        ),
    ),
    "renyi_divergence": (
        Slip(
            "arguments-exchanged",
            "The exponents are alpha of p and 1 - alpha of q. Here p and q are exchanged; only for two distributions "
            "and alpha = 1/2 is that the same.",
            forward=lambda p, q, *, alpha, axis: renyi_divergence(q, p, alpha=alpha, axis=axis),
        ),
        Slip(
            "logarithm-missing",
            "That is Tsallis's divergence, (sum_i p_i^alpha q_i^(1 - alpha) - 1) / (alpha - 1). Renyi's has the "
            "logarithm of the sum in place of the sum less 1.",
            forward=_tsallis,
        ),
        Slip(
            "not-divided-by-the-order",
            "The logarithm of the sum is divided by alpha - 1, which makes it positive for every order and lets it "
            "pass into the divergence of Kullback and Leibler at alpha = 1.",
            forward=_renyi_undivided,
        ),
        Slip(
            "sum-of-p-taken-as-constant",
            "The sum is divided by sum_i p_i, so p moves that too: its slope -1 / sum_i p_i, over alpha - 1, is "
            "missing in pbar.",
            vjp=_renyi_total_constant,
        ),
    ),
}

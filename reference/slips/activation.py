"""Slips of the softmax and of what is made of it."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import (
    gumbel_softmax,
    gumbel_softmax_vjp,
    log_softmax,
    softmax,
    softmin_vjp,
)
from ..op import Slip

_EACH_LINE = (
    "Each row is normalised by its own sum: the sum needs axis=axis and keepdims=True. Here all rows together add up "
    "to 1."
)


def _softmax_with_a_sum_that_stands(ybar, dots, y, x, *, axis):
    u, v = (w - np.sum(y * w, axis=axis, keepdims=True) for w in (ybar, dots[0]))
    return (y * u * v,)


SLIPS = {
    "softmax": (
        Slip(
            "diagonal-only",
            "Each output depends on every input of its row, not on its own alone: beside the diagonal y (1 - y) the "
            "Jacobian has -y_i y_j, which gives xbar = y (ybar - sum(ybar y)).",
            vjp=lambda ybar, y, x, *, axis: (ybar * y * (1 - y),),
        ),
        Slip(
            "cross-term-added",
            "The cross terms of the Jacobian are -y_i y_j: the weighted sum is subtracted, not added.",
            vjp=lambda ybar, y, x, *, axis: (y * (ybar + np.sum(ybar * y, axis=axis, keepdims=True)),),
        ),
        Slip("over-the-whole-array", _EACH_LINE, forward=lambda x, *, axis: softmax(x, axis=None)),
        Slip(
            "sum-held-fixed",
            "The backward has a sum over ybar y in it, and it moves as y does: by the sum over ybar ydot, times y.",
            hvp=_softmax_with_a_sum_that_stands,
        ),
        Slip(
            "along-the-first-axis",
            "What adds up to 1 is what lies along axis: without it, or with axis 0, each column is normalised.",
            forward=lambda x, *, axis: softmax(x, axis=0),
        ),
        Slip(
            "sum-along-the-first-axis",
            "The sum of ybar y runs along the axis of the softmax, where its outputs depend on each other, not over "
            "the rows.",
            vjp=lambda ybar, y, x, *, axis: (y * (ybar - np.sum(ybar * y, axis=0, keepdims=True)),),
        ),
        Slip(
            "weighted-sum-missing",
            "The denominator depends on every input: beside y ybar, the Jacobian gives -y sum(ybar y).",
            vjp=lambda ybar, y, x, *, axis: (ybar * y,),
        ),
    ),
    "log_softmax": (
        Slip(
            "sum-of-the-cotangent-missing",
            "The softmax is multiplied by the sum of ybar along the axis: xbar = ybar - softmax sum(ybar). Without it, "
            "it is right only where ybar sums to 1, as a target does.",
            vjp=lambda ybar, y, x, *, axis: (ybar - np.exp(y),),
        ),
        Slip(
            "logarithm-for-the-probability",
            "It is the softmax, exp(y), that the sum is multiplied by: y is its logarithm.",
            vjp=lambda ybar, y, x, *, axis: (ybar - y * np.sum(ybar, axis=axis, keepdims=True),),
        ),
        Slip(
            "slope-of-the-softmax",
            "The logarithm's slope 1 / y cancels the factor y of the softmax's Jacobian: xbar = ybar - softmax "
            "sum(ybar).",
            vjp=lambda ybar, y, x, *, axis: (np.exp(y) * (ybar - np.sum(ybar * np.exp(y), axis=axis, keepdims=True)),),
        ),
        Slip("over-the-whole-array", _EACH_LINE, forward=lambda x, *, axis: log_softmax(x, axis=None)),
        Slip(
            "along-the-first-axis",
            "What adds up to 1 is what lies along axis: without it, or with axis 0, each column is normalised.",
            forward=lambda x, *, axis: log_softmax(x, axis=0),
        ),
    ),
    "softmin": (
        Slip(
            "sign-forgotten",
            "The smallest element is to get the largest probability: it is the softmax of -x.",
            forward=lambda x, *, axis: softmax(x, axis=axis),
        ),
        Slip(
            "inner-derivative-forgotten",
            "The inner derivative of -x is -1: the VJP is that of the softmax with the other sign.",
            vjp=lambda ybar, y, x, *, axis: softmin_vjp(-ybar, y, x, axis=axis),
        ),
        Slip(
            "diagonal-only",
            "Each output depends on every input of its row, not on its own alone: beside the diagonal -y (1 - y) the "
            "Jacobian has y_i y_j.",
            vjp=lambda ybar, y, x, *, axis: (-ybar * y * (1 - y),),
        ),
    ),
    "gumbel_softmax": (
        Slip(
            "multiplied-by-tau",
            "The logits are divided by tau: the smaller it is, the nearer the result is to one-hot.",
            forward=lambda x, noise, *, tau, axis: gumbel_softmax(x, noise, tau=1 / tau, axis=axis),
            vjp=lambda ybar, y, x, noise, *, tau, axis: gumbel_softmax_vjp(ybar, y, x, noise, tau=1 / tau, axis=axis),
        ),
        Slip(
            "noise-not-divided",
            "Logits and noise are divided by tau both: else the largest element is no longer a sample of the "
            "distribution.",
            forward=lambda x, noise, *, tau, axis: softmax(x / tau + noise, axis=axis),
        ),
        Slip(
            "tau-forgotten-on-the-way-back",
            "The softmax takes (x + noise) / tau, so the cotangent is divided by tau too, by the chain rule.",
            vjp=lambda ybar, y, x, noise, *, tau, axis: gumbel_softmax_vjp(tau * ybar, y, x, noise, tau=tau, axis=axis),
        ),
    ),
}

"""Slips of regularisation."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..regularisation.alpha_dropout import alpha_dropout_vjp, feature_alpha_dropout_vjp
from ..regularisation.clipping import adaptive_gradient_clipping_vjp, clip_gradient_norm
from ..regularisation.dropout import dropout, dropout1d, dropout2d, dropout3d, stochastic_depth_vjp
from ..regularisation.penalty import elastic_net


def _length(w):
    return np.sqrt(np.sum(w * w, axis=tuple(range(1, w.ndim)), keepdims=True))


def _clipped_to(limit, gradient):
    return gradient * (limit / np.maximum(_length(gradient), limit))


SLIPS = {
    "dropout": (
        Slip(
            "not-scaled",
            "What is kept is divided by 1 - p, or the mean of the output would shrink by that factor in training.",
            forward=lambda x, mask, *, p: np.where(mask, x, 0 * x),
        ),
        Slip(
            "p-kept",
            "The probability p is that to drop a value, not to keep it: divide by 1 - p.",
            forward=lambda x, mask, *, p: dropout(x, mask, p=1 - p),
            convention="TensorFlow 1 (keep_prob)",
        ),
        Slip(
            "mask-forgotten",
            "A value that was dropped does not reach the loss: its cotangent is 0, so the mask of the forward pass is "
            "applied on the way back too.",
            vjp=lambda ybar, y, x, mask, *, p: (ybar / (1 - p),),
        ),
    ),
    "clip_gradient_norm": (
        Slip(
            "each-by-its-own-norm",
            "The norm is that of all gradients together, and one factor scales them all: clipped one by one, the step "
            "turns, and is longer than max_norm.",
            forward=lambda *gradients, max_norm, eps: tuple(
                clip_gradient_norm(g, max_norm=max_norm, eps=eps)[0] for g in gradients
            ),
        ),
        Slip(
            "always-scaled",
            "Gradients that are short enough stay as they are: the factor is min(1, max_norm / norm).",
            forward=lambda *gradients, max_norm, eps: tuple(
                g * max_norm / (np.sqrt(sum(np.sum(v * v) for v in gradients)) + eps) for g in gradients
            ),
        ),
    ),
    "l1_penalty": (
        Slip(
            "not-the-sign",
            "The slope of |w| is the sign of w, whatever its size: wbar = alpha ybar sign(w).",
            vjp=lambda ybar, y, w, *, alpha: (alpha * ybar * w,),
        ),
        Slip(
            "mean-of-the-weights",
            "The penalty is alpha times the sum of the absolute values, not their mean.",
            forward=lambda w, *, alpha: alpha * np.mean(np.abs(w)),
        ),
    ),
    "l2_penalty": (
        Slip(
            "no-half",
            "The penalty is alpha / 2 sum(w^2), whose gradient is alpha w: where there is no half, pass 2 alpha.",
            forward=lambda w, *, alpha: alpha * np.sum(w * w),
            convention="scikit-learn's Ridge",
        ),
        Slip(
            "length-not-squared",
            "The penalty is half the square of the length, not the length.",
            forward=lambda w, *, alpha: alpha * np.sqrt(np.sum(w * w)),
        ),
        Slip(
            "factor-two-left",
            "The two of the square's derivative is cancelled by the half: wbar = alpha ybar w.",
            vjp=lambda ybar, y, w, *, alpha: (2 * alpha * ybar * w,),
        ),
    ),
    "elastic_net": (
        Slip(
            "ratio-turned-around",
            "The share of the l1 penalty is l1_ratio, and that of the l2 penalty 1 - l1_ratio.",
            forward=lambda w, *, alpha, l1_ratio: elastic_net(w, alpha=alpha, l1_ratio=1 - l1_ratio),
        ),
        Slip(
            "absolute-part-forgotten",
            "Both parts have a slope: that of |w| is sign(w), and wbar has the term alpha l1_ratio sign(w).",
            vjp=lambda ybar, y, w, *, alpha, l1_ratio: (alpha * ybar * (1 - l1_ratio) * w,),
        ),
    ),
    **{
        name: (
            Slip(
                "not-scaled",
                "What is kept is divided by 1 - p, or the mean of the output would shrink by that factor in training.",
                forward=lambda x, mask, *, p, own=own: (1 - p) * own(x, mask, p=p),
            ),
            Slip(
                "mask-forgotten",
                "A channel that was dropped does not reach the loss: its cotangent is 0, so the mask of the forward "
                "pass is applied on the way back too.",
                vjp=lambda ybar, y, x, mask, *, p: (ybar / (1 - p),),
            ),
        )
        for name, own in (("dropout1d", dropout1d), ("dropout2d", dropout2d), ("dropout3d", dropout3d))
    },
    "stochastic_depth": (
        Slip(
            "shortcut-dropped-too",
            "Only the branch is dropped: the shortcut x stays, whatever the mask.",
            forward=lambda x, branch, mask, *, p: np.where(
                mask.reshape(-1, *[1] * (x.ndim - 1)), x + branch / (1 - p), 0 * x
            ),
        ),
        Slip(
            "not-scaled-on-the-way-back",
            "The branch was divided by 1 - p, and so is its cotangent.",
            vjp=lambda ybar, y, x, branch, mask, *, p: (
                ybar,
                (1 - p) * stochastic_depth_vjp(ybar, y, x, branch, mask, p=p)[1],
            ),
        ),
    ),
    "alpha_dropout": (
        Slip(
            "zero-for-what-is-dropped",
            "What is dropped becomes the value at which selu saturates, not 0, so that mean and variance stay.",
            forward=lambda x, mask, *, p: np.where(mask, x / (1 - p), 0 * x),
        ),
        Slip(
            "mask-forgotten",
            "What was dropped does not depend on x: its cotangent is 0.",
            vjp=lambda ybar, y, x, mask, *, p: alpha_dropout_vjp(ybar, y, x, np.ones_like(mask), p=p),
        ),
    ),
    "feature_alpha_dropout": (
        Slip(
            "zero-for-what-is-dropped",
            "A channel that is dropped becomes the value at which selu saturates, not 0.",
            forward=lambda x, mask, *, p: np.where(mask.reshape(*mask.shape, *[1] * (x.ndim - 2)), x / (1 - p), 0 * x),
        ),
        Slip(
            "mask-forgotten",
            "A channel that was dropped does not depend on x: its cotangent is 0.",
            vjp=lambda ybar, y, x, mask, *, p: feature_alpha_dropout_vjp(ybar, y, x, np.ones_like(mask), p=p),
        ),
    ),
    "smooth_labels": (
        Slip(
            "spread-over-the-others",
            "The mass alpha is spread over all K classes, the right one too: alpha / K each, so that the label keeps "
            "1 - alpha + alpha / K.",
            forward=lambda labels, *, alpha: (1 - alpha) * labels + alpha * (1 - labels) / (labels.shape[-1] - 1),
        ),
        Slip(
            "share-forgotten-on-the-way-back",
            "The labels enter with the weight 1 - alpha, and so does their cotangent.",
            vjp=lambda ybar, y, labels, *, alpha: (ybar,),
        ),
    ),
    "clip_gradient_value": (
        Slip(
            "clipped-on-the-way-back",
            "Where nothing was cut the cotangent passes as it is, and where it was cut it is 0: it is not ybar that is "
            "clipped.",
            vjp=lambda ybar, y, *gradients, clip_value: tuple(np.clip(b, -clip_value, clip_value) for b in ybar),
        ),
        Slip(
            "lower-end-open",
            "Both ends are cut: large negative numbers become -clip_value.",
            forward=lambda *gradients, clip_value: tuple(np.minimum(g, clip_value) for g in gradients),
        ),
        Slip(
            "cut-numbers-pass",
            "Where a number was cut, moving it a little changes nothing: the cotangent is 0 there.",
            vjp=lambda ybar, y, *gradients, clip_value: tuple(ybar),
        ),
    ),
    "adaptive_gradient_clipping": (
        Slip(
            "eps-added",
            "The least length of the weights that counts is eps: max(|w|, eps); it is not added to them.",
            forward=lambda gradient, w, *, clipping, eps: _clipped_to(clipping * (_length(w) + eps), gradient),
        ),
        Slip(
            "one-norm-for-all-units",
            "Each unit, a row of the weights, has its own norm: it is clipped by its own weights.",
            forward=lambda gradient, w, *, clipping, eps: (
                gradient
                * np.minimum(1, clipping * max(np.sqrt(np.sum(w * w)), eps) / np.sqrt(np.sum(gradient * gradient)))
            ),
        ),
        Slip(
            "limit-taken-for-a-constant",
            "The limit is clipping times the length of the weights: they have a cotangent where a unit is clipped.",
            vjp=lambda ybar, y, gradient, w, *, clipping, eps: (
                adaptive_gradient_clipping_vjp(ybar, y, gradient, w, clipping=clipping, eps=eps)[0],
                np.zeros_like(w),
            ),
        ),
    ),
}

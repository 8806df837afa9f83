"""The cross-entropy with a heavier first term of its series."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, off_mean, softmax
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, require_shapes


def poly_loss(input, target, *, epsilon, reduction):
    """y_n = -sum_c q_c log p_c + epsilon sum_c q_c (1 - p_c), p = softmax(input_n), q = target_n; then reduced.

    Shapes: input (N, C), logits of C classes; target as input, probabilities; y (N,), in nats, or ().

    -log p is the series of (1 - p)^j / j, and its first term here weighs 1 + epsilon.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Leng et al. (2022), PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions,
    section 4.2, table 4 (Poly-1).
    """
    require_shapes(input, target)
    log_p = log_softmax(input, axis=1)
    missed = np.sum(target * _others(input), axis=1)
    return reduced(epsilon * missed - np.sum(target * log_p, axis=1), reduction)


def poly_loss_vjp(ybar, y, input, target, *, epsilon, reduction):
    """inputbar = ybar (p sum_c q_c - q + epsilon p (sum_c q_c p_c - q)), targetbar = ybar (epsilon (1 - p) - log p).

    The first part is that of the cross-entropy; the second is -epsilon q through the softmax's Jacobian.
    """
    share = cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0])
    share = np.expand_dims(share, 1)
    p = softmax(input, axis=1)
    total, expected = (np.sum(t, axis=1, keepdims=True) for t in (target, target * p))
    inputbar = share * (p * total - target + epsilon * p * (expected - target))
    return inputbar, share * (epsilon * _others(input) - log_softmax(input, axis=1))


def poly_loss_hvp(ybar, dots, y, input, target, *, epsilon, reduction):
    """With pdot = p l, l = inputdot - p . inputdot: every p, and the expected = target . p, of the VJP moves.

    d inputbar = ybar (pdot t + p tdot - qdot + epsilon (pdot (m - q) + p (mdot - qdot))), t = sum q and m = q . p,
    d targetbar = -ybar (epsilon pdot + l).
    """
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, len(input), reduction) * np.ones_like(input[:, 0])
    share = np.expand_dims(share, 1)
    p = softmax(input, axis=1)
    log_pdot = off_mean(inputdot, p, 1)
    pdot = p * log_pdot
    moved = targetdot * p + target * pdot
    total, totaldot, expected, expecteddot = (
        np.sum(t, axis=1, keepdims=True) for t in (target, targetdot, target * p, moved)
    )
    first = pdot * total + p * totaldot - targetdot
    second = pdot * (expected - target) + p * (expecteddot - targetdot)
    return share * (first + epsilon * second), -share * (epsilon * pdot + log_pdot)


def poly_loss_cases(rng):
    def pair(*shape):
        q = rng.uniform(0.1, 1, size=shape)
        return rng.normal(scale=1.5, size=shape), q / np.sum(q, axis=1, keepdims=True)

    yield Case("mean", pair(5, 3), {"epsilon": 2.0, "reduction": "mean"})
    yield Case("none", pair(3, 4), {"epsilon": -0.7, "reduction": "none"})
    sure = np.array([[1000.0, 0.0], [0.0, 500.0], [np.nan, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    args = {"epsilon": 2.0, "reduction": "none"}
    yield Case("sure", sure, args, "special", np.array([0.0, 502.0, np.nan]))
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros((0, 3))), args, "empty", np.zeros(0))
    yield Case("target-broadcasts", (pair(3, 4)[0], pair(1, 4)[1]), args, "refused")
    yield Case("no-such-reduction", pair(3, 4), {"epsilon": 2.0, "reduction": "average"}, "refused")


def poly_loss_sized(rng, n):
    q = rng.uniform(size=(max(n // 32, 1), 16))
    args = rng.normal(size=q.shape), q / np.sum(q, axis=1, keepdims=True)
    return Case("sized", args, {"epsilon": 2.0, "reduction": "mean"})


def _others(input):
    """The probability of all other classes: 1 - softmax without the cancellation where one class is nearly sure."""
    e = np.exp(input - np.max(input, axis=1, keepdims=True))
    itself = np.arange(input.shape[1])[:, None] == np.arange(input.shape[1])
    apart = np.where(itself, 0, np.expand_dims(e, 1))
    return np.sum(apart, axis=2) / np.sum(e, axis=1, keepdims=True)


OPS = [
    Op(poly_loss, poly_loss_cases, poly_loss_vjp, poly_loss_sized, wrt=(0, 1), hvp=poly_loss_hvp),
]

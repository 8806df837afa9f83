"""From the logarithms of joint probabilities to those of the posterior and of the evidence."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import off_mean


def log_normalised(joint):
    """joint - logsumexp(joint), and logsumexp(joint), along the last axis.

    The sum is 1 for the most probable one plus that of the others relative to it, from which log1p has the digits of a
    posterior close to 1.
    """
    best = np.argmax(joint, axis=-1)[..., None]
    is_best = np.arange(joint.shape[-1]) == best
    largest = np.take_along_axis(joint, best, axis=-1)
    behind = np.where(is_best, 0, joint - largest)
    rest = np.log1p(np.sum(np.where(is_best, 0, np.exp(behind)), axis=-1, keepdims=True))
    return behind - rest, (largest + rest)[..., 0]


def log_normalised_vjp(ybar, y):
    """jointbar = posteriorbar + (evidencebar - sum_k posteriorbar_k) p, with p = exp(log posterior)."""
    (posteriorbar, evidencebar), (posterior, _) = ybar, y
    return posteriorbar + np.exp(posterior) * (evidencebar - np.sum(posteriorbar, axis=-1))[..., None]


def log_normalised_hvp(ybar, jointdot, y):
    """d jointbar = (evidencebar - sum_k posteriorbar_k) pdot, pdot = p (jointdot - p . jointdot)."""
    (posteriorbar, evidencebar), (posterior, _) = ybar, y
    p = np.exp(posterior)
    return p * off_mean(jointdot, p, -1) * (evidencebar - np.sum(posteriorbar, axis=-1))[..., None]

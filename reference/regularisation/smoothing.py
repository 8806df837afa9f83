"""Label smoothing."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def smooth_labels(labels, *, alpha):
    """y_k = (1 - alpha) labels_k + alpha / K.

    Shapes: labels (..., K), probabilities of K classes, such as one-hot; y as labels.

    The distribution of the labels mixed with the uniform one: no logit has to go to infinity, and a wrong label costs
    less. alpha is spread over all K classes, the right one too, which keeps 1 - alpha + alpha / K; spread over the
    K - 1 wrong ones alone it would keep 1 - alpha.

    Raises ValueError when labels have no axis, or no class.

    Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), Rethinking the Inception Architecture for Computer
    Vision, section 7.
    """
    if labels.ndim == 0 or labels.shape[-1] == 0:
        raise ValueError(f"labels have shape {labels.shape}, expected (..., K) with at least one class")
    return (1 - alpha) * labels + alpha / labels.shape[-1]


def smooth_labels_vjp(ybar, y, labels, *, alpha):
    """labelsbar = (1 - alpha) ybar."""
    return ((1 - alpha) * ybar,)


def smooth_labels_cases(rng):
    yield Case("probabilities", (rng.dirichlet([1.0, 2.0, 3.0], size=4),), {"alpha": 0.1})
    yield Case("sequences", (rng.dirichlet([2.0, 1.0, 3.0, 1.0, 2.0], size=(2, 3)),), {"alpha": 0.4})
    answer = np.array([[0.125, 0.125, 0.625, 0.125], [0.625, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, 0.625]])
    one_hot = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    yield Case("one-hot", (one_hot,), {"alpha": 0.5}, "special", answer)
    yield Case("no-classes", (rng.normal(size=(3, 0)),), {"alpha": 0.5}, "refused")


def smooth_labels_sized(rng, n):
    return Case("sized", (rng.dirichlet([1.0] * 64, size=max(n // 64, 1)),), {"alpha": 0.1})


OPS = [
    Op(smooth_labels, smooth_labels_cases, smooth_labels_vjp, smooth_labels_sized),
]

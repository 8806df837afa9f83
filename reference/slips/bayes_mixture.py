"""Slips of the steps of expectation maximisation and of k-means."""

from __future__ import annotations

import numpy as np

from ..bayes.mixture import em_gaussian_mixture_step, kmeans_step
from ..bayes.naive_bayes import gaussian_naive_bayes_log_posterior
from ..op import Slip


def _responsibilities(weights, means, variances, x):
    return np.exp(gaussian_naive_bayes_log_posterior(x, weights, means, variances))


def _moved_by(weights, means, variances, x, r):
    """The M step with responsibilities r, and the right log likelihood."""
    total = np.sum(r, axis=0)[:, None]
    mean = r.T @ x / total
    variance = np.einsum("nk,nkd->kd", r, (x[:, None, :] - mean) ** 2) / total
    return total[:, 0] / len(x), mean, variance, em_gaussian_mixture_step(weights, means, variances, x)[3]


def _around_the_old_means(weights, means, variances, x):
    w, m, v, y = em_gaussian_mixture_step(weights, means, variances, x)
    return w, m, v + (m - means) ** 2, y


def _equal_weights(weights, means, variances, x):
    r = _responsibilities(np.ones_like(weights), means, variances, x)
    return _moved_by(weights, means, variances, x, r)


def _deviations_returned(weights, means, variances, x):
    w, m, v, y = em_gaussian_mixture_step(weights, means, variances, x)
    return w, m, np.sqrt(v), y


def _divided_by_all(weights, means, variances, x):
    w, m, v, y = em_gaussian_mixture_step(weights, means, variances, x)
    return w, w[:, None] * m, w[:, None] * v, y


def _averaged(weights, means, variances, x):
    w, m, v, y = em_gaussian_mixture_step(weights, means, variances, x)
    return w, m, v, y / len(x)


def _distances_not_squared(x, centroids):
    labels, moved, _ = kmeans_step(x, centroids)
    return labels, moved, np.sum(np.sqrt(np.sum((x - centroids[labels]) ** 2, axis=1)))


def _sum_after_the_move(x, centroids):
    labels, moved, _ = kmeans_step(x, centroids)
    return labels, moved, np.sum((x - moved[labels]) ** 2)


def _sum_averaged(x, centroids):
    labels, moved, total = kmeans_step(x, centroids)
    return labels, moved, total / len(x)


def _sums_not_means(x, centroids):
    labels, moved, total = kmeans_step(x, centroids)
    count = np.bincount(labels, minlength=len(centroids))[:, None]
    return labels, np.where(count > 0, moved * count, centroids), total


SLIPS = {
    "em_gaussian_mixture_step": (
        Slip(
            "around-the-old-means",
            "The variances are those around the new means: of all points that one makes the sum of squares least.",
            forward=_around_the_old_means,
        ),
        Slip(
            "weights-left-out-of-the-responsibilities",
            "A responsibility is a posterior: the weight of a component is its prior and multiplies its density.",
            forward=_equal_weights,
        ),
        Slip(
            "deviations-for-variances",
            "These are standard deviations; the next step takes variances.",
            forward=_deviations_returned,
        ),
        Slip(
            "divided-by-all-rows",
            "A component's mean and variance are divided by the sum of its own responsibilities, R_k; only its weight "
            "is divided by N.",
            forward=_divided_by_all,
        ),
        Slip(
            "likelihood-averaged",
            "The log likelihood is the sum over the rows; this is their mean, which is what score() of scikit-learn's "
            "mixtures gives. Multiply by the number of rows.",
            forward=_averaged,
            convention="scikit-learn",
        ),
    ),
    "kmeans_step": (
        Slip(
            "distances-not-squared",
            "The sum is one of squared distances: only for these the mean of a cluster is the best centre.",
            forward=_distances_not_squared,
        ),
        Slip(
            "sum-after-the-move",
            "The sum is asked between the halves of the step, around the centroids that the labels were chosen by. "
            "Here it is that around the new ones.",
            forward=_sum_after_the_move,
        ),
        Slip(
            "sum-averaged",
            "The sum of squares is not divided by the number of rows.",
            forward=_sum_averaged,
        ),
        Slip(
            "sums-for-means",
            "A centroid moves to the mean of its rows: their sum divided by their number.",
            forward=_sums_not_means,
        ),
    ),
}

"""Clusters: one step of expectation maximisation, and its limit of vanishing widths, k-means."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .posterior import log_normalised


def em_gaussian_mixture_step(weights, means, variances, x):
    """w_k = R_k / N, m_k = sum_n r_nk x_n / R_k, v_k = sum_n r_nk (x_n - m_k)^2 / R_k, R_k = sum_n r_nk.

    Shapes: weights (K,), means (K, D), variances (K, D), the diagonals of the covariances, and x (N, D); out come new
    ones of the same shapes, and the log likelihood before the step, sum_n log p(x_n), (), in nats.

    E step: the responsibility r_nk is the posterior of component k for row n, from the logarithms of the densities, all
    of which may be 0. M step: what maximises the expected log density given them; v is around the new means. No step
    lowers the likelihood. A component that no row is near has R = 0 and no answer.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 9.2.2, eq. 9.23 to 9.28.
    """
    _require_components(weights, means, variances, x)
    log_r, log_density = log_normalised(_log_joint(weights, means, variances, x))
    r = np.exp(log_r)
    total = np.sum(r, axis=0)[:, None]
    mean = r.T @ x / total
    centred = x[:, None, :] - mean
    variance = np.sum(r[:, :, None] * (centred * centred), axis=0) / total
    return total[:, 0] / x.shape[0], mean, variance, np.sum(log_density)


def _require_components(weights, means, variances, x):
    if x.ndim != 2 or means.shape != weights.shape + x.shape[1:] or variances.shape != means.shape:
        raise ValueError(
            "em_gaussian_mixture_step: weights, means, variances and x must be (K,), (K, D), (K, D) and (N, D): "
            f"got {weights.shape}, {means.shape}, {variances.shape} and {x.shape}"
        )


def _log_joint(weights, means, variances, x):
    """log w_k + log density of row n in component k, (N, K)."""
    centred = x[:, None, :] - means
    scale = np.log(variances * np.full_like(variances, 2) * np.full_like(variances, np.pi))
    return np.log(weights) - np.sum(scale + centred * centred / variances, axis=2) / 2


def _mixture(rng, n, d, k, spread=2.0):
    centres = spread * rng.normal(size=(k, d))
    x = centres[rng.integers(0, k, size=n)] + rng.normal(size=(n, d))
    means = centres + 0.3 * rng.normal(size=(k, d))
    return rng.dirichlet(np.full(k, 4.0)), means, rng.uniform(0.5, 2, size=(k, d)), x


def em_gaussian_mixture_step_cases(rng):
    yield Case("two-clusters", _mixture(rng, 7, 3, 2))
    yield Case("one-feature", _mixture(rng, 9, 1, 3, 1.0))
    weights, means, variances, x = _mixture(rng, 8, 2, 3)
    yield Case("shifted", (weights, 100 + means, variances, 100 + x))
    unknown = (np.array([0.25, 0.75]), np.array([[7.0], [2.0]]), np.array([[4.0], [1.0]]), np.array([[np.nan], [3.0]]))
    answer = (np.full(2, np.nan), np.full((2, 1), np.nan), np.full((2, 1), np.nan), np.array(np.nan))
    yield Case("nan", unknown, {}, "special", answer)
    weights, means, variances, x = _mixture(rng, 7, 3, 2)
    yield Case("one-width-for-all", (weights, means, variances[:1], x), {}, "refused")


def em_gaussian_mixture_step_sized(rng, n):
    return Case("sized", _mixture(rng, max(n // 4, 8), 4, 3))


def kmeans_step(x, centroids):
    """label_n = argmin_k |x_n - c_k|^2, then c_k = mean of the rows of label k; and sum_n |x_n - c_label|^2 in between.

    Shapes: x (N, D), centroids c (K, D); labels (N,) whole numbers, centroids (K, D), the sum () in the square of x's
    unit.

    The first of several nearest centroids is taken. Either half of the step lowers the sum of squares or leaves it, so
    the steps come to an end. A centroid without rows stays where it is.

    Raises ValueError where the shapes do not fit.
    Source: Lloyd (1982), Least Squares Quantization in PCM, IEEE Transactions on Information Theory 28, section II.
    """
    if x.ndim != 2 or centroids.ndim != 2 or x.shape[1] != centroids.shape[1]:
        raise ValueError(f"kmeans_step: got x {x.shape} and centroids {centroids.shape}, want (N, D) and (K, D)")
    away = x[:, None, :] - centroids
    distance = np.sum(away * away, axis=2)
    labels = np.argmin(distance, axis=1)
    chosen = labels[:, None] == np.arange(centroids.shape[0])
    member = np.where(chosen, np.ones_like(x[:, :1]), 0)
    count = np.sum(member, axis=0)[:, None]
    moved = member.T @ x / np.where(np.any(chosen, axis=0)[:, None], count, 1)
    return labels, np.where(np.any(chosen, axis=0)[:, None], moved, centroids), np.sum(np.where(chosen, distance, 0))


def kmeans_step_cases(rng):
    x = _mixture(rng, 7, 2, 3)[-1]
    yield Case("three-clusters", (x, x[:3] + rng.normal(scale=0.01, size=(3, 2))))
    _, centroids, _, x = _mixture(rng, 9, 4, 2)
    yield Case("shifted", (100 + x, 100 + centroids))
    tied = (np.array([[0.0], [4.0], [1.0]]), np.array([[2.0], [2.0], [-2.0]]))
    answer = (np.array([0, 0, 0]), np.array([[5 / 3], [2.0], [-2.0]]), np.array(9.0))
    yield Case("ties-and-none", tied, {}, "special", answer)
    yield Case("another-number-of-features", (x, centroids[:, :3]), {}, "refused")


def kmeans_step_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 4, 8), 4)), rng.normal(size=(3, 4))))


OPS = [
    Op(
        em_gaussian_mixture_step,
        em_gaussian_mixture_step_cases,
        sized=em_gaussian_mixture_step_sized,
        wrt=(),
    ),
    Op(kmeans_step, kmeans_step_cases, sized=kmeans_step_sized, wrt=()),
]

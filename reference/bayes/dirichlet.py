"""Counts of several categories with a Dirichlet prior."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def dirichlet_multinomial_posterior(alpha, counts):
    """p(theta | counts) = Dirichlet(alpha + counts): its parameters, and its mean, the predictive distribution.

    Shapes: alpha > 0 (..., K) and counts (..., K) that broadcast together, both outputs as their broadcast.

    The mean (alpha_k + n_k) / sum_j (alpha_j + n_j) is the probability of category k in the next draw: additive
    smoothing, with alpha_k as the count that nobody has seen.

    Raises ValueError where the shapes do not broadcast.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.2.1, eq. 2.41 and B.17.
    """
    alpha = alpha + counts
    return alpha, alpha / np.sum(alpha, axis=-1, keepdims=True)


def dirichlet_multinomial_posterior_vjp(ybar, y, alpha, counts):
    """sumbar = alphabar + (meanbar - sum_k meanbar_k mean_k) / sum_j alpha_j, for either summand."""
    (alphabar, meanbar), (posterior, mean) = ybar, y
    along = np.sum(meanbar * mean, axis=-1, keepdims=True)
    sumbar = alphabar + (meanbar - along) / np.sum(posterior, axis=-1, keepdims=True)
    return unbroadcast(sumbar, alpha.shape), unbroadcast(sumbar, counts.shape)


def dirichlet_multinomial_posterior_hvp(ybar, dots, y, alpha, counts):
    """With T = sum_j alpha_j: d sumbar = -(meanbar . meandot + (meanbar - meanbar . mean) Tdot / T) / T."""
    (_, meanbar), (posterior, mean) = ybar, y
    dot = dots[0] + dots[1]
    total, totaldot = (np.sum(t, axis=-1, keepdims=True) for t in (posterior, dot))
    meandot = (dot - mean * totaldot) / total
    along, alongdot = (np.sum(meanbar * m, axis=-1, keepdims=True) for m in (mean, meandot))
    sumbar = -(alongdot + (meanbar - along) * totaldot / total) / total
    return unbroadcast(sumbar, alpha.shape), unbroadcast(sumbar, counts.shape)


def dirichlet_multinomial_posterior_cases(rng):
    yield Case("rows", (rng.uniform(0.3, 3, size=4), np.array([[3.0, 0, 5, 1], [0, 0, 2, 9], [40, 2, 0, 0]])))
    yield Case("weak", (1e-3 * rng.uniform(1, 9, size=(2, 3)), np.array([7.0, 1, 0])))
    certain = (np.array([0.5, 1.5, 2.0]), np.array([3.5, 0.5, 0.0]))
    yield Case("by-hand", certain, {}, "special", (np.array([4.0, 2, 2]), np.array([0.5, 0.25, 0.25])))
    yield Case("shapes-differ", (np.ones(3), np.ones((2, 4))), {}, "refused")


def dirichlet_multinomial_posterior_sized(rng, n):
    counts = rng.integers(0, 50, size=(max(n // 8, 1), 8)).astype(float)
    return Case("sized", (rng.uniform(0.3, 3, size=8), counts))


def dirichlet_multinomial_log_evidence(counts, alpha, *, n):
    """log p(counts) = log n! Gamma(A) / Gamma(A + n) + sum_k log Gamma(alpha_k + n_k) / (n_k! Gamma(alpha_k)).

    Shapes: counts (..., K) whole numbers, alpha > 0 (..., K), y (...,), in nats, -inf where the counts do not sum to n;
    A = sum_k alpha_k.

    The multinomial probability of the counts, averaged over the prior Dirichlet(alpha); of two categories it is
    beta_binomial_log_evidence. Gamma(a + m) / (Gamma(a) m!) is the product of (a + i) / (1 + i) over i < m, so no
    logarithms of large factorials cancel.

    Raises ValueError where the shapes do not broadcast.
    Source: Murphy (2012), Machine Learning: A Probabilistic Perspective, section 3.4, and eq. 2.34.
    """
    y = np.sum(_log_rising(alpha, counts, n), axis=-1) - _log_rising(np.sum(alpha, axis=-1), np.sum(counts, axis=-1), n)
    return np.where(np.all(counts >= 0, axis=-1) & (np.sum(counts, axis=-1) == n), y, -np.inf)


def _log_rising(a, count, most):
    """sum over i < count of log((a + i) / (1 + i)), for counts up to ``most``."""
    return np.sum(np.stack([np.where(i < count, np.log((a + i) / (1 + i)), 0) for i in range(most)], axis=-1), axis=-1)


def _rising_slope(a, count, most):
    """The derivative of _log_rising by a: sum over i < count of 1 / (a + i)."""
    return np.sum(np.stack([np.where(i < count, 1 / (a + i), 0) for i in range(most)], axis=-1), axis=-1)


def _rising_bend(a, count, most):
    """Minus the derivative of _rising_slope by a: sum over i < count of 1 / (a + i)^2."""
    return np.sum(np.stack([np.where(i < count, 1 / ((a + i) * (a + i)), 0) for i in range(most)], axis=-1), axis=-1)


def dirichlet_multinomial_log_evidence_vjp(ybar, y, counts, alpha, *, n):
    """alphabar_k = ybar (sum_(i<n_k) 1/(alpha_k+i) - sum_(i<n) 1/(A+i)): each alpha moves its own quotient and A."""
    whole = _rising_slope(np.sum(alpha, axis=-1), np.sum(counts, axis=-1), n)
    return (unbroadcast(ybar[..., None] * (_rising_slope(alpha, counts, n) - whole[..., None]), alpha.shape),)


def dirichlet_multinomial_log_evidence_hvp(ybar, dots, y, counts, alpha, *, n):
    """d alphabar_k = ybar (sum_(i<n) Adot / (A+i)^2 - sum_(i<n_k) alphadot_k / (alpha_k+i)^2)."""
    (alphadot,) = dots
    whole = _rising_bend(np.sum(alpha, axis=-1), np.sum(counts, axis=-1), n) * np.sum(alphadot, axis=-1)
    bar = ybar[..., None] * (whole[..., None] - _rising_bend(alpha, counts, n) * alphadot)
    return (unbroadcast(bar, alpha.shape),)


def dirichlet_multinomial_log_evidence_cases(rng):
    counts = np.array([[2, 0, 3, 1], [0, 0, 5, 1], [1, 2, 2, 1]])
    yield Case("six-draws", (counts, rng.uniform(0.3, 3, size=4)), {"n": 6})
    strengths = np.array([1e-2, 1.0, 1e3]) * rng.uniform(1, 9, size=(2, 3))
    yield Case("all-strengths", (np.array([3, 1, 0]), strengths), {"n": 4})
    yield Case("another-total", (counts, np.ones(4)), {"n": 7}, "special", np.full(3, -np.inf))
    yield Case("shapes-differ", (counts, np.ones(3)), {"n": 6}, "refused")


def dirichlet_multinomial_log_evidence_sized(rng, n):
    m = max(n // 16, 1)
    counts = rng.multinomial(10, np.full(8, 0.125), size=m)
    return Case("sized", (counts, rng.uniform(0.3, 3, size=(m, 8))), {"n": 10})


OPS = [
    Op(
        dirichlet_multinomial_posterior,
        dirichlet_multinomial_posterior_cases,
        dirichlet_multinomial_posterior_vjp,
        dirichlet_multinomial_posterior_sized,
        hvp=dirichlet_multinomial_posterior_hvp,
    ),
    Op(
        dirichlet_multinomial_log_evidence,
        dirichlet_multinomial_log_evidence_cases,
        dirichlet_multinomial_log_evidence_vjp,
        dirichlet_multinomial_log_evidence_sized,
        wrt=(1,),
        hvp=dirichlet_multinomial_log_evidence_hvp,
    ),
]

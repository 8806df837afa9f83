"""Distances between discrete distributions, which do not ask who comes first."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .simplex import distributions, log_quotient, rare, require_same_shape


def js_divergence(p, q, *, axis):
    """y = (sum_i p_i log(p_i / m_i) + sum_i q_i log(q_i / m_i)) / 2, m = (p + q) / 2, along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; y in nats, at most log 2 when both sum to 1.

    Jensen and Shannon: how far both lie from their middle, which excludes nothing that one of them shows, so it
    is never infinite. Its square root is the metric, and that is what scipy.spatial.distance.jensenshannon returns.
    Of quotients next to 1 the differences from 1 are computed, +-(p - q) / (p + q), so that their logarithms keep their
    digits where p is close to q. The p_i and q_i are free, they need not sum to 1 and are not rescaled.

    Raises ValueError where the shapes of p and q differ.

    Source: Lin (1991), Divergence measures based on the Shannon entropy, section 4, eq. 4.1, with equal weights.
    """
    require_same_shape(p, q)
    log_p, log_q = _logs_to_middle(p, q)
    return np.sum(p * log_p + q * log_q, axis=axis) / 2


def js_divergence_vjp(ybar, y, p, q, *, axis):
    """pbar = ybar log(p / m) / 2, qbar = ybar log(q / m) / 2: what m adds to each cancels what p and q add by p / p."""
    ybar = np.expand_dims(ybar, axis)
    log_p, log_q = _logs_to_middle(p, q)
    return ybar * log_p / 2, ybar * log_q / 2


def js_divergence_cases(rng):
    yield from _pair_cases(rng)
    p = distributions(rng, (3, 4), 1)
    yield Case("close", (p, p * (1 + 1e-3 * rng.normal(size=(3, 4)))), {"axis": 1})
    p = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [np.nan, 0.5, 0.5]])
    q = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    yield Case("disjoint", (p, q), {"axis": 1}, "special", np.array([np.log(2), 0.0, np.nan]))


def js_divergence_sized(rng, n):
    return _sized(rng, n)


def total_variation(p, q, *, axis):
    """y = sum_i |p_i - q_i| / 2, along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; y a probability when both sum to 1.

    The largest difference between the probabilities that p and q give to one event: the event of all outcomes that p
    shows more often. So nobody who sees one outcome can tell p from q with more than (1 + y) / 2.

    Raises ValueError where the shapes of p and q differ.

    Source: Levin and Peres (2017), Markov Chains and Mixing Times, section 4.1, proposition 4.2.
    """
    require_same_shape(p, q)
    return np.sum(np.abs(p - q), axis=axis) / 2


def total_variation_vjp(ybar, y, p, q, *, axis):
    """pbar = -qbar = ybar sign(p - q) / 2; where p_i = q_i there is a kink, and the subgradient 0 is taken."""
    pbar = np.expand_dims(ybar, axis) * np.sign(p - q) / 2
    return pbar, -pbar


def total_variation_cases(rng):
    yield from _pair_cases(rng)
    p = distributions(rng, (2, 4), 1)
    yield Case("tied", (p, p + 0.125 * np.array([1.0, 0.0, -1.0, 0.0])), {"axis": 1}, "kink")
    p = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [np.nan, 0.5, 0.5]])
    q = np.array([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    yield Case("disjoint", (p, q), {"axis": 1}, "special", np.array([1.0, 0.0, np.nan]))


def total_variation_sized(rng, n):
    return _sized(rng, n)


def hellinger(p, q, *, axis):
    """y = sqrt(sum_i (sqrt(p_i) - sqrt(q_i))^2 / 2), along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; y without a unit, at most 1 when both sum to 1.

    Roots of probabilities are coordinates of a point on the unit sphere, and this is their Euclidean distance over
    sqrt(2). Of the definitions in use this one is a metric; others leave out the root, or the 2. When both sum to 1,
    y^2 = 1 - sum_i sqrt(p_i q_i), which has no digits left when p is close to q.

    Raises ValueError where the shapes of p and q differ.

    Source: Tsybakov (2009), Introduction to Nonparametric Estimation, section 2.4, definition 2.3, over sqrt(2).
    """
    require_same_shape(p, q)
    difference = _root_difference(p, q)
    return np.sqrt(np.sum(difference * difference, axis=axis) / 2)


def hellinger_vjp(ybar, y, p, q, *, axis):
    """pbar = ybar (sqrt p - sqrt q) / (4 y sqrt p), qbar = ybar (sqrt q - sqrt p) / (4 y sqrt q); infinite at 0.

    From 2 y ydot = sum_i (sqrt p - sqrt q) (pdot / sqrt p - qdot / sqrt q) / 2. Where p = q the distance has a kink,
    and 0 is one of its subgradients.
    """
    share = np.expand_dims(ybar / (4 * np.where(y > 0, y, 1)), axis)
    difference = _root_difference(p, q)
    return share * difference / np.sqrt(p), -share * difference / np.sqrt(q)


def hellinger_cases(rng):
    yield from _pair_cases(rng)
    p = np.array([[0.3, 0.4, 0.2, 0.1], [0.05, 0.1, 0.25, 0.6]]) * rng.uniform(0.9, 1.1, size=(2, 4))
    yield Case("one-equal-row", (p, np.stack([p[0], p[1, ::-1]])), {"axis": 1}, "kink")
    p = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [np.nan, 0.5, 0.5]])
    q = np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    yield Case("disjoint", (p, q), {"axis": 1}, "special", np.array([1.0, 0.0, np.nan]))


def hellinger_sized(rng, n):
    return _sized(rng, n)


def _logs_to_middle(p, q):
    """log(p / m) and log(q / m), m = (p + q) / 2, from p - m = m - q = (p - q) / 2."""
    m, half = (p + q) / 2, (p - q) / 2
    return log_quotient(p, m, half), log_quotient(q, m, -half)


def _root_difference(p, q):
    """sqrt(p) - sqrt(q), the rationalised way: p - q is exact where they are close, the roots are not."""
    both = np.sqrt(p) + np.sqrt(q)
    return (p - q) / np.where(both == 0, 1, both)


def _pair_cases(rng):
    """What every distance of two distributions is asked."""
    shape = (3, 5)
    yield Case("rows", (distributions(rng, shape, -1), distributions(rng, shape, -1)), {"axis": -1})
    p, shape = rare(rng, (2, 4, 3)), (2, 4, 3)
    yield Case("rare", (p, p * rng.uniform(0.02, 0.1, size=shape)), {"axis": 1})
    yield Case("shapes-differ", (distributions(rng, (3, 4), 1), distributions(rng, (4,), 0)), {"axis": -1}, "refused")


def _sized(rng, n):
    shape = max(n // 128, 1), 64
    return Case("sized", (distributions(rng, shape, -1), distributions(rng, shape, -1)), {"axis": -1})


OPS = [
    Op(js_divergence, js_divergence_cases, js_divergence_vjp, js_divergence_sized),
    Op(total_variation, total_variation_cases, total_variation_vjp, total_variation_sized),
    Op(hellinger, hellinger_cases, hellinger_vjp, hellinger_sized),
]

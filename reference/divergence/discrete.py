"""Information of discrete distributions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .simplex import distributions, log_quotient, rare, require_same_shape, xlogy


def entropy(p, *, axis):
    """y = -sum_i p_i log p_i, the sum running along ``axis``.

    Shapes: p any, y as p without ``axis``; y in nats.

    An outcome that never happens adds nothing: p log p has the limit 0 at p = 0. The p_i are free,
    they need not sum to 1 and are not rescaled.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.1, eq. 2.1.
    """
    return -np.sum(xlogy(p, p), axis=axis)


def entropy_vjp(ybar, y, p, *, axis):
    """pbar = -ybar (log p + 1), by the product rule; infinite at p = 0."""
    return (-np.expand_dims(ybar, axis) * (np.log(p) + 1),)


def entropy_hvp(ybar, dots, y, p, *, axis):
    """pbardot = -ybar pdot / p, never of the sign of ybar pdot: the entropy is concave."""
    return (-np.expand_dims(ybar, axis) * dots[0] / p,)


def entropy_cases(rng):
    yield Case("rows", (distributions(rng, (3, 5), -1),), {"axis": -1})
    yield Case("columns", (distributions(rng, (4, 3), 0),), {"axis": 0})
    yield Case("middle", (distributions(rng, (3, 5, 4), 1),), {"axis": 1})
    yield Case("one", (distributions(rng, (7,), 0),), {"axis": 0})
    yield Case("does-not-sum-to-one", (rng.uniform(0.1, 3, size=(5, 4)),), {"axis": -1})
    yield Case("rare", (rare(rng, (3, 4)),), {"axis": 1})
    certain = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    yield Case("certain", (certain,), {"axis": 1}, "special", np.zeros(2))
    yield Case("nan", (np.array([[0.5, np.nan], [1.0, 0.0]]),), {"axis": 1}, "special", np.array([np.nan, 0.0]))
    yield Case("no-rows", (np.zeros((0, 3)),), {"axis": 1}, "empty", np.zeros(0))
    yield Case("no-outcomes", (np.zeros((3, 0)),), {"axis": 1}, "empty", np.zeros(3))
    yield Case("no-such-axis", (distributions(rng, (3, 4), 1),), {"axis": 2}, "refused")


def entropy_sized(rng, n):
    return Case("sized", (distributions(rng, (max(n // 64, 1), 64), -1),), {"axis": -1})


def cross_entropy_between(p, q, *, axis):
    """y = -sum_i p_i log q_i, the sum running along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; y in nats.

    The bits that outcomes of p cost in the code that is best for q. An outcome that p never shows
    costs nothing, even where q = 0; one that q excludes and p shows costs infinitely much.

    Raises ValueError where the shapes of p and q differ.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.13, eq. 3.51.
    """
    require_same_shape(p, q)
    return -np.sum(xlogy(p, q), axis=axis)


def cross_entropy_between_vjp(ybar, y, p, q, *, axis):
    """pbar = -ybar log q, qbar = -ybar p / q: linear in p, a logarithm in q."""
    ybar = np.expand_dims(ybar, axis)
    return -ybar * np.log(q), -ybar * p / q


def cross_entropy_between_hvp(ybar, dots, y, p, q, *, axis):
    """pbardot = -ybar qdot / q, qbardot = -ybar (pdot - p qdot / q) / q: p has no second derivative of its own."""
    (pdot, qdot), ybar = dots, np.expand_dims(ybar, axis)
    return -ybar * qdot / q, -ybar * (pdot - p * qdot / q) / q


def cross_entropy_between_cases(rng):
    yield from _pair_cases(rng)
    never = distributions(rng, (3, 5), 1) * np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    yield Case("never-shown", (never, distributions(rng, (3, 5), 1)), {"axis": 1})
    p = np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [np.nan, 0.5, 0.5]])
    q = np.array([[0.0, 1.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.25, 0.25]])
    yield Case("excluded", (p, q), {"axis": 1}, "special", np.array([0.0, np.inf, np.nan]))


def cross_entropy_between_sized(rng, n):
    return _sized_pair(rng, n)


def kl_categorical(p, q, *, axis):
    """y = sum_i p_i log(p_i / q_i), the sum running along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; y in nats.

    The nats wasted by coding p with the code for q: never less than 0 when both sum to 1 (they need
    not here), and not symmetric. The logarithm of the ratio keeps its digits where p is close to q,
    the difference of two logarithms does not. Outcomes that p never shows add 0; one that q
    excludes and p shows makes the divergence infinite.

    Raises ValueError where the shapes of p and q differ.
    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.3, eq. 2.26.
    """
    require_same_shape(p, q)
    excluded = q == 0
    waste = xlogy(p, p / np.where(excluded, 1, q))
    return np.sum(np.where(excluded & (p > 0), np.inf, waste), axis=axis)


def kl_categorical_vjp(ybar, y, p, q, *, axis):
    """pbar = ybar (log p - log q + 1), by the product rule, infinite at p = 0; qbar = -ybar p / q."""
    ybar = np.expand_dims(ybar, axis)
    return ybar * (np.log(p) - np.log(q) + 1), -ybar * p / q


def kl_categorical_hvp(ybar, dots, y, p, q, *, axis):
    """pbardot = ybar (pdot / p - qdot / q), qbardot = -ybar (pdot - p qdot / q) / q = -(p / q) pbardot.

    Along a common factor of p and q nothing moves; everywhere else the divergence is convex in both.
    """
    (pdot, qdot), ybar = dots, np.expand_dims(ybar, axis)
    return ybar * (pdot / p - qdot / q), -ybar * (pdot - p * qdot / q) / q


def kl_categorical_cases(rng):
    yield from _pair_cases(rng)
    p = distributions(rng, (3, 4), 1)
    yield Case("close", (p, p * (1 + 1e-3 * rng.normal(size=(3, 4)))), {"axis": 1})
    p, q = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]), np.array([[0.0, 0.5, 0.5], [0.5, 1.0, 0.25]])
    yield Case("excluded", (p, q), {"axis": 1}, "special", np.array([np.inf, 0.0]))
    p = np.array([[0.25, 0.75, 0.0], [0.0, 0.0, 1.0]])
    yield Case("neither-shows", (p, p), {"axis": 1}, "special", np.zeros(2))
    nan = np.array([[np.nan, 0.5], [1.0, 0.0]]), np.array([[0.5, 0.5], [1.0, 0.5]])
    yield Case("nan", nan, {"axis": 1}, "special", np.array([np.nan, 0.0]))


def kl_categorical_sized(rng, n):
    return _sized_pair(rng, n)


def kl_bernoulli(p, q):
    """y = p log(p / q) + (1 - p) log((1 - p) / (1 - q)).

    Shapes: p and q any that broadcast together, y as their broadcast; p and q probabilities, y in nats.

    The divergence of two coins. Near p = q both terms are nearly p - q, with opposite signs, and what is left is its
    square: log1p((p - q) / q) and log1p((q - p) / (1 - q)) keep the digits of a difference that is exact, the quotients
    next to 1 do not. An outcome that p never shows adds 0, and one that q excludes and p shows infinity.

    Raises ValueError where the shapes do not broadcast.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.3, example 2.3.1.
    """
    return _waste(p, q, p - q) + _waste(1 - p, 1 - q, q - p)


def kl_bernoulli_vjp(ybar, y, p, q):
    """pbar = ybar (logit p - logit q), qbar = ybar (q - p) / (q (1 - q)); the two parts of the first have one sign."""
    pbar = ybar * (log_quotient(p, q, p - q) - log_quotient(1 - p, 1 - q, q - p))
    qbar = ybar * (q - p) / (q * (1 - q))
    return unbroadcast(pbar, p.shape), unbroadcast(qbar, q.shape)


def kl_bernoulli_cases(rng):
    low, high = rng.uniform(0.1, 0.4, size=(2, 7)) + np.array([[0.0], [0.5]])
    first = np.arange(7) % 2 == 0
    yield Case("elementwise", (np.where(first, low, high), np.where(first, high, low)))
    yield Case("broadcast", (low[:3], high[3:5, None]))
    rare = 10.0 ** np.array([[-9, -4, -2, -6], [-5, -6, -1, -3]]) * rng.uniform(1, 5, size=(2, 4))
    yield Case("rare", (rare[0], rare[1]))
    p = rng.uniform(0.1, 0.9, size=5)
    yield Case("close", (p, p * (1 + 1e-3 * rng.normal(size=5))))
    p = np.array([0.0, 1.0, 0.0, 1.0, 0.5, 0.25, np.nan])
    q = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.25, 0.5])
    yield Case("certain", (p, q), {}, "special", np.array([0.0, 0.0, np.inf, np.inf, np.inf, 0.0, np.nan]))
    yield Case("shapes-differ", (rng.uniform(0.1, 0.9, size=4), rng.uniform(0.1, 0.9, size=3)), {}, "refused")


def kl_bernoulli_sized(rng, n):
    m = max(n // 2, 1)
    return Case("sized", (rng.uniform(0.1, 0.9, size=m), rng.uniform(0.1, 0.9, size=m)))


def _waste(p, q, difference):
    """p log(p / q) from p, q and p - q."""
    return np.where((q == 0) & ~(p == 0), np.inf, p * log_quotient(p, q, difference))


def _pair_cases(rng):
    """What every operation on two distributions is asked."""

    def pair(shape, axis):
        return distributions(rng, shape, axis), distributions(rng, shape, axis)

    yield Case("rows", pair((3, 5), -1), {"axis": -1})
    yield Case("columns", pair((4, 3), 0), {"axis": 0})
    yield Case("middle", pair((3, 5, 4), 1), {"axis": 1})
    yield Case("one", pair((7,), 0), {"axis": 0})
    free = rng.uniform(0.1, 3, size=(5, 4)), rng.uniform(0.1, 3, size=(5, 4))
    yield Case("does-not-sum-to-one", free, {"axis": -1})
    p = rare(rng, (3, 4))
    yield Case("rare", (p, p * rng.uniform(0.02, 0.1, size=(3, 4))), {"axis": 1})
    yield Case("no-rows", (np.zeros((0, 3)), np.zeros((0, 3))), {"axis": 1}, "empty", np.zeros(0))
    yield Case("no-outcomes", (np.zeros((3, 0)), np.zeros((3, 0))), {"axis": 1}, "empty", np.zeros(3))
    yield Case("shapes-differ", (pair((3, 4), 1)[0], pair((4,), 0)[0]), {"axis": -1}, "refused")
    yield Case("no-such-axis", pair((3, 4), 1), {"axis": 2}, "refused")


def _sized_pair(rng, n):
    shape = max(n // 128, 1), 64
    return Case("sized", (distributions(rng, shape, -1), distributions(rng, shape, -1)), {"axis": -1})


OPS = [
    Op(entropy, entropy_cases, entropy_vjp, entropy_sized, hvp=entropy_hvp),
    Op(
        cross_entropy_between,
        cross_entropy_between_cases,
        cross_entropy_between_vjp,
        cross_entropy_between_sized,
        hvp=cross_entropy_between_hvp,
    ),
    Op(kl_categorical, kl_categorical_cases, kl_categorical_vjp, kl_categorical_sized, hvp=kl_categorical_hvp),
    Op(kl_bernoulli, kl_bernoulli_cases, kl_bernoulli_vjp, kl_bernoulli_sized),
]

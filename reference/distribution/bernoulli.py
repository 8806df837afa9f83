"""The Bernoulli distribution: one toss of a coin."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..divergence.discrete import xlogy
from ..op import Case, Op
from .noise import require_own_noise


def bernoulli_log_density(x, p):
    """y = x log p + (1 - x) log(1 - p) for x in {0, 1}, -inf elsewhere: the log of the probability of x.

    Shapes: x integers and p in [0, 1] any that broadcast together, y as their broadcast.

    Only the probability of what was seen counts: at p = 0 a 0 has log density 0, not nan. log1p
    keeps the digits of a small p that 1 - p would round away.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.1, eq. 2.2.
    """
    return np.where(x == 1, np.log(p), np.where(x == 0, np.log1p(-p), -np.inf))


def bernoulli_log_density_vjp(ybar, y, x, p):
    """pbar = ybar / p where x = 1, -ybar / (1 - p) where x = 0, 0 elsewhere."""
    return (unbroadcast(np.where(x == 1, ybar / p, np.where(x == 0, -ybar / (1 - p), 0)), p.shape),)


def bernoulli_log_density_hvp(ybar, dots, y, x, p):
    """pbardot = -ybar pdot / p^2 where x = 1, -ybar pdot / (1 - p)^2 where x = 0, 0 elsewhere: y is concave in p."""
    ones, zeros = -(ybar / p) * (dots[0] / p), -(ybar / (1 - p)) * (dots[0] / (1 - p))
    return (unbroadcast(np.where(x == 1, ones, np.where(x == 0, zeros, 0)), p.shape),)


def bernoulli_log_density_cases(rng):
    yield Case("coins", (np.array([[1], [0], [1]]), rng.uniform(0.53, 0.7, size=(5,))))
    yield Case("rare-and-nearly-certain", (np.array([[0], [1]]), _rare(rng)))
    limits = np.array([0, 1, 1, 0, -1, 2, 1]), np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.5, np.nan])
    answer = np.array([0.0, -np.inf, 0.0, -np.inf, -np.inf, -np.inf, np.nan])
    yield Case("limits", limits, {}, "special", answer)
    yield Case("nothing", (np.zeros((0, 3), dtype=int), np.full(3, 0.25)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), rng.uniform(size=(3,))), {}, "refused")


def bernoulli_log_density_sized(rng, n):
    return Case("sized", (rng.integers(2, size=n), rng.uniform(0.2, 0.8, size=n)))


def bernoulli_cdf(x, p):
    """y = P(X <= x) = 0 for x < 0, 1 - p for x = 0, 1 for x >= 1.

    Shapes: x integers and p in [0, 1] any that broadcast together, y as their broadcast.

    A step of height 1 - p at 0 and one of height p at 1.

    Source: Casella and Berger (2002), Statistical Inference, section 1.5, definition 1.5.1.
    """
    return np.where(x < 0, 0, np.where(x < 1, 1 - p, 1))


def bernoulli_cdf_vjp(ybar, y, x, p):
    """pbar = -ybar where x = 0: only the step at 0 depends on p."""
    return (unbroadcast(np.where(x == 0, -ybar + np.zeros_like(p), 0), p.shape),)


def bernoulli_cdf_cases(rng):
    yield Case("coins", (np.array([[0], [-1], [1], [0]]), rng.uniform(0.2, 0.8, size=(4, 3))))
    yield Case("rare-and-nearly-certain", (np.array([[0], [1]]), _rare(rng)))
    limits = np.array([0, 0, 1, -1, 2]), np.array([0.0, 1.0, 0.0, 1.0, 0.25])
    yield Case("limits", limits, {}, "special", np.array([1.0, 0.0, 1.0, 0.0, 1.0]))
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), rng.uniform(size=(3,))), {}, "refused")


def bernoulli_cdf_sized(rng, n):
    return bernoulli_log_density_sized(rng, n)


def bernoulli_sample(u, p):
    """x = 1 where u < p, else 0: a Bernoulli sample when u is uniform in [0, 1).

    Shapes: u any, p in [0, 1] any that broadcasts to u; x integers as u.

    u < p has the probability p, and at the ends too: u < 0 is never true, u < 1 always.

    Raises ValueError when u would be broadcast: that would use a noise twice.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section III.2.1.
    """
    require_own_noise(u, p.shape)
    return np.where(u < p, 1, 0)


def bernoulli_sample_cases(rng):
    yield Case("one-coin", (rng.uniform(size=(7,)), rng.uniform(0.3, 0.7, size=())))
    yield Case("coins", (rng.uniform(size=(5, 3)), rng.uniform(0.1, 0.9, size=(3,))))
    ends = np.array([0.0, 0.0, 0.75, 0.25, 0.5]), np.array([0.0, 1.0, 1.0, 0.5, 0.5])
    yield Case("ends", ends, {}, "special", np.array([0, 1, 1, 1, 0]))
    yield Case("noise-used-twice", (rng.uniform(size=(1,)), rng.uniform(size=(3,))), {}, "refused")


def bernoulli_sample_sized(rng, n):
    return Case("sized", (rng.uniform(size=n), rng.uniform(size=n)))


def bernoulli_entropy(p):
    """y = -p log p - (1 - p) log(1 - p), in nats.

    Shapes: p in [0, 1] any, y as p.

    A certain outcome has no entropy: q log q has the limit 0 at q = 0.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.1, eq. 2.5.
    """
    return -xlogy(p, p) - np.where(p == 1, 0, (1 - p) * np.log1p(-p))


def bernoulli_entropy_vjp(ybar, y, p):
    """pbar = ybar (log(1 - p) - log p): the derivatives of the two logarithms add up to 1 - 1."""
    return (ybar * (np.log1p(-p) - np.log(p)),)


def bernoulli_entropy_cases(rng):
    yield Case("matrix", (rng.uniform(0.1, 0.9, size=(3, 5)),))
    yield Case("rare-and-nearly-certain", (_rare(rng),))
    yield Case("certain", (np.array([0.0, 1.0, np.nan]),), {}, "special", np.array([0.0, 0.0, np.nan]))


def bernoulli_entropy_sized(rng, n):
    return Case("sized", (rng.uniform(0.1, 0.9, size=n),))


def bernoulli_moments(p):
    """E[X] = p, Var[X] = p (1 - p).

    Shapes: p in [0, 1] any, each of the two as p.

    X^2 is X, so the variance is p - p^2: written as a product, which is 0 at both ends.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.1, eqs. 2.3 and 2.4.
    """
    return p, p * (1 - p)


def bernoulli_moments_vjp(ybar, y, p):
    """pbar = meanbar + varbar (1 - 2 p)."""
    meanbar, varbar = ybar
    return (meanbar + varbar * (1 - 2 * p),)


def bernoulli_moments_cases(rng):
    yield Case("matrix", (rng.uniform(0.1, 0.9, size=(3, 5)),))
    yield Case("rare-and-nearly-certain", (_rare(rng),))
    yield Case("certain", (np.array([0.0, 1.0]),), {}, "special", (np.array([0.0, 1.0]), np.zeros(2)))


def bernoulli_moments_sized(rng, n):
    return bernoulli_entropy_sized(rng, n)


def _rare(rng):
    return rng.uniform(1, 9, size=5) * [1e-11, 1e-7, 1e-4, 1e-2, -1e-4] + [0, 0, 0, 0, 1]


OPS = [
    Op(
        bernoulli_log_density,
        bernoulli_log_density_cases,
        bernoulli_log_density_vjp,
        bernoulli_log_density_sized,
        wrt=(1,),
        hvp=bernoulli_log_density_hvp,
    ),
    Op(bernoulli_cdf, bernoulli_cdf_cases, bernoulli_cdf_vjp, bernoulli_cdf_sized, wrt=(1,)),
    Op(bernoulli_sample, bernoulli_sample_cases, sized=bernoulli_sample_sized, wrt=()),
    Op(bernoulli_entropy, bernoulli_entropy_cases, bernoulli_entropy_vjp, bernoulli_entropy_sized),
    Op(bernoulli_moments, bernoulli_moments_cases, bernoulli_moments_vjp, bernoulli_moments_sized),
]

"""The binomial distribution: the number of heads in n tosses."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import lgamma
from ..op import Case, Op
from .noise import as_numbers


def binomial_log_density(x, n, p):
    """y = log n! - log x! - log (n - x)! + x log p + (n - x) log(1 - p), -inf outside of 0 <= x <= n.

    Shapes: x and n integers and p in [0, 1] any that broadcast together, y as their broadcast.

    The probability of one order of x heads and n - x tails, times the number of orders, as a sum
    of logarithms: n! itself overflows from n = 171 on. Where nothing is counted, 0 log 0 is 0.

    Source: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 3.1, eq. 3.2.
    """
    possible, heads, tails = _counts(x, n)
    orders = _log_factorial(heads + tails, p) - _log_factorial(heads, p) - _log_factorial(tails, p)
    return np.where(possible, orders + _log_one_order(heads, tails, p), -np.inf)


def binomial_log_density_vjp(ybar, y, x, n, p):
    """pbar = ybar (x - n p) / (p (1 - p)): x / p - (n - x) / (1 - p), over one denominator."""
    possible, heads, tails = _counts(x, n)
    slope = (as_numbers(heads, p) - as_numbers(heads + tails, p) * p) / (p * (1 - p))
    return (unbroadcast(np.where(possible, ybar * slope, 0), p.shape),)


def binomial_log_density_cases(rng):
    x, n = np.array([[0, 1, 2, 5], [1, 3, 4, 11], [0, 2, 7, 20]]), np.array([1, 3, 7, 20])
    yield Case("coins", (x, n, _coins(rng)))
    yield Case("one-coin", (np.array([4, 0, 11, 7, 4]), np.array(11), rng.uniform(0.2, 0.8, size=())))
    x, n = np.array([0, 1, 4, 3, -1, 5, 2]), np.array([4, 4, 4, 4, 4, 4, 4])
    p = np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.5, np.nan])
    answer = np.array([0.0, -np.inf, 0.0, -np.inf, -np.inf, -np.inf, np.nan])
    yield Case("limits", (x, n, p), {}, "special", answer)
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), np.array(3), rng.uniform(size=(3,))), {}, "refused")


def binomial_log_density_sized(rng, n):
    size = max(n // 3, 1)
    return Case("sized", (rng.integers(6, size=size), np.full(size, 5), rng.uniform(0.2, 0.8, size=size)))


def binomial_cdf(x, n, p):
    """y = P(X <= x) = sum_{j <= x} n! / (j! (n - j)!) p^j (1 - p)^(n - j), 1 from x = n on.

    Shapes: x and n integers and p in [0, 1] any that broadcast together, y as their broadcast.

    A sum of positive terms: a small lower tail keeps its digits. The number of orders of j heads
    is (n + 1 - j) / j times that of j - 1, so their logarithms are cumulated. The sum is the
    incomplete beta function I_(1 - p)(n - x, x + 1).

    Source: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 3.4, eq. 3.27.
    """
    j, n, p, x = np.arange(np.max(n, initial=0) + 1), n[..., None], p[..., None], x[..., None]
    counted = (j > 0) & (j <= n)
    ratio = as_numbers(np.where(counted, n + 1 - j, 1), p) / as_numbers(np.where(counted, j, 1), p)
    log_mass = np.cumsum(np.log(ratio), axis=-1) + _log_one_order(*_counts(j, n)[1:], p)
    below = np.sum(np.where((j <= x) & (j <= n), np.exp(log_mass), 0), axis=-1)
    return np.where(x[..., 0] >= n[..., 0], 1, below)


def binomial_cdf_vjp(ybar, y, x, n, p):
    """pbar = -ybar n P(X' = x), X' the heads of n - 1 tosses, for 0 <= x < n.

    Term by term, p^j (1 - p)^(n - j) has the slope j p^(j - 1) (1 - p)^(n - j) less
    (n - j) p^j (1 - p)^(n - j - 1): the second of one term is the first of the next, and the last
    second is left.
    """
    slope = as_numbers(n, p) * np.exp(binomial_log_density(x, n - 1, p))
    return (unbroadcast(np.where(x < n, -ybar * slope, 0), p.shape),)


def binomial_cdf_cases(rng):
    x, n = np.array([[0, 1, 2, 5], [-1, 2, 4, 11], [0, 3, 6, 19]]), np.array([1, 3, 7, 20])
    yield Case("coins", (x, n, _coins(rng)))
    yield Case("lower-tail", (np.array([4, 0, 1, 2, 4]), np.array(17), rng.uniform(0.7, 0.8, size=())))
    x, n, p = np.array([0, 3, 4, -1, 9]), np.full(5, 4), np.array([0.0, 1.0, 1.0, 0.25, 0.5])
    yield Case("limits", (x, n, p), {}, "special", np.array([1.0, 0.0, 1.0, 0.0, 1.0]))
    yield Case("shapes-differ", (np.array([0, 1, 1, 0]), np.array(3), rng.uniform(size=(3,))), {}, "refused")


def binomial_cdf_sized(rng, n):
    return binomial_log_density_sized(rng, n)


def binomial_sample(u, p):
    """x = the number of u_i < p: a binomial sample of n tosses when the u_i are uniform in [0, 1).

    Shapes: u (..., n), p in [0, 1] (...), which broadcasts to the leading axes of u; x integers (...).

    The definition itself: n tosses of one coin, each with its own noise, and the heads counted.

    Raises ValueError when u has no axis of tosses, or would be broadcast: that would use a noise twice.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section X.4.2.
    """
    if u.ndim < 1 or np.broadcast_shapes(u.shape[:-1], p.shape) != u.shape[:-1]:
        raise ValueError(f"u must be (..., n) with p (...): got {u.shape} and {p.shape}")
    return np.sum(u < p[..., None], axis=-1)


def binomial_sample_cases(rng):
    yield Case("one-coin", (rng.uniform(size=(4, 7)), rng.uniform(0.3, 0.7, size=())))
    yield Case("coins", (rng.uniform(size=(2, 5, 3)), rng.uniform(0.1, 0.9, size=(5,))))
    by_hand = np.array([[0.0, 0.5, 0.25], [0.0, 0.75, 0.5]]), np.array([0.5, 1.0])
    yield Case("by-hand", by_hand, {}, "special", np.array([2, 3]))
    yield Case("no-tosses", (np.zeros((2, 0)), np.array([0.5, 0.25])), {}, "empty", np.array([0, 0]))
    yield Case("noise-used-twice", (rng.uniform(size=(1, 4)), rng.uniform(size=(3,))), {}, "refused")


def binomial_sample_sized(rng, n):
    return Case("sized", (rng.uniform(size=(max(n // 5, 1), 5)), rng.uniform(size=max(n // 5, 1))))


def binomial_moments(n, p):
    """E[X] = n p, Var[X] = n p (1 - p).

    Shapes: n integers and p in [0, 1] any that broadcast together, each of the two as their broadcast.

    Independent tosses: their means add, and so do their variances.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.1, eqs. 2.11 and 2.12.
    """
    n = as_numbers(n, p)
    return n * p, n * p * (1 - p)


def binomial_moments_vjp(ybar, y, n, p):
    """pbar = n (meanbar + varbar (1 - 2 p))."""
    meanbar, varbar = ybar
    return (unbroadcast(as_numbers(n, p) * (meanbar + varbar * (1 - 2 * p)), p.shape),)


def binomial_moments_cases(rng):
    yield Case("coins", (np.array([1, 3, 7, 2000]), _coins(rng)))
    yield Case("one-coin", (np.array([4, 9, 4]), rng.uniform(0.2, 0.8, size=())))
    limits = np.array([4, 4, 0]), np.array([0.0, 1.0, 0.5])
    yield Case("limits", limits, {}, "special", (np.array([0.0, 4.0, 0.0]), np.zeros(3)))


def binomial_moments_sized(rng, n):
    return Case("sized", (rng.integers(6, size=n), rng.uniform(0.2, 0.8, size=n)))


def _counts(x, n):
    """Where there may be x heads in n tosses, the heads, and the tails; elsewhere n tails."""
    possible = (x >= 0) & (x <= n)
    heads = np.where(possible, x, 0)
    return possible, heads, n - heads


def _log_one_order(heads, tails, p):
    """heads log p + tails log(1 - p), where no heads, or no tails, add 0."""
    log_heads = np.where(heads == 0, 0, as_numbers(heads, p) * np.log(p))
    return log_heads + np.where(tails == 0, 0, as_numbers(tails, p) * np.log1p(-p))


def _log_factorial(count, like):
    return lgamma(as_numbers(count + 1, like))


def _coins(rng):
    """Of a column, one each that hardly ever, often and nearly always shows heads."""
    return rng.uniform(1, 3, size=(3, 1)) * [[1e-6], [0.3], [1e-3]] * [[1], [1], [-1]] + [[0], [0], [1]]


OPS = [
    Op(binomial_log_density, binomial_log_density_cases, binomial_log_density_vjp, binomial_log_density_sized, (2,)),
    Op(binomial_cdf, binomial_cdf_cases, binomial_cdf_vjp, binomial_cdf_sized, wrt=(2,)),
    Op(binomial_sample, binomial_sample_cases, sized=binomial_sample_sized, wrt=()),
    Op(binomial_moments, binomial_moments_cases, binomial_moments_vjp, binomial_moments_sized, wrt=(1,)),
]

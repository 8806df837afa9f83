"""From data back to the distribution: the most likely normal, and how unusual a mean is."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..op import Case, Op


def normal_fit(x, *, axis):
    """mu = sum_i x_i / n, sigma = sqrt(sum_i (x_i - mu)^2 / n): the normal that makes the data most likely.

    Shapes: x any, axis an int; mu and sigma as x without it, in the unit of x.

    The log-likelihood is -n log sigma - sum (x_i - mu)^2 / (2 sigma^2) and a constant; both derivatives are 0 there. It
    divides by n, so that the variance comes out too small, by (n - 1) / n on average: mu lies closer to these data than
    the true mean does.

    Raises IndexError or ValueError for an axis that x does not have.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 1.2.4, eq. 1.55 to 1.58.
    """
    mu = np.mean(x, axis=axis)
    rest = x - spread(mu, x, axis, False)
    return mu, np.sqrt(np.mean(rest * rest, axis=axis))


def normal_fit_vjp(ybar, y, x, *, axis):
    """xbar_i = (mubar + sigmabar (x_i - mu) / sigma) / n; sigma does not feel mu move, as sum (x - mu) = 0."""
    (mubar, sigmabar), (mu, sigma) = [[spread(v, x, axis, False) for v in pair] for pair in (ybar, y)]
    return ((mubar + sigmabar * (x - mu) / sigma) / x.shape[axis],)


def normal_fit_hvp(ybar, dots, y, x, *, axis):
    """xbardot_i = sigmabar (c_i - h_i mean(h c)) / (n sigma), h = (x - mu) / sigma and c = xdot - mean(xdot).

    mu is linear in x and has no curvature; h moves by (c - h sigmadot) / sigma, where sigmadot = mean(h c).
    """
    sigmabar, mu, sigma = (spread(v, x, axis, False) for v in (ybar[1], *y))
    h, c = (x - mu) / sigma, dots[0] - np.mean(dots[0], axis=axis, keepdims=True)
    return (sigmabar * (c - h * np.mean(h * c, axis=axis, keepdims=True)) / (x.shape[axis] * sigma),)


def normal_fit_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": 1})
    yield Case("far", (100 + rng.normal(size=(4, 3)),), {"axis": 0})
    by_hand = np.array([[1.0, 3.0], [5.0, 3.0]]), (np.array([3.0, 3.0]), np.array([2.0, 0.0]))
    yield Case("by-hand", by_hand[:1], {"axis": 0}, "special", by_hand[1])
    yield Case("no-such-axis", by_hand[:1], {"axis": 2}, "refused")


def normal_fit_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)),), {"axis": 1})


def z_statistic(x, mu, sigma, *, axis):
    """z = (mean of x - mu) / (sigma / sqrt(n)): by how many of its standard deviations a mean of n values is off.

    Shapes: x any, axis an int of length n; mu and sigma > 0 are (); z as x without axis, without a unit.

    If the x are independent draws of any distribution with mean mu and standard deviation sigma, z is about standard
    normal for large n: the central limit theorem. The mean itself narrows as 1 / sqrt(n): the law of large numbers.

    Raises IndexError or ValueError for an axis that x does not have, or unless mu and sigma are one number each.
    Source: Casella and Berger (2002), Statistical Inference, section 5.5.3, theorem 5.5.14.
    """
    if mu.shape != () or sigma.shape != ():
        raise ValueError(f"z_statistic: got mu {mu.shape} and sigma {sigma.shape}, want one number each")
    return np.mean(x - mu, axis=axis) / _error(x, sigma, axis)


def _error(x, sigma, axis):
    """The standard deviation of a mean of n values."""
    return sigma / np.sqrt(np.full_like(sigma, x.shape[axis]))


def z_statistic_vjp(zbar, z, x, mu, sigma, *, axis):
    """xbar_i = zbar / (n s), mubar = -sum zbar / s and sigmabar = -sum zbar z / sigma, with s = sigma / sqrt(n)."""
    each = zbar / _error(x, sigma, axis)
    return spread(each, x, axis, False) / x.shape[axis], -np.sum(each), -np.sum(zbar * z) / sigma


def z_statistic_hvp(zbar, dots, z, x, mu, sigma, *, axis):
    """Every cotangent has 1 / sigma in it, which moves by its share -r, r = sigmadot / sigma; sigmabar has z too.

    zdot = (mean(xdot) - mudot) / s - z r, so that sigmabardot = -sum zbar (zdot - z r) / sigma.
    """
    xdot, mudot, sigmadot = dots
    error, grown = _error(x, sigma, axis), sigmadot / sigma
    each = -zbar / error * grown
    zdot = (np.mean(xdot, axis=axis) - mudot) / error - z * grown
    xbardot = spread(each, x, axis, False) / x.shape[axis]
    return xbardot, -np.sum(each), -np.sum(zbar * (zdot - z * grown)) / sigma


def z_statistic_cases(rng):
    yield Case("means-of-5", (rng.uniform(size=(3, 5)), np.array(0.5), rng.uniform(0.2, 0.4, size=())), {"axis": 1})
    yield Case("far", (100 + rng.normal(size=(4, 3)), rng.uniform(98, 99, size=()), np.array(1.25)), {"axis": 0})
    by_hand = np.array([[3.0, 1.0, 4.0, 8.0], [np.nan, 0.0, 0.0, 0.0]])
    yield Case("by-hand", (by_hand, np.array(2.0), np.array(8.0)), {"axis": 1}, "special", np.array([0.5, np.nan]))
    yield Case("a-sigma-for-each", (by_hand, np.array(2.0), rng.uniform(1, 2, size=2)), {"axis": 1}, "refused")


def z_statistic_sized(rng, n):
    return Case("sized", (rng.uniform(size=(max(n // 64, 1), 64)), np.array(0.5), np.array(0.3)), {"axis": 1})


OPS = [
    Op(normal_fit, normal_fit_cases, normal_fit_vjp, normal_fit_sized, hvp=normal_fit_hvp),
    Op(z_statistic, z_statistic_cases, z_statistic_vjp, z_statistic_sized, hvp=z_statistic_hvp),
]

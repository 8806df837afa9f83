"""The beta distribution: of a proportion."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..elementwise.incomplete_beta import betainc
from ..op import Case, Op
from .gamma import xlogy


def beta_log_density(x, a, b):
    """y = (a - 1) log(x) + (b - 1) log(1 - x) - log B(a, b) for 0 <= x <= 1, -inf outside.

    B(a, b) = Gamma(a) Gamma(b) / Gamma(a + b).

    Shapes: x, a > 0 and b > 0 any that broadcast together, y as their broadcast.

    At x = 0 the density is infinite, b or 0 as a is below, at or above 1; at x = 1 it is so of b. After a - 1
    successes and b - 1 failures this is what is known of the probability of a success, if nothing was before.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 25.1.
    """
    outside = (x < 0) | (x > 1)
    x = np.where(outside, 0.5, x)
    at_one = (x == 1) & (b == 1)
    y = xlogy(a - 1, x) + (b - 1) * np.log1p(-np.where(at_one, 0, x)) - _log_beta(a, b)
    return np.where(outside, -np.inf, y)


def beta_log_density_vjp(ybar, y, x, a, b):
    """xbar = ybar ((a - 1) / x - (b - 1) / (1 - x)), abar = ybar (log(x) - digamma(a) + digamma(a + b)), bbar alike.

    bbar has log(1 - x) and digamma(b). Averaged over x the last two are 0. Outside [0, 1] all are 0.
    """
    outside = (x <= 0) | (x >= 1)
    ybar = np.where(outside, 0, ybar)
    inside = np.where(outside, 0.5, x)
    xbar = ybar * ((a - 1) / inside - (b - 1) / (1 - inside))
    abar = ybar * (np.log(inside) - (digamma(a) - digamma(a + b)))
    bbar = ybar * (np.log1p(-inside) - (digamma(b) - digamma(a + b)))
    return unbroadcast(xbar, x.shape), unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def beta_log_density_cases(rng):
    yield Case("broadcast", (rng.uniform(0.3, 0.7, size=(5, 3)), *_parameters(rng)))
    near = rng.uniform(1, 9, size=5) * np.array([1e-8, 1e-4, 0.1, 1e-3, 1e-5])
    yield Case("near-the-ends", (np.where(np.arange(5) < 3, near, 1 - near), *_scales(rng)))
    x = np.array([-0.5, 1.5, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, np.nan])
    a = np.array([2.0, 2.0, 0.5, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0])
    b = np.array([2.0, 2.0, 1.0, 1.0, 1.0, 0.5, 1.0, 2.0, 2.0])
    y = np.array([-np.inf, -np.inf, np.inf, 0.0, -np.inf, np.inf, 0.0, -np.inf, np.nan])
    yield Case("limits", (x, a, b), {}, "special", y)
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.uniform(size=4), rng.uniform(1, 2, size=3), np.array(1.5)), {}, "refused")


def beta_cdf(x, a, b):
    """y = P(X <= x) = I_x(a, b), the regularised incomplete beta function; 0 for x < 0, 1 for x > 1.

    Shapes: x, a > 0 and b > 0 any that broadcast together, y as their broadcast. Its derivatives in a and b are no
    elementary functions, so it is asked for its values alone.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 25.1.
    """
    return betainc(a, b, np.clip(x, 0, 1))


def beta_cdf_cases(rng):
    a, b = rng.uniform(0.7, 1.5, size=3), rng.uniform(0.7, 1.5, size=(5, 1))
    yield Case("broadcast", (rng.uniform(0.2, 0.8, size=(5, 3)), a, b))
    a, b = rng.uniform(0.7, 1, size=5) * [1, 2, 3, 1, 1.5], rng.uniform(0.7, 1, size=5) * [2, 1, 1, 1, 3]
    yield Case("scales", (rng.uniform(1, 9, size=5) * [1e-8, 1e-4, 0.1, 1e-3, 0.01], a, b))
    x, y = np.array([-np.inf, -0.5, 0.0, 1.0, 1.5, np.inf, np.nan]), np.array([0.0] * 3 + [1.0] * 3 + [np.nan])
    yield Case("limits", (x, np.full(7, 2.5), np.full(7, 1.5)), {}, "special", y)
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.uniform(size=4), rng.uniform(1, 2, size=3), np.array(1.5)), {}, "refused")


def beta_sample(g, h):
    """x = g / (g + h).

    Shapes: g > 0 and h > 0 any that broadcast together, x as their broadcast.

    When g and h are independent gamma samples of one rate with concentrations a and b, x has the distribution
    beta(a, b): the share of the first in the wait for both. gamma_sample gives them, with their derivatives.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section IX.3.1.
    """
    return g / (g + h)


def beta_sample_vjp(xbar, x, g, h):
    """gbar = xbar h / (g + h)^2, hbar = -xbar g / (g + h)^2."""
    slope = xbar / ((g + h) * (g + h))
    return unbroadcast(slope * h, g.shape), unbroadcast(-slope * g, h.shape)


def beta_sample_cases(rng):
    yield Case("broadcast", _parameters(rng))
    yield Case("scales", _scales(rng))
    yield from _no_parameter_cases(rng, np.zeros((0, 3)))


def beta_entropy(a, b):
    """y = log B(a, b) - (a - 1) (digamma(a) - digamma(a + b)) - (b - 1) (digamma(b) - digamma(a + b)), in nats.

    Shapes: a > 0 and b > 0 any that broadcast together, y as their broadcast.

    The mean of -log density: log(x) has the mean digamma(a) - digamma(a + b). It is never above 0, the entropy of
    the uniform distribution (a = b = 1).

    Source: Lazo and Rathie (1978), On the entropy of continuous probability distributions, IEEE Transactions on
    Information Theory 24, 120-122.
    """
    both = digamma(a + b)
    return _log_beta(a, b) - (a - 1) * (digamma(a) - both) - (b - 1) * (digamma(b) - both)


def beta_entropy_vjp(ybar, y, a, b):
    """abar = ybar ((a + b - 2) trigamma(a + b) - (a - 1) trigamma(a)), bbar likewise: the digammas cancel."""
    both = (a + b - 2) * trigamma(a + b)
    abar, bbar = ybar * (both - (a - 1) * trigamma(a)), ybar * (both - (b - 1) * trigamma(b))
    return unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def beta_entropy_cases(rng):
    yield Case("broadcast", (rng.uniform(0.2, 0.5, size=3), rng.uniform(0.2, 0.5, size=(5, 1))))
    a, b = np.array([0.1, 1.0, 0.3, 9.0]), np.array([3.0, 0.1, 20.0, 0.2])
    yield Case("scales", (a * rng.uniform(0.5, 1, size=4), b * rng.uniform(0.5, 1, size=4)))
    yield from _no_parameter_cases(rng, np.zeros((0, 3)))


def beta_moments(a, b):
    """E[X] = a / (a + b), E[(X - E[X])^2] = a b / ((a + b)^2 (a + b + 1)).

    Shapes: a > 0 and b > 0 any that broadcast together, each of the two as their broadcast.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, section 25.4.
    """
    n = a + b
    mean = a / n
    return mean, mean * (b / n) / (n + 1)


def beta_moments_vjp(ybar, y, a, b):
    """abar = q t - s, bbar = -p t - s, t = mbar / n + vbar (q - p) / (n (n + 1)), s = vbar v / (n + 1), n = a + b.

    The variance v = p q / (n + 1), p = a / n and q = b / n. p moves by q / n with a and by -p / n with b, q
    oppositely, n + 1 by 1 with both: dv/da = q (q - p) / (n (n + 1)) - v / (n + 1).
    """
    mbar, vbar = ybar
    n = a + b
    p, q = a / n, b / n
    turn = mbar / n + vbar * (b - a) / (n * n * (n + 1))
    shrink = vbar * p * q / ((n + 1) * (n + 1))
    return unbroadcast(q * turn - shrink, a.shape), unbroadcast(-p * turn - shrink, b.shape)


def beta_moments_cases(rng):
    yield Case("broadcast", _parameters(rng))
    yield Case("scales", (rng.uniform(0.5, 1, size=4) * [0.1, 1, 5, 9], rng.uniform(0.5, 1, size=4) * [1, 0.1, 9, 5]))
    yield from _no_parameter_cases(rng, (np.zeros((0, 3)),) * 2)


def _log_beta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _parameters(rng):
    return rng.uniform(1.5, 4, size=3), rng.uniform(1.5, 4, size=(5, 1))


def _scales(rng):
    """Five pairs of parameters between 1/20 and 40."""
    a = rng.uniform(0.5, 1, size=5) * np.array([0.1, 1.0, 3.0, 9.0, 40.0])
    return a, rng.uniform(0.5, 1, size=5) * np.array([3.0, 0.1, 40.0, 1.0, 9.0])


def _no_parameter_cases(rng, answer):
    yield Case("nothing", (np.ones((0, 3)), np.ones(3)), {}, "empty", answer)
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.uniform(0.1, 0.9, size=n), rng.uniform(1.5, 4, size=n), rng.uniform(1.5, 4, size=n)))


def _parameters_sized(rng, n):
    return Case("sized", (rng.uniform(1.5, 4, size=n), rng.uniform(1.5, 4, size=n)))


OPS = [
    Op(beta_log_density, beta_log_density_cases, beta_log_density_vjp, _sized),
    Op(beta_cdf, beta_cdf_cases, sized=_sized, wrt=()),
    Op(beta_sample, beta_sample_cases, beta_sample_vjp, _parameters_sized),
    Op(beta_entropy, beta_entropy_cases, beta_entropy_vjp, _parameters_sized),
    Op(beta_moments, beta_moments_cases, beta_moments_vjp, _parameters_sized),
]

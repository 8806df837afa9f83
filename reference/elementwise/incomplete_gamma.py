"""The regularised incomplete gamma functions: the distribution of a gamma variable, and of a Poisson one."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .gamma import STIRLING, split_gamma, stirling_rest

_TERMS = 60  # of the power series, for x below a < 8 or below 1


_STEPS = 90  # of the continued fraction, for x above a < 8 and above 1


# Gauss and Legendre's 32 nodes and weights on [0, 1]: each of these s, and 1 - s. (numpy.polynomial.legendre has the
# weights next to the ends, where the whole integral may lie, to 13 digits.)
_HALF = (
    (0.0013680690752592183, 0.003509305004735048),
    (0.007194244227365833, 0.008137197365452835),
    (0.017618872206246784, 0.01269603265463103),
    (0.03254696203113015, 0.017136931456510716),
    (0.05183942211697394, 0.02141794901111334),
    (0.07531619313371501, 0.025499029631188087),
    (0.1027581020160288, 0.029342046739267772),
    (0.13390894062985517, 0.032911111388180925),
    (0.1684778665348924, 0.03617289705442425),
    (0.20614212137961885, 0.039096947893535156),
    (0.2465500455338853, 0.041655962113473374),
    (0.2893243619346823, 0.043826046502201906),
    (0.33406569885893617, 0.045586939347881945),
    (0.38035631887393145, 0.04692219954040228),
    (0.42776401920860174, 0.04781936003963743),
    (0.4758461671561308, 0.0482700442573639),
)


_NEGLIGIBLE = 40.0  # exp(-40) = 4e-18


def gammainc(a, x):
    """y = P(a, x) = 1/Gamma(a) int_0^x t^(a-1) e^-t dt.

    Shapes: a and x any that broadcast together, y as their broadcast; a >= 0 and x >= 0, elsewhere nan.

    Of P and Q = 1 - P that one is computed which has no cancellation: P below a, by its power series, and Q above,
    by its continued fraction. From a = 8 on, where both need ever more terms, it is the integral over the tail itself
    by Gauss and Legendre's rule, the integrand taken relative to its value at x. Values alone: no ball knows the
    derivative in a. Within 6 (1 + c) ulp, c being its condition number, the sum of those in a and x (of half of them
    1 ulp).

    Source: Gautschi (1979), A Computational Procedure for Incomplete Gamma Functions, ACM TOMS 5, 466-481; NIST
    Digital Library of Mathematical Functions, eqs. 8.7.1, 8.9.2 and 8.18.1.
    """
    below, tail, _ = _tail(a, x)
    return _limits(a, x, np.where(below, tail, 1 - tail), 0, 1)


def gammaincc(a, x):
    """y = Q(a, x) = 1/Gamma(a) int_x^inf t^(a-1) e^-t dt = 1 - P(a, x).

    Shapes: a and x any that broadcast together, y as their broadcast; a >= 0 and x >= 0, elsewhere nan.

    As gammainc. Where a and x are both below 1, P may be near 1; there Q is 1 - x^a / Gamma(1 + a) and a series
    that is small. Within 6 (1 + c) ulp, c being its condition number (of half of them 1 ulp).

    Source: Gautschi (1979), A Computational Procedure for Incomplete Gamma Functions, ACM TOMS 5, 466-481,
    section 4.1; NIST Digital Library of Mathematical Functions, eq. 8.9.2.
    """
    below, tail, upper = _tail(a, x)
    return _limits(a, x, np.where(below, np.where((a < 1) & (x < 1), upper, 1 - tail), tail), 1, 0)


_ENDS = (
    np.array([2.5, 2.5, 0.0, 0.0, 0.0, np.inf, 1.5, np.nan, -1.0, 1.0]),
    np.array([0.0, np.inf, 2.5, np.inf, 0.0, 2.5, np.nan, 1.5, 1.0, -1.0]),
)


def gammainc_cases(rng):
    yield from _cases(rng)
    yield Case("special", _ENDS, {}, "special", np.array([0.0, 1.0, 1.0, 1.0, np.nan, 0.0, *[np.nan] * 4]))


def gammaincc_cases(rng):
    yield from _cases(rng)
    yield Case("special", _ENDS, {}, "special", np.array([1.0, 0.0, 0.0, 0.0, np.nan, 1.0, *[np.nan] * 4]))


def _cases(rng):
    yield Case("broadcast", (rng.uniform(0.5, 9, size=(3, 1)), rng.uniform(0.2, 9, size=(4,))))
    large = rng.uniform(1e3, 2e3, size=5)
    yield Case("large-shape", (large, large * rng.uniform(0.9, 1.1, size=5)))
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def gammainc_sized(rng, n):
    a = rng.uniform(0.5, 8, size=n // 2)
    return Case("sized", (a, a * rng.uniform(0.6, 1.5, size=n // 2)))


def deviation(ratio, mu):
    """mu - log(1 + mu), where ratio = 1 + mu is known as well: 0 and flat at mu = 0, the deviance of a Poisson count.

    Near 0, with s = mu / (2 + mu), log(1 + mu) = 2 (s + s^3/3 + s^5/5 + ...) and mu - 2s = mu s.
    """
    near = np.clip(mu, -0.6, 1)
    s = near / (2 + near)
    tail = 0.0
    for k in range(22, 0, -1):
        tail = tail * s * s + 1 / (2 * k + 1)
    far = np.where(np.abs(mu - 0.2) < 0.8, 1, mu) - np.log(np.where(np.abs(mu - 0.2) < 0.8, 1, ratio))
    return np.where(np.abs(mu - 0.2) < 0.8, s * (near - 2 * s * s * tail), far)


def _tail(a, x):
    """(whether P is the smaller tail, that tail, Q for a < 1 and x < 1), for finite positive a and x."""
    a, x = np.broadcast_arrays(a, x)
    a = np.where((a > 0) & (a < np.inf), a, 1)
    x = np.where((x > 0) & (x < np.inf), x, 1)
    below = x < np.maximum(a, 1)
    small = np.minimum(a, STIRLING)
    near, far = np.minimum(x, np.maximum(small, 1)), np.maximum(x, np.maximum(small, 1))
    tail = np.where(below, _series(small, near), _fraction(small, far))
    tail = np.where(a >= STIRLING, _integral(np.maximum(a, STIRLING), x), tail)
    return below, tail, _both_small(np.minimum(a, 1), np.minimum(x, 1))


def _limits(a, x, y, zero, one):
    """y, but what it tends to where P is ``zero`` or ``one``, and nan where a or x is negative."""
    y = np.where((x == 0) | (a == np.inf), zero, np.where((a == 0) | (x == np.inf), one, y))
    undecided = ((a == 0) & (x == 0)) | ((a == np.inf) & (x == np.inf))
    return np.where((a >= 0) & (x >= 0) & ~undecided, y, np.nan)


def _power_over_gamma(a, x):
    """x^a / Gamma(a), a < 8."""
    rest, factor, inverse = split_gamma(a)
    return x**a * np.exp(-rest) * np.where(inverse, factor, 1 / factor)


def _series(a, x):
    """P = x^a e^-x / Gamma(a) (1/a + x / (a (a+1)) + x^2 / (a (a+1) (a+2)) + ...)."""
    total = 1.0
    for k in range(_TERMS, 0, -1):
        total = 1 + total * x / (a + k)
    return _power_over_gamma(a, x) * np.exp(-x) * total / a


def _fraction(a, x):
    """Q = x^a e^-x / Gamma(a) 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...)))."""
    below = x + (2 * _STEPS + 1 - a)
    for k in range(_STEPS, 0, -1):
        below = x + (2 * k - 1 - a) - k * (k - a) / below
    finite = np.minimum(x, 1000)  # e^-1000 is 0, and the power of no larger number is needed
    return _power_over_gamma(a, finite) * np.exp(-finite) / below


def _both_small(a, x):
    """Q = 1 - p + p a (x / (a+1) - x^2 / (2! (a+2)) + ...), p = x^a / Gamma(1 + a)."""
    # log Gamma(1 + a) without forming 1 + a, which would round a away
    rest, _, _ = split_gamma(a)
    exponent = a * np.log(x) - np.where(a < 0.3, rest - np.log1p(a), rest)
    total = 0.0
    for n in range(20, 0, -1):
        total = (1 / (a + n) - total) * x / n
    return np.exp(exponent) * a * total - np.expm1(exponent)


def _integral(a, x):
    """The tail of t^(a-1) e^-t / Gamma(a) on that side of x on which its mode is not, a >= 8."""
    mu = (x - a) / a
    density = np.sqrt(a / (2 * np.pi)) * np.exp(-a * deviation(x / a, mu) - stirling_rest(a)) / x
    # the integrand's logarithm is at least as steep as a line and, below, as a parabola; above, that has to give way
    lower = x < a
    steep = np.abs(1 - (a - 1) / x)
    wide = x / np.sqrt(a - 1) * np.sqrt(np.full_like(x, 2 * _NEGLIGIBLE)) + np.where(
        lower, np.ones_like(x), _NEGLIGIBLE
    )
    length = np.minimum(_NEGLIGIBLE / np.maximum(steep, 1e-30), wide)
    length = np.where(lower, -np.minimum(length, x), length)
    total = 0.0
    for node, weight in (*((1 - s, w) for s, w in _HALF), *reversed(_HALF)):  # the largest terms last
        step = length * node
        total = total + weight * np.exp((a - 1) * np.log1p(step / x) - step)
    return density * np.abs(length) * total


OPS = [
    Op(gammainc, gammainc_cases, sized=gammainc_sized, wrt=()),
    Op(gammaincc, gammaincc_cases, sized=gammainc_sized, wrt=()),
]

"""The regularised incomplete beta function: the distribution of beta, F, Student and binomial variables."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .gamma import STIRLING, split_gamma, stirling_rest
from .incomplete_gamma import deviation

_STEPS = 100  # of the continued fraction


_TERMS = 50  # of the power series, for x below 1/2


def betainc(a, b, x):
    """y = I_x(a, b) = 1/B(a, b) int_0^x t^(a-1) (1-t)^(b-1) dt.

    Shapes: a, b and x any that broadcast together, y as their broadcast; a >= 0, b >= 0 and 0 <= x <= 1, elsewhere
    nan.

    On the left of the mean a / (a + b) the integral is its integrand at x times a continued fraction; on the right
    it is 1 - I_{1-x}(b, a); next to an end with a pole, a power series. The integrand is written with the ratios of
    x and 1 - x to their means, so that no two large logarithms cancel. Values alone: no ball knows the derivatives
    in a and b. For 0.2 <= a, b <= 10^4 within 10 (1 + c) ulp, c being its condition number, the sum of those in a, b
    and x (of half of them 3 ulp); the fraction needs more steps where both are larger.

    Source: DiDonato and Morris (1992), Algorithm 708: Significant Digit Computation of the Incomplete Beta Function
    Ratios, ACM TOMS 18, 360-373, eq. 9; NIST Digital Library of Mathematical Functions, eq. 8.17.4.
    """
    a, b, x = np.broadcast_arrays(a, b, x)
    inside = (a > 0) & (a < np.inf) & (b > 0) & (b < np.inf) & (x > 0) & (x < 1)
    p, q, left = np.where(inside, a, 1), np.where(inside, b, 1), np.where(inside, x, 0.5)
    mirrored = p * (1 - left) < q * left
    tail = _below_mean(*_mirror(mirrored, p, q, left))
    swapped = p > q
    small, large, end, rest = _mirror(swapped, p, q, left)
    next_to_0 = (small < 1) & (end <= 0.5) & (large * end < 0.7)
    series = _next_to_0(
        np.minimum(small, 1), large, np.where(next_to_0, end, 0.5 / (large + 1)), np.where(next_to_0, rest, 0.5)
    )
    y = np.where(mirrored, 1 - tail, tail)
    y = np.where(next_to_0, np.where(swapped, 1 - series, series), y)
    # a point mass at 0 where a = 0 or b is infinite, at 1 where b = 0 or a is infinite
    at_0, at_1 = (a == 0) | (b == np.inf), (b == 0) | (a == np.inf)
    y = np.where((x == 0) | at_1, 0, np.where((x == 1) | at_0, 1, y))
    y = np.where(at_1 & (x == 1), 1, np.where(at_0 & (x == 0), 0, y))
    return np.where((a >= 0) & (b >= 0) & (x >= 0) & (x <= 1) & ~(at_0 & at_1), y, np.nan)


def betainc_cases(rng):
    yield Case("broadcast", (rng.uniform(0.5, 3, (3, 1, 1)), rng.uniform(0.5, 3, (4, 1)), rng.uniform(0.2, 0.8, 2)))
    yield Case("one-large", (rng.uniform(0.5, 0.9, 3), rng.uniform(40, 90, 3), rng.uniform(0.005, 0.02, 3)))
    p = rng.uniform(0.3, 0.6, size=5)
    yield Case("large-shapes", (1000 * p, 1000 - 1000 * p, p + 0.02 * rng.normal(size=5)))
    a = np.array([2.5, 2.5, 2.5, 1.5, np.nan, -1.0, 1.0, 1.0])
    b = np.array([1.5, 1.5, np.nan, 2.5, 1.5, 1.5, -1.0, 1.0])
    x = np.array([0.0, 1.0, 0.5, np.nan, 0.5, 0.5, 0.5, 1.5])
    yield Case("special", (a, b, x), {}, "special", np.array([0.0, 1.0, *[np.nan] * 6]))
    none, one, mean = np.array([0.0, 1.5, np.inf, 1.5, 0.0]), np.array([1.5, 0.0, 1.5, np.inf, 0.0]), np.full(5, 0.5)
    yield Case("point-masses", (none, one, mean), {}, "special", np.array([1.0, 0.0, 0.0, 1.0, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.ones(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (np.full(4, 2.5), np.full(3, 1.5), np.array(0.3)), {}, "refused")


def betainc_sized(rng, n):
    a, b = rng.uniform(0.5, 8, size=(2, max(n // 3, 1)))
    return Case("sized", (a, b, a / (a + b) * rng.uniform(0.7, 1.05, size=a.shape)))


def _mirror(where, a, b, x):
    """(a, b, x, 1 - x), or (b, a, 1 - x, x): I_x(a, b) = 1 - I_{1-x}(b, a)."""
    return np.where(where, b, a), np.where(where, a, b), np.where(where, 1 - x, x), np.where(where, x, 1 - x)


def _scaled_gamma(a):
    """Gamma(a) / (sqrt(2 pi / a) (a / e)^a), which is near 1 for large a."""
    small = np.minimum(a, STIRLING)
    rest, factor, inverse = split_gamma(small)
    direct = np.exp(rest + small) * np.sqrt(small / (2 * np.pi)) * (1 / small) ** small
    return np.where(
        a < STIRLING, direct * np.where(inverse, 1 / factor, factor), np.exp(stirling_rest(np.maximum(a, STIRLING)))
    )


def _power(a, ratio, mu):
    """ratio^a, where ratio = 1 + mu: by mu for large a, where the rounding of a ratio near 1 would be magnified."""
    direct = (a < STIRLING) | (mu < -0.5)
    by_mu = np.exp(np.where(direct, 1, a) * np.log1p(np.where(direct, 0, mu)))
    return np.where(direct, ratio ** np.where(direct, a, 1), by_mu)


def _density(a, b, x, y, behind):
    """x^a y^b / B(a, b), y = 1 - x and ``behind`` = a y - b x: how far a - (a + b) x lies from its mean, 0."""
    mu, nu = -behind / a, behind / b
    ratio, other = x / a * (a + b), y / b * (a + b)
    both = (a >= STIRLING) & (b >= STIRLING)
    together = np.exp(-a * deviation(ratio, mu) - b * deviation(other, nu))
    apart = _power(np.where(both, 1, a), ratio, mu) * _power(np.where(both, 1, b), other, nu)
    powers = np.where(both, together, apart)
    size = np.sqrt(a / (a + b) * b / (2 * np.pi))
    return powers * size * (_scaled_gamma(a + b) / _scaled_gamma(a) / _scaled_gamma(b))


def _below_mean(a, b, x, y):
    """I_x(a, b) for x <= a / (a + b) and y = 1 - x."""
    behind = np.maximum(a * y - b * x, 0)
    fraction = 0.0
    for n in range(_STEPS, 0, -1):
        share = x / (a + (2 * n - 1))
        step = n + n * (b - n) * share + (a + n) / (a + (2 * n + 1)) * (behind + 1 + n * (1 + y))
        fraction = (a + (n - 1)) * share * (a + b + (n - 1)) * share * (n * (b - n)) / (step + fraction)
    return _density(a, b, x, y, behind) / (a / (a + 1) * (behind + 1) + fraction)


def _next_to_0(a, b, x, y):
    """I_x(a, b) = x^a / B(a, b) (1/a + (1-b) x / (a+1) + (1-b) (2-b) x^2 / (2! (a+2)) + ...), for b x < 0.7."""
    total = 0.0
    for n in range(_TERMS, 0, -1):
        total = ((n - b) / n) * x * (1 / (a + n) + total)
    return _density(a, b, x, y, a * y - b * x) * np.exp(-b * np.log1p(-x)) * (1 / a + total)


OPS = [Op(betainc, betainc_cases, sized=betainc_sized, wrt=())]

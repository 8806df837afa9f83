"""The gamma function: its logarithm, and the first and second derivatives of that."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .cases import special

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
"""B_2, B_4, ..., B_20: the coefficients of Stirling's series. From |x| = 8 on they are enough for float64."""
STIRLING = 8.0
_EULER = 0.5772156649015329  # -digamma(1)
_HALF_LOG = 0.41893853320467274  # (log(2 pi) - 1) / 2

# (-1)^k (zeta(k) - 1) / k for k = 2, 3, ...
_ZETAS = (
    *(0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986),
    *(0.0028905103307415234, -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939),
    *(9.945751278180853e-05, -4.492623673813314e-05, 2.050721277567069e-05, -9.439488275268397e-06),
    *(4.374866789907488e-06, -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07),
    *(2.1207184805554665e-07, -1.0043224823968099e-07, 4.7698101693639804e-08, -2.2711094608943164e-08),
    *(1.0838659214896955e-08, -5.183475041970047e-09, 2.4836745438024785e-09, -1.1921401405860912e-09),
    *(5.731367241678862e-10, -2.7595228851242334e-10, 1.330476437424449e-10, -6.4229645638381e-11),
    *(3.1044247747322276e-11, -1.5021384080754142e-11, 7.275974480239079e-12, -3.527742476575915e-12),
    *(1.711991790559618e-12,),
)

# The root of digamma, in parts of which the first two are numbers of float32.
_ROOT = (1.4616321325302124, 1.2438146512749881e-08, 3.4261690281751265e-15)

_POLES = 8

# (-1)^k zeta(k + 2, root + 8) for k = 0, 1, ..., where zeta(s, a) = sum_j (a + j)^-s
_HURWITZ = (
    *(0.1114715296687027, -0.006206567310134401, 0.00046029285348419256, -3.836449522740076e-05),
    *(3.407354755145885e-06, -3.1492142798201686e-07, 2.9908491462872814e-08, -2.8968083119861357e-09),
    *(2.8475281328329784e-10, -2.8313966629776143e-11, 2.8411470088342766e-12, -2.8720544876249413e-13),
    *(2.9209663423427e-14, -2.9857477657244016e-15, 3.0649499861821192e-16, -3.157603293891156e-17),
    *(3.2630835913249093e-18, -3.381023905669774e-19, 3.5112543286228936e-20, -3.653760464616798e-21),
    *(3.808654248930291e-22, -3.976153231136067e-23),
)


def lgamma(x):
    """y = log |Gamma(x)|.

    Shapes: x any, y as x.

    From 8 on Stirling's series. Below, the recurrence Gamma(x + 1) = x Gamma(x) leads to the power series
    around 2, whose factor x - 2 keeps every digit at the root there; so does log x at the root 1. Left of 0
    the reflection Gamma(x) Gamma(1 - x) = pi / sin(pi x). For x > 0 within 6 ulp (of half of them 1).

    Source: NIST Digital Library of Mathematical Functions, eqs. 5.5.1, 5.5.3, 5.7.3 and 5.11.1; the poles are +inf
    as in ISO C (2011), section F.10.5.3.
    """
    left = x < 0
    right = _lgamma_right(np.where(left, 1 - x, x))
    # x (1 - x) has no part in it: |Gamma(x)| = pi / (|sin(pi x)| Gamma(1 - x)).
    turns = np.where(left, x - np.round(x), 0.5)
    reflected = np.log(np.pi / np.abs(np.sin(np.pi * turns))) - right
    return np.where(np.isinf(x), np.abs(x), np.where(left, reflected, right))


def lgamma_vjp(ybar, y, x):
    """xbar = ybar psi(x): digamma is by definition the derivative of log Gamma."""
    return (ybar * digamma(x),)


def lgamma_cases(rng):
    yield Case("scales", (np.concat([rng.uniform(0.05, 0.3, 2), rng.uniform(3, 9, 3), rng.uniform(50, 500, 2)]),))
    yield Case("near-roots", (np.array([[1.0], [2.0]]) + rng.uniform(-0.1, 0.1, size=(2, 3)),))
    yield Case("negative", (-np.arange(4.0) - rng.uniform(0.1, 0.4, size=4),))
    yield special(
        [np.inf, -np.inf, np.nan, 0.0, -0.0, -1.0, -30.0, 1.0, 2.0],
        [np.inf, np.inf, np.nan, np.inf, np.inf, np.inf, np.inf, 0.0, 0.0],
    )
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def gamma_sized(rng, n):
    return Case("sized", (rng.uniform(0.1, 20, size=n),))


def digamma(x):
    """y = psi(x) = d/dx log Gamma(x).

    Shapes: x any, y as x; in the unit of 1/x.

    From 8 on the derivative of Stirling's series; below, psi(x + 1) = psi(x) + 1/x leads to 1 <= x < 3. There
    psi(x) is x - r times a sum of positive terms 1 / ((x + j) (r + j)), r = 1.46163... being its positive root, so
    that no digit is lost around it. Left of 0 psi(x) = psi(1 - x) - pi / tan(pi x). For x > 0 within 4 ulp (of
    half of them 1).

    Source: Bernardo (1976), Algorithm AS 103: Psi (digamma) function, Applied Statistics 25, 315-317; NIST Digital
    Library of Mathematical Functions, eqs. 5.5.2, 5.5.4, 5.7.6 and 5.11.2.
    """
    left = x < 0
    turns = np.where(left, x - np.round(x), 0.5)
    # at a pole the limits from both sides differ: no number is right
    slope = np.where(turns == 0, np.nan, np.pi / np.tan(np.pi * turns))
    right = _digamma_right(np.where(left, 1 - x, np.where(x == 0, 1, x)))
    return np.where(x == 0, -1 / np.where(x == 0, x, 1), np.where(left, right - slope, right))


def digamma_vjp(ybar, y, x):
    """xbar = ybar psi'(x), the trigamma function."""
    return (ybar * trigamma(x),)


def digamma_cases(rng):
    yield Case("scales", (np.concat([rng.uniform(0.05, 0.3, 2), rng.uniform(3, 9, 3), rng.uniform(50, 500, 2)]),))
    yield Case("near-root", (1.4616321449683622 + 0.05 * rng.normal(size=(3, 8)),))
    yield Case("negative", (-np.arange(4.0) - rng.uniform(0.1, 0.4, size=4),))
    yield special([np.inf, np.nan, 0.0, -0.0, -1.0, -30.0], [np.inf, np.nan, -np.inf, np.inf, np.nan, np.nan])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def trigamma(x):
    """y = psi'(x) = sum_k 1 / (x + k)^2 = d^2/dx^2 log Gamma(x).

    Shapes: x any, y as x; in the unit of 1/x^2.

    The first eight terms of the sum, all positive, and the asymptotic series for the others. Left of 0
    psi'(x) = (pi / sin(pi x))^2 - psi'(1 - x). For x > 0 within 4 ulp (of half of them 1). It is asked values
    only: its derivative psi'' is none of the functions that balls know.

    Source: Schneider (1978), Algorithm AS 121: Trigamma function, Applied Statistics 27, 97-99; NIST Digital Library
    of Mathematical Functions, eqs. 5.15.1, 5.15.6 and 5.15.8.
    """
    left = x < 0
    turns = np.where(left, x - np.round(x), 0.5)
    root = np.pi / np.sin(np.pi * turns)
    right = _trigamma_right(np.where(left, 1 - x, x))
    return np.where(left, root * root - right, right)


def trigamma_cases(rng):
    yield Case("scales", (np.concat([rng.uniform(0.05, 0.3, 2), rng.uniform(3, 9, 3), rng.uniform(50, 500, 2)]),))
    yield Case("negative", (-np.arange(4.0) - rng.uniform(0.1, 0.4, size=4),))
    yield special([np.inf, np.nan, 0.0, -0.0, -1.0, -30.0], [0.0, np.nan, np.inf, np.inf, np.inf, np.inf])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def stirling_rest(x):
    """log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2 for x >= 8: sum_k B_2k / (2k (2k - 1) x^(2k-1))."""
    squared = 1 / (x * x)
    total = 0.0
    for k in range(len(BERNOULLI), 0, -1):
        total = total * squared + BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    return total / x


def horner(coefficients, x):
    """c_0 + c_1 x + c_2 x^2 + ..."""
    total = 0.0
    for c in reversed(coefficients):
        total = total * x + c
    return total


def split_gamma(x):
    """(r, f, inverse) with Gamma(x) = f exp(r), or exp(r) / f where ``inverse``, for 0 < x < 8.

    x = 2 + t + steps with -0.7 <= t < 1/2: exp(r) is Gamma(2 + t), and f is (x - 1) (x - 2) ..., or to the left
    x or x (x + 1).
    """
    x = np.minimum(x, STIRLING)
    steps = np.where(x < 1.5, np.floor(x - 1.3), np.floor(x - 1.5))
    t = x - (steps + 2)
    factor = np.where(steps < -1, x * (1 + x), np.where(steps < 0, x, 1))
    for k in range(1, 7):
        factor = factor * np.where(k <= steps, x - k, 1)
    return t * (1 - _EULER + t * horner(_ZETAS, t)), factor, steps < 0


def _lgamma_right(x):
    big = np.maximum(x, STIRLING)
    far = (big - 0.5) * (np.log(big) - 1) + (_HALF_LOG + stirling_rest(big))
    rest, factor, inverse = split_gamma(x)
    steps = np.log(factor)
    return np.where(x >= STIRLING, far, rest + np.where(inverse, -steps, steps))


def _digamma_right(x):
    big = np.maximum(x, STIRLING)
    squared = 1 / (big * big)
    far = np.log(big) - (0.5 / big + squared * horner([b / (2 * k + 2) for k, b in enumerate(BERNOULLI)], squared))
    # x = z + steps with 1 <= z < 3
    near = np.minimum(x, STIRLING)
    steps = np.where(near < 1, -1, np.maximum(np.floor(near) - 2, 0))
    z = near - steps
    beyond = (z - _ROOT[0]) - _ROOT[1] - _ROOT[2]
    slope = horner(_HURWITZ, beyond)
    for j in reversed(range(_POLES)):
        slope = slope + 1 / ((z + j) * (sum(_ROOT) + j))
    total = beyond * slope
    for k in range(1, 6):
        total = total + np.where(k <= steps, 1 / np.where(k <= steps, near - k, 1), 0)
    total = np.where(steps < 0, total - 1 / near, total)
    return np.where(x >= STIRLING, far, total)


def _trigamma_right(x):
    first = np.where(x < STIRLING, x, 1)
    z = np.where(x < STIRLING, first + STIRLING, x)
    squared = 1 / (z * z)
    total = (1 + 0.5 / z + squared * horner(BERNOULLI, squared)) / z
    for k in reversed(range(int(STIRLING))):
        total = total + np.where(x < STIRLING, 1 / (first + k) / (first + k), 0)
    return total


OPS = [
    Op(lgamma, lgamma_cases, lgamma_vjp, gamma_sized),
    Op(digamma, digamma_cases, digamma_vjp, gamma_sized),
    Op(trigamma, trigamma_cases, sized=gamma_sized, wrt=()),
]

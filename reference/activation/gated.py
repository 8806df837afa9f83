"""Smooth gates: the input times a curve from 0 to 1."""

from __future__ import annotations

import numpy as np

from ..elementwise.special import erfc
from ..op import Case, Op
from .data import LIMITS, REALS, _sized, both_signs, minus_distance, ordinary_cases, require_known
from .sigmoidal import sigmoid


def silu(x):
    """y = x sigmoid(x) = x / (1 + exp(-x)).

    Shapes: x any, y as x.

    For negative x it is x exp(x) / (1 + exp(x)), and x is multiplied by exp(x/2) twice: exp(x) alone would be
    subnormal, and short of digits, before x exp(x) is.

    Source: Elfwing, Uchibe and Doya (2018), Sigmoid-weighted linear units, Neural Networks 107, section 2.
    """
    half = np.exp(minus_distance(x) / 2)
    factor = np.where(x >= 0, 1, half)
    return _finite_below(x) * factor * factor / (1 + half * half)


def silu_vjp(ybar, y, x):
    """xbar = ybar (s(x) + y s(-x)), s the sigmoid: the product rule on y = x s(x), with s'(x) = s(x) s(-x)."""
    return (ybar * (sigmoid(x) + y * sigmoid(-x)),)


def silu_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("saturated", (both_signs(rng, 5, 9, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0]))


def gelu(x, *, approximate):
    """y = x Phi(x) = x erfc(-x / sqrt 2) / 2, Phi the normal distribution function; "tanh": its approximation.

    Shapes: x any, y as x.

    For negative x, 1 + erf(x / sqrt 2) would cancel and erfc(-x / sqrt 2) does not. For the same reason
    approximate="tanh", which is x (1 + tanh u) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), is
    computed as x sigmoid(2u). approximate="none" is exact.

    Raises ValueError when approximate is neither "none" nor "tanh".

    Source: Hendrycks and Gimpel (2016), Gaussian Error Linear Units, section 2.
    """
    require_known("approximate", approximate, ("none", "tanh"))
    if approximate == "tanh":
        return _finite_below(x) * sigmoid(_twice_u(x))
    return _finite_below(x) * _normal_cdf(x)


def gelu_vjp(ybar, y, x, *, approximate):
    """xbar = ybar (Phi(x) + x phi(x)), phi(x) = exp(-x^2/2) / sqrt(2 pi) the normal density.

    The approximation is x s(v) with v = 2u, and has the slope s(v) + x s(v) s(-v) v'.
    """
    if approximate == "tanh":
        v = _twice_u(x)
        slope = np.sqrt(np.full_like(x, 8) / np.pi) * (1 + 3 * (0.044715 * x * x))
        return (ybar * (sigmoid(v) + x * sigmoid(v) * sigmoid(-v) * slope),)
    density = np.exp(-x * x / 2) / np.sqrt(np.full_like(x, 2) * np.pi)
    return (ybar * (_normal_cdf(x) + x * density),)


def gelu_cases(rng):
    for approximate in ("none", "tanh"):
        params = {"approximate": approximate}
        for case in ordinary_cases(rng):
            yield Case(f"{approximate}-{case.label}", case.args, params, case.kind, case.answer)
        yield Case(f"{approximate}-tails", (both_signs(rng, 2, 4, 7),), params)
        limits = np.array([np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0])
        yield Case(f"{approximate}-limits", (LIMITS,), params, "special", limits)
    yield Case("no-such-approximation", (rng.normal(size=3),), {"approximate": "sigmoid"}, "refused")


def gelu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"approximate": "none"})


def _finite_below(x):
    """x, and -1 for -inf, where a factor is 0 that vanishes faster than x grows: -1 times 0 has a value."""
    return np.where(x == -np.inf, -1, x)


def _normal_cdf(x):
    return erfc(-x / np.sqrt(np.full_like(x, 2))) / 2


def _twice_u(x):
    """2 sqrt(2/pi) (x + 0.044715 x^3)."""
    return np.sqrt(np.full_like(x, 8) / np.pi) * x * (1 + 0.044715 * x * x)


OPS = [
    Op(silu, silu_cases, silu_vjp, _sized, half=True, domain=REALS),
    Op(gelu, gelu_cases, gelu_vjp, gelu_sized, half=True, domain=REALS),
]

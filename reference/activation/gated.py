"""Smooth gates: the input times a curve from 0 to 1."""

from __future__ import annotations

import numpy as np

from ..elementwise.special import erfc
from ..op import Case, Op
from .data import LIMITS, REALS, _sized, both_signs, curve_cases, minus_distance, ordinary_cases, require_known
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


def silu_hvp(ybar, dots, y, x):
    """d xbar = ybar s(x) s(-x) (2 - x tanh(x / 2)) xdot: twice the gate's slope, and x times its second derivative."""
    (xdot,) = dots
    return (ybar * xdot * sigmoid(x) * sigmoid(-x) * (2 - x * np.tanh(x / 2)),)


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


def gelu_hvp(ybar, dots, y, x, *, approximate):
    """d xbar = ybar phi(x) (2 - x^2) xdot: twice the gate's slope, and x times that of the density, -x phi(x).

    The gate s(v) of the approximation has the first derivative s(v) s(-v) v' and the second one
    s(v) s(-v) (v'' - tanh(v/2) v'^2).
    """
    (xdot,) = dots
    if approximate == "tanh":
        v = _twice_u(x)
        scale = np.sqrt(np.full_like(x, 8) / np.pi)
        slope, bend = scale * (1 + 3 * (0.044715 * x * x)), scale * (6 * (0.044715 * x))
        curve = 2 * slope + x * (bend - np.tanh(v / 2) * slope * slope)
        return (ybar * xdot * sigmoid(v) * sigmoid(-v) * curve,)
    density = np.exp(-x * x / 2) / np.sqrt(np.full_like(x, 2) * np.pi)
    return (ybar * xdot * density * (2 - x * x),)


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


def mish(x):
    """y = x tanh(log(1 + exp(x))).

    Shapes: x any, y as x.

    tanh(log u) = (u^2 - 1) / (u^2 + 1), so with e = exp(-|x|) the gate is w = (1 + 2e) / (1 + 2e + 2e^2) for x >= 0 and
    e (2 + e) / (2 + 2e + e^2) for x < 0. There x is multiplied by exp(x/2) twice, as in silu.

    Source: Misra (2020), Mish: a self regularized non-monotonic activation function, section 3.
    """
    half = np.exp(minus_distance(x) / 2)
    e = half * half
    factor = np.where(x >= 0, 1, half)
    return _finite_below(x) * factor * factor * np.where(x >= 0, 1 + 2 * e, 2 + e) / _mish_denominator(x, e)


def mish_vjp(ybar, y, x):
    """xbar = ybar (w + x w'), with the slope of the gate w' = (1 - w^2) s(x), s the sigmoid.

    In e = exp(-|x|) it is 4 e (1 + e) / q^2 for x < 0 and 4 e^2 (1 + e) / q^2 for x >= 0, q the denominator of w.
    """
    e = np.exp(minus_distance(x))
    q = _mish_denominator(x, e)
    gate = np.where(x >= 0, 1 + 2 * e, e * (2 + e)) / q
    return (ybar * (gate + x * 4 * np.where(x >= 0, e * e, e) * (1 + e) / (q * q)),)


def _mish_denominator(x, e):
    return np.where(x >= 0, 1 + 2 * e + 2 * e * e, 2 + 2 * e + e * e)


def mish_hvp(ybar, dots, y, x):
    """d xbar = ybar (2 w' + x w'') xdot, and w'' = w' (s(-x) - 2 w s(x)): of w' = (1 - w^2) s both factors move."""
    (xdot,) = dots
    e = np.exp(minus_distance(x))
    q = _mish_denominator(x, e)
    gate = np.where(x >= 0, 1 + 2 * e, e * (2 + e)) / q
    slope = 4 * np.where(x >= 0, e * e, e) * (1 + e) / (q * q)
    return (ybar * xdot * slope * (2 + x * (sigmoid(-x) - 2 * gate * sigmoid(x))),)


def mish_cases(rng):
    yield from curve_cases(rng, [np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0])


def glu(x, *, axis):
    """y = a sigmoid(b), a and b the two halves of x along ``axis``.

    Shapes: x any with 2n elements along ``axis``, y as x with n there.

    Raises ValueError when their number is odd.

    Source: Dauphin, Fan, Auli and Grangier (2017), Language modeling with gated convolutional networks, eq. 1.
    """
    a, b = _halves(x, axis)
    return a * sigmoid(b)


def glu_vjp(ybar, y, x, *, axis):
    """abar = ybar s(b) and bbar = ybar a s(b) s(-b), s the sigmoid, one behind the other."""
    a, b = _halves(x, axis)
    return (np.concat([ybar * sigmoid(b), ybar * a * sigmoid(b) * sigmoid(-b)], axis=axis),)


def _halves(x, axis):
    if x.shape[axis] % 2:
        raise ValueError(f"x has shape {x.shape}, expected an even number along axis {axis}")
    return np.split(x, 2, axis=axis)


def glu_hvp(ybar, dots, y, x, *, axis):
    """d abar = ybar s(b) s(-b) bdot, d bbar = ybar s(b) s(-b) (adot - a tanh(b / 2) bdot), one behind the other."""
    (xdot,) = dots
    (a, b), (adot, bdot) = _halves(x, axis), _halves(xdot, axis)
    slope = ybar * sigmoid(b) * sigmoid(-b)
    return (np.concat([slope * bdot, slope * (adot - a * np.tanh(b / 2) * bdot)], axis=axis),)


def glu_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 4)),), {"axis": -1})
    yield Case("channels", (3 * rng.normal(size=(2, 6, 3)),), {"axis": 1})
    x = np.array([np.inf, 2.0, np.nan, 0.0, -3.0, 0.0, -1000.0, 0.0, np.inf, 1000.0])
    yield Case("limits", (x,), {"axis": 0}, "special", np.array([np.inf, 0.0, np.nan, 0.0, -3.0]))
    yield Case("odd", (rng.normal(size=(4, 3)),), {"axis": -1}, "refused")


def glu_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1})


def swiglu(x, gate):
    """y = x silu(gate) = x gate sigmoid(gate).

    Shapes: x and gate of one shape, y as they; two linear layers of one input.

    Raises ValueError when the shapes differ.

    Source: Shazeer (2020), GLU variants improve transformer, section 2, eq. 5.
    """
    if x.shape != gate.shape:
        raise ValueError(f"gate has shape {gate.shape}, expected {x.shape}, that of x")
    return x * silu(gate)


def swiglu_vjp(ybar, y, x, gate):
    """xbar = ybar silu(gate) and gatebar = ybar x silu'(gate)."""
    return ybar * silu(gate), *silu_vjp(ybar * x, silu(gate), gate)


def swiglu_hvp(ybar, dots, y, x, gate):
    """d xbar = ybar silu'(gate) gatedot, d gatebar = ybar (silu'(gate) xdot + x silu''(gate) gatedot)."""
    xdot, gatedot = dots
    value = silu(gate)
    (xbar,), (slope,) = (silu_vjp(ybar * dot, value, gate) for dot in (gatedot, xdot))
    return xbar, slope + silu_hvp(ybar * x, (gatedot,), value, gate)[0]


def swiglu_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)), both_signs(rng, 0.1, 2.9, 15).reshape(3, 5)))
    yield Case("vector", (10 * rng.normal(size=7), both_signs(rng, 0.1, 0.9, 7)))
    x, gate = np.array([2.0, np.nan, np.inf, 0.5]), np.array([-np.inf, 1.0, 0.5, 1000.0])
    yield Case("limits", (x, gate), {}, "special", np.array([0.0, np.nan, np.inf, 500.0]))
    yield Case("shapes-differ", (rng.normal(size=(2, 3)), rng.normal(size=3)), {}, "refused")


def swiglu_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.normal(size=n // 2)))


OPS = [
    Op(silu, silu_cases, silu_vjp, _sized, half=True, domain=REALS, hvp=silu_hvp),
    Op(gelu, gelu_cases, gelu_vjp, gelu_sized, half=True, domain=REALS, hvp=gelu_hvp),
    Op(mish, mish_cases, mish_vjp, _sized, half=True, domain=REALS, hvp=mish_hvp),
    Op(glu, glu_cases, glu_vjp, glu_sized, hvp=glu_hvp),
    Op(swiglu, swiglu_cases, swiglu_vjp, swiglu_sized, hvp=swiglu_hvp),
]

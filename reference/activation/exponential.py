"""Rectifiers that bend into an exponential on the negative side."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import REALS, _sized, both_signs, curve_cases


def elu(x, *, alpha):
    """y = x where x > 0, and alpha (exp(x) - 1) elsewhere.

    Shapes: x any, y as x.

    expm1 keeps the digits of a small x, which exp(x) - 1 cancels.

    Source: Clevert, Unterthiner and Hochreiter (2016), Exponential linear units, section 3, eq. 15.
    """
    return np.where(x > 0, x, alpha * np.expm1(_negative(x)))


def elu_vjp(ybar, y, x, *, alpha):
    """xbar = ybar where x > 0, else ybar alpha exp(x); a kink at 0 unless alpha is 1."""
    return (np.where(x > 0, ybar, ybar * alpha * np.exp(_negative(x))),)


def elu_hvp(ybar, dots, y, x, *, alpha):
    """d xbar = ybar alpha exp(x) xdot on the left, where the slope is its own derivative; the line has none."""
    (xdot,) = dots
    return (np.where(x > 0, 0, ybar * xdot * alpha * np.exp(_negative(x))),)


def elu_cases(rng):
    yield from curve_cases(rng, [np.inf, -0.75, np.nan, 0.0, 0.0, 1000.0, -0.75], alpha=0.75)
    yield Case("small", (1e-3 * both_signs(rng, 0.5, 2, 5),), {"alpha": 1.5}, half=False)
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0]),), {"alpha": 1.5}, "kink")


def elu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"alpha": 1.5})


def selu(x):
    """y = scale x where x > 0, and scale alpha (exp(x) - 1) elsewhere.

    Shapes: x any, y as x.

    alpha = 1.6733 and scale = 1.0507 are such that standard normal inputs give results of mean 0 and variance 1:

    alpha = sqrt(2/pi) / (1 - r), with r = erfc(1/sqrt 2) sqrt(e);
    scale = (1 - r) sqrt(2 pi) / sqrt(2 erfc(sqrt 2) e^2 + pi r^2 - 2 (2 + pi) r + pi + 2).

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-normalizing neural networks, section 2, eq. 14.
    """
    alpha, scale = _self_normalizing(x)
    return scale * np.where(x > 0, x, alpha * np.expm1(_negative(x)))


def selu_vjp(ybar, y, x):
    """xbar = scale ybar where x > 0, else scale alpha exp(x) ybar; a kink at 0."""
    alpha, scale = _self_normalizing(x)
    return (scale * ybar * np.where(x > 0, 1, alpha * np.exp(_negative(x))),)


def _self_normalizing(x):
    """The two constants to 19 digits: in few bits the closed forms would cancel."""
    return (np.full_like(x, digits, shape=(1,)) / 10**18 for digits in (1673263242354377285, 1050700987355480493))


def selu_hvp(ybar, dots, y, x):
    """d xbar = scale alpha exp(x) ybar xdot on the left, 0 on the right."""
    (xdot,) = dots
    alpha, scale = _self_normalizing(x)
    return (np.where(x > 0, 0, scale * alpha * ybar * xdot * np.exp(_negative(x))),)


def selu_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 2.9, 9),))
    yield Case("tails", (np.reshape(both_signs(rng, 5, 9, 6), (2, 3)),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0]),), {}, "kink")
    ends = np.array([np.inf, np.nan, 0.0, -0.0])
    yield Case("limits", (ends,), {}, "special", np.array([np.inf, np.nan, 0.0, -0.0]))


def celu(x, *, alpha):
    """y = x where x > 0, and alpha (exp(x / alpha) - 1) elsewhere.

    Shapes: x any, y as x; alpha > 0 is a number in its unit.

    With the argument divided by alpha the slope is 1 on both sides of 0, whatever alpha.

    Source: Barron (2017), Continuously differentiable exponential linear units, eq. 2.
    """
    return np.where(x > 0, x, alpha * np.expm1(_negative(x) / alpha))


def celu_vjp(ybar, y, x, *, alpha):
    """xbar = ybar where x > 0, else ybar exp(x / alpha)."""
    return (np.where(x > 0, ybar, ybar * np.exp(_negative(x) / alpha)),)


def celu_hvp(ybar, dots, y, x, *, alpha):
    """d xbar = ybar exp(x / alpha) xdot / alpha on the left, 0 on the right; at 0, where the slope is 1, it jumps."""
    (xdot,) = dots
    return (np.where(x > 0, 0, ybar * xdot * np.exp(_negative(x) / alpha) / alpha),)


def celu_cases(rng):
    yield from curve_cases(rng, [np.inf, -0.75, np.nan, 0.0, 0.0, 1000.0, -0.75], alpha=0.75)
    yield Case("small", (1e-3 * both_signs(rng, 0.5, 2, 5),), {"alpha": 1.5}, half=False)
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0]),), {"alpha": 1.5}, "kink")


def celu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"alpha": 1.5})


def _negative(x):
    """x where it is not positive: what is not chosen must not overflow."""
    return np.where(x > 0, 0, x)


OPS = [
    Op(elu, elu_cases, elu_vjp, elu_sized, half=True, domain=REALS, hvp=elu_hvp),
    Op(selu, selu_cases, selu_vjp, _sized, half=True, domain=REALS, hvp=selu_hvp),
    Op(celu, celu_cases, celu_vjp, celu_sized, half=True, domain=REALS, hvp=celu_hvp),
]

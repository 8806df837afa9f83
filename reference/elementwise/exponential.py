"""Exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, positive_cases, positive_sized, sized, special


def exp(x):
    """y = e^x.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.2(iii).
    """
    return np.exp(x)


def exp_vjp(ybar, y, x):
    """xbar = ybar y: the exponential is its own derivative."""
    return (ybar * y,)


def exp_hvp(ybar, dots, y, x):
    """xbardot = ybar y xdot: xbar = ybar y, and y moves by y xdot."""
    return (ybar * y * dots[0],)


def exp_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("large", (both_signs(rng, 5, 9, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0], [np.inf, 0.0, np.nan, 1.0, 1.0, np.inf, 0.0])


def log(x):
    """y = log x, the natural logarithm.

    Shapes: x any, y as x.

    Source: NIST Digital Library of Mathematical Functions, section 4.2(ii).
    """
    return np.log(x)


def log_vjp(ybar, y, x):
    """xbar = ybar / x."""
    return (ybar / x,)


def log_hvp(ybar, dots, y, x):
    """xbardot = -ybar xdot / x^2, the derivative of ybar / x."""
    return (-(ybar / x) * (dots[0] / x),)


def log_cases(rng):
    yield from positive_cases(rng)
    yield Case("near-one", (1 + 0.1 * rng.uniform(0.3, 1, size=5),))
    yield special([np.inf, 0.0, -0.0, -1.0, -np.inf, np.nan, 1.0], [np.inf, -np.inf, -np.inf, *[np.nan] * 3, 0.0])


def log1p(x):
    """y = log(1 + x).

    Shapes: x any, y as x.

    1 + x rounds a small x away: below half an ulp of 1 it is 1, whose logarithm is 0, where y is nearly x.

    Source: ISO C (2011), section 7.12.6.9, and F.10.3.9 for its limits.
    """
    return np.log1p(x)


def log1p_vjp(ybar, y, x):
    """xbar = ybar / (1 + x)."""
    return (ybar / (1 + x),)


def log1p_cases(rng):
    yield Case("vector", (np.concat([rng.uniform(-0.9, 0.9, size=4), rng.uniform(2, 300, size=3)]),))
    yield Case("small", (both_signs(rng, 1, 9, 6) * 10.0 ** -np.arange(3, 15, 2),), half=False)
    yield Case("near-minus-one", (rng.uniform(-0.999, -0.99, size=(2, 3)),), half=False)
    yield special(
        [np.inf, -1.0, -1.5, -np.inf, np.nan, 0.0, -0.0], [np.inf, -np.inf, np.nan, np.nan, np.nan, 0.0, -0.0]
    )
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def expm1(x):
    """y = e^x - 1.

    Shapes: x any, y as x.

    The subtraction would lose of a small x all but the digits that e^x has behind its leading 1.

    Source: ISO C (2011), section 7.12.6.3, and F.10.3.3 for its limits.
    """
    return np.expm1(x)


def expm1_vjp(ybar, y, x):
    """xbar = ybar e^x, which is not formed as y + 1: far on the left that would be 0."""
    return (ybar * np.exp(x),)


def expm1_cases(rng):
    yield Case("vector", (np.concat([both_signs(rng, 0.1, 1.5, 6), rng.uniform(3, 9, size=2)]),))
    yield Case("small", (both_signs(rng, 1, 9, 6) * 10.0 ** -np.arange(3, 15, 2),), half=False)
    yield Case("far-left", (-rng.uniform(7, 12, size=(2, 3)),), half=False)
    yield special(
        [np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0], [np.inf, -1.0, np.nan, 0.0, -0.0, np.inf, -1.0]
    )
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def log1mexp(x):
    """y = log(1 - e^-x), of positive x.

    Shapes: x any, y as x; in nats, where x is the negative of the logarithm of a probability.

    For small x the digits are in the difference, which is expm1; for large x they are in the exponential, and log1p
    keeps them. The two are equally good at x = log 2, and nearly so at 0.6875.

    Source: Maechler (2012), Accurately computing log(1 - exp(-|a|)), vignette of the R package Rmpfr, section 2, eq. 7.
    """
    return np.where(x < 0.6875, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


def log1mexp_vjp(ybar, y, x):
    """xbar = ybar e^-x / (1 - e^-x)."""
    return (ybar * np.exp(-x) / -np.expm1(-x),)


def log1mexp_cases(rng):
    yield Case("vector", (np.concat([rng.uniform(0.1, 0.6, 4), rng.uniform(0.8, 3, 3)]),))
    yield Case(
        "small-and-large",
        (np.stack([10.0 ** -np.arange(3, 13, 3), [6, 9, 12, 20]]) * rng.uniform(1, 1.5, 4),),
        half=False,
    )
    yield special([np.inf, 0.0, -1.0, np.nan, 1000.0], [0.0, -np.inf, np.nan, np.nan, 0.0])


def logaddexp(x, y):
    """z = log(e^x + e^y).

    Shapes: x and y any that broadcast together, z as their broadcast; in nats.

    The larger of the two is taken out, so that nothing overflows: z = max + log(1 + e^-|x - y|).

    Source: Python array API standard, logaddexp; Bishop (2006), Pattern Recognition and Machine Learning,
    section 4.2, eq. 4.62 for the derivative.
    """
    larger = np.maximum(x, y)
    return np.where(np.isfinite(larger), larger + np.log1p(np.exp(-np.abs(x - y))), larger)


def logaddexp_vjp(zbar, z, x, y):
    """xbar = zbar e^x / (e^x + e^y), ybar = zbar e^y / (e^x + e^y): of the pair the smaller share is formed as such."""
    ratio = np.exp(-np.abs(x - y))  # of the smaller term to the larger
    larger, smaller = zbar / (1 + ratio), zbar * ratio / (1 + ratio)
    return (
        unbroadcast(np.where(x > y, larger, smaller), x.shape),
        unbroadcast(np.where(x > y, smaller, larger), y.shape),
    )


def logaddexp_cases(rng):
    yield Case("broadcast", (rng.uniform(-1, 1, size=(3, 1)), rng.uniform(-1, 1, size=(4,))))
    yield Case("far-apart", (both_signs(rng, 20, 30, 5), rng.normal(size=5)))
    x = rng.uniform(1000, 1003, size=6)
    yield Case("beyond-exp", (x, x + both_signs(rng, 6, 9, 6)))
    x = np.array([np.inf, np.inf, -np.inf, -np.inf, np.nan, 2.0, np.inf])
    y = np.array([np.inf, 1.0, -np.inf, 1.5, 1.0, np.nan, -np.inf])
    z = np.array([np.inf, np.inf, -np.inf, 1.5, np.nan, np.nan, np.inf])
    yield Case("special", (x, y), {}, "special", z)
    yield Case("shapes-differ", (rng.normal(size=4), rng.normal(size=3)), {}, "refused")


def logaddexp_sized(rng, n):
    return Case("sized", (3 * rng.normal(size=n // 2), 3 * rng.normal(size=n // 2)))


OPS = [
    Op(exp, exp_cases, exp_vjp, sized, half=True, domain=REALS, hvp=exp_hvp),
    Op(expm1, expm1_cases, expm1_vjp, sized, half=True),
    Op(log, log_cases, log_vjp, positive_sized, half=True, domain=(0.0, np.inf), hvp=log_hvp),
    Op(log1p, log1p_cases, log1p_vjp, positive_sized, half=True, domain=(-1.0, np.inf)),
    Op(log1mexp, log1mexp_cases, log1mexp_vjp, positive_sized, half=True, domain=(0.0, np.inf)),
    Op(logaddexp, logaddexp_cases, logaddexp_vjp, logaddexp_sized),
]

"""Powers, roots and magnitudes."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, positive_cases, positive_sized, sized, special


def sqrt(x):
    """y = x^(1/2), the root that is not negative.

    Shapes: x any, y as x.

    Source: IEEE 754-2019, section 5.4.1, which demands the correctly rounded root, and -0 for -0.
    """
    return np.sqrt(x)


def sqrt_vjp(ybar, y, x):
    """xbar = ybar / (2 y), from 2 y ydot = xdot."""
    return (ybar / (2 * y),)


def sqrt_cases(rng):
    yield from positive_cases(rng)
    yield special([np.inf, 0.0, -0.0, -1.0, -np.inf, np.nan, 9.0], [np.inf, 0.0, -0.0, *[np.nan] * 3, 3.0])


def square(x):
    """y = x^2.

    Shapes: x any, y as x.

    Source: Python array API standard, square.
    """
    return x * x


def square_vjp(ybar, y, x):
    """xbar = 2 x ybar."""
    return (2 * x * ybar,)


def square_hvp(ybar, dots, y, x):
    """xbardot = 2 xdot ybar: xbar is linear in x."""
    (xdot,) = dots
    return (2 * xdot * ybar,)


def square_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("large", (both_signs(rng, 30, 200, 5),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, -3.0], [np.inf, np.inf, np.nan, 0.0, 0.0, 9.0])


def absolute(x):
    """y = |x|.

    Shapes: x any, y as x.

    Source: Python array API standard, abs.
    """
    return np.abs(x)


def absolute_vjp(ybar, y, x):
    """xbar = ybar sign(x), which is 0 at the kink: the middle of the subgradients [-ybar, ybar]."""
    return (ybar * np.sign(x),)


def absolute_cases(rng):
    yield Case("vector", (rng.normal(size=7),))
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("scalar", (np.array(rng.normal()),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),), {}, "kink")
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, -3.0], [np.inf, np.inf, np.nan, 0.0, 0.0, 3.0])


def reciprocal(x):
    """y = 1 / x.

    Shapes: x any, y as x; in the unit of 1/x.

    Source: IEEE 754-2019, section 5.4.1, which demands the correctly rounded quotient, and section 7.3 for 1/0.
    """
    return 1 / x


def reciprocal_vjp(ybar, y, x):
    """xbar = -ybar y^2."""
    return (-ybar * y * y,)


def reciprocal_cases(rng):
    yield Case("vector", (both_signs(rng, 0.2, 9, 7),))
    yield Case("matrix", (rng.normal(size=(2, 3)) * 10.0 ** np.array([[-3], [3]]),), half=False)
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, -4.0], [0.0, -0.0, np.nan, np.inf, -np.inf, -0.25])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def rsqrt(x):
    """y = x^(-1/2).

    Shapes: x any, y as x.

    Source: IEEE 754-2019, section 9.2, rSqrt, which gives -inf for -0 as 1/x does.
    """
    return 1 / np.sqrt(x)


def rsqrt_vjp(ybar, y, x):
    """xbar = -ybar y / (2 x), from y^2 x = 1."""
    return (-ybar * y / (2 * x),)


def rsqrt_cases(rng):
    yield Case(
        "vector", (np.concat([rng.uniform(0.01, 0.1, size=3), rng.uniform(0.5, 3, 3), rng.uniform(100, 900, 3)]),)
    )
    yield Case("matrix", (rng.uniform(0.2, 5, size=(2, 3)),))
    yield special([np.inf, 0.0, -0.0, -1.0, -np.inf, np.nan, 16.0], [0.0, np.inf, -np.inf, *[np.nan] * 3, 0.25])
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def power(x, p):
    """y = x^p.

    Shapes: x and p any that broadcast together, y as their broadcast.

    1 to any power and anything to the power 0 is 1, even where the other is nan: so it is for every number in its
    place. Powers of negative x are numbers for whole p only.

    Source: IEEE 754-2019, section 9.2.1, pow; ISO C (2011), section F.10.4.4.
    """
    return np.power(x, p)


def power_vjp(ybar, y, x, p):
    """xbar = ybar p x^(p-1), pbar = ybar y log x, from y = e^(p log x): 0 where y is 0, which decides at x = 0."""
    pbar = ybar * y * np.log(np.where(y == 0, 1, x))
    return unbroadcast(ybar * p * np.power(x, p - 1), x.shape), unbroadcast(pbar, p.shape)


def power_hvp(ybar, dots, y, x, p):
    """xbardot = ybar (p (p - 1) x^(p-2) xdot + m pdot) and pbardot = ybar (m xdot + y log(x)^2 pdot).

    m = x^(p-1) (1 + p log x) is the mixed derivative: that of p x^(p-1) to p, and that of x^p log x to x.
    """
    xdot, pdot = dots
    log_x = np.log(np.where(y == 0, 1, x))
    mixed = np.power(x, p - 1) * (1 + p * log_x)
    xbardot = ybar * (p * (p - 1) * np.power(x, p - 2) * xdot + mixed * pdot)
    return unbroadcast(xbardot, x.shape), unbroadcast(ybar * (mixed * xdot + y * log_x * log_x * pdot), p.shape)


def power_cases(rng):
    yield Case("pairs", (rng.uniform(0.3, 4, size=7), both_signs(rng, 0.4, 3, 7)))
    yield Case("broadcast", (rng.uniform(0.3, 4, size=(3, 1)), rng.uniform(-2, 2, size=(2, 1, 4))))
    yield Case("large", (rng.uniform(5, 20, size=4), rng.uniform(3, 5, size=4)))
    x = np.array([1, 1, np.nan, np.nan, 0.0, -0.0, 0.0, -0.0, -0.0, -1, -1, 0.5, 0.5, 2, 2, -8, -np.inf, -np.inf, 0, 2])
    p = np.array([np.nan, np.inf, 0, -0.0, -3, -3, 3, 3, 2, np.inf, -np.inf, np.inf, -np.inf, np.inf, -np.inf, 0.5])
    p = np.concat([p, [3, -3, np.nan, np.nan]])
    y = np.array([1, 1, 1, 1, np.inf, -np.inf, 0, -0.0, 0, 1, 1, 0, np.inf, np.inf, 0, np.nan, -np.inf, -0.0])
    yield Case("special", (x, p), {}, "special", np.concat([y, [np.nan, np.nan]]))
    yield Case(
        "whole",
        (np.array([-2.0, -3.0, 10.0, -0.5]), np.array([3.0, 2.0, 5.0, -3.0])),
        {},
        "special",
        np.array([-8.0, 9.0, 1e5, -8.0]),
    )
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def power_sized(rng, n):
    return Case("sized", (rng.uniform(0.3, 4, size=n // 2), rng.uniform(-2, 2, size=n // 2)))


OPS = [
    Op(sqrt, sqrt_cases, sqrt_vjp, positive_sized, half=True, domain=(0.0, np.inf)),
    Op(rsqrt, rsqrt_cases, rsqrt_vjp, positive_sized, half=True, domain=(0.0, np.inf)),
    Op(square, square_cases, square_vjp, sized, half=True, domain=REALS, hvp=square_hvp),
    Op(reciprocal, reciprocal_cases, reciprocal_vjp, positive_sized, half=True),
    Op(power, power_cases, power_vjp, power_sized, hvp=power_hvp),
    Op(absolute, absolute_cases, absolute_vjp, sized, half=True, domain=REALS),
]

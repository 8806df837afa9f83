"""Products and quotients, and how far one number is from another."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .cases import both_signs


def multiply(x, y):
    """z = x y, element by element.

    Shapes: x and y any that broadcast together, z as their broadcast.

    The product rule: z moves by y xdot + x ydot, each factor weighted with the other one.

    Source: Python array API standard, multiply; IEEE 754-2019, section 5.4.1.
    """
    return x * y


def multiply_vjp(zbar, z, x, y):
    """xbar = zbar y and ybar = zbar x, summed where an argument was repeated."""
    return unbroadcast(zbar * y, x.shape), unbroadcast(zbar * x, y.shape)


def multiply_cases(rng):
    yield Case("broadcast", (rng.normal(size=(3, 1)), rng.normal(size=(2, 1, 4))))
    yield Case("scales", (both_signs(rng, 1, 9, 5) * 10.0 ** np.array([-9, 9, 3, 0, -3]), rng.normal(size=5)))
    x, y = np.array([np.inf, np.inf, np.nan, -0.0, -2.0]), np.array([-3.0, 0.0, 0.0, 5.0, -4.0])
    yield Case("special", (x, y), {}, "special", np.array([-np.inf, np.nan, np.nan, -0.0, 8.0]))
    yield Case("nothing", (np.zeros((0, 3)), rng.normal(size=3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=4), rng.normal(size=3)), {}, "refused")


def divide(x, y):
    """z = x / y, element by element.

    Shapes: x and y any that broadcast together, z as their broadcast; in the unit of x over that of y.

    The quotient rule is the product rule on x = z y: xdot = y zdot + z ydot, so zdot = (xdot - z ydot) / y.

    Source: Python array API standard, divide; IEEE 754-2019, section 5.4.1, and section 7.3 for x / 0.
    """
    return x / y


def divide_vjp(zbar, z, x, y):
    """xbar = zbar / y and ybar = -z zbar / y, summed where an argument was repeated."""
    return unbroadcast(zbar / y, x.shape), unbroadcast(-z * zbar / y, y.shape)


def divide_cases(rng):
    yield Case("broadcast", (rng.normal(size=(3, 1)), both_signs(rng, 0.4, 3, 8).reshape(2, 1, 4)))
    yield Case("scales", (rng.normal(size=5), both_signs(rng, 1, 9, 5) * 10.0 ** np.array([-2, 4, 2, 0, -1])))
    x, y = np.array([1.0, -1.0, 0.0, np.inf, 3.0, np.nan, -6.0]), np.array([0.0, 0.0, 0.0, np.inf, -np.inf, 1.0, 4.0])
    yield Case("special", (x, y), {}, "special", np.array([np.inf, -np.inf, np.nan, np.nan, -0.0, np.nan, -1.5]))
    yield Case("nothing", (np.zeros((0, 3)), rng.uniform(1, 2, size=3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def relative_error(x, wanted):
    """e = |x - wanted| / |wanted|, element by element, and 0 where both are the same number.

    Shapes: x, wanted and e of one shape; e has no unit.

    An error of 0.001 is small beside 1000 and huge beside 0.0001: only the quotient tells. -log10 e is about the number
    of digits that are right. Where wanted is 0 every error is infinite, and one has to say how small is small enough.

    Raises ValueError when the shapes differ: (n,) beside (n, 1) would compare all pairs.

    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 1.2, the relative error.
    """
    if x.shape != wanted.shape:
        raise ValueError(f"relative_error: got shapes {x.shape} and {wanted.shape}, want one shape")
    same = x == wanted
    return np.where(same, 0, np.abs(x - wanted) / np.abs(np.where(same, 1, wanted)))


def relative_error_vjp(ebar, e, x, wanted):
    """xbar = ebar s / |w| and wbar = -xbar x / w with s the sign of x - w, from e = |x / w - 1|; 0 at its kink."""
    w = np.where(x == wanted, 1, wanted)
    xbar = ebar * np.sign(x - wanted) / np.abs(w)
    return xbar, -xbar * x / w


def relative_error_cases(rng):
    wanted = both_signs(rng, 1, 9, 6) * 10.0 ** np.array([-6, 3, 0, 0, -3, 2])
    yield Case("digits", (wanted * (1 + rng.normal(size=6) * 10.0 ** np.array([-1, -2, 0, -3, 0, -1])), wanted))
    yield Case("table", (rng.normal(size=(2, 3)), rng.normal(size=(2, 3))))
    x, wanted = np.array([0.0, 1.0, 5.0, np.nan, -3.0, 0.0]), np.array([0.0, 0.0, 4.0, 1.0, 3.0, -2.0])
    yield Case("special", (x, wanted), {}, "special", np.array([0.0, np.inf, 0.25, np.nan, 2.0, 1.0]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros((0, 3))), {}, "empty", np.zeros((0, 3)))
    yield Case("column-and-vector", (rng.normal(size=(3, 1)), rng.normal(size=3)), {}, "refused")


def pairs_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.uniform(0.5, 3, size=n // 2)))


OPS = [
    Op(multiply, multiply_cases, multiply_vjp, pairs_sized),
    Op(divide, divide_cases, divide_vjp, pairs_sized),
    Op(relative_error, relative_error_cases, relative_error_vjp, pairs_sized),
]

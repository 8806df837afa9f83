"""Sigmoidal curves and their integral."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import LIMITS, REALS, _sized, both_signs, minus_distance, ordinary_cases


def sigmoid(x):
    """y = 1 / (1 + exp(-x)).

    Shapes: x any, y as x.

    For negative x the fraction is expanded by exp(x), so that the exponential never overflows and a small
    y = exp(x) / (1 + exp(x)) keeps its relative accuracy.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10, eq. 3.30.
    """
    decay = np.exp(minus_distance(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)


def sigmoid_vjp(ybar, y, x):
    """xbar = ybar s(x) s(-x): the familiar s (1 - s), where 1 - s(x) = s(-x) without cancellation."""
    return (ybar * y * sigmoid(-x),)


def sigmoid_hvp(ybar, dots, y, x):
    """d xbar = -ybar s(x) s(-x) tanh(x / 2) xdot: the product rule gives s(-x) - s(x), which is -tanh(x / 2)."""
    (xdot,) = dots
    return (-ybar * xdot * y * sigmoid(-x) * np.tanh(x / 2),)


def sigmoid_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("saturated", (both_signs(rng, 5, 9, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([1.0, 0.0, np.nan, 0.5, 0.5, 1.0, 0.0]))


def tanh(x):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Shapes: x any, y as x.

    NumPy's tanh is good at both ends: the formula as it stands cancels near 0 and overflows far out.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.2.
    """
    return np.tanh(x)


def tanh_vjp(ybar, y, x):
    """xbar = ybar / cosh(x)^2 = 4 ybar s(2x) s(-2x), s the sigmoid.

    1 - tanh(x)^2 cancels far out and cosh overflows; tanh(x) = 2 s(2x) - 1 gives the product, which does neither.
    """
    return (4 * ybar * sigmoid(2 * x) * sigmoid(-2 * x),)


def tanh_hvp(ybar, dots, y, x):
    """d xbar = -2 ybar tanh(x) / cosh(x)^2 xdot, with 1 / cosh(x)^2 = 4 s(2x) s(-2x) as in the VJP."""
    (xdot,) = dots
    return (-8 * ybar * xdot * y * sigmoid(2 * x) * sigmoid(-2 * x),)


def tanh_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("saturated", (both_signs(rng, 2, 5, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([1.0, -1.0, np.nan, 0.0, -0.0, 1.0, -1.0]))


def softplus(x, *, beta, threshold):
    """y = log(1 + exp(beta x)) / beta, and y = x where beta x > threshold.

    Shapes: x any, y as x.

    With z = beta x, log(1 + exp(z)) = max(z, 0) + log1p(exp(-|z|)) never overflows, and keeps the digits of a
    small exponential. So nothing calls for a threshold: inf, no threshold, is the exact function,
    and a finite one is there to ask what torch computes.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10, eq. 3.31.
    """
    z = beta * x
    smooth = (np.where(z >= 0, z, 0) + np.log1p(np.exp(minus_distance(z)))) / beta
    return np.where(z > threshold, x, smooth)


def softplus_vjp(ybar, y, x, *, beta, threshold):
    """xbar = ybar sigmoid(beta x), and xbar = ybar where beta x > threshold."""
    z = beta * x
    return (np.where(z > threshold, ybar, ybar * sigmoid(z)),)


def softplus_hvp(ybar, dots, y, x, *, beta, threshold):
    """d xbar = ybar beta s(beta x) s(-beta x) xdot, and 0 where beta x > threshold."""
    (xdot,) = dots
    z = beta * x
    return (np.where(z > threshold, 0, ybar * xdot * beta * sigmoid(z) * sigmoid(-z)),)


def softplus_cases(rng):
    exact = {"beta": 1.0, "threshold": np.inf}
    for case in ordinary_cases(rng):
        yield Case(case.label, case.args, exact, case.kind, case.answer)
    yield Case("saturated", (both_signs(rng, 5, 9, 7),), exact)
    yield Case("steep", (rng.normal(size=(3, 4)),), {"beta": 2.5, "threshold": np.inf})
    yield Case("flat", (rng.normal(size=(4, 3)),), {"beta": 0.3, "threshold": np.inf})
    # The threshold is 1.5 in x: two elements below it, three above.
    yield Case(
        "threshold", (np.append(rng.uniform(0, 1.4, 2), rng.uniform(1.6, 3, 3)),), {"beta": 2.0, "threshold": 3.0}
    )
    limits = np.array([np.inf, 0.0, np.nan, 1000.0, 0.0])
    yield Case("limits", (LIMITS[[0, 1, 2, 5, 6]],), exact, "special", limits)


def softplus_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"beta": 1.0, "threshold": 20.0})


def log_sigmoid(x):
    """y = log(1 / (1 + exp(-x))) = min(x, 0) - log1p(exp(-|x|)).

    Shapes: x any, y as x.

    The logarithm of the sigmoid as it stands is -inf where the sigmoid underflows, and 0 where it rounds to 1.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10, eq. 3.31.
    """
    return np.where(x >= 0, 0, x) - np.log1p(np.exp(minus_distance(x)))


def log_sigmoid_vjp(ybar, y, x):
    """xbar = ybar s(-x), s the sigmoid: the slope 1 - s(x), without cancellation."""
    return (ybar * sigmoid(-x),)


def log_sigmoid_hvp(ybar, dots, y, x):
    """d xbar = -ybar s(x) s(-x) xdot: the slope s(-x) falls as x grows."""
    (xdot,) = dots
    return (-ybar * xdot * sigmoid(x) * sigmoid(-x),)


def log_sigmoid_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 0.9, 9),))
    yield Case("tails", (np.reshape(both_signs(rng, 5, 9, 6), (2, 3)),))
    ends = np.array([np.inf, -np.inf, np.nan, 1000.0, -1000.0])
    yield Case("limits", (ends,), {}, "special", np.array([0.0, -np.inf, np.nan, 0.0, -1000.0]))


def softsign(x):
    """y = x / (1 + |x|).

    Shapes: x any, y as x.

    It nears its limits -1 and 1 as slowly as 1 / |x|. At an infinite x it is the limit, where the formula is inf / inf.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward networks, section 2.
    """
    return np.where(np.abs(x) == np.inf, np.sign(x), x / (1 + np.abs(x)))


def softsign_vjp(ybar, y, x):
    """xbar = ybar / (1 + |x|)^2: the signs of x and of its slope cancel."""
    return (ybar / (1 + np.abs(x)) ** 2,)


def softsign_hvp(ybar, dots, y, x):
    """d xbar = -2 ybar sign(x) xdot / (1 + |x|)^3: it jumps at 0, where the slope has a kink."""
    (xdot,) = dots
    return (-2 * ybar * xdot * np.sign(x) / (1 + np.abs(x)) ** 3,)


def softsign_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 2.9, 9),))
    yield Case("tails", (np.reshape(both_signs(rng, 50, 900, 6), (2, 3)),), half=False)
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 4.0, -1.0])
    yield Case("limits", (ends,), {}, "special", np.array([1.0, -1.0, np.nan, 0.0, -0.0, 0.8, -0.5]))


def tanhshrink(x):
    """y = x - tanh(x).

    Shapes: x any, y as x.

    Near 0, where it is x^3 / 3, the difference cancels: at 0.001 six digits are lost.

    Source: Kavukcuoglu, Ranzato and LeCun (2010), Fast inference in sparse coding algorithms, arXiv 1010.3467.
    """
    return x - np.tanh(x)


def tanhshrink_vjp(ybar, y, x):
    """xbar = ybar tanh(x)^2, since 1 - 1/cosh(x)^2 = tanh(x)^2, without the cancellation."""
    return (ybar * np.tanh(x) * np.tanh(x),)


def tanhshrink_hvp(ybar, dots, y, x):
    """d xbar = 2 ybar tanh(x) / cosh(x)^2 xdot, that of tanh with the other sign: x has no second derivative."""
    (xdot,) = dots
    return (8 * ybar * xdot * np.tanh(x) * sigmoid(2 * x) * sigmoid(-2 * x),)


def tanhshrink_cases(rng):
    yield Case("vector", (both_signs(rng, 0.2, 1.9, 9),))
    yield Case("tails", (np.reshape(both_signs(rng, 5, 9, 6), (2, 3)),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, -np.inf, np.nan, 0.0, 0.0, 999.0, -999.0]))


def squareplus(x, *, b):
    """y = (x + sqrt(x^2 + b)) / 2.

    Shapes: x any, y as x; b >= 0 is a number in the unit of x^2.

    For negative x the sum cancels; multiplied by sqrt(x^2 + b) - x, above and below, it is b / (2 (sqrt(x^2 + b) - x)).

    Source: Barron (2021), Squareplus: a softplus-like algebraic rectifier, eq. 1.
    """
    r = np.sqrt(x * x + b)
    return np.where(x >= 0, (x + r) / 2, b / (2 * (r + np.where(x >= 0, x, -x))))


def squareplus_vjp(ybar, y, x, *, b):
    """xbar = ybar (1 + x / r) / 2 = ybar y / r, with r = sqrt(x^2 + b)."""
    return (ybar * y / np.sqrt(x * x + b),)


def squareplus_hvp(ybar, dots, y, x, *, b):
    """d xbar = ybar b xdot / (2 r^3), r = sqrt(x^2 + b): the slope of x / r is b / r^3."""
    (xdot,) = dots
    r = np.sqrt(x * x + b)
    return (ybar * xdot * b / (2 * r * r * r),)


def squareplus_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 2.9, 9),), {"b": 4.0})
    yield Case("tails", (np.reshape(both_signs(rng, 50, 900, 6), (2, 3)),), {"b": 0.75})
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, 1.5, -1.5])
    yield Case("limits", (ends,), {"b": 4.0}, "special", np.array([np.inf, 0.0, np.nan, 1.0, 2.0, 0.5]))


def squareplus_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"b": 4.0})


OPS = [
    Op(sigmoid, sigmoid_cases, sigmoid_vjp, _sized, half=True, domain=REALS, hvp=sigmoid_hvp),
    Op(tanh, tanh_cases, tanh_vjp, _sized, half=True, domain=REALS, hvp=tanh_hvp),
    Op(softplus, softplus_cases, softplus_vjp, softplus_sized, half=True, domain=REALS, hvp=softplus_hvp),
    Op(log_sigmoid, log_sigmoid_cases, log_sigmoid_vjp, _sized, half=True, domain=REALS, hvp=log_sigmoid_hvp),
    Op(softsign, softsign_cases, softsign_vjp, _sized, half=True, domain=REALS, hvp=softsign_hvp),
    Op(tanhshrink, tanhshrink_cases, tanhshrink_vjp, _sized, half=True, domain=REALS, hvp=tanhshrink_hvp),
    Op(squareplus, squareplus_cases, squareplus_vjp, squareplus_sized, hvp=squareplus_hvp),
]

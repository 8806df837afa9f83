"""Rectifiers: lines with a kink."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import LIMITS, REALS, _sized, both_signs, curve_cases


def relu(x):
    """y = max(x, 0).

    Shapes: x any, y as x.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.1.
    """
    return np.maximum(x, 0)


def relu_vjp(ybar, y, x):
    """xbar = ybar where x > 0, else 0; at the kink every slope in [0, 1] is a subgradient, and 0 is taken."""
    return (np.where(x > 0, ybar, 0),)


def relu_cases(rng):
    yield Case("vector", (both_signs(rng, 0.1, 2, 7),))
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("small", (both_signs(rng, 1e-4, 1e-3, 5),))
    yield Case("large", (both_signs(rng, 100, 1000, 9),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),), {}, "kink")
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, 0.0, np.nan, 0.0, 0.0, 1000.0, 0.0]))


def leaky_relu(x, *, negative_slope):
    """y = x where x > 0, and negative_slope x elsewhere.

    Shapes: x any, y as x.

    Source: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models, section 2.
    """
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_vjp(ybar, y, x, *, negative_slope):
    """xbar = ybar where x > 0, else negative_slope ybar; at the kink every slope between the two is a subgradient."""
    return (np.where(x > 0, ybar, negative_slope * ybar),)


def leaky_relu_cases(rng):
    yield from curve_cases(rng, [np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -250.0], negative_slope=0.25)
    yield Case("slight", (both_signs(rng, 0.1, 2, 5),), {"negative_slope": 0.01}, half=False)
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0]),), {"negative_slope": 0.25}, "kink")


def leaky_relu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"negative_slope": 0.01})


def rrelu(x, *, lower, upper):
    """y = x where x > 0, and (lower + upper) x / 2 elsewhere.

    Shapes: x any, y as x.

    While it is trained the slope of each element is drawn anew between lower and upper; this is what it is evaluated
    as, with the mean slope.

    Source: Xu, Wang, Chen and Li (2015), Empirical evaluation of rectified activations in convolutional network,
    section 2.4.
    """
    return np.where(x > 0, x, (lower + upper) * x / 2)


def rrelu_vjp(ybar, y, x, *, lower, upper):
    """xbar = ybar where x > 0, else (lower + upper) ybar / 2."""
    return (np.where(x > 0, ybar, (lower + upper) * ybar / 2),)


def rrelu_cases(rng):
    limits = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -250.0]
    yield from curve_cases(rng, limits, lower=0.125, upper=0.375)
    yield Case("steep", (both_signs(rng, 0.1, 2, 5),), {"lower": 0.5, "upper": 0.75}, half=False)
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0]),), {"lower": 0.125, "upper": 0.375}, "kink")


def rrelu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"lower": 0.125, "upper": 0.375})


def prelu(x, a):
    """y = x where x > 0, and a x elsewhere, a one number or one for each channel, which is learned.

    Shapes: x (N,C,...) and a (C,), or x any and a (1,); y as x.

    Raises ValueError when a has neither one element nor one for each channel.

    Source: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, section 2.1, eq. 1.
    """
    return np.where(x > 0, x, _of_channels(x, a) * x)


def prelu_vjp(ybar, y, x, a):
    """xbar = ybar where x > 0, else a ybar; abar = the sum of ybar x over the elements x <= 0 that a belongs to."""
    a_of = _of_channels(x, a)
    others = tuple(k for k in range(x.ndim) if k != 1 or len(a) == 1)
    return np.where(x > 0, ybar, a_of * ybar), np.reshape(np.sum(np.where(x > 0, 0, ybar * x), axis=others), a.shape)


def _of_channels(x, a):
    if a.ndim != 1 or (len(a) != 1 and (x.ndim < 2 or x.shape[1] != len(a))):
        raise ValueError(f"a has shape {a.shape} and x {x.shape}, expected (1,) or one number for each channel, axis 1")
    return np.reshape(a, (-1, *(1 for _ in x.shape[2:])))


def prelu_hvp(ybar, dots, y, x, a):
    """d xbar = adot ybar and d abar = the sum of ybar xdot, where x <= 0: y = a x is linear in each of the two."""
    xdot, adot = dots
    others = tuple(k for k in range(x.ndim) if k != 1 or len(a) == 1)
    abar = np.sum(np.where(x > 0, 0, ybar * xdot), axis=others)
    return np.where(x > 0, 0, _of_channels(x, adot) * ybar), np.reshape(abar, a.shape)


def prelu_cases(rng):
    yield Case("channels", (both_signs(rng, 0.1, 2, 24).reshape(2, 3, 4), rng.uniform(0.1, 0.5, 3)))
    yield Case("one-slope", (both_signs(rng, 0.1, 2, 7), rng.uniform(0.1, 0.5, 1)))
    yield Case("at-zero", (np.array([[0.0, rng.normal()], [-1.5, -0.0]]), rng.uniform(0.1, 0.5, 2)), {}, "kink")
    x, a = np.array([[np.inf, -np.inf], [-0.0, np.nan]]), np.array([0.5, 0.25])
    yield Case("limits", (x, a), {}, "special", np.array([[np.inf, -np.inf], [-0.0, np.nan]]))
    yield Case("other-channels", (rng.normal(size=(2, 3, 4)), rng.uniform(0.1, 0.5, 4)), {}, "refused")


def prelu_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 8 + 1, 8)), rng.uniform(0.1, 0.5, 8)))


def threshold(x, *, threshold, value):
    """y = x where x > threshold, and y = value elsewhere.

    Shapes: x any, y as x; threshold and value are numbers in its unit.

    It jumps at the threshold, unless value is the threshold: there is no derivative there.

    Source: Glorot, Bordes and Bengio (2011), Deep sparse rectifier neural networks, section 3.
    """
    return np.where(x <= threshold, value, x)


def threshold_vjp(ybar, y, x, *, threshold, value):
    """xbar = ybar where x > threshold, else 0."""
    return (np.where(x > threshold, ybar, 0),)


def threshold_cases(rng):
    jump = {"threshold": 0.5, "value": -1.5}
    yield Case("vector", (0.5 + both_signs(rng, 0.1, 2, 9),), jump)
    yield Case("below-zero", (both_signs(rng, 0.1, 2, 5) - 1,), {"threshold": -1.0, "value": 2.0}, half=False)
    yield Case("rectifier", (np.array([0.5, rng.normal(), 2.0]),), {"threshold": 0.5, "value": 0.5}, "kink")
    ends = np.array([np.inf, -np.inf, np.nan, 0.5, 0.0])
    yield Case("limits", (ends,), jump, "special", np.array([np.inf, -1.5, np.nan, -1.5, -1.5]))


def threshold_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"threshold": 0.5, "value": -1.5})


OPS = [
    Op(relu, relu_cases, relu_vjp, _sized, half=True, domain=REALS),
    Op(leaky_relu, leaky_relu_cases, leaky_relu_vjp, leaky_relu_sized, half=True, domain=REALS),
    Op(rrelu, rrelu_cases, rrelu_vjp, rrelu_sized, half=True, domain=REALS),
    Op(prelu, prelu_cases, prelu_vjp, prelu_sized, hvp=prelu_hvp),
    Op(threshold, threshold_cases, threshold_vjp, threshold_sized, half=True, domain=REALS),
]

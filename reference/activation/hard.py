"""Curves broken into lines, and curves that are 0 over an interval."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import REALS, _sized, bent_cases, both_signs


def hardtanh(x, *, min_val, max_val):
    """y = min(max(x, min_val), max_val).

    Shapes: x any, y as x; the bounds are numbers in its unit.

    Source: Collobert (2004), Large Scale Machine Learning, thesis, Universite Paris VI.
    """
    return np.minimum(np.maximum(x, min_val), max_val)


def hardtanh_vjp(ybar, y, x, *, min_val, max_val):
    """xbar = ybar between the bounds, else 0; on a bound every slope in [0, 1] is a subgradient, and 0 is taken."""
    return (np.where((x > min_val) & (x < max_val), ybar, 0),)


def hardtanh_cases(rng):
    yield from bent_cases(rng, [1.0, -1.0, np.nan, 0.0, -0.0, 1.0, -1.0], 1.0, min_val=-1.0, max_val=1.0)
    yield Case("uneven", (both_signs(rng, 0.1, 3, 7),), {"min_val": -0.5, "max_val": 2.0}, half=False)
    yield Case("on-the-bounds", (np.array([-1.0, 0.5, 1.0]),), {"min_val": -1.0, "max_val": 1.0}, "kink")


def hardtanh_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"min_val": -1.0, "max_val": 1.0})


def relu6(x):
    """y = min(max(x, 0), 6).

    Shapes: x any, y as x.

    Source: Krizhevsky (2010), Convolutional deep belief networks on CIFAR-10.
    """
    return np.minimum(np.maximum(x, 0), 6)


def relu6_vjp(ybar, y, x):
    """xbar = ybar where 0 < x < 6, else 0."""
    return (np.where((x > 0) & (x < 6), ybar, 0),)


def relu6_cases(rng):
    yield from bent_cases(rng, [6.0, 0.0, np.nan, 0.0, 0.0, 6.0, 0.0], 6.0)
    yield Case("at-the-ends", (np.array([0.0, 2.5, 6.0]),), {}, "kink")


def hardsigmoid(x):
    """y = min(max(x + 3, 0), 6) / 6.

    Shapes: x any, y as x.

    Source: Howard et al. (2019), Searching for MobileNetV3, section 5.2.
    """
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (x + 3) / 6))


def hardsigmoid_vjp(ybar, y, x):
    """xbar = ybar / 6 where -3 < x < 3, else 0."""
    return (np.where((x > -3) & (x < 3), ybar / 6, 0),)


def hardsigmoid_cases(rng):
    yield from bent_cases(rng, [1.0, 0.0, np.nan, 0.5, 0.5, 1.0, 0.0], 3.0)
    yield Case("at-the-ends", (np.array([-3.0, 0.5, 3.0]),), {}, "kink")


def hardswish(x):
    """y = x min(max(x + 3, 0), 6) / 6.

    Shapes: x any, y as x.

    At minus infinity it is 0, the limit, not -inf times 0.

    Source: Howard et al. (2019), Searching for MobileNetV3, section 5.2.
    """
    return np.where(x == -np.inf, -1, x) * np.minimum(np.maximum(x + 3, 0), 6) / 6


def hardswish_vjp(ybar, y, x):
    """xbar = ybar (2x + 3) / 6 where -3 < x < 3, 0 below and ybar above."""
    return (np.where(x <= -3, 0, np.where(x >= 3, ybar, ybar * (2 * x + 3) / 6)),)


def hardswish_hvp(ybar, dots, y, x):
    """d xbar = ybar xdot / 3 on the parabola, -3 < x < 3, else 0."""
    (xdot,) = dots
    return (np.where((x > -3) & (x < 3), ybar * xdot / 3, 0),)


def hardswish_cases(rng):
    yield from bent_cases(rng, [np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0], 3.0)
    yield Case("at-the-ends", (np.array([-3.0, 0.5, 3.0]),), {}, "kink")


def softshrink(x, *, lambd):
    """y = sign(x) max(|x| - lambd, 0).

    Shapes: x any, y as x; lambd >= 0 is a number in its unit.

    It moves x towards 0 by lambd, the proximal map of lambd |x|.

    Source: Donoho (1995), De-noising by soft-thresholding, IEEE Transactions on Information Theory 41, eq. 2.
    """
    return np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, 0 * x))


def softshrink_vjp(ybar, y, x, *, lambd):
    """xbar = ybar where |x| > lambd, else 0."""
    return (np.where(np.abs(x) > lambd, ybar, 0),)


def softshrink_cases(rng):
    yield from bent_cases(rng, [np.inf, -np.inf, np.nan, 0.0, 0.0, 999.5, -999.5], 0.5, lambd=0.5)
    yield Case("wide", (both_signs(rng, 0.1, 2, 7),), {"lambd": 1.0}, half=False)
    yield Case("at-the-ends", (np.array([-0.5, 0.25, 0.5]),), {"lambd": 0.5}, "kink")


def softshrink_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"lambd": 0.5})


def hardshrink(x, *, lambd):
    """y = x where |x| > lambd, and 0 elsewhere.

    Shapes: x any, y as x; lambd >= 0 is a number in its unit.

    It jumps at +-lambd, where it has no derivative.

    Source: Donoho and Johnstone (1994), Ideal spatial adaptation by wavelet shrinkage, Biometrika 81, section 2.
    """
    return np.where(np.abs(x) <= lambd, 0, x)


def hardshrink_vjp(ybar, y, x, *, lambd):
    """xbar = ybar where |x| > lambd, else 0."""
    return (np.where(np.abs(x) > lambd, ybar, 0),)


def hardshrink_cases(rng):
    yield from bent_cases(rng, [np.inf, -np.inf, np.nan, 0.0, 0.0, 1000.0, -1000.0], 0.5, lambd=0.5)
    yield Case("wide", (both_signs(rng, 0.1, 2, 7),), {"lambd": 1.0}, half=False)
    ends = np.array([-0.5, 0.5, 0.625, -0.625])
    yield Case("on-the-bounds", (ends,), {"lambd": 0.5}, "special", np.array([0.0, 0.0, 0.625, -0.625]))


def hardshrink_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"lambd": 0.5})


def sparse_sigmoid(x):
    """y = min(max(x + 1, 0), 2) / 2, the slope of sparse_plus.

    Shapes: x any, y as x.

    Source: Blondel, Martins and Niculae (2020), Learning with Fenchel-Young losses, JMLR 21, section 6.2.
    """
    return np.where(x <= -1, 0, np.where(x >= 1, 1, (x + 1) / 2))


def sparse_sigmoid_vjp(ybar, y, x):
    """xbar = ybar / 2 where -1 < x < 1, else 0."""
    return (np.where((x > -1) & (x < 1), ybar / 2, 0),)


def sparse_sigmoid_cases(rng):
    yield from bent_cases(rng, [1.0, 0.0, np.nan, 0.5, 0.5, 1.0, 0.0], 1.0)
    yield Case("at-the-ends", (np.array([-1.0, 0.5, 1.0]),), {}, "kink")


def sparse_plus(x):
    """y = 0 up to x = -1, (x + 1)^2 / 4 up to x = 1, and x from there on.

    Shapes: x any, y as x.

    It is to softplus what sparsemax is to softmax: the parabola touches both lines, so that the slope does not jump.

    Source: Blondel, Martins and Niculae (2020), Learning with Fenchel-Young losses, JMLR 21, section 6.2.
    """
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) * (x + 1) / 4))


def sparse_plus_vjp(ybar, y, x):
    """xbar = ybar sparse_sigmoid(x)."""
    return (ybar * sparse_sigmoid(x),)


def sparse_plus_hvp(ybar, dots, y, x):
    """d xbar = ybar xdot / 2 on the parabola, -1 < x < 1, else 0."""
    (xdot,) = dots
    return (np.where((x > -1) & (x < 1), ybar * xdot / 2, 0),)


def sparse_plus_cases(rng):
    yield from bent_cases(rng, [np.inf, 0.0, np.nan, 0.25, 0.25, 1000.0, 0.0], 1.0)
    yield Case("inside", (rng.uniform(-0.9, 0.9, 5),), half=False)


OPS = [
    Op(hardtanh, hardtanh_cases, hardtanh_vjp, hardtanh_sized, half=True, domain=REALS),
    Op(relu6, relu6_cases, relu6_vjp, _sized, half=True, domain=REALS),
    Op(hardsigmoid, hardsigmoid_cases, hardsigmoid_vjp, _sized, half=True, domain=REALS),
    Op(hardswish, hardswish_cases, hardswish_vjp, _sized, half=True, domain=REALS, hvp=hardswish_hvp),
    Op(softshrink, softshrink_cases, softshrink_vjp, softshrink_sized, half=True, domain=REALS),
    Op(hardshrink, hardshrink_cases, hardshrink_vjp, hardshrink_sized, half=True, domain=REALS),
    Op(sparse_sigmoid, sparse_sigmoid_cases, sparse_sigmoid_vjp, _sized, half=True, domain=REALS),
    Op(sparse_plus, sparse_plus_cases, sparse_plus_vjp, _sized, half=True, domain=REALS, hvp=sparse_plus_hvp),
]

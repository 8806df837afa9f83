"""Losses of regression: how far a number is from its target."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, refused_and_empty_cases, require_shapes, some_equal


def mse(input, target, *, reduction):
    """y = (input - target)^2, then reduced.

    Shapes: input any, target as input, y as input or (); y in the squared unit of input.

    The mean runs over all elements, not over the rows alone.

    Raises ValueError where the shapes differ (they are not broadcast) or the reduction is unknown.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 5.1.4, eq. 5.4.
    """
    require_shapes(input, target)
    residual = input - target
    return reduced(residual * residual, reduction)


def mse_vjp(ybar, y, input, target, *, reduction):
    """inputbar = 2 ybar (input - target), targetbar = -inputbar: only the difference counts."""
    inputbar = 2 * cotangent_of_each(ybar, input.size, reduction) * (input - target)
    return inputbar, -inputbar


def mse_cases(rng):
    def pair(*shape):
        return rng.normal(size=shape), rng.normal(size=shape)

    yield Case("mean", pair(3, 5), {"reduction": "mean"})
    yield Case("sum", pair(7), {"reduction": "sum"})
    yield Case("none", pair(5, 3), {"reduction": "none"})
    yield Case("mean-of-images", pair(3, 5, 4), {"reduction": "mean"})
    yield Case("some-hit", some_equal(*pair(4, 3)), {"reduction": "mean"})
    yield Case("shifted", tuple(1000 + x for x in pair(5)), {"reduction": "none"})
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    yield Case("infinite", ends, {"reduction": "none"}, "special", np.array([np.inf, 0.0, np.inf, np.nan]))
    yield from refused_and_empty_cases(rng, {})


def mse_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"reduction": "mean"})


def huber(input, target, *, delta, reduction):
    """y = r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2), r = input - target, then reduced.

    Shapes: input any, target as input, y as input or (); delta > 0 in the unit of input.

    With c = r clipped to [-delta, delta] both branches are c (r - c / 2): nothing to choose, and r
    is not squared where it is large.

    Raises ValueError where the shapes differ, delta is not positive or the reduction is unknown.
    Source: Huber (1964), Robust estimation of a location parameter, Annals of Mathematical
    Statistics 35, section 1.
    """
    require_shapes(input, target)
    if not delta > 0:
        raise ValueError(f"delta: got {delta}, expected a positive number")
    residual = input - target
    clipped = np.maximum(np.minimum(residual, delta), -delta)
    return reduced(clipped * (residual - clipped / 2), reduction)


def huber_vjp(ybar, y, input, target, *, delta, reduction):
    """inputbar = ybar clip(input - target, -delta, delta), targetbar = -inputbar.

    c (r - c/2) has the slope c in r, and the slope r - c in c, which counts only where c moves: there
    it is 0. The derivative is continuous; the second jumps from 1 to 0 at |r| = delta.
    """
    clipped = np.maximum(np.minimum(input - target, delta), -delta)
    inputbar = cotangent_of_each(ybar, input.size, reduction) * clipped
    return inputbar, -inputbar


def huber_cases(rng):
    def pair(delta, *shape):
        """Residuals on both sides of both bends, and none within a fifth of one."""
        inside = rng.uniform(0.4, 0.8, size=shape)
        outside = rng.uniform(1.2, 4, size=shape)
        far = rng.permuted(np.arange(np.prod(shape)) % 2 == 0).reshape(shape)
        target = rng.normal(size=shape)
        return target + rng.choice([-delta, delta], size=shape) * np.where(far, outside, inside), target

    yield Case("mean", pair(0.7, 3, 5), {"delta": 0.7, "reduction": "mean"})
    yield Case("sum", pair(1.3, 7), {"delta": 1.3, "reduction": "sum"})
    yield Case("none", pair(2.6, 5, 3), {"delta": 2.6, "reduction": "none"})
    yield Case("some-hit", some_equal(*pair(0.3, 4, 3)), {"delta": 0.3, "reduction": "mean"})
    input, target = pair(1.7, 5)
    yield Case("outliers", (input + np.array([0, 1e6, 0, -1e6, 1e3]), target), {"delta": 1.7, "reduction": "none"})
    input, target = np.array([2.5, 0.25, 4.5, -3.5, 1.0]), np.array([1.0, 1.75, 1.5, -3.0, 1.0])
    yield Case("at-the-bend", (input, target), {"delta": 1.5, "reduction": "none"}, "kink")
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    answer = np.array([np.inf, 0.0, np.inf, np.nan])
    yield Case("infinite", ends, {"delta": 1.5, "reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {"delta": 0.7})
    yield Case("delta-zero", pair(0.7, 3), {"delta": 0.0, "reduction": "mean"}, "refused")


def huber_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"delta": 0.7, "reduction": "mean"})


OPS = [
    Op(mse, mse_cases, mse_vjp, mse_sized, wrt=(0, 1)),
    Op(huber, huber_cases, huber_vjp, huber_sized, wrt=(0, 1)),
]

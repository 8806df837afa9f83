"""Losses of regression: how far a number is from its target."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
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


def mse_hvp(ybar, dots, y, input, target, *, reduction):
    """d inputbar = 2 ybar (inputdot - targetdot), d targetbar = -d inputbar: the same wherever the prediction is."""
    inputdot, targetdot = dots
    inputbar = 2 * cotangent_of_each(ybar, input.size, reduction) * (inputdot - targetdot)
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


def mae(input, target, *, reduction):
    """y = |input - target|, then reduced.

    Shapes: input any, target as input, y as input or (); y in the unit of input.

    Its minimum over a constant input is the median of the targets, that of the squared error their mean: an
    outlier pulls as hard as any other target, whatever its distance.

    Raises ValueError where the shapes differ (they are not broadcast) or the reduction is unknown.
    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 10.6.
    """
    require_shapes(input, target)
    return reduced(np.abs(input - target), reduction)


def mae_vjp(ybar, y, input, target, *, reduction):
    """inputbar = ybar sign(input - target), targetbar = -inputbar; where they are equal, 0 of [-ybar, ybar]."""
    inputbar = cotangent_of_each(ybar, input.size, reduction) * np.sign(input - target)
    return inputbar, -inputbar


def mae_cases(rng):
    def pair(*shape):
        return rng.normal(size=shape), rng.normal(size=shape)

    yield Case("mean", pair(3, 5), {"reduction": "mean"})
    yield Case("sum", pair(7), {"reduction": "sum"})
    yield Case("none-shifted", tuple(1000 + x for x in pair(4, 3)), {"reduction": "none"})
    yield Case("some-hit", some_equal(*pair(4)), {"reduction": "none"}, "kink")
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    yield Case("infinite", ends, {"reduction": "none"}, "special", np.array([np.inf, 0.0, np.inf, np.nan]))
    yield from refused_and_empty_cases(rng, {})


def mae_sized(rng, n):
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


def huber_hvp(ybar, dots, y, input, target, *, delta, reduction):
    """d inputbar = ybar (inputdot - targetdot) on the parabola, 0 on the lines; d targetbar = -d inputbar."""
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    inputbar = np.where(np.abs(input - target) < delta, share * (inputdot - targetdot), 0)
    return inputbar, -inputbar


def huber_cases(rng):
    yield Case("mean", _both_sides(rng, 0.7, 3, 5), {"delta": 0.7, "reduction": "mean"})
    yield Case("sum", _both_sides(rng, 1.3, 7), {"delta": 1.3, "reduction": "sum"})
    yield Case("none", _both_sides(rng, 2.6, 5, 3), {"delta": 2.6, "reduction": "none"})
    yield Case("some-hit", some_equal(*_both_sides(rng, 0.3, 4, 3)), {"delta": 0.3, "reduction": "mean"})
    input, target = _both_sides(rng, 1.7, 5)
    yield Case("outliers", (input + np.array([0, 1e6, 0, -1e6, 1e3]), target), {"delta": 1.7, "reduction": "none"})
    input, target = np.array([2.5, 0.25, 4.5, -3.5, 1.0]), np.array([1.0, 1.75, 1.5, -3.0, 1.0])
    yield Case("at-the-bend", (input, target), {"delta": 1.5, "reduction": "none"}, "kink")
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    answer = np.array([np.inf, 0.0, np.inf, np.nan])
    yield Case("infinite", ends, {"delta": 1.5, "reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {"delta": 0.7})
    yield Case("delta-zero", _both_sides(rng, 0.7, 3), {"delta": 0.0, "reduction": "mean"}, "refused")


def huber_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"delta": 0.7, "reduction": "mean"})


def smooth_l1(input, target, *, beta, reduction):
    """y = r^2 / (2 beta) where |r| < beta, else |r| - beta / 2, r = input - target, then reduced.

    Shapes: input any, target as input, y as input or (); beta >= 0 in the unit of input, as y.

    The Huber loss of delta = beta, divided by beta: its slope is 1 wherever r is large, that of the Huber loss is
    delta. With beta = 0 nothing of the parabola is left, and this is the absolute error.

    Raises ValueError where the shapes differ, beta is negative or the reduction is unknown.
    Source: Girshick (2015), Fast R-CNN, International Conference on Computer Vision, section 2.3, eq. 3, which has
    beta = 1.
    """
    if beta == 0:
        return mae(input, target, reduction=reduction)
    require_shapes(input, target)
    if not beta > 0:
        raise ValueError(f"beta: got {beta}, expected a number that is not negative")
    residual = input - target
    clipped = np.maximum(np.minimum(residual, beta), -beta)
    return reduced(clipped * (residual - clipped / 2) / beta, reduction)


def smooth_l1_vjp(ybar, y, input, target, *, beta, reduction):
    """inputbar = ybar clip(r / beta, -1, 1), targetbar = -inputbar: the slope of the Huber loss over beta."""
    if beta == 0:
        return mae_vjp(ybar, y, input, target, reduction=reduction)
    clipped = np.maximum(np.minimum(input - target, beta), -beta)
    inputbar = cotangent_of_each(ybar, input.size, reduction) * clipped / beta
    return inputbar, -inputbar


def smooth_l1_hvp(ybar, dots, y, input, target, *, beta, reduction):
    """d inputbar = ybar (inputdot - targetdot) / beta on the parabola, 0 on the lines; d targetbar = -d inputbar."""
    if beta == 0:
        return np.zeros_like(input), np.zeros_like(input)
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    inputbar = np.where(np.abs(input - target) < beta, share * (inputdot - targetdot) / beta, 0)
    return inputbar, -inputbar


def smooth_l1_cases(rng):
    yield Case("mean", _both_sides(rng, 0.7, 4, 3), {"beta": 0.7, "reduction": "mean"})
    yield Case("sum", some_equal(*_both_sides(rng, 2.6, 3, 5)), {"beta": 2.6, "reduction": "sum"})
    yield Case("none-without-parabola", tuple(rng.normal(size=(2, 7))), {"beta": 0.0, "reduction": "none"})
    input, target = np.array([2.5, 0.25, 4.5, -3.5, 1.0]), np.array([1.0, 1.75, 1.5, -3.0, 1.0])
    yield Case("at-the-bend", (input, target), {"beta": 1.5, "reduction": "none"}, "kink")
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    answer = np.array([np.inf, 0.0, np.inf, np.nan])
    yield Case("infinite", ends, {"beta": 1.5, "reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {"beta": 0.7})
    yield Case("beta-negative", tuple(rng.normal(size=(2, 3))), {"beta": -0.7, "reduction": "mean"}, "refused")


def smooth_l1_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"beta": 0.7, "reduction": "mean"})


def log_cosh(input, target, *, reduction):
    """y = log cosh(input - target), then reduced.

    Shapes: input any, target as input, y as input or (); input has no unit.

    Nearly r^2 / 2 for a small residual r and |r| - log 2 for a large one, with every derivative in between. cosh
    overflows where r is large, so there it is |r| + log1p(exp(-2 |r|)) - log 2; where r is small that is a difference
    of nearly equal numbers, and cosh r = 1 + 2 sinh^2(r / 2) keeps its digits.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Saleh and Saleh (2022), Statistical properties of the log-cosh loss function used in machine learning,
    arXiv:2208.04564, section 2.
    """
    require_shapes(input, target)
    size = np.abs(input - target)
    near = size < 1
    half_sinh = np.sinh(np.where(near, size, 0) / 2)
    far = np.where(near, 1, size)
    log_2 = np.log(np.full_like(far, 2))
    return reduced(
        np.where(near, np.log1p(2 * half_sinh * half_sinh), far + np.log1p(np.exp(-2 * far)) - log_2), reduction
    )


def log_cosh_vjp(ybar, y, input, target, *, reduction):
    """inputbar = ybar tanh(input - target), targetbar = -inputbar: (log cosh)' = sinh / cosh."""
    inputbar = cotangent_of_each(ybar, input.size, reduction) * np.tanh(input - target)
    return inputbar, -inputbar


def log_cosh_hvp(ybar, dots, y, input, target, *, reduction):
    """d inputbar = ybar (inputdot - targetdot) / cosh(r)^2, r the residual.

    1 / cosh(r)^2 = 4 s(2r) s(-2r), s the sigmoid: cosh overflows. d targetbar = -d inputbar.
    """
    inputdot, targetdot = dots
    r = input - target
    share = cotangent_of_each(ybar, input.size, reduction)
    inputbar = 4 * share * sigmoid(2 * r) * sigmoid(-2 * r) * (inputdot - targetdot)
    return inputbar, -inputbar


def log_cosh_cases(rng):
    def pair(*shape):
        """Residuals on both sides of 1, of a size where no other way to compute this is inaccurate."""
        target = rng.normal(size=shape)
        return target + rng.choice([-1, 1], size=shape) * rng.uniform(0.7, 1.6, size=shape), target

    yield Case("mean", pair(3, 5), {"reduction": "mean"})
    yield Case("sum", pair(4), {"reduction": "sum"})
    far = rng.choice([-1, 1], size=5) * np.array([1e-5, 1e-2, 800, 3, 20]) * rng.uniform(0.8, 1.2, size=5)
    yield Case("none-near-and-far", (far, rng.normal(scale=1e-5, size=5)), {"reduction": "none"})
    ends = np.array([np.inf, 3.0, -np.inf, np.nan]), np.array([0.0, 3.0, 5.0, 1.0])
    yield Case("infinite", ends, {"reduction": "none"}, "special", np.array([np.inf, 0.0, np.inf, np.nan]))
    yield from refused_and_empty_cases(rng, {})


def log_cosh_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 2, 1)))), {"reduction": "mean"})


def _both_sides(rng, bend, *shape):
    """Residuals on both sides of both bends, and none within a fifth of one."""
    inside = rng.uniform(0.4, 0.8, size=shape)
    outside = rng.uniform(1.2, 4, size=shape)
    far = rng.permuted(np.arange(np.prod(shape)) % 2 == 0).reshape(shape)
    target = rng.normal(size=shape)
    return target + rng.choice([-bend, bend], size=shape) * np.where(far, outside, inside), target


OPS = [
    Op(mse, mse_cases, mse_vjp, mse_sized, wrt=(0, 1), hvp=mse_hvp),
    Op(mae, mae_cases, mae_vjp, mae_sized, wrt=(0, 1)),
    Op(huber, huber_cases, huber_vjp, huber_sized, wrt=(0, 1), hvp=huber_hvp),
    Op(smooth_l1, smooth_l1_cases, smooth_l1_vjp, smooth_l1_sized, wrt=(0, 1), hvp=smooth_l1_hvp),
    Op(log_cosh, log_cosh_cases, log_cosh_vjp, log_cosh_sized, wrt=(0, 1), hvp=log_cosh_hvp),
]

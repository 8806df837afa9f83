"""What all losses share: the reduction, and what is refused."""

from __future__ import annotations

import numpy as np

from ..op import Case


def reduced(loss, reduction):
    """The losses themselves, their mean or their sum."""
    if reduction == "none":
        return loss
    if reduction == "mean":
        return np.mean(loss)
    if reduction == "sum":
        return np.sum(loss)
    raise ValueError(f"reduction: got {reduction!r}, expected 'none', 'mean' or 'sum'")


def cotangent_of_each(ybar, divisor, reduction):
    """The cotangent of one loss: all of ybar, or its part of a mean."""
    return ybar / divisor if reduction in ("mean", "batchmean") else ybar


def require_shapes(input, target, **weights):
    """The target must have the shape of the input, and weights must broadcast to it."""
    if target.shape != input.shape:
        raise ValueError(f"target: got shape {target.shape}, expected that of input, {input.shape}")
    for name, weight in weights.items():
        if weight is None:
            continue
        sizes = zip(reversed(weight.shape), reversed(input.shape), strict=False)
        if weight.ndim > input.ndim or any(m not in (1, n) for m, n in sizes):
            raise ValueError(f"{name}: got shape {weight.shape}, expected one that broadcasts to {input.shape}")


def some_equal(input, target):
    """Every third prediction hits its target."""
    return np.where(np.arange(input.size).reshape(input.shape) % 3 == 0, target, input), target


def refused_and_empty_cases(rng, params, *absent):
    """What every loss of an input and a target of one shape is asked."""

    def pair(shape, other):
        return rng.uniform(0.1, 0.9, size=shape), rng.uniform(0.1, 0.9, size=other), *absent

    def ask(reduction):
        return {**params, "reduction": reduction}

    yield Case("nothing", pair((0, 3), (0, 3)), ask("none"), "empty", np.zeros((0, 3)))
    yield Case("sum-of-nothing", pair((3, 0), (3, 0)), ask("sum"), "empty", np.array(0.0))
    yield Case("column-against-row", pair((3, 1), (3,)), ask("mean"), "refused")
    yield Case("target-broadcasts", pair((3, 4), (4,)), ask("mean"), "refused")
    yield Case("no-such-reduction", pair((3,), (3,)), ask("average"), "refused")

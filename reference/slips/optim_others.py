"""Slips of optimisers that look at changes or losses, of averaged descent, and of L-BFGS."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.differences import adan_step, asgd, optimistic_gradient_descent, polyak_sgd
from ..optim.differences import optimistic_adam as optimistic
from ..optim.layerwise import size_of
from ..optim.lbfgs import lbfgs, lbfgs_direction
from ..optim.trajectory import counted_walk
from .optim import changed


def steepest_descent(a, b, x0, *, steps, **params):
    """Steepest descent with the scale of the newest pair."""
    symmetric = (a + a.T) / 2
    path, scale, g = [x0], None, symmetric @ x0 - b
    for _ in range(steps):
        if scale is None:
            scale = 1 / max(1, np.sum(np.abs(g)) if params["first"] == 1 else np.sqrt(g @ g))
        s = -params["lr"] * scale * g
        path, g = [*path, path[-1] + s], g + symmetric @ s
        scale = (s @ (symmetric @ s)) / np.sum((symmetric @ s) ** 2)
    return np.stack(path)[1:]


def lbfgs_of(direction, forget=lambda pairs, history: pairs[-history:], scale_of=lambda s, y: (s @ y) / (y @ y)):
    def forward(a, b, x0, *, lr, steps, history, first):
        symmetric = (a + a.T) / 2
        path, pairs, g = [x0], [], symmetric @ x0 - b
        for _ in range(steps):
            norm = np.sum(np.abs(g)) if first == 1 else np.sqrt(g @ g)
            scale = scale_of(*pairs[-1]) if pairs else 1 / max(1, norm)
            s = -lr * direction(g, pairs, scale)
            y = symmetric @ s
            pairs = forget([*pairs, (s, y)], history)
            path, g = [*path, path[-1] + s], g + y
        return np.stack(path)[1:]

    return forward


def average_from_the_start(p, grads, **params):
    return asgd(p, grads, **{**params, "t0": 0})


def decaying_early(p, grads, *, lr, lambd, alpha, **others):
    path, averages = [p], [np.zeros_like(p)]
    for t, g in enumerate(grads, start=1):
        g, eta = g + others["weight_decay"] * path[-1], lr / (1 + lambd * lr * t) ** alpha
        path.append((1 - lambd * eta) * path[-1] - eta * g)
        averages.append(averages[-1] + (path[-1] - averages[-1]) / max(1, t - 1 - others["t0"]))
    return np.stack(path)[1:], np.stack(averages)[1:]


def adan_of(before_of):
    """The path of Adan with another gradient before."""

    def step(p, g, m, v, n, before, **params):
        return adan_step(p, g, m, v, n, before_of(g, before), **params)

    return lambda p, grads, **params: counted_walk(step, p, grads, *(np.zeros_like(p),) * 4, **params)


SLIPS = {
    "optimistic_gradient_descent": (
        Slip(
            "change-forgotten",
            "The step counts on the change of the gradient, beta (g_t - g_(t-1)), beside alpha g_t. Here that is "
            "missing.",
            changed(optimistic_gradient_descent, lambda params: {"beta": 0.0}),
        ),
        Slip(
            "change-backwards",
            "What the gradient has changed by is g_t - g_(t-1), the new one minus the old one. Here it is the other "
            "way round.",
            changed(optimistic_gradient_descent, lambda params: {"beta": -params["beta"]}),
        ),
    ),
    "optimistic_adam": (
        Slip(
            "change-forgotten",
            "The step counts on the change of the direction, beta (u - before), beside alpha u. Here that is missing.",
            changed(optimistic, lambda params: {"beta": 0.0}),
        ),
        Slip(
            "never-looking-ahead",
            "With nesterov m^ is that of the next step, beta1 m' / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t). "
            "Here it is that of this one.",
            changed(optimistic, lambda params: {"nesterov": False}),
        ),
    ),
    "adan": (
        Slip(
            "change-forgotten",
            "Beside the average of the gradients Adan has one of their changes, d = g - before, which looks ahead. "
            "Here d is 0, which leaves AdamW.",
            adan_of(lambda g, before: g),
        ),
        Slip(
            "change-backwards",
            "What the gradient has changed by is d = g - before, the new one minus the old one. Here it is the other "
            "way round.",
            adan_of(lambda g, before: 2 * g - before),
        ),
    ),
    "polyak_sgd": (
        Slip(
            "step-not-bounded",
            "The rate of Polyak is bounded by max_lr, since it is large where the gradient is small. Here it is not.",
            changed(polyak_sgd, lambda params: {"max_lr": np.inf}),
        ),
        Slip(
            "least-loss-forgotten",
            "The rate is (f - f_min) / |g|^2, what is left to fall over the slope. Here it is f / |g|^2, as if the "
            "least loss were 0.",
            changed(polyak_sgd, lambda params: {"f_min": 0.0}),
        ),
        Slip(
            "norm-not-squared",
            "The loss falls by lr |g|^2 with a step of lr g, so that the rate is (f - f_min) / |g|^2. Here the norm "
            "is not squared.",
            lambda p, grads, losses, *, max_lr, scaling, f_min, eps: (
                p
                - np.cumsum(
                    [
                        scaling * min((f - f_min) / (size_of(g) + eps), max_lr) * g
                        for g, f in zip(grads, losses, strict=True)
                    ],
                    axis=0,
                )
            ),
        ),
    ),
    "asgd": (
        Slip(
            "averaged-from-the-start",
            "The averaging begins after t0 + 1 steps; until then the average is p itself. Here it begins at once.",
            average_from_the_start,
        ),
        Slip(
            "decay-of-the-rate-begins-at-once",
            "The rate of the first step is lr: eta = lr / (1 + lambd lr (t - 1))^alpha with t = 1. Here t stands in "
            "place of t - 1.",
            decaying_early,
        ),
    ),
    "lbfgs": (
        Slip(
            "oldest-pairs-kept",
            "Of the pairs the newest are remembered, pairs[-history:]. Here the oldest are.",
            lbfgs_of(lbfgs_direction, lambda pairs, history: pairs[:history]),
        ),
        Slip(
            "pairs-in-the-wrong-order",
            "The first loop goes from the newest pair to the oldest, the second back. Here it is the other way round.",
            lbfgs_of(lambda g, pairs, scale: lbfgs_direction(g, pairs[::-1], scale)),
        ),
        Slip(
            "scale-of-the-other-quotient",
            "H starts from s.y / y.y of the newest pair, the scale of the inverse Hessian that the source takes. Here "
            "it is s.s / s.y, the longer of the two steps of Barzilai and Borwein.",
            lbfgs_of(lbfgs_direction, scale_of=lambda s, y: (s @ s) / (s @ y)),
        ),
        Slip(
            "pairs-forgotten",
            "The pairs turn the gradient into a direction, in two loops. Here they give its scale alone, s.y / y.y: "
            "steepest descent.",
            steepest_descent,
        ),
        Slip(
            "first-norm-taken-otherwise",
            "The first step is divided by the norm of the gradient that first names, 1 or 2. Here it is the other one.",
            changed(lbfgs, lambda params: {"first": 3 - params["first"]}),
        ),
    ),
}

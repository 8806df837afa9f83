"""Gradient descent."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import refuse_misshapen, refuse_unlike


def sgd_step(p, g, *, lr):
    """p' = p - lr g: one step against the gradient.

    Shapes: p any, g as p, p' as p.

    Raises ValueError where g has another shape.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 8.3.1, algorithm 8.1.
    """
    refuse_unlike("sgd_step", p, g=g)
    return p - lr * g


def sgd_step_vjp(ybar, y, p, g, *, lr):
    """pbar = ybar, gbar = -lr ybar: the step is linear."""
    return ybar, -lr * ybar


def sgd_step_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)), rng.normal(size=(3, 5))), {"lr": 0.3})
    yield Case("vector", (rng.normal(size=7), 10 * rng.normal(size=7)), {"lr": 0.01})
    yield Case("number", (rng.normal(size=()), rng.normal(size=())), {"lr": 1.5})
    yield Case("large", (1e6 * rng.normal(size=(5, 3)), 1e3 * rng.normal(size=(5, 3))), {"lr": 0.1})
    special = np.array([1.0, -2.0, 0.0, np.inf, 5.0]), np.array([0.0, 4.0, -1.0, 1.0, np.inf])
    yield Case("still-and-infinite", special, {"lr": 0.5}, "special", np.array([1.0, -4.0, 0.5, np.inf, -np.inf]))
    yield Case("nan", (np.ones(3), np.array([1.0, np.nan, 2.0])), {"lr": 0.5}, "special", np.array([0.5, np.nan, 0.0]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros((0, 3))), {"lr": 0.5}, "empty", np.zeros((0, 3)))
    yield Case("column", (rng.normal(size=3), rng.normal(size=(3, 1))), {"lr": 0.5}, "refused")


def sgd_step_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.normal(size=n)), {"lr": 0.01})


def sgd(p, grads, *, lr):
    """p_t = p_(t-1) - lr g_t for t = 1 ... T: the parameters after each step of ``sgd_step``.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T, p_0 = p left out.

    Raises ValueError where the shapes do not belong together.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 8.3.1, algorithm 8.1.
    """
    refuse_misshapen("sgd", p, grads)
    path = [p]
    for g in grads:
        path.append(sgd_step(path[-1], g, lr=lr))
    return np.stack(path)[1:]


def sgd_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 2)), rng.normal(size=(5, 3, 2))), {"lr": 0.3})
    yield Case("vector", (rng.normal(size=3), 10 * rng.normal(size=(10, 3))), {"lr": 0.01})
    yield Case("number", (rng.normal(size=()), rng.normal(size=4)), {"lr": 1.5})
    halves = np.array([[1.0, -1.0], [2.0, 0.0], [-4.0, 0.5]])
    yield Case(
        "exact",
        (np.array([1.0, 2.0]), halves),
        {"lr": 0.5},
        "special",
        np.array([[0.5, 2.5], [-0.5, 2.5], [1.5, 2.25]]),
    )
    yield Case("no-steps", (np.ones(3), np.zeros((0, 3))), {"lr": 0.5}, "empty", np.zeros((0, 3)))
    yield Case("one-gradient", (rng.normal(size=3), rng.normal(size=3)), {"lr": 0.5}, "refused")
    yield Case("narrow", (rng.normal(size=3), rng.normal(size=(4, 1))), {"lr": 0.5}, "refused")


def sgd_sized(rng, n):
    return Case("sized", (rng.normal(size=max(n // 10, 1)), rng.normal(size=(10, max(n // 10, 1)))), {"lr": 0.01})


OPS = [
    Op(sgd_step, sgd_step_cases, sgd_step_vjp, sgd_step_sized),
    Op(sgd, sgd_cases, sized=sgd_sized, wrt=()),
]

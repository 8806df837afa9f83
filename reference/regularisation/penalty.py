"""Penalties on the size of weights, to be added to a loss."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def l1_penalty(w, *, alpha):
    """y = alpha sum(|w|).

    Shapes: w any, y ().

    Its slope does not fade as a weight gets small: it pulls every weight by alpha, until those that the loss does not
    hold are exactly 0. At 0 every slope between -alpha and alpha is a subgradient.

    Source: Tibshirani (1996), Regression Shrinkage and Selection via the Lasso, section 2.1, eq. 2.
    """
    return alpha * np.sum(np.abs(w))


def l1_penalty_vjp(ybar, y, w, *, alpha):
    """wbar = alpha ybar sign(w)."""
    return (alpha * ybar * np.sign(w),)


def l1_penalty_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),), {"alpha": 0.1})
    yield Case("vector", (30 * rng.normal(size=7),), {"alpha": 3.0})
    yield Case("zeros", (np.array([1.5, 0.0, -2.0, 0.0]),), {"alpha": 0.5}, "kink")
    yield Case("infinite", (np.array([1.0, -np.inf]),), {"alpha": 0.5}, "special", np.array(np.inf))
    yield Case("no-weights", (np.zeros((0, 3)),), {"alpha": 0.5}, "empty", np.array(0.0))


def l1_penalty_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 256, 1), 256)),), {"alpha": 0.1})


def l2_penalty(w, *, alpha):
    """y = alpha / 2 sum(w^2).

    Shapes: w any, y ().

    The half makes alpha the share of a weight that a step of gradient descent takes off it: the gradient is alpha w.
    (Optimisers call it weight_decay.) Without the half, as in some books and in sklearn's Ridge, alpha counts twice.

    Source: Krogh and Hertz (1991), A Simple Weight Decay Can Improve Generalization, section 1, eq. 1.
    """
    return alpha * np.sum(w * w) / 2


def l2_penalty_vjp(ybar, y, w, *, alpha):
    """wbar = alpha ybar w."""
    return (alpha * ybar * w,)


def l2_penalty_hvp(ybar, dots, y, w, *, alpha):
    """alpha ybar wdot: the Hessian is alpha times the identity."""
    return (alpha * ybar * dots[0],)


def l2_penalty_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),), {"alpha": 0.1})
    yield Case("vector", (30 * rng.normal(size=7),), {"alpha": 3.0})
    yield Case("infinite", (np.array([1.0, -np.inf]),), {"alpha": 0.5}, "special", np.array(np.inf))
    yield Case("no-weights", (np.zeros((0, 3)),), {"alpha": 0.5}, "empty", np.array(0.0))


def l2_penalty_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 256, 1), 256)),), {"alpha": 0.1})


def elastic_net(w, *, alpha, l1_ratio):
    """y = alpha (l1_ratio sum(|w|) + (1 - l1_ratio) / 2 sum(w^2)).

    Shapes: w any, y (); l1_ratio from 0, the l2 penalty alone, to 1, the l1 penalty alone.

    The first term makes weights 0, the second shares a weight out among features that say the same. This is the form
    of sklearn and glmnet; the paper has two independent factors, and no half.

    Source: Friedman, Hastie and Tibshirani (2010), Regularization Paths for Generalized Linear Models via Coordinate
    Descent, section 2, eqs. 1 to 3.
    """
    return l1_penalty(w, alpha=alpha * l1_ratio) + l2_penalty(w, alpha=alpha * (1 - l1_ratio))


def elastic_net_vjp(ybar, y, w, *, alpha, l1_ratio):
    """wbar = alpha ybar (l1_ratio sign(w) + (1 - l1_ratio) w)."""
    return (alpha * ybar * (l1_ratio * np.sign(w) + (1 - l1_ratio) * w),)


def elastic_net_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),), {"alpha": 0.1, "l1_ratio": 0.75})
    yield Case("vector", (30 * rng.normal(size=7),), {"alpha": 3.0, "l1_ratio": 0.125})
    yield Case("zeros", (np.array([1.5, 0.0, -2.0, 0.0]),), {"alpha": 0.5, "l1_ratio": 0.25}, "kink")


def elastic_net_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 256, 1), 256)),), {"alpha": 0.1, "l1_ratio": 0.75})


OPS = [
    Op(l1_penalty, l1_penalty_cases, l1_penalty_vjp, l1_penalty_sized),
    Op(l2_penalty, l2_penalty_cases, l2_penalty_vjp, l2_penalty_sized, hvp=l2_penalty_hvp),
    Op(elastic_net, elastic_net_cases, elastic_net_vjp, elastic_net_sized),
]

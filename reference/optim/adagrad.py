"""Adagrad and Adadelta."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .denominator import denominator
from .trajectory import changing, counted_walk, narrow, random_state, refuse_unlike, some, walk


def adagrad_step(p, g, s, *, t, lr, lr_decay, eps, weight_decay, eps_inside):
    """p' = p - lr_t g / (sqrt(s') + eps) with s' = s + g^2 and lr_t = lr / (1 + (t - 1) lr_decay).

    With eps_inside the denominator is sqrt(s' + eps). Weight decay is coupled: g is the gradient with weight_decay p
    added to it.

    Shapes: p any; g and s as p; (p', s') as p. t = 1, 2, ... counts the steps, this one included.

    Every parameter has its own learning rate, which falls as 1 / sqrt(t) where its gradients stay as they are: one
    that is rarely touched keeps a large one. s has the units of g^2, so lr has those of p.

    Raises ValueError where the shapes differ.
    Source: Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization, figure 1.
    """
    refuse_unlike("adagrad_step", p, g=g, s=s)
    g = g + weight_decay * p
    s = s + g**2
    return p - lr / (1 + (t - 1) * lr_decay) * g / denominator(s, eps=eps, eps_inside=eps_inside), s


OUTSIDE = {"lr": 0.3, "lr_decay": 0.125, "eps": 0.1, "weight_decay": 0.1, "eps_inside": False}
INSIDE = {"lr": 0.5, "lr_decay": 0.0, "eps": 0.01, "weight_decay": 0.0, "eps_inside": True}


def adagrad_step_cases(rng):
    p, g, _, s = random_state(rng, 2, 5)
    yield Case("eps-outside", (p, g, s), {"t": 4, **OUTSIDE})
    p, g, _, s = random_state(rng, 7)
    yield Case("eps-inside", (p, 0.1 * g, 0.01 * s), {"t": 9, **INSIDE})
    yield Case("column", (p, np.ones((7, 1)), s), {"t": 4, **OUTSIDE}, "refused")


def adagrad_step_sized(rng, n):
    p, g, _, s = random_state(rng, max(n // 3, 1))
    return Case("sized", (p, g, s), {"t": 4, **OUTSIDE})


def adagrad(p, grads, *, lr, lr_decay, eps, weight_decay, eps_inside, initial):
    """p_t, s_t = adagrad_step(p_(t-1), g_t, s_(t-1)) for t = 1 ... T, from s_0 = initial.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Where s_0 = 0 the first step is lr for every parameter, however small its gradient, down to gradients like eps.

    Raises ValueError where the shapes do not belong together.
    Source: Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization, figure 1.
    """
    params = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay, "eps_inside": eps_inside}
    return counted_walk(adagrad_step, p, grads, np.full_like(p, initial), **params)


def adagrad_cases(rng):
    yield Case("eps-outside", changing(rng, 10, 2, 3), {**OUTSIDE, "initial": 0.0})
    yield Case("eps-inside", changing(rng, 6, 5), {**INSIDE, "initial": 0.1})
    p = np.array([1.0, -2.0, 3.0])
    still = {**OUTSIDE, "weight_decay": 0.0, "initial": 0.0}
    yield Case("no-gradient", (p, np.zeros((2, 3))), still, "special", np.stack([p, p]))
    yield Case("no-steps", (p, np.zeros((0, 3))), {**INSIDE, "initial": 0.1}, "empty", np.zeros((0, 3)))
    yield Case("narrow", narrow(rng), {**INSIDE, "initial": 0.1}, "refused")


def adagrad_sized(rng, n):
    return Case("sized", some(rng, n), {**OUTSIDE, "initial": 0.0})


def adadelta_step(p, g, v, d, *, lr, rho, eps, weight_decay):
    """p' = p - lr x with x = sqrt(d + eps) / sqrt(v' + eps) g, v' = rho v + (1 - rho) g^2, d' = rho d + (1 - rho) x^2.

    Weight decay is coupled: g is the gradient with weight_decay p added to it.

    Shapes: p any; g, v and d as p; (p', v', d') as p. v has the units of g^2, d those of p^2, as an eps cannot.

    The root of d is the learning rate: as large as the last steps were. It is that of the steps before this one, so
    with d = 0 the first step is sqrt(eps) g / sqrt(v' + eps), and eps decides how fast it gets going.

    Raises ValueError where the shapes differ.
    Source: Zeiler (2012), ADADELTA: an adaptive learning rate method, algorithm 1.
    """
    refuse_unlike("adadelta_step", p, g=g, v=v, d=d)
    g = g + weight_decay * p
    v = rho * v + (1 - rho) * g**2
    x = np.sqrt(d + eps) / np.sqrt(v + eps) * g
    return p - lr * x, v, rho * d + (1 - rho) * x**2


def adadelta_step_cases(rng):
    p, g, d, v = random_state(rng, 2, 5)
    yield Case("large-eps", (p, g, v, d**2), {"lr": 1.0, "rho": 0.9, "eps": 0.1, "weight_decay": 0.1})
    p, g, d, v = random_state(rng, 7)
    yield Case("small-eps", (p, g, v, 0.01 * d**2), {"lr": 0.5, "rho": 0.75, "eps": 1e-6, "weight_decay": 0.0})
    params = {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}
    yield Case("column", (p, np.ones((7, 1)), v, v), params, "refused")


def adadelta_step_sized(rng, n):
    p, g, d, v = random_state(rng, max(n // 4, 1))
    return Case("sized", (p, g, v, d**2), {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0})


def adadelta(p, grads, *, lr, rho, eps, weight_decay):
    """p_t, v_t, d_t = adadelta_step(p_(t-1), g_t, v_(t-1), d_(t-1)) for t = 1 ... T, from v_0 = d_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    The paths of gradients g and of 1000 g are nearly one: only eps knows the difference.

    Raises ValueError where the shapes do not belong together.
    Source: Zeiler (2012), ADADELTA: an adaptive learning rate method, algorithm 1.
    """
    zeros = np.zeros_like(p), np.zeros_like(p)
    return walk(adadelta_step, p, grads, *zeros, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)


def adadelta_cases(rng):
    params = {"lr": 1.0, "rho": 0.9, "eps": 0.1, "weight_decay": 0.1}
    yield Case("large-eps", changing(rng, 10, 2, 3), params)
    yield Case("small-eps", changing(rng, 6, 5), {"lr": 0.5, "rho": 0.75, "eps": 1e-6, "weight_decay": 0.0})
    p = np.array([1.0, -2.0, 3.0])
    yield Case("no-gradient", (p, np.zeros((2, 3))), {**params, "weight_decay": 0.0}, "special", np.stack([p, p]))
    yield Case("narrow", narrow(rng), params, "refused")


def adadelta_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0})


OPS = [
    Op(adagrad_step, adagrad_step_cases, sized=adagrad_step_sized, wrt=()),
    Op(adagrad, adagrad_cases, sized=adagrad_sized, wrt=()),
    Op(adadelta_step, adadelta_step_cases, sized=adadelta_step_sized, wrt=()),
    Op(adadelta, adadelta_cases, sized=adadelta_sized, wrt=()),
]

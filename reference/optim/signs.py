"""Optimisers that take of a gradient its sign alone: sign descent, signum, Lion, Rprop."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, narrow, refuse_misshapen, refuse_unlike, some, walk


def sign_sgd(p, grads, *, lr):
    """p_t = p_(t-1) - lr sign(g_t) for t = 1 ... T.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Every parameter moves by lr, whatever the size of its gradient, and rests where that is 0. It is Adam with
    beta1 = beta2 = eps = 0.

    Raises ValueError where the shapes do not belong together.
    Source: Bernstein, Wang, Azizzadenesheli and Anandkumar (2018), signSGD: compressed optimisation for non-convex
    problems, algorithm 1.
    """
    refuse_misshapen("sign_sgd", p, grads)
    path = [p]
    for g in grads:
        path.append(path[-1] - lr * np.sign(g))
    return np.stack(path)[1:]


def sign_sgd_cases(rng):
    yield Case("matrix", changing(rng, 10, 2, 3), {"lr": 0.3})
    yield Case("vector", changing(rng, 6, 5), {"lr": 0.01})


def sign_sgd_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.01})


def signum_step(p, g, m, *, lr, beta):
    """p' = p - lr sign(m') with m' = beta m + (1 - beta) g.

    Shapes: p any; g and m as p; (p', m') as p.

    The sign of an average and that of a sum of gradients are one: dampening does not matter here.

    Raises ValueError where the shapes differ.
    Source: Bernstein, Wang, Azizzadenesheli and Anandkumar (2018), signSGD: compressed optimisation for non-convex
    problems, algorithm 2.
    """
    refuse_unlike("signum_step", p, g=g, m=m)
    m = beta * m + (1 - beta) * g
    return p - lr * np.sign(m), m


def signum(p, grads, *, lr, beta):
    """p_t, m_t = signum_step(p_(t-1), g_t, m_(t-1)) for t = 1 ... T, from m_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    A gradient of 0 does not stop it, as it stops sign_sgd.

    Raises ValueError where the shapes do not belong together.
    Source: Bernstein, Wang, Azizzadenesheli and Anandkumar (2018), signSGD: compressed optimisation for non-convex
    problems, algorithm 2.
    """
    return walk(signum_step, p, grads, np.zeros_like(p), lr=lr, beta=beta)


def signum_cases(rng):
    p, grads = changing(rng, 10, 2, 3)
    yield Case("matrix", (p, grads[::-1]), {"lr": 0.3, "beta": 0.75})
    yield Case("vector", changing(rng, 6, 5), {"lr": 0.01, "beta": 0.9})


def signum_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.01, "beta": 0.9})


def lion_step(p, g, m, *, lr, beta1, beta2, weight_decay):
    """p' = p - lr (sign(beta1 m + (1 - beta1) g) + weight_decay p) with m' = beta2 m + (1 - beta2) g.

    Shapes: p any; g and m as p; (p', m') as p.

    Two averages of one memory: the sign is taken of the one that counts the new gradient more (beta1 < beta2), and the
    other is kept. Every element moves by lr, so lr is smaller than Adam's and weight decay, which is decoupled, larger.

    Raises ValueError where the shapes differ.
    Source: Chen et al. (2023), Symbolic discovery of optimization algorithms, algorithm 2.
    """
    refuse_unlike("lion_step", p, g=g, m=m)
    direction = np.sign(beta1 * m + (1 - beta1) * g)
    return p - lr * (direction + weight_decay * p), beta2 * m + (1 - beta2) * g


def lion_step_cases(rng):
    usual = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}
    yield Case("decaying", tuple(rng.normal(size=(3, 2, 5))), {**usual, "beta1": 0.5, "weight_decay": 0.25})
    yield Case("usual", tuple(rng.normal(size=(3, 7))), {**usual, "lr": 0.3, "beta2": 0.75})
    yield Case("column", (np.ones(3), np.ones((3, 1)), np.ones(3)), usual, "refused")


def lion_step_sized(rng, n):
    params = {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 1e-3}
    return Case("sized", tuple(rng.normal(size=(3, max(n // 3, 1)))), params)


def lion(p, grads, *, lr, beta1, beta2, weight_decay):
    """p_t, m_t = lion_step(p_(t-1), g_t, m_(t-1)) for t = 1 ... T, from m_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Only gradients that change their signs show which average is which.

    Raises ValueError where the shapes do not belong together.
    Source: Chen et al. (2023), Symbolic discovery of optimization algorithms, algorithm 2.
    """
    return walk(lion_step, p, grads, np.zeros_like(p), lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay)


def lion_cases(rng):
    p, grads = changing(rng, 10, 2, 3)
    yield Case("decaying", (p, grads[::-1]), {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.25})
    usual = {"lr": 0.03, "beta1": 0.9, "beta2": 0.75, "weight_decay": 0.0}
    yield Case("usual", (rng.normal(size=5), rng.normal(size=(10, 5))), usual)
    yield Case("narrow", narrow(rng), usual, "refused")


def lion_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 1e-3})


def rprop_step(p, g, before, size, *, etaminus, etaplus, step_min, step_max):
    """p' = p - size' sign(g) with size' = size etaplus where g has the sign of before, size etaminus where it has not.

    size' is clipped to [step_min, step_max]; where g or before is 0 it stays. Where the sign has changed, the step has
    gone too far: p' = p, and 0 is remembered as the gradient, so that the next step is taken, whatever its sign.

    Shapes: p any; g, before and size as p; (p', the gradient remembered, size') as p. size has the units of p.

    The size of a gradient says nothing here; its sign, twice the same, says that one may go faster.

    Raises ValueError where the shapes differ.
    Source: Riedmiller and Braun (1993), A direct adaptive method for faster backpropagation learning: the RPROP
    algorithm, section II (with the step that went too far left out, not undone: Igel and Huesken (2000), iRprop-).
    """
    refuse_unlike("rprop_step", p, g=g, before=before, size=size)
    agreement = np.sign(g) * np.sign(before)
    size = np.where(agreement > 0, size * etaplus, np.where(agreement < 0, size * etaminus, size))
    size = np.clip(size, step_min, step_max)
    g = np.where(agreement < 0, np.zeros_like(g), g)
    return p - size * np.sign(g), g, size


def rprop(p, grads, *, lr, etaminus, etaplus, step_min, step_max):
    """p_t, ... = rprop_step(p_(t-1), g_t, ...) for t = 1 ... T, with no gradient before, and size_0 = lr.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    The first step is lr, and so is the second unless the signs agree.

    Raises ValueError where the shapes do not belong together.
    Source: Riedmiller and Braun (1993), A direct adaptive method for faster backpropagation learning: the RPROP
    algorithm, section II.
    """
    sizes = {"etaminus": etaminus, "etaplus": etaplus, "step_min": step_min, "step_max": step_max}
    return walk(rprop_step, p, grads, np.zeros_like(p), np.full_like(p, lr), **sizes)


def rprop_cases(rng):
    usual = {"lr": 0.1, "etaminus": 0.5, "etaplus": 1.2, "step_min": 0.04, "step_max": 0.15}
    yield Case("clipped", changing(rng, 10, 2, 3), usual)
    wide = {"lr": 0.3, "etaminus": 0.3, "etaplus": 1.5, "step_min": 1e-6, "step_max": 50.0}
    yield Case("wide", (rng.normal(size=5), rng.normal(size=(10, 5))), wide)
    by_hand = np.array([1.0]), np.array([[2.0], [3.0], [-1.0], [-1.0], [0.0], [5.0]])
    halving = {"lr": 0.5, "etaminus": 0.5, "etaplus": 2.0, "step_min": 0.25, "step_max": 8.0}
    answer = np.array([[0.5], [-0.5], [-0.5], [0.0], [0.0], [-0.5]])
    yield Case("by-hand", by_hand, halving, "special", answer)


def rprop_sized(rng, n):
    params = {"lr": 0.01, "etaminus": 0.5, "etaplus": 1.2, "step_min": 1e-6, "step_max": 50.0}
    return Case("sized", some(rng, n), params)


OPS = [
    Op(sign_sgd, sign_sgd_cases, sized=sign_sgd_sized, wrt=()),
    Op(signum, signum_cases, sized=signum_sized, wrt=()),
    Op(lion_step, lion_step_cases, sized=lion_step_sized, wrt=()),
    Op(lion, lion_cases, sized=lion_sized, wrt=()),
    Op(rprop, rprop_cases, sized=rprop_sized, wrt=()),
]

"""Adamax, and Nadam: Adam with another norm, and with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, counted_walk, narrow, random_state, refuse_unlike, some


def adamax_step(p, g, m, u, *, t, lr, beta1, beta2, eps, weight_decay, decoupled):
    """p' = p - lr / (1 - beta1^t) m' / u' with m' = beta1 m + (1 - beta1) g and u' = max(beta2 u, |g| + eps).

    Weight decay is added to the gradient, g + weight_decay p, or decoupled: p shrinks by lr weight_decay p beside the
    step.

    Shapes: p any; g, m and u as p; (p', m', u') as p. t = 1, 2, ... counts the steps, this one included.

    u is the limit of Adam's root for averages of |g|^k with k -> infinity: the largest gradient, fading. A maximum
    needs no correction. eps is in u and is remembered; a later gradient of 0 still finds a u that is not 0.

    Raises ValueError where the shapes differ.
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 2 (without eps).
    """
    refuse_unlike("adamax_step", p, g=g, m=m, u=u)
    g = g if decoupled else g + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g) + eps)
    kept = p - lr * weight_decay * p if decoupled else p
    return kept - lr / (1 - beta1**t) * m / u, m, u


LARGE_EPS = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.25}
USUAL = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.01}


def adamax_step_cases(rng):
    yield Case("coupled", random_state(rng, 2, 5), {"t": 4, **LARGE_EPS, "decoupled": False})
    yield Case("decoupled", random_state(rng, 7), {"t": 20, **USUAL, "decoupled": True})
    usual = {"t": 4, **USUAL, "decoupled": False}
    yield Case("column", (np.ones(3), np.ones((3, 1)), np.ones(3), np.ones(3)), usual, "refused")


def adamax_step_sized(rng, n):
    return Case("sized", random_state(rng, max(n // 4, 1)), {"t": 3, **USUAL, "decoupled": False})


def adamax(p, grads, *, lr, beta1, beta2, eps, weight_decay, decoupled):
    """p_t, m_t, u_t = adamax_step(p_(t-1), g_t, m_(t-1), u_(t-1)) for t = 1 ... T, from m_0 = u_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    No step is longer than lr / (1 - beta1^t) times the largest ratio of m' to u', about lr.

    Raises ValueError where the shapes do not belong together.
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 2 (without eps).
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return counted_walk(adamax_step, p, grads, np.zeros_like(p), np.zeros_like(p), decoupled=decoupled, **params)


def adamax_cases(rng):
    yield Case("coupled", changing(rng, 10, 2, 3), {**LARGE_EPS, "decoupled": False})
    p, grads = changing(rng, 6, 5)
    yield Case("decoupled", (p, grads[::-1]), {**USUAL, "beta2": 0.25, "decoupled": True})
    yield Case("narrow", narrow(rng), {**USUAL, "decoupled": False}, "refused")


def adamax_sized(rng, n):
    return Case("sized", some(rng, n), {**USUAL, "decoupled": False})


def nadam_step(p, g, m, v, c, *, t, lr, beta1, beta2, eps, weight_decay, decoupled, momentum_decay):
    """p' = p - lr ((1 - mu_t) g / (1 - c') + mu_(t+1) m' / (1 - c' mu_(t+1))) / (sqrt(v^) + eps) with c' = c mu_t.

    m', v' and v^ are those of adam_step. mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), or beta1 throughout if
    momentum_decay is None. Weight decay is coupled, or decoupled, as in adamax_step.

    Shapes: p any; g, m and v as p; c (), the product of mu_1 ... mu_(t-1); (p', m', v', c') as these. t counts the
    steps.

    Adam's m' is momentum, beta1 m and a new gradient; Nesterov's takes the momentum of the next step already,
    beta1 m' and the gradient. The two have to be corrected apart, since m' holds one step's weight more.

    Raises ValueError where the shapes differ.
    Source: Dozat (2016), Incorporating Nesterov momentum into Adam, algorithm 2.
    """
    refuse_unlike("nadam_step", p, g=g, m=m, v=v)
    g = g if decoupled else g + weight_decay * p
    now, after = momentum_at(t, beta1, momentum_decay), momentum_at(t + 1, beta1, momentum_decay)
    c = c * now
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    ahead = (1 - now) / (1 - c) * g + after / (1 - c * after) * m
    kept = p - lr * weight_decay * p if decoupled else p
    return kept - lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps), m, v, c


def momentum_at(t, beta1, momentum_decay):
    return beta1 if momentum_decay is None else beta1 * (1 - 0.96 ** (t * momentum_decay) / 2)


def nadam_step_cases(rng):
    warming = {**LARGE_EPS, "decoupled": False, "momentum_decay": 0.25}
    yield Case("warming", (*random_state(rng, 2, 5), rng.uniform(0.2, 0.6, size=())), {"t": 4, **warming})
    usual = {**USUAL, "decoupled": True, "momentum_decay": 0.004}
    yield Case("decoupled", (*random_state(rng, 7), rng.uniform(0.01, 0.1, size=())), {"t": 9, **usual})
    yield Case(
        "column", (np.ones(3), np.ones((3, 1)), np.ones(3), np.ones(3), np.ones(())), {"t": 1, **usual}, "refused"
    )


def nadam_step_sized(rng, n):
    params = {**USUAL, "decoupled": True, "momentum_decay": 0.004}
    return Case("sized", (*random_state(rng, max(n // 4, 1)), np.asarray(0.3)), {"t": 3, **params})


def nadam(p, grads, *, lr, beta1, beta2, eps, weight_decay, decoupled, momentum_decay):
    """p_t, ... = nadam_step(p_(t-1), g_t, ...) for t = 1 ... T, from m_0 = v_0 = 0 and c_0 = 1.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    With mu_t = beta1 throughout, c_t = beta1^t, and the corrections are 1 - beta1^t and 1 - beta1^(t+1).

    Raises ValueError where the shapes do not belong together.
    Source: Dozat (2016), Incorporating Nesterov momentum into Adam, algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    state = np.zeros_like(p), np.zeros_like(p), 1
    return counted_walk(nadam_step, p, grads, *state, decoupled=decoupled, momentum_decay=momentum_decay, **params)


def nadam_cases(rng):
    yield Case("constant", changing(rng, 10, 2, 3), {**LARGE_EPS, "decoupled": False, "momentum_decay": None})
    yield Case("decoupled", changing(rng, 6, 5), {**USUAL, "decoupled": True, "momentum_decay": None})
    yield Case("warming", changing(rng, 10, 3), {**LARGE_EPS, "decoupled": False, "momentum_decay": 0.25})
    yield Case("narrow", narrow(rng), {**USUAL, "decoupled": False, "momentum_decay": None}, "refused")


def nadam_sized(rng, n):
    return Case("sized", some(rng, n), {**USUAL, "decoupled": False, "momentum_decay": 0.004})


OPS = [
    Op(adamax_step, adamax_step_cases, sized=adamax_step_sized, wrt=()),
    Op(adamax, adamax_cases, sized=adamax_sized, wrt=()),
    Op(nadam_step, nadam_step_cases, sized=nadam_step_sized, wrt=()),
    Op(nadam, nadam_cases, sized=nadam_sized, wrt=()),
]

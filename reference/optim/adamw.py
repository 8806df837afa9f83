"""Two corrections of Adam: weight decay that is none of the gradients' business, and averages that may not fall."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .adam import adam_step
from .trajectory import changing, counted_walk, narrow, random_state, refuse_unlike, some


def adamw_step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
    """p', m', v' = adam_step((1 - lr weight_decay) p, g, m, v).

    Shapes: p any; g, m and v as p; (p', m', v') as p. t = 1, 2, ... counts the steps, this one included.

    Weight decay is decoupled: p shrinks by itself, beside the step. Added to g, as in adam, it would be divided by
    the size of the gradients like them, and nearly vanish where these are large.

    Raises ValueError where the shapes differ, or for t < 1.
    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    """
    return adam_step(p - lr * weight_decay * p, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


LARGE_EPS = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.25}
USUAL = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.01}


def adamw_step_cases(rng):
    yield Case("large-eps", random_state(rng, 2, 5), {"t": 4, **LARGE_EPS})
    yield Case("usual", random_state(rng, 7), {"t": 20, **USUAL})
    p, zeros = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    halving = {**USUAL, "lr": 0.5, "weight_decay": 1.0, "t": 2}
    yield Case("no-gradient", (p, zeros, zeros, zeros), halving, "special", (p / 2, zeros, zeros))
    yield Case("column", (p, np.ones((3, 1)), zeros, zeros), {"t": 1, **USUAL}, "refused")


def adamw_step_sized(rng, n):
    return Case("sized", random_state(rng, max(n // 4, 1)), {"t": 3, **USUAL})


def adamw(p, grads, *, lr, beta1, beta2, eps, weight_decay):
    """p_t, m_t, v_t = adamw_step(p_(t-1), g_t, m_(t-1), v_(t-1)) for t = 1 ... T, from m_0 = v_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Without gradients p_T = (1 - lr weight_decay)^T p; adam would move by about lr in every step.

    Raises ValueError where the shapes do not belong together.
    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return counted_walk(adamw_step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def adamw_cases(rng):
    yield Case("large-eps", changing(rng, 10, 2, 3), LARGE_EPS)
    yield Case("usual", changing(rng, 6, 5), USUAL)
    p = np.array([1.0, -2.0, 3.0])
    halving = {**USUAL, "lr": 0.5, "weight_decay": 1.0}
    yield Case("no-gradient", (p, np.zeros((2, 3))), halving, "special", np.stack([p / 2, p / 4]))
    yield Case("narrow", narrow(rng), USUAL, "refused")


def adamw_sized(rng, n):
    return Case("sized", some(rng, n), USUAL)


def amsgrad_step(p, g, m, v, most, *, t, lr, beta1, beta2, eps, weight_decay, correct_first):
    """p' = p - lr m^ / (sqrt(most^) + eps), m^ = m' / (1 - beta1^t), most^ = max(most, v') / (1 - beta2^t).

    m' = beta1 m + (1 - beta1) g and v' = beta2 v + (1 - beta2) g^2 as in adam_step. With correct_first,
    most^ = max(most, v' / (1 - beta2^t)), and that is remembered. Weight decay is coupled, as in adam.

    Shapes: p any; g, m, v and most as p; (p', m', v', most') as p. t = 1, 2, ... counts the steps.

    A large gradient that comes once in a while is forgotten by v before it has counted; the largest average seen is
    not. The correction of most is too large while most is older than v', unless it is corrected first.

    Raises ValueError where the shapes differ.
    Source: Reddi, Kale and Kumar (2018), On the convergence of Adam and beyond, algorithm 2.
    """
    refuse_unlike("amsgrad_step", p, g=g, m=m, v=v, most=most)
    g = g + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    growth = 1 - beta2**t
    most = np.maximum(most, v / growth if correct_first else v)
    root = np.sqrt(most if correct_first else most / growth)
    return p - lr * m / (1 - beta1**t) / (root + eps), m, v, most


def amsgrad(p, grads, *, lr, beta1, beta2, eps, weight_decay, correct_first):
    """p_t, ... = amsgrad_step(p_(t-1), g_t, ...) for t = 1 ... T, from m_0 = v_0 = most_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    It differs from adam only once v has fallen: the gradients have to shrink.

    Raises ValueError where the shapes do not belong together.
    Source: Reddi, Kale and Kumar (2018), On the convergence of Adam and beyond, algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    zeros = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    return counted_walk(amsgrad_step, p, grads, *zeros, correct_first=correct_first, **params)


def amsgrad_cases(rng):
    p, grads = changing(rng, 10, 2, 3)
    yield Case("correct-last", (p, grads[::-1]), {**LARGE_EPS, "correct_first": False})
    p, grads = changing(rng, 6, 5)
    yield Case("correct-first", (p, grads[::-1]), {**USUAL, "beta2": 0.75, "weight_decay": 0.0, "correct_first": True})


def amsgrad_sized(rng, n):
    return Case("sized", some(rng, n), {**USUAL, "correct_first": False})


OPS = [
    Op(adamw_step, adamw_step_cases, sized=adamw_step_sized, wrt=()),
    Op(adamw, adamw_cases, sized=adamw_sized, wrt=()),
    Op(amsgrad, amsgrad_cases, sized=amsgrad_sized, wrt=()),
]

"""Adam."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import counted_walk, random_state, refuse_misshapen, refuse_unlike


def adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    """p' = p - lr m^ / (sqrt(v^) + eps) with m^ = m' / (1 - beta1^t) and v^ = v' / (1 - beta2^t), where
    m' = beta1 m + (1 - beta1) g and v' = beta2 v + (1 - beta2) g^2 are running averages of g and of its square.

    Shapes: p any; g, m and v as p; (p', m', v') as p. t = 1, 2, ... counts the steps, this one included.

    m and v start at 0, so after t steps the weights of the gradients in m' add up to 1 - beta1^t only: m^ and
    v^ make up for it. eps stands outside of the root and beside v^, not v': it bounds the step by
    lr |m^| / eps, and is felt as soon as the gradients are about as small.

    Raises ValueError where the shapes differ, or for t < 1 (with t = 0 the weights add up to nothing).
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """
    refuse_unlike("adam_step", p, g=g, m=m, v=v)
    if t < 1:
        raise ValueError(f"adam_step: got t {t}, want 1 or more: the first step is t = 1")
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def adam_step_vjp(ybar, y, p, g, m, v, *, t, lr, beta1, beta2, eps):
    """The cotangents of m' and v' first: what the outputs m' and v' bring, and what p' brings by m^ and v^.

    With r = sqrt(v^), p' has the derivatives -lr / (r + eps) by m^ and lr m^ / (2 r (r + eps)^2) by v^. Then
    gbar = (1 - beta1) m'bar + 2 (1 - beta2) g v'bar, since g enters both averages.
    """
    (pbar, mbar, vbar), (_, m, v) = ybar, y
    m_hat, root = m / (1 - beta1**t), np.sqrt(v / (1 - beta2**t))
    m_hat_bar = -lr * pbar / (root + eps)
    v_hat_bar = -m_hat_bar * m_hat / (2 * root * (root + eps))
    mbar = mbar + m_hat_bar / (1 - beta1**t)
    vbar = vbar + v_hat_bar / (1 - beta2**t)
    return pbar, (1 - beta1) * mbar + 2 * (1 - beta2) * g * vbar, beta1 * mbar, beta2 * vbar


def adam_step_cases(rng):
    usual = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    large_eps = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1}
    p, g, _, _ = random_state(rng, 3, 5)
    yield Case("first", (p, g, np.zeros((3, 5)), np.zeros((3, 5))), {"t": 1, **large_eps})
    yield Case("fourth", random_state(rng, 2, 5), {"t": 4, **large_eps})
    yield Case("usual", random_state(rng, 7), {"t": 3, **usual})
    yield Case("late", random_state(rng, 5), {"t": 1000, **usual})
    p, g, m, v = random_state(rng, 3, 2)
    yield Case("small-gradients", (p, 0.01 * g, 0.01 * m, 1e-4 * v), {"t": 5, **large_eps})
    p = np.array([1.0, -2.0, 3.0])
    still = np.zeros(3)
    yield Case("no-gradient", (p, still, still, still), {"t": 2, **usual}, "special", (p, still, still))
    none = np.zeros((0, 3))
    yield Case("nothing", (none, none, none, none), {"t": 1, **usual}, "empty", (none, none, none))
    yield Case("step-zero", random_state(rng, 3), {"t": 0, **usual}, "refused")
    yield Case("scalar-moment", (*rng.normal(size=(3, 3)), np.ones(())), {"t": 1, **usual}, "refused")
    yield Case("column", (rng.normal(size=3), rng.normal(size=(3, 1)), still, still), {"t": 1, **usual}, "refused")


def adam_step_sized(rng, n):
    return Case("sized", random_state(rng, n), {"t": 3, "lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8})


def coupled_adam_step(p, g, m, v, *, weight_decay, **params):
    """adam_step with the gradient of weight_decay |p|^2 / 2 added to g: it is averaged and divided as g is."""
    return adam_step(p, g + weight_decay * p, m, v, **params)


def adam(p, grads, *, lr, beta1, beta2, eps, weight_decay):
    """p_t, m_t, v_t = adam_step(p_(t-1), g_t + weight_decay p_(t-1), m_(t-1), v_(t-1)) for t = 1 ... T.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T, p_0 = p left out.

    m_0 = v_0 = 0. Where all gradients are equal, the corrected averages are g and g^2 in every step: only gradients
    that change show whether the averages, and their corrections by 1 - beta^t, are right. Weight decay is coupled
    here: a parameter with large gradients decays more slowly. In adamw it is not.

    Raises ValueError where the shapes do not belong together.
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """
    refuse_misshapen("adam", p, grads)
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return counted_walk(coupled_adam_step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def adam_cases(rng):
    usual = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    large_eps = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.0}
    yield Case("matrix", (rng.normal(size=(3, 2)), rng.normal(size=(5, 3, 2))), large_eps)
    yield Case("usual", (rng.normal(size=3), rng.normal(size=(10, 3))), usual)
    yield Case("number", (rng.normal(size=()), rng.normal(size=4)), {**large_eps, "weight_decay": 0.25})
    growing = np.array([0.01, 0.1, 1, 10])[:, None] * rng.normal(size=(4, 5))
    yield Case("growing-gradients", (rng.normal(size=5), growing), {**large_eps, "weight_decay": 0.1})
    yield Case("shrinking-gradients", (rng.normal(size=5), growing[::-1]), {**usual, "beta1": 0.5, "beta2": 0.8})
    p = np.array([1.0, -2.0, 3.0])
    yield Case("no-gradient", (p, np.zeros((2, 3))), usual, "special", np.stack([p, p]))
    yield Case("no-steps", (p, np.zeros((0, 3))), usual, "empty", np.zeros((0, 3)))
    yield Case("one-gradient", (p, rng.normal(size=3)), usual, "refused")
    yield Case("narrow", (p, rng.normal(size=(4, 1))), usual, "refused")


def adam_sized(rng, n):
    grads = rng.normal(size=(10, max(n // 10, 1)))
    params = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    return Case("sized", (rng.normal(size=grads.shape[1:]), grads), params)


OPS = [
    Op(adam_step, adam_step_cases, adam_step_vjp, adam_step_sized),
    Op(adam, adam_cases, sized=adam_sized, wrt=()),
]

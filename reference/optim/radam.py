"""RAdam, and two other second moments for Adam: AdaBelief and Yogi."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, counted_walk, narrow, random_state, refuse_unlike, some


def radam_step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay, decoupled, eps_hat):
    """p' = p - lr r_t m^ / (sqrt(v^) + eps) if rho_t > 5, else p - lr m^; m', v', m^ and v^ are those of adam_step.

    rho_t + 1 is twice the mean age of the squares in v': 1 for this one, 2 for the one before, with their weights
    1, beta2, beta2^2 ... beta2^(t-1). With rho = 2 / (1 - beta2) - 1 for all eternity, r_t^2 = (rho_t - 4) (rho_t - 2)
    rho / ((rho - 4) (rho - 2) rho_t). With eps_hat, eps stands beside the root before its correction:
    sqrt(1 - beta2^t) / (sqrt(v') + eps). Weight decay is coupled, or decoupled, as in adamax_step.

    Shapes: p any; g, m and v as p; (p', m', v') as p. t = 1, 2, ... counts the steps, this one included.

    rho_t is the number of gradients whose plain average would be as old as v'. Of few, the variance of 1 / sqrt(v^) is
    large, or infinite where rho_t <= 4: the first steps are momentum alone, and r_t lets the division in as rho_t
    grows. The paper's rho - 2 t beta2^t / (1 - beta2^t) is the same rho_t, as the difference of two large numbers.

    Raises ValueError where the shapes differ.
    Source: Liu, Jiang, He, Chen, Liu, Gao and Han (2020), On the variance of the adaptive learning rate and beyond,
    algorithm 2 (which begins at rho_t > 4).
    """
    refuse_unlike("radam_step", p, g=g, m=m, v=v)
    g = g if decoupled else g + weight_decay * p
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    kept = p - lr * weight_decay * p if decoupled else p
    step, growth = lr * m / (1 - beta1**t), 1 - beta2**t
    weights = [beta2**n for n in range(t)]
    rho, rho_t = 2 / (1 - beta2) - 1, 2 * sum((n + 1) * weights[n] for n in range(t)) / sum(weights) - 1
    if rho_t <= 5:
        return kept - step, m, v
    r = ((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)) ** 0.5
    size = (np.sqrt(v) + eps) / growth**0.5 if eps_hat else np.sqrt(v / growth) + eps
    return kept - r * step / size, m, v


LARGE_EPS = {"lr": 0.3, "beta1": 0.8, "beta2": 0.9, "eps": 0.1, "weight_decay": 0.25}
USUAL = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}


def radam_step_cases(rng):
    yield Case("rectified", random_state(rng, 2, 5), {"t": 8, **LARGE_EPS, "decoupled": False, "eps_hat": True})
    yield Case("corrected", random_state(rng, 7), {"t": 30, **LARGE_EPS, "decoupled": True, "eps_hat": False})
    yield Case("early", random_state(rng, 3), {"t": 4, **USUAL, "decoupled": True, "eps_hat": True})
    params = {"t": 4, **USUAL, "decoupled": True, "eps_hat": True}
    yield Case("column", (np.ones(3), np.ones((3, 1)), np.ones(3), np.ones(3)), params, "refused")


def radam_step_sized(rng, n):
    params = {"t": 9, **USUAL, "decoupled": False, "eps_hat": True}
    return Case("sized", random_state(rng, max(n // 4, 1)), params)


def radam(p, grads, *, lr, beta1, beta2, eps, weight_decay, decoupled, eps_hat):
    """p_t, m_t, v_t = radam_step(p_(t-1), g_t, m_(t-1), v_(t-1)) for t = 1 ... T, from m_0 = v_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    For the usual beta2 of 0.999 or 0.9 alike, the sixth step is the first that is divided.

    Raises ValueError where the shapes do not belong together.
    Source: Liu, Jiang, He, Chen, Liu, Gao and Han (2020), On the variance of the adaptive learning rate and beyond,
    algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    zeros = np.zeros_like(p), np.zeros_like(p)
    return counted_walk(radam_step, p, grads, *zeros, decoupled=decoupled, eps_hat=eps_hat, **params)


def radam_cases(rng):
    yield Case("eps-hat", changing(rng, 10, 2, 3), {**LARGE_EPS, "decoupled": False, "eps_hat": True})
    yield Case("corrected", changing(rng, 10, 2, 3), {**LARGE_EPS, "decoupled": False, "eps_hat": False})
    yield Case("decoupled", changing(rng, 8, 5), {**USUAL, "decoupled": True, "eps_hat": True})
    yield Case("narrow", narrow(rng), {**USUAL, "decoupled": False, "eps_hat": False}, "refused")


def radam_sized(rng, n):
    return Case("sized", some(rng, n), {**USUAL, "decoupled": False, "eps_hat": True})


def adabelief_step(p, g, m, s, *, t, lr, beta1, beta2, eps, eps_root):
    """p' = p - lr m^ / (sqrt(s^) + eps) with s' = beta2 s + (1 - beta2) (g - m')^2 + eps_root.

    m' and m^ are those of adam_step, s^ = s' / (1 - beta2^t).

    Shapes: p any; g, m and s as p; (p', m', s') as p. t = 1, 2, ... counts the steps, this one included.

    What is averaged is how far the gradients lie from what was expected of them: a large gradient that keeps coming
    is believed, and the step is long, where Adam's would be lr. eps_root is added in every step, and s remembers it.

    Raises ValueError where the shapes differ.
    Source: Zhuang, Tang, Ding, Tatikonda, Dvornek, Papademetris and Duncan (2020), AdaBelief optimizer: adapting
    stepsizes by the belief in observed gradients, algorithm 2.
    """
    refuse_unlike("adabelief_step", p, g=g, m=m, s=s)
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps_root
    return p - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), m, s


def adabelief(p, grads, *, lr, beta1, beta2, eps, eps_root):
    """p_t, m_t, s_t = adabelief_step(p_(t-1), g_t, m_(t-1), s_(t-1)) for t = 1 ... T, from m_0 = s_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    The first step is lr / beta1, because m_1 is (1 - beta1) g_1 and belief in g_1 is beta1 g_1 short.

    Raises ValueError where the shapes do not belong together.
    Source: Zhuang, Tang, Ding, Tatikonda, Dvornek, Papademetris and Duncan (2020), AdaBelief optimizer: adapting
    stepsizes by the belief in observed gradients, algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "eps_root": eps_root}
    return counted_walk(adabelief_step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def adabelief_cases(rng):
    large_eps = {"lr": 0.3, "beta1": 0.8, "beta2": 0.9, "eps": 0.1, "eps_root": 0.01}
    usual = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "eps_root": 1e-6}
    yield Case("large-eps", changing(rng, 10, 2, 3), large_eps)
    yield Case("usual", changing(rng, 6, 5), usual)


def adabelief_sized(rng, n):
    params = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "eps_root": 1e-16}
    return Case("sized", some(rng, n), params)


def yogi_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    """p' = p - lr m^ / (sqrt(v^) + eps) with v' = v - (1 - beta2) sign(v - g^2) g^2; m', m^ and v^ as in adam_step.

    Shapes: p any; g, m and v as p; (p', m', v') as p. t = 1, 2, ... counts the steps, this one included.

    Adam's v' - v is (1 - beta2) (g^2 - v), in proportion to the difference; here it has the sign of that and the size
    of g^2, so that v falls slowly where the gradients become small.

    Raises ValueError where the shapes differ.
    Source: Zaheer, Reddi, Sachan, Kale and Kumar (2018), Adaptive methods for nonconvex optimization, algorithm 2.
    """
    refuse_unlike("yogi_step", p, g=g, m=m, v=v)
    m = beta1 * m + (1 - beta1) * g
    v = v - (1 - beta2) * np.sign(v - g**2) * g**2
    return p - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def yogi(p, grads, *, lr, beta1, beta2, eps, initial):
    """p_t, m_t, v_t = yogi_step(p_(t-1), g_t, m_(t-1), v_(t-1)) for t = 1 ... T, from m_0 = v_0 = initial.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    The corrections divide what was there at first by 1 - beta^t as well, so it is not forgotten at once.

    Raises ValueError where the shapes do not belong together.
    Source: Zaheer, Reddi, Sachan, Kale and Kumar (2018), Adaptive methods for nonconvex optimization, algorithm 2.
    """
    start = np.full_like(p, initial)
    return counted_walk(yogi_step, p, grads, start, start, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def yogi_cases(rng):
    large_eps = {"lr": 0.3, "beta1": 0.8, "beta2": 0.75, "eps": 0.1, "initial": 0.25}
    usual = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 0.001, "initial": 1e-6}
    yield Case("large-eps", changing(rng, 10, 2, 3), large_eps)
    p, grads = changing(rng, 6, 5)
    yield Case("usual", (p, grads[::-1]), usual)


def yogi_sized(rng, n):
    params = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 0.001, "initial": 1e-6}
    return Case("sized", some(rng, n), params)


OPS = [
    Op(radam_step, radam_step_cases, sized=radam_step_sized, wrt=()),
    Op(radam, radam_cases, sized=radam_sized, wrt=()),
    Op(adabelief, adabelief_cases, sized=adabelief_sized, wrt=()),
    Op(yogi, yogi_cases, sized=yogi_sized, wrt=()),
]

"""RMSprop."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .denominator import denominator
from .trajectory import changing, narrow, random_state, refuse_unlike, some, walk


def rmsprop_step(p, g, v, m, b, *, lr, alpha, eps, weight_decay, momentum, centered, eps_inside):
    """p' = p - lr b' with b' = momentum b + g / (sqrt(v') + eps) and v' = alpha v + (1 - alpha) g^2.

    Centered, v' - m'^2 stands under the root, with m' = alpha m + (1 - alpha) g; with eps_inside eps stands there too.
    Weight decay is coupled: g is the gradient with weight_decay p added to it.

    Shapes: p any; g, v, m and b as p; (p', v', m', b') as p. b has no units, so lr has those of p.

    The root of the average of g^2 stands for the size of the gradients; it forgets, as Adagrad's sum does not. There
    is no correction for v = 0 at first: the first step is 1 / sqrt(1 - alpha) times too large. v' - m'^2 is the
    variance of the gradients; m is kept as it is unless centered.

    Raises ValueError where the shapes differ.
    Source: Graves (2013), Generating sequences with recurrent neural networks, eqs. 38 to 41 (centered, eps inside);
    Goodfellow, Bengio and Courville (2016), Deep Learning, section 8.5.2, algorithm 8.5.
    """
    refuse_unlike("rmsprop_step", p, g=g, v=v, m=m, b=b)
    g = g + weight_decay * p
    v = alpha * v + (1 - alpha) * g**2
    m = alpha * m + (1 - alpha) * g if centered else m
    b = momentum * b + g / denominator(v - m**2 if centered else v, eps=eps, eps_inside=eps_inside)
    return p - lr * b, v, m, b


NUMBERS = {"lr": 0.1, "alpha": 0.9, "eps": 0.1, "weight_decay": 0.1, "momentum": 0.0}
OTHERS = {"lr": 0.03, "alpha": 0.75, "eps": 1e-6, "weight_decay": 0.0, "momentum": 0.5}
PLAIN = {**NUMBERS, "centered": False, "eps_inside": False}
CENTERED = {**OTHERS, "centered": True, "eps_inside": False}


def rmsprop_step_cases(rng):
    def state(*shape):
        p, g, b, v = random_state(rng, *shape)
        return p, g, v, rng.uniform(-0.4, 0.4, size=shape), b

    yield Case("plain", state(2, 5), {**PLAIN, "momentum": 0.9})
    yield Case("centered", state(7), CENTERED)
    yield Case("eps-inside", state(5), {**PLAIN, "momentum": 0.9, "eps_inside": True})
    yield Case("column", (*state(3)[:4], np.ones((3, 1))), CENTERED, "refused")


def rmsprop_step_sized(rng, n):
    p, g, b, v = random_state(rng, max(n // 5, 1))
    return Case("sized", (p, g, v, np.zeros_like(p), b), {**PLAIN, "momentum": 0.9})


def rmsprop(p, grads, *, lr, alpha, eps, weight_decay, momentum, centered, eps_inside):
    """p_t, ... = rmsprop_step(p_(t-1), g_t, ...) for t = 1 ... T, from v_0 = m_0 = b_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Where eps stands is seen as soon as the gradients are as small as it, or as small as its root.

    Raises ValueError where the shapes do not belong together.
    Source: Graves (2013), Generating sequences with recurrent neural networks, eqs. 38 to 41.
    """
    params = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
    zeros = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    return walk(rmsprop_step, p, grads, *zeros, centered=centered, eps_inside=eps_inside, **params)


def rmsprop_cases(rng):
    yield Case("plain", changing(rng, 10, 2, 3), PLAIN)
    yield Case("centered", changing(rng, 6, 5), {**CENTERED, "eps": 0.1})
    yield Case("eps-inside", changing(rng, 10, 3), {**PLAIN, "momentum": 0.9, "eps_inside": True})
    yield Case("centered-eps-inside", changing(rng, 6, 5), {**CENTERED, "eps_inside": True})
    p = np.array([1.0, -2.0, 3.0])
    yield Case("no-gradient", (p, np.zeros((2, 3))), CENTERED, "special", np.stack([p, p]))
    yield Case("narrow", narrow(rng), PLAIN, "refused")


def rmsprop_sized(rng, n):
    return Case("sized", some(rng, n), PLAIN)


OPS = [
    Op(rmsprop_step, rmsprop_step_cases, sized=rmsprop_step_sized, wrt=()),
    Op(rmsprop, rmsprop_cases, sized=rmsprop_sized, wrt=()),
]

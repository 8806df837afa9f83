"""Optimisers that compare the size of all parameters of a layer with that of their step: LARS, LAMB, Fromage, NovoGrad.

p is one layer here: its norm is taken of all of it.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, counted_walk, narrow, random_state, refuse_misshapen, refuse_unlike, some, walk


def size_of(x):
    """The Euclidean norm of all elements."""
    return np.sqrt(np.sum(x**2))


def trust_ratio(p, step, *, trust=1, eps=0):
    """trust |p| / (|step| + eps), or 1 where either norm is 0: a layer of zeros would never move."""
    whole, part = size_of(p), size_of(step)
    one, nothing = np.ones_like(whole), (whole == 0) | (part == 0)
    return np.where(nothing, one, trust * whole / np.where(nothing, one, part + eps))


def lars_step(p, g, v, *, lr, momentum, weight_decay, trust, eps):
    """p' = p - v' with v' = momentum v + lr trust |p| / (|d| + eps) d, d = g + weight_decay p.

    Shapes: p any, one layer; g and v as p; (p', v') as p. |x| is the Euclidean norm of all of x; where |p| or |d| is
    0, trust |p| / (|d| + eps) is replaced by 1. The momentum is a displacement: the learning rate is inside.

    A layer moves by lr trust of its own size, however large its gradients are: no layer blows up before the others.

    Raises ValueError where the shapes differ.
    Source: You, Gitman and Ginsburg (2017), Large batch training of convolutional networks, algorithm 1.
    """
    refuse_unlike("lars_step", p, g=g, v=v)
    d = g + weight_decay * p
    v = momentum * v + lr * trust_ratio(p, d, trust=trust, eps=eps) * d
    return p - v, v


def lars(p, grads, *, lr, momentum, weight_decay, trust, eps):
    """p_t, v_t = lars_step(p_(t-1), g_t, v_(t-1)) for t = 1 ... T, from v_0 = 0.

    Shapes: p any, one layer, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Without weight decay and eps, gradients g and 1000 g give one path.

    Raises ValueError where the shapes do not belong together.
    Source: You, Gitman and Ginsburg (2017), Large batch training of convolutional networks, algorithm 1.
    """
    params = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust": trust, "eps": eps}
    return walk(lars_step, p, grads, np.zeros_like(p), **params)


def lars_cases(rng):
    params = {"lr": 0.3, "momentum": 0.9, "weight_decay": 0.25, "trust": 0.5, "eps": 0.1}
    yield Case("matrix", changing(rng, 10, 2, 3), params)
    usual = {"lr": 2.0, "momentum": 0.5, "weight_decay": 0.0, "trust": 0.01, "eps": 0.0}
    yield Case("usual", changing(rng, 6, 5), usual)
    by_hand = np.array([3.0, 4.0]), np.array([[0.0, 2.0], [0.0, 0.0]])
    exact = {"lr": 0.5, "momentum": 0.5, "weight_decay": 0.0, "trust": 0.5, "eps": 0.0}
    yield Case("by-hand", by_hand, exact, "special", np.array([[3.0, 2.75], [3.0, 2.125]]))


def lars_sized(rng, n):
    params = {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4, "trust": 0.001, "eps": 0.0}
    return Case("sized", some(rng, n), params)


def lamb_step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
    """p' = p - lr |p| / |r| r with r = m^ / (sqrt(v^) + eps) + weight_decay p; m', v', m^ and v^ as in adam_step.

    Shapes: p any, one layer; g, m and v as p; (p', m', v') as p. t = 1, 2, ... counts the steps. |x| is the Euclidean
    norm of all of x; where |p| or |r| is 0, |p| / |r| is replaced by 1.

    Adam's step and its decoupled weight decay give the direction, and lr |p| the length, of every step.

    Raises ValueError where the shapes differ.
    Source: You et al. (2020), Large batch optimization for deep learning: training BERT in 76 minutes, algorithm 2.
    """
    refuse_unlike("lamb_step", p, g=g, m=m, v=v)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    r = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * p
    return p - lr * trust_ratio(p, r) * r, m, v


LARGE_EPS = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1, "weight_decay": 0.25}
USUAL = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-6, "weight_decay": 0.01}


def lamb_step_cases(rng):
    yield Case("large-eps", random_state(rng, 2, 5), {"t": 4, **LARGE_EPS})
    yield Case("usual", random_state(rng, 7), {"t": 20, **USUAL})
    yield Case("column", (np.ones(3), np.ones((3, 1)), np.ones(3), np.ones(3)), {"t": 4, **USUAL}, "refused")


def lamb_step_sized(rng, n):
    return Case("sized", random_state(rng, max(n // 4, 1)), {"t": 4, **USUAL})


def lamb(p, grads, *, lr, beta1, beta2, eps, weight_decay):
    """p_t, m_t, v_t = lamb_step(p_(t-1), g_t, m_(t-1), v_(t-1)) for t = 1 ... T, from m_0 = v_0 = 0.

    Shapes: p any, one layer, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    A layer of zeros takes the step of adamw, and is compared with itself from then on.

    Raises ValueError where the shapes do not belong together.
    Source: You et al. (2020), Large batch optimization for deep learning: training BERT in 76 minutes, algorithm 2.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return counted_walk(lamb_step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def lamb_cases(rng):
    yield Case("large-eps", changing(rng, 10, 2, 3), LARGE_EPS)
    yield Case("usual", changing(rng, 6, 5), USUAL)
    halves = {"lr": 0.5, "beta1": 0.5, "beta2": 0.5, "eps": 1.0, "weight_decay": 0.25}
    zeros = np.zeros(2), np.array([[1.0, -3.0]])
    yield Case("from-zero", zeros, halves, "special", np.array([[-0.25, 0.375]]))
    yield Case("narrow", narrow(rng), USUAL, "refused")


def lamb_sized(rng, n):
    return Case("sized", some(rng, n), USUAL)


def fromage(p, grads, *, lr, min_norm):
    """p_t = (p - lr max(|p|, min_norm) / max(|g_t|, min_norm) g_t) / sqrt(1 + lr^2) with p = p_(t-1), for t = 1 ... T.

    Shapes: p any, one layer, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T. |x| is the
    Euclidean norm of all of x.

    A step of lr |p| at a right angle to p makes it sqrt(1 + lr^2) times as long: the division keeps its length.

    Raises ValueError where the shapes do not belong together.
    Source: Bernstein, Vahdat, Yue and Liu (2020), On the distance between two neural networks and the stability of
    learning, algorithm 1.
    """
    refuse_misshapen("fromage", p, grads)
    path = [p]
    for g in grads:
        ratio = np.maximum(size_of(p), min_norm) / np.maximum(size_of(g), min_norm)
        p = (p - lr * ratio * g) / (1 + lr**2) ** 0.5
        path.append(p)
    return np.stack(path)[1:]


def fromage_cases(rng):
    yield Case("matrix", changing(rng, 10, 2, 3), {"lr": 0.3, "min_norm": 1e-6})
    yield Case("clipped", changing(rng, 6, 5), {"lr": 0.01, "min_norm": 2.0})


def fromage_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.01, "min_norm": 1e-6})


def novograd_step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
    """p' = p - lr m' with m' = beta1 m + g / (sqrt(v') + eps) + weight_decay p, v' = beta2 v + (1 - beta2) |g|^2.

    In the first step v' = |g|^2.

    Shapes: p any, one layer; g and m as p, v (); (p', m', v') as these. t = 1, 2, ... counts the steps. |x| is the
    Euclidean norm of all of x.

    One second moment for a whole layer: its gradients are brought to one length and keep their direction. m adds up,
    it does not average, and weight decay is in it.

    Raises ValueError where the shapes differ.
    Source: Ginsburg et al. (2019), Stochastic gradient methods with layer-wise adaptive moments for training of deep
    networks, algorithm 1.
    """
    refuse_unlike("novograd_step", p, g=g, m=m)
    squared = np.sum(g**2)
    v = squared if t == 1 else beta2 * v + (1 - beta2) * squared
    m = beta1 * m + g / (np.sqrt(v) + eps) + weight_decay * p
    return p - lr * m, m, v


def novograd(p, grads, *, lr, beta1, beta2, eps, weight_decay):
    """p_t, m_t, v_t = novograd_step(p_(t-1), g_t, m_(t-1), v_(t-1)) for t = 1 ... T, from m_0 = 0.

    Shapes: p any, one layer, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    The first step has the length lr, up to eps and weight decay.

    Raises ValueError where the shapes do not belong together.
    Source: Ginsburg et al. (2019), Stochastic gradient methods with layer-wise adaptive moments for training of deep
    networks, algorithm 1.
    """
    params = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return counted_walk(novograd_step, p, grads, np.zeros_like(p), 0, **params)


def novograd_cases(rng):
    yield Case("large-eps", changing(rng, 10, 2, 3), LARGE_EPS)
    yield Case("usual", changing(rng, 6, 5), {**USUAL, "beta2": 0.25})


def novograd_sized(rng, n):
    return Case("sized", some(rng, n), {**USUAL, "beta2": 0.25})


OPS = [
    Op(lars, lars_cases, sized=lars_sized, wrt=()),
    Op(lamb_step, lamb_step_cases, sized=lamb_step_sized, wrt=()),
    Op(lamb, lamb_cases, sized=lamb_sized, wrt=()),
    Op(fromage, fromage_cases, sized=fromage_sized, wrt=()),
    Op(novograd, novograd_cases, sized=novograd_sized, wrt=()),
]

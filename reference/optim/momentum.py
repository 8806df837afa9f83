"""Gradient descent with momentum, where the conventions differ, and Nesterov's."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, narrow, refuse_misshapen, refuse_unlike, some


def momentum_step(p, g, v, *, lr, momentum, dampening, weight_decay, lr_inside):
    """p' = p - lr v' with v' = momentum v + (1 - dampening) g.

    With lr_inside p' = p - v' with v' = momentum v + lr (1 - dampening) g. Weight decay is coupled: g is the gradient
    with weight_decay p added to it.

    Shapes: p any; g and v as p; (p', v') as p. v has the units of g; with lr_inside those of p.

    Three things are called momentum. The velocity adds up gradients (dampening 0, lr outside): constant gradients make
    it 1 / (1 - momentum) times as fast. The displacement has the learning rate inside, so a new rate takes hold as
    slowly as a new gradient; as long as the rate is constant both give the same p. The average (dampening = momentum)
    is as fast as plain descent.

    Raises ValueError where the shapes differ.
    Source: Sutskever, Martens, Dahl and Hinton (2013), On the importance of initialization and momentum in deep
    learning, eqs. 1 and 2 (the displacement); Polyak (1964), Some methods of speeding up the convergence of iteration
    methods, section 2.
    """
    refuse_unlike("momentum_step", p, g=g, v=v)
    push = (1 - dampening) * (g + weight_decay * p)
    v = momentum * v + (lr * push if lr_inside else push)
    return p - (v if lr_inside else lr * v), v


def momentum_step_cases(rng):
    velocity = {"lr": 0.3, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.1, "lr_inside": False}
    yield Case("velocity", tuple(rng.normal(size=(3, 2, 5))), velocity)
    displacement = {**velocity, "lr": 0.01, "momentum": 0.5, "weight_decay": 0.0, "lr_inside": True}
    yield Case("displacement", tuple(rng.normal(size=(3, 7))), displacement)
    yield Case("dampened", tuple(rng.normal(size=(3, 5))), {**velocity, "dampening": 0.25})
    still = np.array([1.0, -2.0]), np.zeros(2), np.array([0.5, 0.25])
    coasting = {**velocity, "momentum": 0.5, "lr": 2.0, "weight_decay": 0.0}
    yield Case("coasting", still, coasting, "special", (np.array([0.5, -2.25]), np.array([0.25, 0.125])))
    yield Case("column", (still[0], np.ones((2, 1)), still[2]), velocity, "refused")


def momentum_step_sized(rng, n):
    params = {"lr": 0.01, "momentum": 0.9, "dampening": 0.0, "weight_decay": 1e-4, "lr_inside": False}
    return Case("sized", tuple(rng.normal(size=(3, max(n // 3, 1)))), params)


def momentum(p, grads, *, lr, momentum, dampening, weight_decay, lr_inside, dampen_first):
    """p_t, v_t = momentum_step(p_(t-1), g_t, v_(t-1)) with the learning rate lr_t for t = 1 ... T, from v_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T. lr is T numbers.

    Only a learning rate that changes tells a velocity from a displacement. Unless dampen_first, the first gradient is
    taken whole, v_1 = g_1: a dampened velocity then begins as the average of what it has seen, and not near 0.

    Raises ValueError where the shapes do not belong together.
    Source: Sutskever, Martens, Dahl and Hinton (2013), On the importance of initialization and momentum in deep
    learning, eqs. 1 and 2.
    """
    refuse_misshapen("momentum", p, grads)
    refuse_other_rates("momentum", grads, lr)
    path, v = [p], np.zeros_like(p)
    same = {"momentum": momentum, "weight_decay": weight_decay, "lr_inside": lr_inside}
    for t, (g, rate) in enumerate(zip(grads, lr, strict=True), start=1):
        p, v = momentum_step(p, g, v, lr=rate, dampening=dampening if t > 1 or dampen_first else 0, **same)
        path.append(p)
    return np.stack(path)[1:]


def refuse_other_rates(name, grads, lr):
    if len(lr) != len(grads):
        raise ValueError(f"{name}: got {len(lr)} learning rates for {len(grads)} steps, want one for each")


WARMING = (0.05, 0.1, 0.2, 0.4, 0.4, 0.4, 0.2, 0.1, 0.05, 0.025)
HALVING = (0.8, 0.4, 0.2, 0.1, 0.05, 0.025)


def momentum_cases(rng):
    params = {"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.1, "lr_inside": False, "dampen_first": True}
    yield Case("velocity", changing(rng, 10, 2, 3), {"lr": WARMING, **params})
    displacement = {**params, "momentum": 0.5, "weight_decay": 0.0, "lr_inside": True}
    yield Case("displacement", changing(rng, 6, 5), {"lr": HALVING, **displacement})
    average = {**params, "momentum": 0.75, "dampening": 0.75}
    yield Case("average", changing(rng, 10, 3), {"lr": WARMING, **average})
    yield Case("dampened", changing(rng, 6, 5), {"lr": HALVING, **params, "dampening": 0.25, "dampen_first": False})
    by_hand = (np.array([1.0]), np.array([[1.0], [1.0], [0.0]]))
    plain = {**params, "momentum": 0.5, "weight_decay": 0.0}
    answer = np.array([[0.5], [0.125], [-0.625]])
    yield Case("by-hand", by_hand, {"lr": (0.5, 0.25, 1.0), **plain}, "special", answer)
    yield Case("narrow", narrow(rng), {"lr": (0.5, 0.5, 0.5, 0.5), **params}, "refused")


def momentum_sized(rng, n):
    params = {"momentum": 0.9, "dampening": 0.0, "weight_decay": 1e-4, "lr_inside": False, "dampen_first": True}
    return Case("sized", some(rng, n), {"lr": WARMING, **params})


def nesterov_step(p, g, v, *, lr, momentum, weight_decay, lr_inside):
    """p' = p - lr (g + momentum v') with v' = momentum v + g.

    With lr_inside p' = p - (lr g + momentum v') with v' = momentum v + lr g. Weight decay is coupled: g is the gradient
    with weight_decay p added to it.

    Shapes: p any; g and v as p; (p', v') as p.

    Nesterov asks for the gradient where the velocity alone would carry p. Here p is that point already: it has taken
    the next step's momentum in advance, which is why v' counts and not v. The point behind it is p + lr momentum v'.

    Raises ValueError where the shapes differ.
    Source: Sutskever, Martens, Dahl and Hinton (2013), On the importance of initialization and momentum in deep
    learning, eqs. 3 and 4; Bengio, Boulanger-Lewandowski and Pascanu (2013), Advances in optimizing recurrent networks,
    eqs. 6 and 7 (of the point in advance).
    """
    refuse_unlike("nesterov_step", p, g=g, v=v)
    g = g + weight_decay * p
    push = lr * g if lr_inside else g
    v = momentum * v + push
    ahead = push + momentum * v
    return p - (ahead if lr_inside else lr * ahead), v


def nesterov_step_cases(rng):
    velocity = {"lr": 0.3, "momentum": 0.9, "weight_decay": 0.1, "lr_inside": False}
    yield Case("velocity", tuple(rng.normal(size=(3, 2, 5))), velocity)
    displacement = {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.0, "lr_inside": True}
    yield Case("displacement", tuple(rng.normal(size=(3, 7))), displacement)
    yield Case("column", (np.ones(2), np.ones((2, 1)), np.ones(2)), velocity, "refused")


def nesterov_step_sized(rng, n):
    params = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4, "lr_inside": False}
    return Case("sized", tuple(rng.normal(size=(3, max(n // 3, 1)))), params)


def nesterov(p, grads, *, lr, momentum, weight_decay, lr_inside):
    """p_t, v_t = nesterov_step(p_(t-1), g_t, v_(t-1)) with the learning rate lr_t for t = 1 ... T, from v_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T. lr is T numbers.

    The first step is 1 + momentum times that of plain descent: it looks ahead at once.

    Raises ValueError where the shapes do not belong together.
    Source: Sutskever, Martens, Dahl and Hinton (2013), On the importance of initialization and momentum in deep
    learning, eqs. 3 and 4.
    """
    refuse_misshapen("nesterov", p, grads)
    refuse_other_rates("nesterov", grads, lr)
    path, v = [p], np.zeros_like(p)
    for g, rate in zip(grads, lr, strict=True):
        p, v = nesterov_step(p, g, v, lr=rate, momentum=momentum, weight_decay=weight_decay, lr_inside=lr_inside)
        path.append(p)
    return np.stack(path)[1:]


def nesterov_cases(rng):
    params = {"momentum": 0.9, "weight_decay": 0.1, "lr_inside": False}
    yield Case("velocity", changing(rng, 10, 2, 3), {"lr": WARMING, **params})
    displacement = {"momentum": 0.5, "weight_decay": 0.0, "lr_inside": True}
    yield Case("displacement", changing(rng, 6, 5), {"lr": HALVING, **displacement})
    by_hand = (np.array([1.0]), np.array([[1.0], [0.0]]))
    plain = {"lr": (0.5, 1.0), "momentum": 0.5, "weight_decay": 0.0, "lr_inside": False}
    yield Case("by-hand", by_hand, plain, "special", np.array([[0.25], [0.0]]))
    yield Case("narrow", narrow(rng), {"lr": (0.5, 0.5, 0.5, 0.5), **params}, "refused")


def nesterov_sized(rng, n):
    params = {"momentum": 0.9, "weight_decay": 1e-4, "lr_inside": False}
    return Case("sized", some(rng, n), {"lr": WARMING, **params})


OPS = [
    Op(momentum_step, momentum_step_cases, sized=momentum_step_sized, wrt=()),
    Op(momentum, momentum_cases, sized=momentum_sized, wrt=()),
    Op(nesterov_step, nesterov_step_cases, sized=nesterov_step_sized, wrt=()),
    Op(nesterov, nesterov_cases, sized=nesterov_sized, wrt=()),
]

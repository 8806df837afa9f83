"""Slips of gradient descent, momentum, and of optimisers with a step of their own for each parameter."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.adagrad import adadelta, adagrad, adagrad_step
from ..optim.momentum import momentum, momentum_step, nesterov, nesterov_step
from ..optim.rmsprop import rmsprop, rmsprop_step
from ..optim.sgd import sgd
from ..optim.trajectory import counted_walk, walk


def changed(forward, change):
    """The operation, asked with other parameters."""
    return lambda *args, **params: forward(*args, **{**params, **change(params)})


def both(step, path, rows):
    """The slips of a step and those of its path, which read the parameters otherwise."""
    return (
        tuple(Slip(name, why, changed(step, change)) for name, why, change in rows),
        tuple(Slip(name, why, changed(path, change)) for name, why, change in rows),
    )


ALWAYS_OUTSIDE = (
    "learning-rate-always-outside",
    "With lr_inside the velocity is a displacement, v' = momentum v + lr g, and p' = p - v'. Here lr stands outside, "
    "p' = p - lr v': as long as the rate is constant the parameters are the same, and no longer.",
    lambda params: {"lr_inside": False},
)
ALWAYS_INSIDE = (
    "learning-rate-always-inside",
    "The velocity adds up gradients, v' = momentum v + g, and the rate of this step multiplies all of it, p' = p - lr "
    "v'. Here lr stands inside: a new rate takes hold as slowly as a new gradient.",
    lambda params: {"lr_inside": True},
)
NO_DECAY = (
    "decay-forgotten",
    "The weight decay is coupled: g + weight_decay p takes the place of g. Here it is not looked at.",
    lambda params: {"weight_decay": 0.0},
)
MOMENTUM_STEP, MOMENTUM = both(
    momentum_step,
    momentum,
    (
        ALWAYS_OUTSIDE,
        ALWAYS_INSIDE,
        NO_DECAY,
        (
            "dampening-forgotten",
            "A new gradient enters the velocity with the share 1 - dampening. Here it enters whole.",
            lambda params: {"dampening": 0.0},
        ),
        (
            "always-averaged",
            "The share of a new gradient is 1 - dampening, and dampening has a value of its own. Here the share is 1 - "
            "momentum, as in an average, and the steps are shorter by that.",
            lambda params: {"dampening": params["momentum"]},
        ),
    ),
)
NESTEROV_STEP, NESTEROV = both(nesterov_step, nesterov, (ALWAYS_OUTSIDE, ALWAYS_INSIDE, NO_DECAY))


def plain_momentum_step(p, g, v, **params):
    return momentum_step(p, g, v, dampening=0.0, **params)


def looking_twice(p, g, v, *, lr, momentum, weight_decay, lr_inside):
    g = g + weight_decay * p
    push = lr * g if lr_inside else g
    v = momentum * v + push
    return p - (v + momentum * v if lr_inside else lr * (v + momentum * v)), v


def with_rates(step):
    """The path of a step whose learning rate changes."""

    def forward(p, grads, *, lr, **params):
        path, v = [p], np.zeros_like(p)
        for g, rate in zip(grads, lr, strict=True):
            p, v = step(p, g, v, lr=rate, **params)
            path.append(p)
        return np.stack(path)[1:]

    return forward


NESTEROV_STEPS = (
    (
        "not-looking-ahead",
        "Nesterov's step is g + momentum v', with the velocity v' that has g already. Here it is v' alone, plain "
        "momentum.",
        plain_momentum_step,
    ),
    (
        "velocity-in-place-of-the-gradient",
        "The step is the gradient and momentum times the new velocity, g + momentum v'. Here the velocity takes the "
        "place of the gradient: v' + momentum v'.",
        looking_twice,
    ),
)


def accumulating(s_of, size_of=None):
    """Adagrad's step with another sum, or another denominator."""

    def step(p, g, s, *, t, lr, lr_decay, eps, weight_decay, eps_inside):
        g = g + weight_decay * p
        s = s_of(s, g)
        plain = np.sqrt(s + eps) if eps_inside else np.sqrt(s) + eps
        return p - lr / (1 + (t - 1) * lr_decay) * g / (plain if size_of is None else size_of(s, eps)), s

    return step


ADAGRAD_STEPS = (
    (
        "magnitudes-added-up",
        "The sum is one of squares, s + g^2, of which the root is taken. Here the magnitudes of the gradients are "
        "added up.",
        accumulating(lambda s, g: s + np.abs(g)),
    ),
    (
        "not-added-up",
        "Adagrad divides by the root of the sum of all squares so far. Here it is the square of this gradient alone, "
        "and the step has nearly the size lr.",
        accumulating(lambda s, g: g**2),
    ),
    (
        "root-forgotten",
        "The step is divided by the root of the sum of squares, which has the size of a gradient. Here the root is "
        "missing.",
        accumulating(lambda s, g: s + g**2, lambda s, eps: s + eps),
    ),
    (
        "eps-on-the-other-side",
        "With eps_inside eps stands under the root, without it beside it: near 0 the one is sqrt(eps), the other eps. "
        "Here it is the other way round.",
        lambda p, g, s, *, eps_inside, **others: adagrad_step(p, g, s, eps_inside=not eps_inside, **others),
    ),
    (
        "decay-of-the-rate-begins-at-once",
        "The first step has the whole learning rate: lr / (1 + (t - 1) lr_decay) with t = 1. Here it is lr / (1 + t "
        "lr_decay).",
        lambda p, g, s, *, t, **others: adagrad_step(p, g, s, t=t + 1, **others),
    ),
)


def adagrad_path(step):
    return lambda p, grads, *, initial, **params: counted_walk(step, p, grads, np.full_like(p, initial), **params)


def adadelta_of(x_of, remembered=lambda x, lr: x):
    def step(p, g, v, d, *, lr, rho, eps, weight_decay):
        g = g + weight_decay * p
        v = rho * v + (1 - rho) * g**2
        x = x_of(g, v, d, eps)
        return p - lr * x, v, rho * d + (1 - rho) * remembered(x, lr) ** 2

    return step


def of_gradients(p, g, v, d, *, lr, rho, eps, weight_decay):
    g = g + weight_decay * p
    v = rho * v + (1 - rho) * g**2
    return p - lr * np.sqrt(d + eps) / np.sqrt(v + eps) * g, v, rho * d + (1 - rho) * g**2


ADADELTA_STEPS = (
    (
        "eps-outside-the-roots",
        "In Adadelta eps stands under both roots, sqrt(d + eps) / sqrt(v + eps). Beside them, the first step is eps "
        "and not sqrt(eps) large.",
        adadelta_of(lambda g, v, d, eps: (np.sqrt(d) + eps) / (np.sqrt(v) + eps) * g),
    ),
    (
        "gradients-in-both-averages",
        "The average d is one of the squares of the steps x, so that x has the units of p. Here it is one of the "
        "squares of the gradients, and the ratio of the roots is nearly 1.",
        of_gradients,
    ),
    (
        "learning-rate-in-the-average",
        "What is remembered is the step before it is multiplied by lr: (1 - rho) x^2. Here it is lr x.",
        adadelta_of(lambda g, v, d, eps: np.sqrt(d + eps) / np.sqrt(v + eps) * g, lambda x, lr: lr * x),
    ),
)


def adadelta_path(step):
    return lambda p, grads, **params: walk(step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def rmsprop_of(size_of, push_of=lambda step, momentum: step):
    def step(p, g, v, m, b, *, lr, alpha, eps, weight_decay, momentum, centered, eps_inside):
        g = g + weight_decay * p
        v = alpha * v + (1 - alpha) * g**2
        m = alpha * m + (1 - alpha) * g if centered else m
        b = momentum * b + push_of(g / size_of(v - m**2 if centered else v, eps, eps_inside), momentum)
        return p - lr * b, v, m, b

    return step


def right_size(v, eps, eps_inside):
    return np.sqrt(v + eps) if eps_inside else np.sqrt(v) + eps


RMSPROP_STEPS = (
    (
        "eps-on-the-other-side",
        "With eps_inside eps stands under the root, without it beside it: near 0 the one is sqrt(eps), the other eps. "
        "Here it is the other way round.",
        lambda *args, eps_inside, **others: rmsprop_step(*args, eps_inside=not eps_inside, **others),
    ),
    (
        "root-forgotten",
        "The gradient is divided by the root of the average of the squares, which has its size. Here the root is "
        "missing.",
        rmsprop_of(lambda v, eps, eps_inside: v + eps),
    ),
    (
        "shares-swapped",
        "The average keeps the share alpha of what it was, and takes 1 - alpha of the new square. Here it is the "
        "other way round, and forgets nearly all.",
        lambda *args, alpha, **others: rmsprop_step(*args, alpha=1 - alpha, **others),
    ),
    (
        "never-centered",
        "Centered, the root is that of the variance of the gradients, v' - m'^2. Here it is that of v'.",
        lambda *args, centered, **others: rmsprop_step(*args, centered=False, **others),
    ),
    (
        "momentum-averaged",
        "The momentum adds up: b' = momentum b + g / (sqrt(v') + eps). Here it averages, and takes a share of 1 - "
        "momentum of the new step.",
        rmsprop_of(right_size, lambda step, momentum: (1 - momentum) * step),
    ),
)


def rmsprop_path(step):
    return lambda p, grads, **params: walk(step, p, grads, *(np.zeros_like(p),) * 3, **params)


def from_the_start(p, grads, *, lr):
    return p - lr * grads


SLIPS = {
    "sgd_step": (
        Slip(
            "uphill",
            "The gradient points to where the loss rises fastest: the step is subtracted, p - lr g. Here it is added, "
            "which is ascent.",
            lambda p, g, *, lr: p + lr * g,
            lambda ybar, y, p, g, *, lr: (ybar, lr * ybar),
        ),
        Slip(
            "learning-rate-forgotten-on-the-way-back",
            "The gradient enters p' with the factor -lr, and so does its cotangent: gbar = -lr ybar. Here lr is "
            "missing.",
            vjp=lambda ybar, y, p, g, *, lr: (ybar, -ybar),
        ),
        Slip(
            "parameters-forgotten-on-the-way-back",
            "The step leads from p to p', and the cotangent goes on to p whole: pbar = ybar, beside gbar. Here p gets "
            "what g gets.",
            vjp=lambda ybar, y, p, g, *, lr: (-lr * ybar, -lr * ybar),
        ),
    ),
    "sgd": (
        Slip(
            "uphill",
            "The gradient points to where the loss rises fastest: each step is subtracted, p - lr g. Here it is added, "
            "which is ascent.",
            lambda p, grads, *, lr: sgd(p, -grads, lr=lr),
        ),
        Slip(
            "always-from-the-start",
            "Each step begins where the one before it has ended. Here all of them begin at p_0.",
            from_the_start,
        ),
    ),
    "momentum_step": MOMENTUM_STEP,
    "momentum": (
        *MOMENTUM,
        Slip(
            "first-gradient-always-dampened",
            "Unless dampen_first, the first gradient is taken whole, v_1 = g_1. Here it gets the share 1 - dampening "
            "too.",
            changed(momentum, lambda params: {"dampen_first": True}),
        ),
    ),
    "nesterov_step": (*NESTEROV_STEP, *(Slip(name, why, step) for name, why, step in NESTEROV_STEPS)),
    "nesterov": (*NESTEROV, *(Slip(name, why, with_rates(step)) for name, why, step in NESTEROV_STEPS)),
    "adagrad_step": tuple(Slip(name, why, step) for name, why, step in ADAGRAD_STEPS),
    "adagrad": (
        *(Slip(name, why, adagrad_path(step)) for name, why, step in ADAGRAD_STEPS),
        Slip(
            "sum-from-zero",
            "The sum of the squares starts from initial. Here it starts at 0.",
            changed(adagrad, lambda params: {"initial": 0.0}),
        ),
    ),
    "adadelta_step": tuple(Slip(name, why, step) for name, why, step in ADADELTA_STEPS),
    "adadelta": (
        *(Slip(name, why, adadelta_path(step)) for name, why, step in ADADELTA_STEPS),
        Slip(NO_DECAY[0], NO_DECAY[1], changed(adadelta, NO_DECAY[2])),
    ),
    "rmsprop_step": tuple(Slip(name, why, step) for name, why, step in RMSPROP_STEPS),
    "rmsprop": (
        *(Slip(name, why, rmsprop_path(step)) for name, why, step in RMSPROP_STEPS),
        Slip(NO_DECAY[0], NO_DECAY[1], changed(rmsprop, NO_DECAY[2])),
    ),
}

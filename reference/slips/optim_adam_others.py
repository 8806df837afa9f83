"""Slips of Adamax, Nadam, RAdam, AdaBelief and Yogi."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.adamax import momentum_at
from ..optim.radam import adabelief, radam_step, yogi
from ..optim.trajectory import counted_walk
from .optim import changed


def averaged(step):
    """The path of a step of Adam's kind, from averages of 0."""
    return lambda p, grads, **params: counted_walk(step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def adamax_of(norm, corrected=True):
    def step(p, g, m, u, *, t, lr, beta1, beta2, eps, weight_decay, decoupled):
        g = g if decoupled else g + weight_decay * p
        m, u = beta1 * m + (1 - beta1) * g, norm(u, g, beta2, eps)
        kept = p - lr * weight_decay * p if decoupled else p
        return kept - lr / (1 - beta1**t if corrected else 1) * m / u, m, u

    return step


def eps_beside(p, g, m, u, *, t, lr, beta1, beta2, eps, weight_decay, decoupled):
    g = g if decoupled else g + weight_decay * p
    m, u = beta1 * m + (1 - beta1) * g, np.maximum(beta2 * u, np.abs(g))
    kept = p - lr * weight_decay * p if decoupled else p
    return kept - lr / (1 - beta1**t) * m / (u + eps), m, u


ADAMAX = (
    (
        "maximum-that-does-not-fade",
        "The largest gradient fades by beta2 in each step, max(beta2 u, |g| + eps): a large one is forgotten in the "
        "end. Here it stays for good.",
        adamax_of(lambda u, g, beta2, eps: np.maximum(u, np.abs(g) + eps)),
    ),
    (
        "no-bias-correction",
        "The maximum needs no correction, but the average m does: its weights add up to 1 - beta1^t, and the step is "
        "divided by that. Here it is not.",
        adamax_of(lambda u, g, beta2, eps: np.maximum(beta2 * u, np.abs(g) + eps), False),
    ),
    (
        "eps-forgotten-in-the-maximum",
        "The maximum is that of beta2 u and |g| + eps, so that no u is 0 and eps is remembered. Here eps is beside u "
        "at the end in place of that.",
        eps_beside,
    ),
)


def nadam_of(looking):
    def step(p, g, m, v, c, *, t, lr, beta1, beta2, eps, weight_decay, decoupled, momentum_decay):
        g = g if decoupled else g + weight_decay * p
        now, after = momentum_at(t, beta1, momentum_decay), momentum_at(t + 1, beta1, momentum_decay)
        c, m, v = c * now, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        kept = p - lr * weight_decay * p if decoupled else p
        return kept - lr * looking(g, m, c, now, after) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v, c

    return step


NADAM = (
    (
        "corrected-as-the-gradient",
        "The average m' holds the weight of one more step, and is divided by 1 - c' mu_(t+1), the gradient by 1 - c'. "
        "Here both are divided by 1 - c'.",
        nadam_of(lambda g, m, c, now, after: ((1 - now) * g + after * m) / (1 - c)),
    ),
    (
        "not-looking-ahead",
        "Nesterov's momentum counts the new gradient twice: once in m', which gets the momentum of the next step, and "
        "once by itself, (1 - mu_t) g. Here it is Adam's m^ alone.",
        nadam_of(lambda g, m, c, now, after: m / (1 - c)),
    ),
)


def unrectified(p, g, m, v, *, t, **params):
    """Every step divided, and with r = 1."""
    lr, beta1, beta2, eps = (params[name] for name in ("lr", "beta1", "beta2", "eps"))
    g = g if params["decoupled"] else g + params["weight_decay"] * p
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    kept = p - lr * params["weight_decay"] * p if params["decoupled"] else p
    size = (np.sqrt(v) + eps) / (1 - beta2**t) ** 0.5 if params["eps_hat"] else np.sqrt(v / (1 - beta2**t)) + eps
    return kept - lr * m / (1 - beta1**t) / size, m, v


def other_squares(square):
    """Adam's path with another second moment."""

    def forward(p, grads, *, lr, beta1, beta2, eps, **others):
        def step(p, g, m, s, *, t):
            m = beta1 * m + (1 - beta1) * g
            s = square(g, m, s, beta2, others)
            return p - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), m, s

        start = np.full_like(p, others.get("initial", 0.0))
        return counted_walk(step, p, grads, start, start)

    return forward


RADAM = (
    (
        "rectification-forgotten",
        "While few gradients are known the step is momentum alone, and later r_t lets the division in as rho_t grows. "
        "Here every step is divided, and r_t is 1: that is Adam.",
        unrectified,
    ),
    (
        "eps-on-the-other-side",
        "With eps_hat, eps stands beside the root before its correction, without it behind. Here it is the other way "
        "round.",
        lambda p, g, m, v, *, eps_hat, **others: radam_step(p, g, m, v, eps_hat=not eps_hat, **others),
    ),
    (
        "decay-on-the-other-side",
        "Decoupled, the weight decay shrinks p beside the step; coupled, it is added to the gradient. Here it is the "
        "other way round.",
        lambda p, g, m, v, *, decoupled, **others: radam_step(p, g, m, v, decoupled=not decoupled, **others),
    ),
)

SLIPS = {
    "adamax_step": tuple(Slip(name, why, step) for name, why, step in ADAMAX),
    "adamax": tuple(Slip(name, why, averaged(step)) for name, why, step in ADAMAX),
    "nadam_step": tuple(Slip(name, why, step) for name, why, step in NADAM),
    "nadam": tuple(
        Slip(
            name,
            why,
            lambda p, grads, step=step, **params: counted_walk(
                step, p, grads, np.zeros_like(p), np.zeros_like(p), 1, **params
            ),
        )
        for name, why, step in NADAM
    ),
    "radam_step": tuple(Slip(name, why, step) for name, why, step in RADAM),
    "radam": tuple(Slip(name, why, averaged(step)) for name, why, step in RADAM),
    "adabelief": (
        Slip(
            "squares-of-the-gradients",
            "What is averaged is (g - m')^2, how far the gradient lies from what was expected. Here it is g^2: Adam.",
            other_squares(lambda g, m, s, beta2, o: beta2 * s + (1 - beta2) * g**2 + o["eps_root"]),
        ),
        Slip(
            "second-eps-forgotten",
            "In each step eps_root is added to the average, and remembered. Here it is not.",
            changed(adabelief, lambda params: {"eps_root": 0.0}),
        ),
    ),
    "yogi": (
        Slip(
            "average-of-adam",
            "The change of v has the sign of g^2 - v and the size of g^2: v - (1 - beta2) sign(v - g^2) g^2. Here it "
            "is in proportion to the difference, as in Adam.",
            other_squares(lambda g, m, v, beta2, o: beta2 * v + (1 - beta2) * g**2),
        ),
        Slip(
            "averages-of-zero",
            "Both averages start from initial. Here they start at 0.",
            changed(yogi, lambda params: {"initial": 0.0}),
        ),
    ),
}

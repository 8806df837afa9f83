"""Slips of optimisers that look at signs, layers or axes."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.layerwise import lamb, lars, novograd_step, size_of, trust_ratio
from ..optim.matrices import adafactor, muon, sm3, sparse_adam
from ..optim.signs import lion, lion_step, rprop_step, sign_sgd, signum
from ..optim.trajectory import counted_walk, walk
from .optim import changed


def from_zeros(step, states, counted=False):
    """The path of a step whose memory begins with so many zeros."""
    walking = counted_walk if counted else walk
    return lambda p, grads, **params: walking(step, p, grads, *(np.zeros_like(p),) * states, **params)


def lion_of(betas_of_the_sign, betas_of_the_memory, direction=np.sign):
    def step(p, g, m, *, lr, beta1, beta2, weight_decay):
        a, b = betas_of_the_sign(beta1, beta2), betas_of_the_memory(beta1, beta2)
        return p - lr * (direction(a * m + (1 - a) * g) + weight_decay * p), b * m + (1 - b) * g

    return step


LION_STEPS = (
    (
        "sign-of-the-memory",
        "The sign is taken of the average with beta1, which counts the new gradient more; what is remembered is the "
        "one with beta2. Here the sign is taken of the one with beta2.",
        lion_of(lambda a, b: b, lambda a, b: b),
    ),
    (
        "one-average-for-both",
        "What is remembered is the average with beta2, not the one with beta1 whose sign was taken. Here it is.",
        lion_of(lambda a, b: a, lambda a, b: a),
    ),
    (
        "sign-forgotten",
        "Lion moves every parameter by lr: of the average it takes the sign alone. Here it takes the average.",
        lion_of(lambda a, b: a, lambda a, b: b, lambda x: x),
    ),
    (
        "decay-forgotten",
        "The weight decay is decoupled: lr weight_decay p is subtracted beside the step. Here it is not looked at.",
        changed(lion_step, lambda params: {"weight_decay": 0.0}),
    ),
)


def stepping_anyway(p, g, before, size, *, etaminus, etaplus, step_min, step_max):
    agreement = np.sign(g) * np.sign(before)
    factor = np.where(agreement > 0, etaplus, np.where(agreement < 0, etaminus, 1.0))
    size = np.clip(size * factor, step_min, step_max)
    return p - size * np.sign(g), g, size


def unclipped(p, g, before, size, **sizes):
    return rprop_step(p, g, before, size, **{**sizes, "step_min": 0.0, "step_max": np.inf})


def rprop_path(step):
    return lambda p, grads, *, lr, **sizes: walk(step, p, grads, np.zeros_like(p), np.full_like(p, lr), **sizes)


def lamb_of(move):
    def step(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        u = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        return p - lr * move(p, u, weight_decay), m, v

    return step


LAMB_STEPS = (
    (
        "trust-ratio-forgotten",
        "The step has the length lr |p|: the direction r is multiplied by |p| / |r|. Here it is not, which is AdamW.",
        lamb_of(lambda p, u, decay: u + decay * p),
    ),
    (
        "decay-outside-of-the-ratio",
        "The weight decay belongs to the direction r, and |r| is the norm of both. Here the ratio is |p| / |u| of "
        "Adam's direction u alone, and the decay is added behind.",
        lamb_of(lambda p, u, decay: trust_ratio(p, u) * u + decay * p),
    ),
    (
        "ratio-for-each-parameter",
        "The norms |p| and |r| are taken over the whole layer: one ratio for all of its parameters. Here each has its "
        "own, |p_i| / |r_i|, and the step of each is lr |p_i|.",
        lamb_of(lambda p, u, decay: np.abs(p) * np.sign(u + decay * p)),
    ),
)


def lars_of(move):
    def step(p, g, v, *, lr, momentum, weight_decay, trust, eps):
        v = momentum * v + lr * move(p, g, weight_decay, trust, eps)
        return p - v, v

    return step


def fromage_of(shorten, ratio_of):
    def forward(p, grads, *, lr, min_norm):
        path = [p]
        for g in grads:
            path.append(shorten(path[-1] - lr * ratio_of(size_of(path[-1]), size_of(g), min_norm) * g, lr))
        return np.stack(path)[1:]

    return forward


def bounded(p, g, least):
    return np.maximum(p, least) / np.maximum(g, least)


def novograd_from_zero(p, g, m, v, *, t, **params):
    """The first second moment is an average as well."""
    return novograd_step(p, g, m, v, t=t + 1, **params)


def novograd_elementwise(p, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
    v = g**2 if t == 1 else beta2 * v + (1 - beta2) * g**2
    m = beta1 * m + g / (np.sqrt(v) + eps) + weight_decay * p
    return p - lr * m, m, v


def novograd_path(step):
    return lambda p, grads, **params: counted_walk(step, p, grads, np.zeros_like(p), 0, **params)


def last_contribution(p, rows, values, **params):
    again = [[row in later[j + 1 :] for j, row in enumerate(later)] for later in rows.tolist()]
    return sparse_adam(p, rows, np.where(np.array(again)[..., None], 0, values), **params)


def every_row(p, rows, values, **params):
    n, (steps, _, d) = len(p), values.shape
    rows = np.concat([rows, np.tile(np.arange(n), (steps, 1))], axis=1)
    return sparse_adam(p, rows, np.concat([values, np.zeros((steps, n, d))], axis=1), **params)


SLIPS = {
    "sign_sgd": (
        Slip(
            "gradient-of-length-one",
            "Each parameter moves by lr, whatever its gradient: the sign is that of each element. Here the gradient is "
            "divided by its norm, and keeps its direction.",
            lambda p, grads, *, lr: p - lr * np.cumsum([g / max(size_of(g), 1e-300) for g in grads], axis=0),
        ),
        Slip(
            "uphill",
            "The gradient points uphill, and so does its sign: the step is subtracted, p - lr sign(g).",
            lambda p, grads, *, lr: sign_sgd(p, -grads, lr=lr),
        ),
    ),
    "signum": (
        Slip(
            "sign-of-the-gradient",
            "The sign is that of the average m', which remembers the gradients before. Here it is that of the "
            "gradient.",
            lambda p, grads, *, lr, beta: sign_sgd(p, grads, lr=lr),
        ),
        Slip(
            "average-of-the-signs",
            "The gradients are averaged first, and the sign is taken of the average. Here their signs are averaged, in "
            "which a small gradient counts as much as a large one.",
            lambda p, grads, *, lr, beta: signum(p, np.sign(grads), lr=lr, beta=beta),
        ),
    ),
    "lion_step": tuple(Slip(name, why, step) for name, why, step in LION_STEPS),
    "lion": (
        *(Slip(name, why, from_zeros(step, 1)) for name, why, step in LION_STEPS[:-1]),
        Slip(LION_STEPS[-1][0], LION_STEPS[-1][1], changed(lion, lambda params: {"weight_decay": 0.0})),
    ),
    "rprop": (
        Slip(
            "stepping-back-at-once",
            "Where the sign has changed the last step went too far: p stays, and 0 is remembered in place of the "
            "gradient. Here the step is made, and the size may shrink once more in the next.",
            rprop_path(stepping_anyway),
        ),
        Slip(
            "sizes-not-clipped",
            "The sizes of the steps stay between step_min and step_max. Here they are not clipped.",
            rprop_path(unclipped),
        ),
    ),
    "lamb_step": tuple(Slip(name, why, step) for name, why, step in LAMB_STEPS),
    "lamb": (
        *(Slip(name, why, from_zeros(step, 2, True)) for name, why, step in LAMB_STEPS),
        Slip(
            "decay-forgotten",
            "The direction is r = m^ / (sqrt(v^) + eps) + weight_decay p. Here the last term is missing.",
            changed(lamb, lambda params: {"weight_decay": 0.0}),
        ),
    ),
    "lars": (
        Slip(
            "decay-outside-of-the-norm",
            "The ratio is |p| / |d| with d = g + weight_decay p, the whole direction. Here its norm is that of g "
            "alone.",
            from_zeros(
                lars_of(lambda p, g, decay, trust, eps: trust_ratio(p, g, trust=trust, eps=eps) * (g + decay * p)), 1
            ),
        ),
        Slip(
            "trust-ratio-forgotten",
            "The learning rate of a layer is lr trust |p| / |d|. Here it is lr, and the step is as long as the "
            "gradients are large.",
            from_zeros(lars_of(lambda p, g, decay, trust, eps: g + decay * p), 1),
        ),
        Slip(
            "trust-coefficient-forgotten",
            "The ratio |p| / |d| is multiplied by trust, the share of its size by which a layer may move. Here it is "
            "not.",
            changed(lars, lambda params: {"trust": 1.0}),
        ),
    ),
    "fromage": (
        Slip(
            "length-not-kept",
            "A step at a right angle makes p longer, sqrt(1 + lr^2) times, and so it is divided by that. Here it is "
            "not.",
            fromage_of(lambda p, lr: p, bounded),
        ),
        Slip(
            "gradient-not-scaled",
            "The step has the length lr |p|: the gradient is divided by its norm and multiplied by that of p. Here it "
            "is lr g.",
            fromage_of(lambda p, lr: p / (1 + lr**2) ** 0.5, lambda p, g, least: 1),
        ),
    ),
    "novograd": (
        Slip(
            "second-moment-from-zero",
            "The second moment starts as that of the first gradient, v_1 = |g_1|^2, so nothing has to be corrected. "
            "Here it starts at 0.",
            novograd_path(novograd_from_zero),
        ),
        Slip(
            "second-moment-of-each-parameter",
            "One second moment serves a whole layer: the squared norm of all its gradients. Here every parameter has "
            "its own, as in Adam.",
            novograd_path(novograd_elementwise),
        ),
    ),
    "adafactor": (
        Slip(
            "update-not-clipped",
            "The update is divided by max(1, rms(u) / d), so that its root mean square is d at most. Here it is not.",
            changed(adafactor, lambda params: {"d": np.inf}),
        ),
        Slip(
            "least-size-forgotten",
            "The step is in proportion to the size of the parameters, which counts as eps2 at least: max(eps2, "
            "rms(p)). Here eps2 is left out, and small parameters hardly move.",
            changed(adafactor, lambda params: {"eps2": 0.0}),
        ),
        Slip(
            "decay-forgotten",
            "The weight decay is decoupled: p shrinks by lr weight_decay p beside the step. Here it is not looked at.",
            changed(adafactor, lambda params: {"weight_decay": 0.0}),
        ),
    ),
    "sm3": (
        Slip(
            "momentum-adds-up",
            "The momentum is an average, and takes the share 1 - momentum of the new step. Here it takes all of it.",
            lambda p, grads, *, lr, momentum, eps: sm3(p, grads, lr=lr / (1 - momentum), momentum=momentum, eps=eps),
        ),
        Slip(
            "momentum-forgotten",
            "The steps are averaged, m' = momentum m + (1 - momentum) g / sqrt(v + eps). Here each is made as it is.",
            changed(sm3, lambda params: {"momentum": 0.0}),
        ),
    ),
    "muon": (
        Slip(
            "sides-of-the-matrix-swapped",
            "The scale is the root of max(1, outputs / inputs), and outputs_first says which axis has the outputs. "
            "Here it is read the other way round.",
            changed(muon, lambda params: {"outputs_first": not params["outputs_first"]}),
        ),
        Slip(
            "not-looking-ahead",
            "With nesterov the direction is momentum m' + (1 - momentum) g. Here it is m' alone.",
            changed(muon, lambda params: {"nesterov": False}),
        ),
        Slip(
            "one-iteration-less",
            "The iteration that brings the singular values near 1 is made steps times. Here it is made once less.",
            changed(muon, lambda params: {"steps": params["steps"] - 1}),
        ),
    ),
    "sparse_adam": (
        Slip(
            "last-contribution-only",
            "Where a row occurs twice in a step its gradients add up. Here the last one overwrites the others, as with "
            "g[rows] += values in NumPy: use np.add.at.",
            last_contribution,
        ),
        Slip(
            "every-row-moved",
            "The rows that a step does not touch stay, and their averages wait. Here they are moved on by their "
            "averages, which fade: that is adam with a gradient of 0 for them.",
            every_row,
        ),
    ),
}

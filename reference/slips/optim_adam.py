"""Slips of Adam, AdamW and AMSGrad."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.adam import adam, adam_step, adam_step_vjp
from ..optim.adamw import adamw, amsgrad
from ..optim.trajectory import counted_walk
from .optim import changed


def adam_like(p, grads, step, **params):
    """The path of a step of Adam, from averages of 0."""
    return counted_walk(step, p, grads, np.zeros_like(p), np.zeros_like(p), **params)


def moving(move):
    """Adam's step with another way from the averages to the move."""

    def step(p, g, m, v, *, t, lr, beta1, beta2, eps):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        return p - lr * move(m, v, 1 - beta1**t, 1 - beta2**t, eps, beta1, beta2), m, v

    return step


def averaging(averages):
    """Adam's step of other averages."""

    def step(p, g, m, v, *, t, lr, beta1, beta2, eps):
        m, v = averages(g, m, v, beta1, beta2)
        return p - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v

    return step


def counting_on(p, g, m, v, *, t, **params):
    """The correction of the next step."""
    _, m_new, v_new = adam_step(p, g, m, v, t=t, **params)
    lr, beta1, beta2 = params["lr"], params["beta1"], params["beta2"]
    m_hat, v_hat = m_new / (1 - beta1 ** (t + 1)), v_new / (1 - beta2 ** (t + 1))
    return p - lr * m_hat / (np.sqrt(v_hat) + params["eps"]), m_new, v_new


def step_vjp(m_hat_bar_of, v_hat_bar_of, corrected=True):
    """The way back through Adam's step with other cotangents of the two averages."""

    def vjp(ybar, y, p, g, m, v, *, t, lr, beta1, beta2, eps):
        (pbar, mbar, vbar), (_, m, v) = ybar, y
        grown1, grown2 = 1 - beta1**t, 1 - beta2**t
        m_hat, root = m / grown1, np.sqrt(v / grown2)
        m_hat_bar = m_hat_bar_of(-lr * pbar, root, eps)
        v_hat_bar = v_hat_bar_of(lr * pbar * m_hat, root, eps)
        mbar, vbar = mbar + m_hat_bar / (grown1 if corrected else 1), vbar + v_hat_bar / (grown2 if corrected else 1)
        return pbar, (1 - beta1) * mbar + 2 * (1 - beta2) * g * vbar, beta1 * mbar, beta2 * vbar

    return vjp


def right_m(b, root, eps):
    return b / (root + eps)


def right_v(b, root, eps):
    return b / (2 * root * (root + eps) ** 2)


def of_the_parameters_alone(ybar, y, *args, **params):
    return adam_step_vjp((ybar[0], 0 * ybar[1], 0 * ybar[2]), y, *args, **params)


STEPS = (
    (
        "no-bias-correction",
        "The averages start at 0, so after t steps their weights add up to 1 - beta^t only. Adam divides by that: m^ "
        "= m / (1 - beta1^t) and v^ = v / (1 - beta2^t). Here the averages are used as they are.",
        moving(lambda m, v, c1, c2, eps, b1, b2: m / (np.sqrt(v) + eps)),
        "",
    ),
    (
        "correction-without-the-step",
        "The correction is 1 - beta^t, beta to the power of the number of the step: it fades as the averages fill. "
        "Here it is 1 - beta in every step, which is right in the first step alone.",
        moving(lambda m, v, c1, c2, eps, b1, b2: m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps)),
        "",
    ),
    (
        "correction-of-the-next-step",
        "The first step is t = 1, so that its correction is 1 - beta. Here it is counted one further: 1 - beta^(t + "
        "1).",
        counting_on,
        "",
    ),
    (
        "eps-inside-the-root",
        "In Adam eps stands beside the root, sqrt(v^) + eps. Here it stands under it, sqrt(v^ + eps): near 0 that is "
        "sqrt(eps), 1e-4 in place of 1e-8.",
        moving(lambda m, v, c1, c2, eps, b1, b2: m / c1 / np.sqrt(v / c2 + eps)),
        "",
    ),
    (
        "eps-before-the-correction",
        "Here eps stands beside the root of the average before it is corrected, as in TensorFlow and Keras (the eps^ "
        "of the paper's section 2): lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps). Algorithm 1 adds it "
        "behind: correct v first, then add eps to sqrt(v^).",
        moving(lambda m, v, c1, c2, eps, b1, b2: c2**0.5 / c1 * m / (np.sqrt(v) + eps)),
        "TensorFlow and Keras",
    ),
    (
        "root-forgotten",
        "The step is divided by the size of the gradients, the root of the average of their squares: sqrt(v^) + eps. "
        "Here the root is missing, and the step is of the size 1/g.",
        moving(lambda m, v, c1, c2, eps, b1, b2: m / c1 / (v / c2 + eps)),
        "",
    ),
    (
        "square-of-the-average",
        "The second average is one of the squares of the gradients, (1 - beta2) g^2. Here the first average is "
        "squared, in which gradients of both signs have cancelled.",
        averaging(lambda g, m, v, b1, b2: ((a := b1 * m + (1 - b1) * g), b2 * v + (1 - b2) * a**2)),
        "",
    ),
    (
        "magnitudes-averaged",
        "The second average is one of squares, of which the root is taken in the end. Here magnitudes are averaged, "
        "and their root is no size of a gradient.",
        averaging(lambda g, m, v, b1, b2: (b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * np.abs(g))),
        "",
    ),
    (
        "gradient-added-whole",
        "The first average takes a share of 1 - beta1 of the new gradient: m = beta1 m + (1 - beta1) g. Here it takes "
        "all of it, as momentum does, and grows to 1/(1 - beta1) of its size.",
        averaging(lambda g, m, v, b1, b2: (b1 * m + g, b2 * v + (1 - b2) * g**2)),
        "",
    ),
    (
        "betas-swapped",
        "The average of the gradients has beta1, the one that forgets faster, and that of their squares beta2. Here "
        "they are swapped.",
        lambda p, g, m, v, *, beta1, beta2, **others: adam_step(p, g, m, v, beta1=beta2, beta2=beta1, **others),
        "",
    ),
)


def as_path(step):
    def forward(p, grads, *, weight_decay, **params):
        def coupled(p, g, m, v, **others):
            return step(p, g + weight_decay * p, m, v, **others)

        return adam_like(p, grads, coupled, **params)

    return forward


def decaying(step):
    """The path of a step of AdamW written otherwise."""
    return lambda p, grads, **params: adam_like(p, grads, step, **params)


def added_to_the_gradient(p, g, m, v, *, weight_decay, **params):
    return adam_step(p, g + weight_decay * p, m, v, **params)


def without_the_rate(p, g, m, v, *, weight_decay, **params):
    return adam_step(p - weight_decay * p, g, m, v, **params)


def of_the_moved(p, g, m, v, *, weight_decay, **params):
    p, m, v = adam_step(p, g, m, v, **params)
    return p - params["lr"] * weight_decay * p, m, v


def uncorrected(p, g, m, v, *, weight_decay, **params):
    return STEPS[0][2](p - params["lr"] * weight_decay * p, g, m, v, **params)


ADAMW = (
    (
        "decay-added-to-the-gradient",
        "Decoupled weight decay shrinks p beside the step: p - lr weight_decay p. Added to the gradient, as in Adam "
        "with an L2 penalty, it is divided by the size of the gradients, and nearly vanishes where they are large.",
        added_to_the_gradient,
    ),
    (
        "decay-without-the-learning-rate",
        "The decay of a step is lr weight_decay p: it follows the schedule of the learning rate. Here it is "
        "weight_decay p, whatever lr is.",
        without_the_rate,
    ),
    (
        "decay-of-the-moved-parameters",
        "The decay is that of the parameters before the step, p - lr weight_decay p - lr m^ / (sqrt(v^) + eps). Here "
        "the step is made first, and then shrinks with the parameters.",
        of_the_moved,
    ),
    ("no-bias-correction", STEPS[0][1], uncorrected),
)


def amsgrad_of(remember):
    def step(p, g, m, v, most, *, t, lr, beta1, beta2, eps, weight_decay, correct_first):
        g = g + weight_decay * p
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        most, v_hat = remember(most, v, 1 - beta2**t, correct_first)
        return p - lr * m / (1 - beta1**t) / (np.sqrt(v_hat) + eps), m, v, most

    return lambda p, grads, **params: counted_walk(step, p, grads, *(np.zeros_like(p),) * 3, **params)


SLIPS = {
    "adam_step": (
        *(Slip(name, why, step, convention=convention) for name, why, step, convention in STEPS),
        Slip(
            "second-average-forgotten-on-the-way-back",
            "The gradient g enters both averages, and p' depends on v' too: v^ has the derivative lr m^ / (2 r (r + "
            "eps)^2) with r = sqrt(v^). Here the denominator is taken for a constant.",
            vjp=step_vjp(right_m, lambda b, root, eps: 0 * b),
        ),
        Slip(
            "correction-forgotten-on-the-way-back",
            "The averages were divided by 1 - beta^t, and so are the cotangents of m^ and v^ on their way to m' and "
            "v'. Here they are not.",
            vjp=step_vjp(right_m, right_v, corrected=False),
        ),
        Slip(
            "derivative-of-the-root-forgotten",
            "The root of v^ has the derivative 1 / (2 sqrt(v^)), by which the cotangent of v^ has to be multiplied. "
            "Here it is missing.",
            vjp=step_vjp(right_m, lambda b, root, eps: b / (root + eps) ** 2),
        ),
        Slip(
            "cotangents-of-the-averages-dropped",
            "The step has three results, and each brings a cotangent: those of m' and v' come from the steps behind. "
            "Here only that of p' is carried back.",
            vjp=of_the_parameters_alone,
        ),
    ),
    "adam": (
        *(Slip(name, why, as_path(step), convention=convention) for name, why, step, convention in STEPS),
        Slip(
            "decay-decoupled",
            "The weight decay shrinks p beside the step here, as AdamW does it. In adam it is coupled, the gradient "
            "of a penalty: add weight_decay p to g before the averages.",
            adamw,
            convention="AdamW",
        ),
        Slip(
            "decay-forgotten",
            "The weight decay is coupled: g + weight_decay p takes the place of g. Here it is not looked at.",
            changed(adam, lambda params: {"weight_decay": 0.0}),
        ),
    ),
    "adamw_step": tuple(Slip(name, why, step) for name, why, step in ADAMW),
    "adamw": tuple(Slip(name, why, decaying(step)) for name, why, step in ADAMW),
    "amsgrad": (
        Slip(
            "maximum-forgotten",
            "The root is that of the largest average seen so far, which does not fall. Here it is that of the average: "
            "Adam.",
            amsgrad_of(lambda most, v, grown, first: (v, v / grown)),
        ),
        Slip(
            "maximum-not-corrected",
            "The largest average is corrected as the average is, divided by 1 - beta2^t, unless that was done before "
            "the maximum was taken. Here it is used as it is.",
            amsgrad_of(lambda most, v, grown, first: ((a := np.maximum(most, v / grown if first else v)), a)),
        ),
        Slip(
            "always-corrected-first",
            "With correct_first the maximum is one of corrected averages; without it the averages themselves are "
            "compared, and their maximum is corrected. Here it is always the first.",
            changed(amsgrad, lambda params: {"correct_first": True}),
        ),
        Slip(
            "always-corrected-last",
            "With correct_first the maximum is one of corrected averages, v' / (1 - beta2^t). Here the maximum of the "
            "averages themselves is taken, and corrected then.",
            changed(amsgrad, lambda params: {"correct_first": False}),
        ),
    ),
}

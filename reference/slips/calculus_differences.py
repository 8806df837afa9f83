"""Slips of checks by differences, of the limit of the step, and of momentum on a bowl."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax
from ..calculus.descent import gradient_descent, gradient_descent_vjp
from ..calculus.differences import (
    difference_error,
    difference_error_vjp,
    jvp_difference,
    jvp_difference_vjp,
    projected_difference,
    projected_difference_vjp,
)
from ..calculus.momentum import heavy_ball_vjp, step_limit, step_limit_vjp
from ..calculus.rosenbrock import curved, rosenbrock_gradient
from ..decomposition.spectral import eigvalsh
from ..op import Slip

FUNCTIONS = {
    "softmax": lambda x: softmax(x, axis=-1),
    "rosenbrock_gradient": lambda x: rosenbrock_gradient(x, a=1, b=100),
}


def _transposed(x, ybar, function):
    """J(x)^T ybar."""
    if function == "rosenbrock_gradient":
        return curved(x, ybar, b=100)
    s = softmax(x, axis=-1)
    return s * (ybar - np.sum(s * ybar, axis=-1, keepdims=True))


def _without_rounding(step, f, bend, *, unit, scheme):
    return difference_error(step, 0 * f, bend, unit=unit, scheme=scheme)


def _unsigned(ebar, e, step, f, bend, *, unit, scheme):
    hbar, fbar, bendbar = difference_error_vjp(ebar, e, step, f, bend, unit=unit, scheme=scheme)
    return hbar, fbar * np.sign(f), bendbar * np.sign(bend)


def _of_taylor_alone(ebar, e, step, f, bend, *, unit, scheme):
    hbar, _, _ = difference_error_vjp(ebar, e, step, 0 * f, bend, unit=unit, scheme=scheme)
    return hbar, *difference_error_vjp(ebar, e, step, f, bend, unit=unit, scheme=scheme)[1:]


def _one_sided(x, v, function, step):
    f = FUNCTIONS[function]
    return (f(x + step * v) - f(x)) / step


def _near_end_alone(ybar, y, x, v, *, function, step):
    ahead = _transposed(x + step * v, ybar, function)
    return ahead / (2 * step), ahead / 2


def _jacobian_at_the_middle(ybar, y, x, v, *, function, step):
    xbar, _ = jvp_difference_vjp(ybar, y, x, v, function=function, step=step)
    return xbar, _transposed(x, ybar, function)


def _projected_without_upstream(ybar, y, x, v, u, *, function, step):
    xbar, vbar, _ = projected_difference_vjp(ybar, y, x, v, u, function=function, step=step)
    return xbar, vbar, jvp_difference(x, v, function=function, step=step)


def _projected_exchanged(ybar, y, x, v, u, *, function, step):
    xbar, vbar, _ = projected_difference_vjp(ybar, y, x, v, u, function=function, step=step)
    return xbar, vbar, ybar[..., None] * jvp_difference(x, u, function=function, step=step)


def _average_of_gradients(a, b, x0, *, lr, momentum, steps):
    a, iterates, average = (a + a.T) / 2, [x0], 0 * x0
    for _ in range(steps):
        average = momentum * average + (1 - momentum) * (a @ iterates[-1] - b)
        iterates.append(iterates[-1] - lr * average)
    return np.stack(iterates)


def _looking_ahead(a, b, x0, *, lr, momentum, steps):
    a, iterates, move = (a + a.T) / 2, [x0], 0 * x0
    for _ in range(steps):
        move = momentum * move - lr * (a @ (iterates[-1] + momentum * move) - b)
        iterates.append(iterates[-1] + move)
    return np.stack(iterates)


def _heavy_without_rate(ybar, y, a, b, x0, *, lr, momentum, steps):
    abar, bbar, xbar = heavy_ball_vjp(ybar, y, a, b, x0, lr=lr, momentum=momentum, steps=steps)
    return abar / lr, bbar / lr, xbar


SLIPS = {
    "difference_error": (
        Slip(
            "rounding-left-out",
            "That is what Taylor leaves out, and it says: the smaller the step the better. In floating point f has an "
            "error of u |f| at each end, which is divided by h.",
            forward=_without_rounding,
        ),
        Slip(
            "slope-of-one-branch",
            "Both branches of the V move with h: the one of the rounding falls, with slope -u |f| / h^2. Without it "
            "the slope is never 0, and there would be no best step.",
            vjp=_of_taylor_alone,
        ),
        Slip(
            "sizes-without-signs",
            "|f| grows where f does if f is positive, and falls if f is negative: its slope is sign(f), and that of "
            "|bend| is sign(bend).",
            vjp=_unsigned,
        ),
    ),
    "jvp_difference": (
        Slip(
            "width-not-doubled",
            "The two ends are 2 h apart, and that is what the difference is divided by.",
            forward=lambda x, v, *, function, step: 2 * jvp_difference(x, v, function=function, step=step),
        ),
        Slip(
            "one-sided",
            "The central difference steps to both sides. One-sided, the error falls with h only, not with its square.",
            forward=lambda x, v, *, function, step: _one_sided(x, v, function, step),
        ),
        Slip(
            "other-end-taken-as-constant",
            "Both ends move with x and with v: xbar has the difference of the two products with J^T, vbar half of "
            "their sum.",
            vjp=_near_end_alone,
        ),
        Slip(
            "jacobian-at-the-middle",
            "J(x)^T ybar is the limit for small h. The difference with a step h has its derivatives at the two ends.",
            vjp=_jacobian_at_the_middle,
        ),
    ),
    "projected_difference": (
        Slip(
            "width-not-doubled",
            "The two ends are 2 h apart, and that is what the difference is divided by.",
            forward=lambda x, v, u, *, function, step: 2 * projected_difference(x, v, u, function=function, step=step),
        ),
        Slip(
            "direction-and-projection-exchanged",
            "v is the direction of the step, u what the difference is multiplied with: u'J v. Here it is v'J u, which "
            "is another number unless J is symmetric and h is 0.",
            forward=lambda x, v, u, *, function, step: projected_difference(x, u, v, function=function, step=step),
        ),
        Slip(
            "upstream-missing",
            "The cotangent of u is ybar times the difference. Here ybar was forgotten: each row counts as if its ybar "
            "were 1.",
            vjp=_projected_without_upstream,
        ),
        Slip(
            "difference-along-the-projection",
            "y is linear in u, and what multiplies u is the difference along v. Here the difference along u was given "
            "back.",
            vjp=_projected_exchanged,
        ),
    ),
    "step_limit": (
        Slip(
            "flattest-direction",
            "The steepest direction runs away first, so the largest eigenvalue decides; np.linalg.eigvalsh returns it "
            "last. Here the smallest one was taken.",
            forward=lambda a: 2 / eigvalsh(a)[..., 0],
        ),
        Slip(
            "one-over-the-largest",
            "1 / L is a good step: it makes the error along the steepest direction 0 at once. The limit is twice as "
            "long, where that error keeps its size and changes its sign.",
            forward=lambda a: step_limit(a) / 2,
        ),
        Slip(
            "bounded-by-the-trace",
            "The trace is the sum of the eigenvalues. It bounds L where none is negative, and costs less; the limit "
            "itself is 2 / L.",
            forward=lambda a: 2 / np.trace(a, axis1=-2, axis2=-1),
        ),
        Slip(
            "eigenvalue-for-its-reciprocal",
            "That is how L moves, v v^T. y = 2 / L moves the other way, by -y^2 / 2 times as much.",
            vjp=lambda ybar, y, a: (step_limit_vjp(-2 * ybar / (y * y), y, a)[0],),
        ),
        Slip(
            "square-missing",
            "The slope of 2 / L is -2 / L^2, which is -y^2 / 2. Here it is -y / 2.",
            vjp=lambda ybar, y, a: (step_limit_vjp(ybar / y, y, a)[0],),
        ),
    ),
    "heavy_ball": (
        Slip(
            "without-momentum",
            "That is plain gradient descent: momentum (x_t - x_(t-1)) is missing.",
            forward=lambda a, b, x0, *, lr, momentum, steps: gradient_descent(a, b, x0, lr=lr, steps=steps),
        ),
        Slip(
            "average-of-gradients",
            "Here the gradients were averaged, with the weight 1 - momentum for the new one, as Adam does. The heavy "
            "ball adds the whole new gradient: leave out the factor 1 - momentum.",
            forward=_average_of_gradients,
            convention="averaged gradients, as in Adam",
        ),
        Slip(
            "gradient-looked-up-ahead",
            "Nesterov takes the gradient where the momentum alone would lead, x_t + momentum (x_t - x_(t-1)). The "
            "heavy ball takes it at x_t.",
            forward=_looking_ahead,
            convention="Nesterov",
        ),
        Slip(
            "momentum-forgotten-on-the-way-back",
            "A move goes on in the next one, momentum times, so its cotangent gets momentum times that of the next "
            "move. Here the way back is that of plain descent.",
            vjp=lambda ybar, y, a, b, x0, *, lr, momentum, steps: gradient_descent_vjp(
                ybar, y, a, b, x0, lr=lr, steps=steps
            ),
        ),
        Slip(
            "rate-missing",
            "A and b are in the gradient, which is multiplied by lr: so are their cotangents.",
            vjp=_heavy_without_rate,
        ),
    ),
}

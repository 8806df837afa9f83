"""Slips of Taylor's polynomial, and of differences in place of derivatives."""

from __future__ import annotations

import numpy as np

from ..calculus.approximation import finite_difference, taylor, taylor_rosenbrock, taylor_vjp
from ..calculus.rosenbrock import (
    curved,
    rosenbrock,
    rosenbrock_gradient,
)
from ..op import Slip
from ..reduction.totals import logsumexp


def _undivided_by_factorials(coefficients, x0):
    t = taylor(coefficients, x0)
    return t * np.cumprod(np.maximum(np.arange(t.shape[-1]), 1))


def _taylor_x0(tbar, t, coefficients, x0, of):
    return taylor_vjp(tbar, t, coefficients, x0)[0], of(tbar, t)


def _descending_vjp(tbar, t, coefficients, x0):
    cbar, x0bar = taylor_vjp(np.flip(tbar, -1), np.flip(t, -1), np.flip(coefficients, -1), x0)
    return np.flip(cbar, -1), x0bar


def _second_order(x, h, a, b, share):
    line = rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1)
    return line + share * np.sum(h * curved(x, h, b=b), axis=-1)


def _taylor_x_bar(ybar, x, h, a, b, order, x_terms, h_share):
    """The cotangents of x and h with the Hessian's term of xbar, and a share of that of hbar."""
    slope, bend = rosenbrock_gradient(x, a=a, b=b), curved(x, h, b=b)
    ybar = ybar[..., None]
    return ybar * (slope + x_terms * bend), ybar * (slope + (h_share * bend if order == 2 else 0))


FUNCTIONS = {
    "rosenbrock": lambda x: rosenbrock(x, a=1, b=100),
    "logsumexp": lambda x: logsumexp(x, axis=-1, keepdims=False),
}


GRADIENTS = {
    "rosenbrock": lambda x: rosenbrock_gradient(x, a=1, b=100),
    "logsumexp": lambda x: np.exp(x - logsumexp(x, axis=-1, keepdims=True)),
}


def _not_restored(x, *, function, step, scheme):
    f, here, y = FUNCTIONS[function], x, []
    for e in np.eye(x.shape[-1]):
        ahead = here + step * e
        if scheme == "forward":
            y.append((f(ahead) - f(x)) / step)
            here = ahead
        else:
            here = ahead - 2 * step * e
            y.append((f(ahead) - f(here)) / (2 * step))
    return np.stack(y, axis=-1)


def _all_moved(x, *, function, step, scheme):
    f = FUNCTIONS[function]
    behind, width = (x, step) if scheme == "forward" else (x - step, 2 * step)
    return np.broadcast_to(((f(x + step) - f(behind)) / width)[..., None], x.shape)


def _near_end_constant(ybar, y, x, *, function, step, scheme):
    ahead = x[..., None, :] + step * np.eye(x.shape[-1])
    width = step if scheme == "forward" else 2 * step
    return (np.sum(ybar[..., None] * GRADIENTS[function](ahead), axis=-2) / width,)


def _hessian_for_the_difference(ybar, y, x, *, function, step, scheme):
    if function == "rosenbrock":
        return (curved(x, ybar, b=100),)
    s = GRADIENTS[function](x)
    return (s * (ybar - np.sum(s * ybar, axis=-1, keepdims=True)),)


SLIPS = {
    "taylor": (
        Slip(
            "not-divided-by-factorials",
            "These are the derivatives p^(k)(x0). The coefficient of (x - x0)^k is p^(k)(x0) / k!.",
            forward=_undivided_by_factorials,
        ),
        Slip(
            "around-minus-x0",
            "The powers are those of x - x0, so the coefficients are those of p(x0 + u) in u. Here it is p(u - x0).",
            forward=lambda coefficients, x0: taylor(coefficients, -x0),
        ),
        Slip(
            "highest-power-first",
            "For numpy.polyval the first coefficient is that of the highest power; here it is the constant. Reverse "
            "what goes in and what comes out.",
            forward=lambda coefficients, x0: np.flip(taylor(np.flip(coefficients, -1), x0), -1),
            vjp=_descending_vjp,
            convention="numpy.polyval",
        ),
        Slip(
            "power-missing",
            "As x0 moves, t_k = p^(k)(x0) / k! moves by p^(k+1)(x0) / k!, and that is (k + 1) t_(k+1). Here the factor "
            "k + 1 is missing.",
            vjp=lambda tbar, t, coefficients, x0: _taylor_x0(
                tbar, t, coefficients, x0, lambda tbar, t: np.sum(tbar[..., :-1] * t[..., 1:], axis=-1)
            ),
        ),
        Slip(
            "only-the-value-moves",
            "All coefficients depend on x0, not the value p(x0) alone: x0bar = sum_k tbar_k (k + 1) t_(k+1).",
            vjp=lambda tbar, t, coefficients, x0: _taylor_x0(
                tbar, t, coefficients, x0, lambda tbar, t: tbar[..., 0] * t[..., 1]
            ),
        ),
    ),
    "taylor_rosenbrock": (
        Slip(
            "half-missing",
            "The second term of Taylor's polynomial is divided by 2!: h.H h / 2.",
            forward=lambda x, h, *, a, b, order: (
                _second_order(x, h, a, b, 1) if order == 2 else taylor_rosenbrock(x, h, a=a, b=b, order=1)
            ),
        ),
        Slip(
            "slope-only",
            "With order=2 the parabola is asked for: the curvature adds h.H h / 2.",
            forward=lambda x, h, *, a, b, order: taylor_rosenbrock(x, h, a=a, b=b, order=1),
        ),
        Slip(
            "value-itself",
            "That is f(x + h), without any error. The polynomial knows f and its derivatives at x only.",
            forward=lambda x, h, *, a, b, order: rosenbrock(x + h, a=a, b=b),
        ),
        Slip(
            "derivatives-taken-as-constant",
            "The gradient at x moves as x does, so xbar has H h beside grad f; and the Hessian moves too, with order "
            "2.",
            vjp=lambda ybar, y, x, h, *, a, b, order: _taylor_x_bar(ybar, x, h, a, b, order, 0, 1),
        ),
        Slip(
            "third-derivatives-missing",
            "The Hessian at x moves as x does: with order 2, xbar has T(h, h) / 2 beside grad f + H h, T the third "
            "derivatives.",
            vjp=lambda ybar, y, x, h, *, a, b, order: _taylor_x_bar(ybar, x, h, a, b, order, 1, 1),
        ),
    ),
    "finite_difference": (
        Slip(
            "forward-for-central",
            "The central difference steps to both sides, f(x + h e_i) - f(x - h e_i). One-sided, the error falls with "
            "h only, not with its square.",
            forward=lambda x, *, function, step, scheme: finite_difference(
                x, function=function, step=step, scheme="forward"
            ),
        ),
        Slip(
            "width-not-doubled",
            "The two ends of a central difference are 2 h apart, and that is what it is divided by.",
            forward=lambda x, *, function, step, scheme: (
                (2 if scheme == "central" else 1) * finite_difference(x, function=function, step=step, scheme=scheme)
            ),
        ),
        Slip(
            "not-restored",
            "Each variable has to go back to its place before the next one is moved. Here the steps pile up, and the "
            "later differences are taken elsewhere.",
            forward=_not_restored,
        ),
        Slip(
            "all-variables-moved",
            "A partial derivative moves one variable and holds the others, x + h e_i. Here h was added to all of them.",
            forward=_all_moved,
        ),
        Slip(
            "other-end-taken-as-constant",
            "Both ends move with x: xbar has the gradient at the one minus the gradient at the other.",
            vjp=_near_end_constant,
        ),
        Slip(
            "hessian-for-the-difference",
            "That is the derivative of the gradient. The difference with a step h is another function, whose "
            "derivative is a difference of gradients.",
            vjp=_hessian_for_the_difference,
        ),
    ),
}

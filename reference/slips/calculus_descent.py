"""Slips of descents and of line searches."""

from __future__ import annotations

import numpy as np

from ..calculus.descent import gradient_descent, gradient_descent_vjp, rosenbrock_descent, rosenbrock_descent_vjp
from ..calculus.line_search import backtracking_line_search, exact_line_search, exact_line_search_vjp
from ..calculus.rosenbrock import curved, rosenbrock_gradient
from ..op import Slip
from .calculus import gauss_newton


def walk(x0, steps, step):
    """x_0 and what ``step`` makes of each iterate."""
    iterates = [x0]
    for _ in range(steps):
        iterates.append(step(iterates[-1]))
    return np.stack(iterates)


def last_only(ybar):
    """The cotangents as if the last iterate alone had one."""
    return np.concat([0 * ybar[:-1], ybar[-1:]])


def _one_by_one(a, b, x0, *, lr, steps):
    def step(x):
        x = x.copy()
        for i in range(len(x)):
            x[i] -= lr * (a[i] @ x - b[i])
        return x

    return walk(x0, steps, step)


def _with_momentum(a, b, x0, *, lr, steps):
    velocity, iterates = 0 * x0, [x0]
    for _ in range(steps):
        velocity = 0.9 * velocity - lr * (a @ iterates[-1] - b)
        iterates.append(iterates[-1] + velocity)
    return np.stack(iterates)


def _steps_constant(ybar, y, a, b, x0, *, lr, steps):
    xbar = np.flip(np.cumsum(np.flip(ybar, 0), axis=0), 0)
    abar = -lr * np.sum([np.outer(xbar[t + 1], y[t]) for t in range(steps)], axis=0)
    return (abar + abar.T) / 2, lr * np.sum(xbar[1:], axis=0), xbar[0]


def _rate_forgotten(ybar, y, a, b, x0, *, lr, steps):
    abar, bbar, xbar = gradient_descent_vjp(ybar, y, a, b, x0, lr=lr, steps=steps)
    return abar / lr, bbar / lr, xbar


def _valley_back(ybar, y, lr, steps, hessian):
    xbar = ybar[steps]
    for t in reversed(range(steps)):
        xbar = ybar[t] + xbar - lr * hessian(y[t], xbar)
    return (xbar,)


def _search(a, b, x, p, step):
    t = step(a @ x - b, p)
    return t, x + t * p


def _step_constant(ybar, y, a, b, x, p):
    (_, pointbar), (t, _) = ybar, y
    return 0 * a, 0 * b, pointbar, t * pointbar


def _curvature_once(ybar, y, a, b, x, p):
    abar, bbar, xbar, pbar = exact_line_search_vjp(ybar, y, a, b, x, p)
    (tbar, pointbar), (t, _) = ybar, y
    s = (tbar + p @ pointbar) / (p @ a @ p)
    return abar, bbar, xbar, pbar + s * t * (a @ p)


def _search_sign(ybar, y, a, b, x, p):
    abar, bbar, xbar, pbar = exact_line_search_vjp(ybar, y, a, b, x, p)
    return -abar, bbar, xbar, pbar


def _backtracked(slope_of):
    """The search that asks for another share of what the slope promises."""

    def search(x, p, *, a, b, initial, shrink, slope, most):
        return backtracking_line_search(
            x, p, a=a, b=b, initial=initial, shrink=shrink, slope=slope_of(slope), most=most
        )

    return search


def _shrunk_once_more(x, p, *, a, b, initial, shrink, slope, most):
    t, _ = backtracking_line_search(x, p, a=a, b=b, initial=initial, shrink=shrink, slope=slope, most=most)
    return shrink * t, x + shrink * t * p


def _whole_step(x, p, *, a, b, initial, shrink, slope, most):
    t, _ = backtracking_line_search(x, p, a=a, b=b, initial=initial, shrink=shrink, slope=slope, most=most)
    return t, x + p


UPHILL = (
    "The gradient points to where f grows: the step goes against it, x - lr grad f. Here it was added, and f grows "
    "with every step."
)


START_MISSING = (
    "The starting point is the first of the iterates: x_0 ... x_steps are steps + 1 points. Here it is missing."
)


GRADIENT_OF_THE_START = (
    "The gradient has to be taken anew at every iterate. Here that of the starting point was used for all steps."
)


LAST_ONLY = (
    "Every iterate is an output and has a cotangent of its own, ybar_t, which joins on the way back. Here only that of "
    "the last one was pulled back."
)


SLIPS = {
    "gradient_descent": (
        Slip("uphill", UPHILL, forward=lambda a, b, x0, *, lr, steps: gradient_descent(a, b, x0, lr=-lr, steps=steps)),
        Slip(
            "half-missing",
            "The gradient of x.A x / 2 - b.x is A x - b: the 2 from the square and the half cancel. Here the 2 stayed.",
            forward=lambda a, b, x0, *, lr, steps: gradient_descent(2 * a, b, x0, lr=lr, steps=steps),
        ),
        Slip(
            "linear-term-forgotten",
            "The gradient is A x - b. Without b the descent goes to the origin, not to the solution of A x = b.",
            forward=lambda a, b, x0, *, lr, steps: gradient_descent(a, 0 * b, x0, lr=lr, steps=steps),
        ),
        Slip(
            "gradient-of-the-start",
            GRADIENT_OF_THE_START,
            forward=lambda a, b, x0, *, lr, steps: walk(x0, steps, lambda x: x - lr * (a @ x0 - b)),
        ),
        Slip(
            "one-variable-at-a-time",
            "All variables move at once, by the gradient at the old point. Here x was changed in place, and the later "
            "variables saw the earlier ones already moved.",
            forward=_one_by_one,
        ),
        Slip(
            "momentum-added",
            "Plain descent has no memory. Here 0.9 of the last step was added to each, which is the method of the "
            "heavy ball.",
            forward=_with_momentum,
        ),
        Slip(
            "start-left-out",
            START_MISSING,
            forward=lambda a, b, x0, *, lr, steps: gradient_descent(a, b, x0, lr=lr, steps=steps)[1:],
        ),
        Slip(
            "last-iterate-only",
            LAST_ONLY,
            vjp=lambda ybar, y, a, b, x0, *, lr, steps: gradient_descent_vjp(
                last_only(ybar), y, a, b, x0, lr=lr, steps=steps
            ),
        ),
        Slip(
            "gradient-taken-as-constant",
            "The gradient A x_t - b moves as x_t does: on the way back each step multiplies by 1 - lr A. Here the "
            "cotangents were only added up.",
            vjp=_steps_constant,
        ),
        Slip(
            "rate-forgotten",
            "Each step adds lr times b, and takes lr times A x_t away: the rate is a factor of bbar and abar too.",
            vjp=_rate_forgotten,
        ),
    ),
    "rosenbrock_descent": (
        Slip(
            "uphill",
            UPHILL,
            forward=lambda x0, *, a, b, lr, steps: rosenbrock_descent(x0, a=a, b=b, lr=-lr, steps=steps),
        ),
        Slip(
            "gradient-of-the-start",
            GRADIENT_OF_THE_START,
            forward=lambda x0, *, a, b, lr, steps: walk(
                x0, steps, lambda x: x - lr * rosenbrock_gradient(x0, a=a, b=b)
            ),
        ),
        Slip(
            "start-left-out",
            START_MISSING,
            forward=lambda x0, *, a, b, lr, steps: rosenbrock_descent(x0, a=a, b=b, lr=lr, steps=steps)[1:],
        ),
        Slip(
            "last-iterate-only",
            LAST_ONLY,
            vjp=lambda ybar, y, x0, *, a, b, lr, steps: rosenbrock_descent_vjp(
                last_only(ybar), y, x0, a=a, b=b, lr=lr, steps=steps
            ),
        ),
        Slip(
            "gradient-taken-as-constant",
            "The gradient moves as x_t does: on the way back each step multiplies by 1 - lr H(x_t). Here the "
            "cotangents were only added up.",
            vjp=lambda ybar, y, x0, *, a, b, lr, steps: _valley_back(ybar, y, lr, steps, lambda x, v: 0),
        ),
        Slip(
            "gauss-newton",
            "The Hessian of b r^2 is 2 b (grad r grad r^T + r hess r). Here the second term, with the residual r, was "
            "dropped.",
            vjp=lambda ybar, y, x0, *, a, b, lr, steps: _valley_back(
                ybar, y, lr, steps, lambda x, v: curved(x, v, b=b) - gauss_newton(x, b=b) * v
            ),
        ),
        Slip(
            "hessian-of-the-start",
            "Each step has the Hessian at its own iterate, H(x_t). Here that of the starting point was used for all.",
            vjp=lambda ybar, y, x0, *, a, b, lr, steps: _valley_back(
                ybar, y, lr, steps, lambda x, v: curved(x0, v, b=b)
            ),
        ),
    ),
    "exact_line_search": (
        Slip(
            "uphill",
            "The parabola is lowest where its slope p.(A x - b) + t p.A p is 0, so t = -p.(A x - b) / p.A p, with a "
            "minus.",
            forward=lambda a, b, x, p: _search(a, b, x, p, lambda g, p: p @ g / (p @ a @ p)),
        ),
        Slip(
            "curvature-forgotten",
            "The curvature along p is p.A p, and it divides. Here it is p.p, the length of the direction alone.",
            forward=lambda a, b, x, p: _search(a, b, x, p, lambda g, p: -(p @ g) / (p @ p)),
        ),
        Slip(
            "as-for-steepest-descent",
            "That is the step for p = -g, g the gradient: g.g / g.A g. Along another direction it is -p.g / p.A p.",
            forward=lambda a, b, x, p: _search(a, b, x, p, lambda g, p: g @ g / (g @ a @ g)),
        ),
        Slip(
            "linear-term-forgotten",
            "The gradient is A x - b. Here b was left out.",
            forward=lambda a, b, x, p: exact_line_search(a, 0 * b, x, p),
        ),
        Slip(
            "step-taken-as-constant",
            "The step t depends on all arguments, and what reaches it comes back to them: s = (tbar + p.pointbar) / "
            "p.A p multiplies the derivatives of the slope.",
            vjp=_step_constant,
        ),
        Slip(
            "direction-once",
            "In p.A p the direction stands twice: pbar has t pointbar - s (g + 2 t A p). Here the 2 is missing.",
            vjp=_curvature_once,
        ),
        Slip(
            "sign-of-a",
            "A steeper parabola makes the step shorter: abar = -s p (x + t p)^T made symmetric, with a minus.",
            vjp=_search_sign,
        ),
    ),
    "backtracking_line_search": (
        Slip(
            "any-decrease",
            "That f falls at all is not enough: steps that get shorter and shorter may fall and never arrive. Armijo "
            "asks for a share of what the slope promises, slope t p.grad f.",
            forward=_backtracked(lambda slope: 0.0),
        ),
        Slip(
            "promise-upside-down",
            "Downhill p.grad f is negative, so slope t p.grad f lowers the bar that f has to get under. With the other "
            "sign even a step up is accepted.",
            forward=_backtracked(lambda slope: -slope),
        ),
        Slip(
            "shrunk-once-more",
            "The first step that fulfils the condition is taken. Here it was shrunk before it was tested, or once more "
            "after it.",
            forward=_shrunk_once_more,
        ),
        Slip(
            "step-not-applied",
            "The point is x + t p. Here the whole direction was added.",
            forward=_whole_step,
        ),
        Slip(
            "step-forgotten",
            "The point is x + t p, so pbar = t pointbar: a short step hands little back to the direction.",
            vjp=lambda ybar, y, x, p, **params: (ybar[1], ybar[1]),
        ),
    ),
}

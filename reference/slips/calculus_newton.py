"""Slips of Newton's method."""

from __future__ import annotations

import numpy as np

from ..calculus.newton import newton, newton_rosenbrock_vjp, newton_vjp
from ..calculus.rosenbrock import rosenbrock_gradient, rosenbrock_hessian
from ..op import Slip
from .calculus import gauss_newton
from .calculus_descent import LAST_ONLY, START_MISSING, last_only, walk


def _newton_signs(ybar, y, a, b, x0, *, steps):
    abar, bbar = newton_vjp(ybar, y, a, b, x0, steps=steps)
    return -abar, bbar


def _valley_step(x, a, b, without=None):
    """H^-1 grad f, with a diagonal taken off H."""
    hessian = rosenbrock_hessian(x, a=a, b=b)
    if without is not None:
        hessian = hessian - without[..., None] * np.eye(x.shape[-1])
    return np.linalg.solve(hessian, rosenbrock_gradient(x, a=a, b=b)[..., None])[..., 0]


def _diagonal_step(x, a, b):
    diagonal = np.diagonal(rosenbrock_hessian(x, a=a, b=b), axis1=-2, axis2=-1)
    return rosenbrock_gradient(x, a=a, b=b) / diagonal


SLIPS = {
    "newton": (
        Slip(
            "uphill",
            "Newton's step is subtracted: x - A^-1 (A x - b). Added, it leads as far away from the solution again.",
            forward=lambda a, b, x0, *, steps: walk(x0, steps, lambda x: x + np.linalg.solve(a, a @ x - b)),
        ),
        Slip(
            "hessian-forgotten",
            "That is descent along the gradient with the rate 1. Newton divides by the curvature: A^-1 (A x - b).",
            forward=lambda a, b, x0, *, steps: walk(x0, steps, lambda x: x - (a @ x - b)),
        ),
        Slip(
            "multiplied-by-the-hessian",
            "The gradient is multiplied by the inverse of the Hessian. Here it is the Hessian itself.",
            forward=lambda a, b, x0, *, steps: walk(x0, steps, lambda x: x - a @ (a @ x - b)),
        ),
        Slip(
            "diagonal-only",
            "The Hessian is a matrix, and A s = A x - b has to be solved. Here each component was divided by its own "
            "second derivative, a_ii.",
            forward=lambda a, b, x0, *, steps: walk(x0, steps, lambda x: x - (a @ x - b) / np.diagonal(a)),
        ),
        Slip("start-left-out", START_MISSING, forward=lambda a, b, x0, *, steps: newton(a, b, x0, steps=steps)[1:]),
        Slip(
            "last-iterate-only",
            LAST_ONLY,
            vjp=lambda ybar, y, a, b, x0, *, steps: newton_vjp(last_only(ybar), y, a, b, x0, steps=steps),
        ),
        Slip(
            "sign-of-a",
            "The solution falls as A grows: from A x = b follows A xdot = bdot - Adot x, so abar = -g x^T made "
            "symmetric.",
            vjp=_newton_signs,
        ),
        Slip(
            "hessian-taken-as-constant",
            "The Hessian is A, and moves with it: abar = -g x^T, x the solution. Pulled back through the gradient of "
            "the first step alone, it is -g x_0^T.",
            vjp=lambda ybar, y, a, b, x0, *, steps: newton_vjp(ybar, y[:1], a, b, x0, steps=steps),
        ),
    ),
    "newton_rosenbrock": (
        Slip(
            "uphill",
            "Newton's step is subtracted: x - H^-1 grad f. Added, it leads away from where the slope is 0.",
            forward=lambda x0, *, a, b, steps: walk(x0, steps, lambda x: x + _valley_step(x, a, b)),
        ),
        Slip(
            "hessian-forgotten",
            "That is descent along the gradient with the rate 1. Newton divides by the curvature: H^-1 grad f.",
            forward=lambda x0, *, a, b, steps: walk(x0, steps, lambda x: x - rosenbrock_gradient(x, a=a, b=b)),
        ),
        Slip(
            "gauss-newton",
            "The Hessian of b r^2 is 2 b (grad r grad r^T + r hess r). Here the second term, with the residual r, was "
            "dropped, which is the method of Gauss and Newton.",
            forward=lambda x0, *, a, b, steps: walk(
                x0, steps, lambda x: x - _valley_step(x, a, b, gauss_newton(x, b=b))
            ),
        ),
        Slip(
            "diagonal-only",
            "The Hessian is a matrix, and H s = grad f has to be solved. Here each component was divided by its own "
            "second derivative, H_ii.",
            forward=lambda x0, *, a, b, steps: walk(x0, steps, lambda x: x - _diagonal_step(x, a, b)),
        ),
        Slip(
            "hessian-of-the-start",
            "The Hessian has to be taken anew at every iterate. Here that of the starting point was used for all "
            "steps.",
            forward=lambda x0, *, a, b, steps: walk(
                x0,
                steps,
                lambda x: x - np.linalg.solve(rosenbrock_hessian(x0, a=a, b=b), rosenbrock_gradient(x, a=a, b=b)),
            ),
        ),
        Slip(
            "hessian-taken-as-constant",
            "With a constant Hessian a step would end at the same point from wherever it began, and nothing would come "
            "back. The Hessian moves too: xbar_t = ybar_t + T(s, H^-1 xbar_(t+1)), T the third derivatives.",
            vjp=lambda ybar, y, x0, *, a, b, steps: (ybar[0],),
        ),
        Slip(
            "last-iterate-only",
            LAST_ONLY,
            vjp=lambda ybar, y, x0, *, a, b, steps: newton_rosenbrock_vjp(
                last_only(ybar), y, x0, a=a, b=b, steps=steps
            ),
        ),
    ),
}

"""Slips of Rosenbrock's valley and its derivatives, and of the surface of a loss."""

from __future__ import annotations

import numpy as np

from ..calculus.rosenbrock import (
    curved,
    rosenbrock,
    rosenbrock_gradient,
    rosenbrock_hessian,
    rosenbrock_hessian_vjp,
)
from ..calculus.surface import loss_surface_slice
from ..op import Slip


def first_of_pair(v):
    """Of each pair of neighbours something that belongs to the first one, and 0 for the last variable."""
    return np.concat([v, np.zeros_like(v[..., :1])], axis=-1)


def second_of_pair(v):
    return np.concat([np.zeros_like(v[..., :1]), v], axis=-1)


def _wall(x):
    return x[..., 1:] - x[..., :-1] ** 2


def gradient_without_inner_derivative(x, *, a, b):
    floor = -2 * (a - x[..., :-1])
    return first_of_pair(-2 * b * _wall(x) + floor) + second_of_pair(2 * b * _wall(x))


def gradient_without_neighbour(x, *, a, b):
    return rosenbrock_gradient(x, a=a, b=b) - second_of_pair(2 * b * _wall(x))


def gradient_of_the_other_floor(x, *, a, b):
    return rosenbrock_gradient(x, a=a, b=b) + first_of_pair(4 * (a - x[..., :-1]))


def gauss_newton(x, *, b):
    """What the Hessian has more than the matrix of Gauss and Newton, on the diagonal."""
    return first_of_pair(-4 * b * _wall(x))


def _product_of_gauss_and_newton(ybar, dots, y, x, *, a, b):
    return (ybar[..., None] * (curved(x, dots[0], b=b) - gauss_newton(x, b=b) * dots[0]),)


def _off_diagonal_only_above(x, *, a, b):
    return np.triu(rosenbrock_hessian(x, a=a, b=b))


def _wall_unsquared(x, *, a, b):
    return np.sum(b * (x[..., 1:] - x[..., :-1]) ** 2 + (a - x[..., :-1]) ** 2, axis=-1)


def _other_squared(x, *, a, b):
    return np.sum(b * (x[..., :-1] - x[..., 1:] ** 2) ** 2 + (a - x[..., :-1]) ** 2, axis=-1)


def _diagonal(v):
    return v[..., None] * np.eye(v.shape[-1])


def _one_side_only(ybar, y, x, *, a, b):
    return rosenbrock_hessian_vjp(np.triu(ybar), y, x, a=a, b=b)


def _hessian_neighbour_forgotten(ybar, y, x, *, a, b):
    (xbar,) = rosenbrock_hessian_vjp(ybar, y, x, a=a, b=b)
    own = np.diagonal(ybar, axis1=-2, axis2=-1)[..., :-1]
    return (xbar + second_of_pair(4 * b * own),)


def _second_direction_forgotten(s, t, x, target, *theta, activation):
    n = len(theta) // 3
    still = [0 * v for v in theta[2 * n :]]
    return loss_surface_slice(s, t, x, target, *theta[: 2 * n], *still, activation=activation)


SLIPS = {
    "rosenbrock": (
        Slip(
            "square-missing",
            "The valley is curved: its floor lies where x_(i+1) = x_i^2. Without the inner square it is straight.",
            forward=_wall_unsquared,
        ),
        Slip(
            "wrong-one-squared",
            "The earlier variable of a pair is squared, x_(i+1) - x_i^2. Here it is the later one.",
            forward=_other_squared,
        ),
        Slip(
            "a-and-b-exchanged",
            "The constant a is where the floor is lowest, (a - x_i)^2, and b is how steep the walls are. Here they are "
            "exchanged.",
            forward=lambda x, *, a, b: rosenbrock(x, a=b, b=a),
        ),
        Slip(
            "inner-derivative-missing",
            "The chain rule multiplies the slope of the outer square by that of x_i^2 inside, 2 x_i: it gives -4 b x_i "
            "(x_(i+1) - x_i^2), not -2 b (x_(i+1) - x_i^2).",
            vjp=lambda ybar, y, x, *, a, b: (ybar[..., None] * gradient_without_inner_derivative(x, a=a, b=b),),
        ),
        Slip(
            "second-occurrence-forgotten",
            "A variable in the middle is in two terms of the sum, as x_i of one pair and as x_(i+1) of the one before: "
            "the derivatives of both add up. Here the second one is missing.",
            vjp=lambda ybar, y, x, *, a, b: (ybar[..., None] * gradient_without_neighbour(x, a=a, b=b),),
        ),
        Slip(
            "gauss-newton-product",
            "The Hessian of a sum of squares r^2 has two parts, 2 r'^2 and 2 r r''. Without the second one it is the "
            "matrix of Gauss and Newton, which is right only where the residuals x_(i+1) - x_i^2 are 0.",
            hvp=_product_of_gauss_and_newton,
        ),
    ),
    "rosenbrock_gradient": (
        Slip(
            "inner-derivative-missing",
            "The chain rule multiplies the slope of the outer square by that of x_i^2 inside, 2 x_i: it gives -4 b x_i "
            "(x_(i+1) - x_i^2), not -2 b (x_(i+1) - x_i^2).",
            forward=gradient_without_inner_derivative,
        ),
        Slip(
            "second-occurrence-forgotten",
            "A variable in the middle is in two terms of the sum, as x_i of one pair and as x_(i+1) of the one before: "
            "the derivatives of both add up. Here the second one is missing.",
            forward=gradient_without_neighbour,
        ),
        Slip(
            "sign-of-the-floor",
            "The derivative of (a - x_i)^2 is -2 (a - x_i): the minus in front of x_i comes out. Here it is missing.",
            forward=gradient_of_the_other_floor,
        ),
        Slip(
            "gauss-newton",
            "The Hessian of b r^2 is 2 b (grad r grad r^T + r hess r). Here the second term, with the residual r = "
            "x_(i+1) - x_i^2, was dropped, which is Gauss and Newton's matrix: right on the floor only.",
            vjp=lambda ybar, y, x, *, a, b: (curved(x, ybar, b=b) - gauss_newton(x, b=b) * ybar,),
        ),
        Slip(
            "diagonal-only",
            "The slope in x_i depends on its neighbours too: the Hessian has -4 b x_i beside its diagonal.",
            vjp=lambda ybar, y, x, *, a, b: (np.diagonal(rosenbrock_hessian(x, a=a, b=b), axis1=-2, axis2=-1) * ybar,),
        ),
    ),
    "rosenbrock_hessian": (
        Slip(
            "gauss-newton",
            "The Hessian of b r^2 is 2 b (grad r grad r^T + r hess r). Here the second term, with the residual r = "
            "x_(i+1) - x_i^2, was dropped, which is Gauss and Newton's matrix: right on the floor only.",
            forward=lambda x, *, a, b: rosenbrock_hessian(x, a=a, b=b) - _diagonal(gauss_newton(x, b=b)),
        ),
        Slip(
            "not-mirrored",
            "The order of two derivatives does not matter, so the Hessian is symmetric: -4 b x_i stands above the "
            "diagonal and below it.",
            forward=_off_diagonal_only_above,
        ),
        Slip(
            "second-occurrence-forgotten",
            "Every variable but the first is also the later one of a pair, which adds 2 b to its second derivative.",
            forward=lambda x, *, a, b: (
                rosenbrock_hessian(x, a=a, b=b) - _diagonal(second_of_pair(2 * b * np.ones_like(x[..., 1:])))
            ),
        ),
        Slip(
            "one-side-only",
            "The number -4 b x_i stands at two places of the matrix, and both send something back to x_i. Here only "
            "the one above the diagonal did.",
            vjp=_one_side_only,
        ),
        Slip(
            "neighbour-forgotten",
            "The diagonal has 4 b (3 x_i^2 - x_(i+1)), so x_(i+1) gets -4 b ybar_ii. Here only x_i got its part.",
            vjp=_hessian_neighbour_forgotten,
        ),
    ),
    "loss_surface_slice": (
        Slip(
            "axes-exchanged",
            "Row i belongs to s_i and the first direction, column j to t_j and the second. np.meshgrid exchanges them "
            "unless it is given indexing='ij'.",
            forward=lambda s, t, x, target, *theta, activation: (
                loss_surface_slice(s, t, x, target, *theta, activation=activation).T
            ),
        ),
        Slip(
            "directions-exchanged",
            "The first half of the directions goes with s and the second with t. Here s multiplies the second ones.",
            forward=lambda s, t, x, target, *theta, activation: loss_surface_slice(
                s,
                t,
                x,
                target,
                *theta[: len(theta) // 3],
                *theta[2 * len(theta) // 3 :],
                *theta[len(theta) // 3 : 2 * len(theta) // 3],
                activation=activation,
            ),
        ),
        Slip(
            "second-direction-forgotten",
            "Every point of the surface is theta + s_i u + t_j v. Here the second direction was left out, so that all "
            "columns are the same.",
            forward=_second_direction_forgotten,
        ),
    ),
}

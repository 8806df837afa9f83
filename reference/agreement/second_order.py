"""What mistakes in a Hessian-vector product would give in the place of the right answer.

Each relation is a function from a point to the wrong answers that the mistake would give, one for each cotangent; its
docstring is the page that ``crosscheck explain`` prints.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import ctx

from ..arithmetic.ball import Balls
from .truth import FIRST_BITS, Point, enclosure

Answers = tuple[np.ndarray, ...]


def constant_gradient(point: Point) -> Answers:
    """Zero: the gradient was treated as a constant.

    A fused backward that was written by hand, or one behind stop_gradient or detach, is a number to whoever
    differentiates it again: the Hessian is then 0 everywhere. The gradient moves with the arguments, and how it does so
    along dots is what is asked.

    To see it: move one input by a little, and compute the gradient again.
    """
    return tuple(np.zeros(np.shape(g.hi)) for g in point.truth("vjp"))


def gradient_itself(point: Point) -> Answers:
    """The gradient was returned, not its derivative along dots.

    To see it: double dots. The answer must double, and the gradient does not.
    """
    return tuple(g.hi for g in point.truth("vjp"))


def value_held_fixed(point: Point) -> Answers:
    """The value y was treated as a constant.

    A VJP is given y and uses it to save work; y moves with the arguments all the same. Along dots it moves by the JVP,
    ydot = J dots, and each y in the VJP brings a term with ydot.

    To see it: write y out in the VJP, so that only the arguments are left, and differentiate that.
    """
    with ctx.workprec(FIRST_BITS):
        return tuple(enclosure(g).hi for g in point.moved(Balls, value=False))


def arguments_held_fixed(point: Point) -> Answers:
    """The arguments were treated as constants, and only the value y was moved.

    To see it: underline each argument in the VJP; each brings a term with its own tangent.
    """
    with ctx.workprec(FIRST_BITS):
        return tuple(enclosure(g).hi for g in point.moved(Balls, arguments=False))


def mixed_terms_dropped(point: Point) -> Answers:
    """Each cotangent was moved along the tangent of its own argument alone.

    The Hessian of several arguments is a matrix of blocks, and those beside the diagonal hold the mixed derivatives: of
    x y they are all there is. Each cotangent gets a term from every tangent.

    To see it: give one argument a tangent and the others zeros; all cotangents move.
    """
    answers = []
    for k in range(len(point.wrt)):
        alone = tuple(x if i == k else np.zeros_like(x) for i, x in enumerate(point.xdot))
        with ctx.workprec(FIRST_BITS):
            answers.append(enclosure(point.towards(alone).hvp(Balls)[k]).hi)
    return tuple(answers)


def not_linear_in_dots() -> None:
    """The answer is not linear in the tangents: with twice the tangents it is not twice as large.

    A Hessian-vector product is H v with one matrix H: every term has one of the tangents as a factor, once. A term
    without any is a piece of the gradient that was not differentiated; one with two is of the third order.

    To see it: double dots. Every answer must double.
    """


SECOND_ORDER: tuple[Callable[[Point], Answers], ...] = (
    constant_gradient,
    gradient_itself,
    value_held_fixed,
    arguments_held_fixed,
    mixed_terms_dropped,
)

"""The valley of Rosenbrock: the function on which descents are tried, and its derivatives up to the third."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def rosenbrock(x, *, a, b):
    """y = sum_i b (x_(i+1) - x_i^2)^2 + (a - x_i)^2.

    Shapes: x (..., D) with D >= 2, y (...,).

    For D = 2 the least value 0 lies at (a, a^2), in a curved valley whose floor slopes by 1 where its walls bend by b:
    for a = 1 the condition number of the Hessian there is about 25 b.

    Raises ValueError for fewer than two variables.
    Source: Rosenbrock (1960), An Automatic Method for Finding the Greatest or Least Value of a Function, Comp. J. 3.
    """
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError(f"rosenbrock: got x of shape {x.shape}, want (..., D) with D of at least 2")
    wall = x[..., 1:] - x[..., :-1] * x[..., :-1]
    floor = a - x[..., :-1]
    return np.sum(b * (wall * wall) + floor * floor, axis=-1)


def rosenbrock_vjp(ybar, y, x, *, a, b):
    """xbar = ybar times the gradient."""
    return (ybar[..., None] * rosenbrock_gradient(x, a=a, b=b),)


def rosenbrock_hvp(ybar, dots, y, x, *, a, b):
    """xbardot = ybar H xdot, where H is the Hessian of y: ybar is held fixed, and the gradient moves by H xdot."""
    return (ybar[..., None] * curved(x, dots[0], b=b),)


CLASSIC = {"a": 1.0, "b": 100.0}
WIDE = {"a": 1.5, "b": 4.0}


def rosenbrock_cases(rng):
    yield Case("classic", (rng.normal(size=3),), CLASSIC)
    yield Case("wide", (rng.normal(size=(5, 4)),), WIDE)
    points = np.array([[1.0, 1.0], [0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0], [np.inf, 0.0]])
    yield Case("points", (points,), CLASSIC, "special", np.array([0.0, 1.0, 104.0, np.nan, np.inf]))
    yield Case("no-points", (np.zeros((0, 2)),), CLASSIC, "empty", np.zeros(0))
    yield Case("one-variable", (rng.normal(size=(4, 1)),), CLASSIC, "refused")


def rosenbrock_gradient(x, *, a, b):
    """y_i = -4 b x_i (x_(i+1) - x_i^2) - 2 (a - x_i) + 2 b (x_i - x_(i-1)^2), terms beyond the ends left out.

    Shapes: x (..., D) with D >= 2, y as x.

    Raises ValueError for fewer than two variables.
    Source: Rosenbrock (1960), An Automatic Method for Finding the Greatest or Least Value of a Function, Comp. J. 3.
    """
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError(f"rosenbrock_gradient: got x of shape {x.shape}, want (..., D) with D of at least 2")
    wall = x[..., 1:] - x[..., :-1] * x[..., :-1]
    return _before(-4 * b * x[..., :-1] * wall - 2 * (a - x[..., :-1])) + _after(2 * b * wall)


def _before(v):
    """Of each pair (x_i, x_(i+1)) something that belongs to the first one."""
    return np.concatenate([v, np.zeros_like(v[..., :1])], axis=-1)


def _after(v):
    """Of each pair (x_i, x_(i+1)) something that belongs to the second one."""
    return np.concatenate([np.zeros_like(v[..., :1]), v], axis=-1)


def rosenbrock_gradient_vjp(ybar, y, x, *, a, b):
    """xbar = H ybar: the derivative of a gradient is symmetric."""
    return (curved(x, ybar, b=b),)


def curved(x, v, *, b):
    """H v, the Hessian times a direction, which has no part along a."""
    first, second = x[..., :-1], x[..., 1:]
    diagonal, side = _bend(first, second, b), -4 * b * first
    return _before(diagonal * v[..., :-1] + side * v[..., 1:]) + _after(side * v[..., :-1] + 2 * b * v[..., 1:])


def _bend(first, second, b):
    """The second derivative of a pair's terms by its first variable."""
    return 4 * b * (3 * (first * first) - second) + 2


def rosenbrock_gradient_cases(rng):
    yield Case("classic", (rng.normal(size=3),), CLASSIC)
    yield Case("wide", (rng.normal(size=(5, 4)),), WIDE)
    points = np.array([[1.0, 1.0], [0.0, 0.0], [-1.0, 2.0]])
    slopes = np.array([[0.0, 0.0], [-2.0, 0.0], [396.0, 200.0]])
    yield Case("points", (points,), CLASSIC, "special", slopes)
    yield Case("one-variable", (rng.normal(size=(4, 1)),), CLASSIC, "refused")


def rosenbrock_hessian(x, *, a, b):
    """H_ii = 4 b (3 x_i^2 - x_(i+1)) + 2 and + 2 b, H_i,i+1 = H_i+1,i = -4 b x_i, the rest 0.

    Shapes: x (..., D) with D >= 2, H (..., D, D).

    The first part of H_ii exists for all variables but the last one, 2 b for all but the first; a has no part.

    Raises ValueError for fewer than two variables.
    Source: Rosenbrock (1960), An Automatic Method for Finding the Greatest or Least Value of a Function, Comp. J. 3.
    """
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError(f"rosenbrock_hessian: got x of shape {x.shape}, want (..., D) with D of at least 2")
    first = x[..., :-1]
    diagonal = _before(_bend(first, x[..., 1:], b)) + _after(np.ones_like(first) * 2 * b)
    side = _before(-4 * b * first)
    i = np.arange(x.shape[-1])
    row, column = i[:, None], i
    above = np.where(column == row + 1, side[..., :, None], 0)
    return np.where(row == column, diagonal[..., :, None], above + np.where(row == column + 1, side[..., None, :], 0))


def rosenbrock_hessian_vjp(ybar, y, x, *, a, b):
    """xbar_i = 24 b x_i ybar_ii - 4 b (ybar_i,i+1 + ybar_i+1,i), and -4 b ybar_ii for x_(i+1)."""
    i = np.arange(x.shape[-1] - 1)
    own, sides = ybar[..., i, i], ybar[..., i, i + 1] + ybar[..., i + 1, i]
    return (_before(4 * b * (6 * x[..., :-1] * own - sides)) + _after(-4 * b * own),)


def twisted(x, s, u, *, b):
    """sum_jk T_ijk s_j u_k, the third derivatives along two directions."""
    own = s[..., :-1] * u[..., :-1]
    sides = s[..., :-1] * u[..., 1:] + s[..., 1:] * u[..., :-1]
    return _before(4 * b * (6 * x[..., :-1] * own - sides)) + _after(-4 * b * own)


def rosenbrock_hessian_cases(rng):
    yield Case("classic", (rng.normal(size=3),), CLASSIC)
    yield Case("wide", (rng.normal(size=(3, 4)),), WIDE)
    yield Case("bottom", (np.ones(2),), CLASSIC, "special", np.array([[802.0, -400.0], [-400.0, 200.0]]))
    yield Case("one-variable", (rng.normal(size=(4, 1)),), CLASSIC, "refused")


def rosenbrock_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 4, 1), 4)),), CLASSIC)


OPS = [
    Op(rosenbrock, rosenbrock_cases, rosenbrock_vjp, rosenbrock_sized, hvp=rosenbrock_hvp),
    Op(rosenbrock_gradient, rosenbrock_gradient_cases, rosenbrock_gradient_vjp, rosenbrock_sized),
    Op(rosenbrock_hessian, rosenbrock_hessian_cases, rosenbrock_hessian_vjp, rosenbrock_sized),
]

"""How far to go along a direction."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .descent import require_bowl, spd
from .rosenbrock import rosenbrock, rosenbrock_gradient


def exact_line_search(a, b, x, p):
    """t = -p.(A x - b) / p.Ap, and x + t p: the lowest point of f(x) = x.Ax / 2 - b.x along p, A symmetric.

    Shapes: a (d, d), b (d,), x (d,), p (d,); the step t () and the point (d,).

    Along p, f is the parabola t^2 p.Ap / 2 + t p.(A x - b) and a constant; where p.Ap > 0 it has a lowest point, and
    there the slope along p is 0. f sees only the symmetric part of a, so A is (a + a^T) / 2.

    Raises ValueError where the shapes do not belong together.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 3.3, eq. 3.26.
    """
    require_bowl("exact_line_search", a, b, x, 0)
    if p.shape != x.shape:
        raise ValueError(f"exact_line_search: got a direction {p.shape} for x {x.shape}")
    slope, bend, _ = _parabola(a, b, x, p)
    t = -np.sum(p * slope) / np.sum(p * bend)
    return t, x + t * p


def _parabola(a, b, x, p):
    """A x - b, A p and A."""
    symmetric = (a + a.mT) / 2
    return symmetric @ x - b, symmetric @ p, symmetric


def exact_line_search_vjp(ybar, y, a, b, x, p):
    """With g = A x - b, q = A p and s = (tbar + p.pointbar) / p.q: bbar = s p, xbar = pointbar - s q.

    pbar = t pointbar - s (g + 2 t q), abar = -s p (x + t p)^T made symmetric, from p.q dt = -dp.(g + 2 t q) - p.q' with
    q' = dA (x + t p) + A dx - db.
    """
    (tbar, pointbar), (t, point) = ybar, y
    slope, bend, _ = _parabola(a, b, x, p)
    s = (tbar + np.sum(p * pointbar)) / np.sum(p * bend)
    abar = -s * p[:, None] * point
    return (abar + abar.mT) / 2, s * p, pointbar - s * bend, t * pointbar - s * (slope + 2 * t * bend)


def exact_line_search_cases(rng):
    yield Case("three-variables", (spd(rng, 3), *rng.normal(size=(2, 3)), 2 + rng.normal(size=3)))
    yield Case("four-variables", (spd(rng, 4), *(4 * rng.normal(size=(2, 4))), rng.uniform(0.2, 0.5, size=4)))
    along = (np.diag([2.0, 4.0]), np.array([2.0, 0.0]), np.array([3.0, 5.0]), np.array([1.0, 0.0]))
    yield Case("along-an-axis", along, {}, "special", (np.array(-2.0), np.array([1.0, 5.0])))
    a, b, x = along[:3]
    yield Case("short-direction", (a, b, x, x[:1]), {}, "refused")


def exact_line_search_sized(rng, n):
    d = max(round(n**0.5), 1)
    return Case("sized", (spd(rng, d), *rng.normal(size=(2, d)), 2 + rng.normal(size=d)))


def backtracking_line_search(x, p, *, a, b, initial, shrink, slope, most):
    """t = initial shrink^k with the least k <= most for which f(x + t p) <= f(x) + slope t p.grad f(x); and x + t p.

    Shapes: x and p (..., D); the steps t (..., 1) and the points (..., D); f is rosenbrock.

    Armijo's condition: f has to fall by a share of what its slope promises. Along a direction of descent a small enough
    t fulfils it, and starting from a large one keeps the steps long. Where none of the tries does, t is the last one. t
    jumps with x and p; in between it is constant, so the point moves as x + t p does.

    Raises ValueError where x and p differ in shape.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 3.1, algorithm 3.1.
    """
    if p.shape != x.shape:
        raise ValueError(f"backtracking_line_search: got a direction {p.shape} for x {x.shape}")
    start = rosenbrock(x, a=a, b=b)
    promised = slope * np.sum(p * rosenbrock_gradient(x, a=a, b=b), axis=-1)
    t = np.ones_like(start) * initial
    for _ in range(most):
        low_enough = rosenbrock(x + t[..., None] * p, a=a, b=b) <= start + t * promised
        t = np.where(low_enough, t, shrink * t)
    return t[..., None], x + t[..., None] * p


def backtracking_line_search_vjp(ybar, y, x, p, *, a, b, initial, shrink, slope, most):
    """xbar = pointbar, pbar = t pointbar: of the function whose branch is taken."""
    (_, pointbar), (t, _) = ybar, y
    return pointbar, t * pointbar


def _downhill(rng, *shape):
    """Points, and directions that keep less than a right angle to the descent from there."""
    x = rng.normal(size=shape)
    down = -rosenbrock_gradient(x, a=1.0, b=10.0)
    return x, down * rng.uniform(0.5, 1.5, size=shape) / np.linalg.norm(down, axis=-1, keepdims=True)


def backtracking_line_search_cases(rng):
    params = {"a": 1.0, "b": 10.0, "initial": 4.0, "shrink": 0.75, "slope": 0.25, "most": 16}
    yield Case("four-starts", _downhill(rng, 4, 2), params)
    other = {"a": 1.25, "b": 3.0, "initial": 1.0, "shrink": 0.25, "slope": 0.0001, "most": 8}
    yield Case("three-variables", _downhill(rng, 3), other)
    # f is 4 at the start, 36 at t = 4, and 0 at t = 2
    by_hand = (np.array([-1.0, 1.0]), np.array([1.0, 0.0]))
    hand = {"a": 1.0, "b": 0.5, "initial": 4.0, "shrink": 0.5, "slope": 0.125, "most": 3}
    yield Case("by-hand", by_hand, hand, "special", (np.array([2.0]), np.array([1.0, 1.0])))
    yield Case("short-direction", (by_hand[0], by_hand[1][:1]), hand, "refused")


def backtracking_line_search_sized(rng, n):
    params = {"a": 1.0, "b": 10.0, "initial": 4.0, "shrink": 0.5, "slope": 0.25, "most": 12}
    return Case("sized", _downhill(rng, max(n // 8, 1), 4), params)


OPS = [
    Op(
        exact_line_search,
        exact_line_search_cases,
        exact_line_search_vjp,
        exact_line_search_sized,
        symmetric=(0,),
    ),
    Op(
        backtracking_line_search,
        backtracking_line_search_cases,
        backtracking_line_search_vjp,
        backtracking_line_search_sized,
    ),
]

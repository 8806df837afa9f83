"""Newton's method: to the bottom of the parabola that fits best."""

from __future__ import annotations

import numpy as np

from ..elimination import ldl, solve_ldl
from ..op import Case, Op
from .descent import require_bowl, spd
from .rosenbrock import rosenbrock_gradient, rosenbrock_hessian, twisted


def newton(a, b, x0, *, steps):
    """x_(t+1) = x_t - A^-1 (A x_t - b): Newton's method on f(x) = x.Ax / 2 - b.x, A symmetric.

    Shapes: a (d, d), b (d,), x0 (d,); all the iterates x_0 ... x_steps, (steps + 1, d).

    f is its own parabola, so one step from anywhere leads to where its slope is 0, however narrow the valley; the
    further steps mend what rounding has spoilt. f sees only the symmetric part of a, so A is (a + a^T) / 2.

    Raises ValueError where the shapes do not belong together, or for a negative number of steps.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 2.2, eq. 2.15.
    """
    require_bowl("newton", a, b, x0, steps)
    symmetric = (a + a.mT) / 2
    factors = ldl(symmetric)
    iterates = [x0]
    for _ in range(steps):
        iterates.append(iterates[-1] - solve_ldl(factors, symmetric @ iterates[-1] - b))
    return np.stack(iterates)


def newton_vjp(ybar, y, a, b, x0, *, steps):
    """Every iterate but the first is A^-1 b: g = A^-1 sum_(t>0) ybar_t, bbar = g, abar = -g x^T made symmetric.

    x0 reaches none of them, so its derivative is not asked for: it would be the rounding of x0 - A^-1 A x0.
    """
    g = solve_ldl(ldl((a + a.mT) / 2), np.sum(ybar[1:], axis=0))
    abar = -g[:, None] * y[-1]
    return (abar + abar.mT) / 2, g


def newton_hvp(ybar, dots, y, a, b, x0, *, steps):
    """bbardot = gdot = -A^-1 Adot g, abardot = -(gdot x^T + g xdot^T) made symmetric, xdot = A^-1 (bdot - Adot x).

    From A g = sum_t ybar_t and A x = b, each differentiated: Adot g + A gdot = 0 and Adot x + A xdot = bdot.
    """
    adot, bdot = dots
    factors, moved = ldl((a + a.mT) / 2), (adot + adot.mT) / 2
    g, x = solve_ldl(factors, np.sum(ybar[1:], axis=0)), y[-1]
    gdot, xdot = -solve_ldl(factors, moved @ g), solve_ldl(factors, bdot - moved @ x)
    abardot = -(gdot[:, None] * x + g[:, None] * xdot)
    return (abardot + abardot.mT) / 2, gdot


def newton_cases(rng):
    for label, d, steps in (("narrow", 3, 2), ("four-variables", 4, 1)):
        args = spd(rng, d), rng.normal(size=d), 3 * rng.normal(size=d)
        yield Case(label, args, {"steps": steps})
    leap = (np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([3.0, 2.0]), np.array([40.0, -50.0]))
    answer = np.array([[40.0, -50.0], [1.0, 1.0], [1.0, 1.0]])
    yield Case("leap", leap, {"steps": 2}, "special", answer)
    a, b, x0 = spd(rng, 3), rng.normal(size=3), np.array([1.5, -2.0, 0.25])
    yield Case("no-steps", (a, b, x0), {"steps": 0}, "empty", x0[None])
    yield Case("short-start", (a, b, x0[:1]), {"steps": 2}, "refused")


def newton_sized(rng, n):
    d = max(round(n**0.5), 1)
    return Case("sized", (spd(rng, d), rng.normal(size=d), rng.normal(size=d)), {"steps": 2})


def newton_rosenbrock(x0, *, a, b, steps):
    """x_(t+1) = x_t - H(x_t)^-1 grad f(x_t), f and its derivatives those of rosenbrock.

    Shapes: x0 (..., D) with D >= 2; all the iterates x_0 ... x_steps, (steps + 1, ..., D).

    Near the minimum every step doubles the number of right digits, as the error of the parabola is of third order. Far
    from it the Hessian need not be positive definite, and a step may lead uphill.

    Raises ValueError for fewer than two variables, or a negative number of steps.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 3.3, eq. 3.30 and theorem 3.5.
    """
    if steps < 0:
        raise ValueError(f"newton_rosenbrock: got steps {steps}, want 0 or more")
    iterates = [x0]
    for _ in range(steps):
        iterates.append(iterates[-1] - _newton_step(iterates[-1], a, b)[0])
    return np.stack(iterates)


def _newton_step(x, a, b):
    """H^-1 grad f, and the eliminated H."""
    factors = ldl(rosenbrock_hessian(x, a=a, b=b))
    return solve_ldl(factors, rosenbrock_gradient(x, a=a, b=b)), factors


def newton_rosenbrock_vjp(ybar, y, x0, *, a, b, steps):
    """xbar_t = ybar_t + T(s, H^-1 xbar_(t+1)): with s = H^-1 grad, dx_(t+1) = dx - H^-1 (H dx - dH s) = H^-1 T(dx) s.

    T are the third derivatives. At the minimum s = 0, so where a step ends does not depend on where it began.
    """
    xbar = ybar[steps]
    for t in reversed(range(steps)):
        step, factors = _newton_step(y[t], a, b)
        xbar = ybar[t] + twisted(y[t], step, solve_ldl(factors, xbar), b=b)
    return (xbar,)


def newton_rosenbrock_cases(rng):
    yield Case("two-variables", (rng.uniform(1.4, 1.8, size=2),), {"a": 1.0, "b": 0.5, "steps": 2})
    start = np.array([1.25, 1.5, 2.25]) + rng.uniform(0.05, 0.15, size=3)
    yield Case("three-variables", (start,), {"a": 1.25, "b": 2.5, "steps": 1})
    bottom = {"a": 1.0, "b": 100.0, "steps": 2}
    yield Case("bottom", (np.ones(2),), bottom, "special", np.ones((3, 2)))
    yield Case("no-steps", (np.array([3.0, -1.0]),), {**bottom, "steps": 0}, "empty", np.array([[3.0, -1.0]]))
    yield Case("one-variable", (rng.normal(size=(4, 1)),), bottom, "refused")


def newton_rosenbrock_sized(rng, n):
    return Case("sized", (rng.uniform(0.9, 1.1, size=(max(n // 4, 1), 4)),), {"a": 1.0, "b": 100.0, "steps": 1})


OPS = [
    Op(newton, newton_cases, newton_vjp, newton_sized, wrt=(0, 1), symmetric=(0,), hvp=newton_hvp),
    Op(newton_rosenbrock, newton_rosenbrock_cases, newton_rosenbrock_vjp, newton_rosenbrock_sized),
]

"""Descent along the gradient."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rosenbrock import curved, rosenbrock_gradient


def gradient_descent(a, b, x0, *, lr, steps):
    """x_(t+1) = x_t - lr (A x_t - b): descent along the gradient of f(x) = x.Ax / 2 - b.x, A symmetric.

    Shapes: a (d, d), b (d,), x0 (d,); all the iterates x_0 ... x_steps, (steps + 1, d).

    f sees only the symmetric part of a, so A is (a + a^T) / 2. Where A is positive definite, f is least at the
    solution x* of A x* = b, and x_t - x* = (I - lr A)^t (x_0 - x*). Along an eigenvector of A of eigenvalue
    lambda the error is multiplied by 1 - lr lambda in every step, so it dies out in all directions for every
    start if and only if |1 - lr lambda| < 1 for all of them: 0 < lr < 2 / L, L the largest eigenvalue.
    Beyond 2 / L the iterates run away, swinging from side to side of x*.

    Raises ValueError where the shapes do not belong together, or for a negative number of steps.
    Source: Polyak (1987), Introduction to Optimization, section 1.4.
    """
    require_bowl("gradient_descent", a, b, x0, steps)
    symmetric = (a + a.mT) / 2
    iterates = [x0]
    for _ in range(steps):
        iterates.append(iterates[-1] - lr * (symmetric @ iterates[-1] - b))
    return np.stack(iterates)


def require_bowl(name, a, b, x0, steps):
    if b.ndim != 1 or x0.shape != b.shape or a.shape != b.shape * 2:
        raise ValueError(f"{name}: got a {a.shape}, b {b.shape}, x0 {x0.shape}; want (d, d), (d,), (d,)")
    if steps < 0:
        raise ValueError(f"{name}: got steps {steps}, want 0 or more")


def gradient_descent_vjp(ybar, y, a, b, x0, *, lr, steps):
    """Back through the steps: xbar_t = ybar_t + (I - lr A) xbar_(t+1), bbar = lr sum_t xbar_(t+1),
    abar = -lr sum_t xbar_(t+1) x_t^T made symmetric, because x_t reaches later iterates only by x_(t+1).
    """
    symmetric = (a + a.mT) / 2
    xbar, bbar, abar = ybar[steps], np.zeros_like(b), np.zeros_like(a)
    for t in reversed(range(steps)):
        bbar = bbar + lr * xbar
        abar = abar - lr * xbar[:, None] * y[t]
        xbar = ybar[t] + xbar - lr * (symmetric @ xbar)
    return (abar + abar.mT) / 2, bbar, xbar


def spd(rng, d):
    """A symmetric matrix with eigenvalues from about 0.5 to 2.5."""
    v = np.linalg.qr(rng.normal(size=(d, d))).Q
    a = v * np.linspace(0.5, 2.5, d) * rng.uniform(0.9, 1.1, size=d) @ v.T
    return (a + a.T) / 2


def gradient_descent_hvp(ybar, dots, y, a, b, x0, *, lr, steps):
    """Forward with the tangents, xdot_(t+1) = xdot_t - lr (Adot x_t + A xdot_t - bdot), then back with both.

    On the way back each line of the VJP moves by the product rule: xbar_t by (I - lr A) xbardot_(t+1) - lr Adot
    xbar_(t+1), and abar by -lr sum_t xbardot_(t+1) x_t^T + xbar_(t+1) xdot_t^T. It costs twice what the VJP costs,
    and no Hessian is formed.

    Source: Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6.
    """
    adot, bdot, x0dot = dots
    symmetric, moved = (a + a.mT) / 2, (adot + adot.mT) / 2
    xdot = [x0dot]
    for t in range(steps):
        xdot.append(xdot[t] - lr * (moved @ y[t] + symmetric @ xdot[t] - bdot))
    xbar, xbardot, bbardot, abardot = ybar[steps], np.zeros_like(b), np.zeros_like(b), np.zeros_like(a)
    for t in reversed(range(steps)):
        bbardot = bbardot + lr * xbardot
        abardot = abardot - lr * (xbardot[:, None] * y[t] + xbar[:, None] * xdot[t])
        xbardot = xbardot - lr * (symmetric @ xbardot + moved @ xbar)
        xbar = ybar[t] + xbar - lr * (symmetric @ xbar)
    return (abardot + abardot.mT) / 2, bbardot, xbardot


def gradient_descent_cases(rng):
    for label, d, lr, steps in (("converging", 3, 0.3, 6), ("diverging", 4, 1.0, 5), ("one-step", 5, 0.7, 1)):
        args = spd(rng, d), rng.normal(size=d), 3 * rng.normal(size=d)
        yield Case(label, args, {"lr": lr, "steps": steps})
    saddle = spd(rng, 3) - 1.5 * np.eye(3)
    yield Case("saddle", (saddle, rng.normal(size=3), rng.normal(size=3)), {"lr": 0.25, "steps": 4})
    halving = (np.diag([1.0, 2.0]), np.array([2.0, 4.0]), np.array([4.0, 0.0]))
    answer = np.array([[4.0, 0.0], [3.0, 2.0], [2.5, 2.0], [2.25, 2.0]])
    yield Case("halving", halving, {"lr": 0.5, "steps": 3}, "special", answer)
    a, b, x0 = spd(rng, 3), rng.normal(size=3), np.array([1.5, -2.0, 0.25])
    yield Case("no-steps", (a, b, x0), {"lr": 0.1, "steps": 0}, "empty", x0[None])
    yield Case("no-dimensions", (a[:0, :0], b[:0], x0[:0]), {"lr": 0.1, "steps": 2}, "empty", np.zeros((3, 0)))
    yield Case("negative-steps", (a, b, x0), {"lr": 0.1, "steps": -1}, "refused")
    yield Case("short-start", (a, b, x0[:1]), {"lr": 0.1, "steps": 2}, "refused")
    yield Case("not-square", (a[:2], b, x0), {"lr": 0.1, "steps": 2}, "refused")


def gradient_descent_sized(rng, n):
    d = max(round(n**0.5), 1)
    return Case("sized", (spd(rng, d), rng.normal(size=d), rng.normal(size=d)), {"lr": 0.3, "steps": 20})


def rosenbrock_descent(x0, *, a, b, lr, steps):
    """x_(t+1) = x_t - lr grad f(x_t), f and its gradient those of rosenbrock.

    Shapes: x0 (..., D) with D >= 2; all the iterates x_0 ... x_steps, (steps + 1, ..., D).

    The walls of the valley allow lr < 2 / L, with L of about 10 b, and its floor, which slopes by 1, then takes b steps
    for each digit: descent falls into the valley at once and creeps along it.

    Raises ValueError for fewer than two variables, or a negative number of steps.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 3.3, theorem 3.4.
    """
    if steps < 0:
        raise ValueError(f"rosenbrock_descent: got steps {steps}, want 0 or more")
    iterates = [x0]
    for _ in range(steps):
        iterates.append(iterates[-1] - lr * rosenbrock_gradient(iterates[-1], a=a, b=b))
    return np.stack(iterates)


def rosenbrock_descent_vjp(ybar, y, x0, *, a, b, lr, steps):
    """Back through the steps: xbar_t = ybar_t + xbar_(t+1) - lr H(x_t) xbar_(t+1)."""
    xbar = ybar[steps]
    for t in reversed(range(steps)):
        xbar = ybar[t] + xbar - lr * curved(y[t], xbar, b=b)
    return (xbar,)


def rosenbrock_descent_cases(rng):
    yield Case("falling", (rng.uniform(1.2, 1.6, size=3),), {"a": 1.0, "b": 10.0, "lr": 4e-3, "steps": 4})
    wide = {"a": 1.5, "b": 2.0, "lr": 0.0625, "steps": 2}
    yield Case("two-starts", (rng.uniform(0.5, 1.5, size=(2, 4)),), wide)
    by_hand = np.array([[0.0, 0.0], [0.5, 0.0], [0.5, 0.25]])
    yield Case("by-hand", (np.zeros(2),), {"a": 1.0, "b": 2.0, "lr": 0.25, "steps": 2}, "special", by_hand)
    yield Case("one-variable", (rng.normal(size=(4, 1)),), wide, "refused")
    yield Case("negative-steps", (rng.normal(size=3),), {**wide, "steps": -1}, "refused")


def rosenbrock_descent_sized(rng, n):
    params = {"a": 1.0, "b": 100.0, "lr": 1e-4, "steps": 5}
    return Case("sized", (rng.uniform(0.9, 1.1, size=(max(n // 4, 1), 4)),), params)


OPS = [
    Op(rosenbrock_descent, rosenbrock_descent_cases, rosenbrock_descent_vjp, rosenbrock_descent_sized),
    Op(
        gradient_descent,
        gradient_descent_cases,
        gradient_descent_vjp,
        gradient_descent_sized,
        symmetric=(0,),
        hvp=gradient_descent_hvp,
    ),
]

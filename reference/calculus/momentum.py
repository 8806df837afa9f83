"""Descent on a quadratic bowl: how long a step may be, and what momentum does there."""

from __future__ import annotations

import numpy as np

from ..decomposition.spectral import eigh, eigvalsh
from ..op import Case, Op
from .descent import require_bowl, spd


def step_limit(a):
    """y = 2 / L, L the largest eigenvalue of the symmetric matrix a: from there on gradient descent runs away.

    Shapes: a (..., n, n) with L > 0, y (...,), in one over the unit of a.

    A step multiplies the error along an eigenvector by 1 - lr lambda, and that is below 1 in size while lr lambda < 2.
    The steepest direction decides; how slow the flattest is then tells the condition number, L over the least one.

    Raises ValueError unless the matrices are square, with a row at least.
    Source: Polyak (1987), Introduction to Optimization, section 1.4.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2] or not a.shape[-1]:
        raise ValueError(f"step_limit: got a of shape {a.shape}, want (..., n, n)")
    return 2 / eigvalsh(a)[..., -1]


def step_limit_vjp(ybar, y, a):
    """abar = -ybar (y^2 / 2) v v^T, v the eigenvector of L: y = 2 / L, and L moves by v^T adot v."""
    v = eigh(a)[1][..., -1]
    return ((-ybar * y * y / 2)[..., None, None] * v[..., :, None] * v[..., None, :],)


def _nearly_diagonal(rng, *eigenvalues):
    """A symmetric matrix with about these eigenvalues."""
    rest = 0.1 * rng.normal(size=(len(eigenvalues),) * 2)
    return np.diag(eigenvalues) + (rest + rest.T) / 2


def step_limit_cases(rng):
    yield Case("bowl", (_nearly_diagonal(rng, 1.5, 4, 0.5),))
    yield Case("saddles", (100 * np.stack([_nearly_diagonal(rng, 3, -1) for _ in range(3)]),))
    yield Case("flat", (np.diag([4.0, 0.0]),), {}, "special", np.array(0.5))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")


def step_limit_sized(rng, n):
    return Case("sized", (np.stack([spd(rng, 2) for _ in range(16)])[rng.integers(0, 16, size=max(n // 4, 1))],))


def heavy_ball(a, b, x0, *, lr, momentum, steps):
    """x_(t+1) = x_t - lr (A x_t - b) + momentum (x_t - x_(t-1)), f(x) = x.Ax / 2 - b.x; the first step has none.

    Shapes: a (d, d), b (d,), x0 (d,); all the iterates x_0 ... x_steps, (steps + 1, d). A is (a + a^T) / 2.

    Each step goes on in the direction of the last one. Along a narrow valley the steps add up, across it they cancel:
    the number of steps falls from the condition number to about its root. Too much momentum overshoots and swings.

    Raises ValueError where the shapes do not belong together, or for a negative number of steps.
    Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods, section 2.
    """
    require_bowl("heavy_ball", a, b, x0, steps)
    symmetric, iterates, move = (a + a.mT) / 2, [x0], np.zeros_like(x0)
    for _ in range(steps):
        move = momentum * move - lr * (symmetric @ iterates[-1] - b)
        iterates.append(iterates[-1] + move)
    return np.stack(iterates)


def heavy_ball_vjp(ybar, y, a, b, x0, *, lr, momentum, steps):
    """Back through the steps, with the cotangent of the move beside that of the point.

    movebar_t = xbar_(t+1) + momentum movebar_(t+1) and xbar_t = ybar_t + xbar_(t+1) - lr A movebar_t; then
    bbar = lr sum movebar_t and abar = -lr sum movebar_t x_t^T, made symmetric.
    """
    symmetric = (a + a.mT) / 2
    xbar, movebar, bbar, abar = ybar[steps], np.zeros_like(b), np.zeros_like(b), np.zeros_like(a)
    for t in reversed(range(steps)):
        movebar = xbar + momentum * movebar
        bbar = bbar + lr * movebar
        abar = abar - lr * movebar[:, None] * y[t]
        xbar = ybar[t] + xbar - lr * (symmetric @ movebar)
    return (abar + abar.mT) / 2, bbar, xbar


def heavy_ball_hvp(ybar, dots, y, a, b, x0, *, lr, momentum, steps):
    """Forward with the tangents, movedot_(t+1) = momentum movedot_t - lr (Adot x_t + A xdot_t - bdot); back with both.

    On the way back movebar moves as it is made, by xbardot + momentum movebardot, and each product with A or x by the
    product rule.

    Source: Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6.
    """
    adot, bdot, x0dot = dots
    symmetric, moved = (a + a.mT) / 2, (adot + adot.mT) / 2
    xdot, movedot = [x0dot], np.zeros_like(b)
    for t in range(steps):
        movedot = momentum * movedot - lr * (moved @ y[t] + symmetric @ xdot[t] - bdot)
        xdot.append(xdot[t] + movedot)
    xbar, movebar = ybar[steps], np.zeros_like(b)
    xbardot, movebardot, bbardot, abardot = (np.zeros_like(v) for v in (b, b, b, a))
    for t in reversed(range(steps)):
        movebar, movebardot = xbar + momentum * movebar, xbardot + momentum * movebardot
        bbardot = bbardot + lr * movebardot
        abardot = abardot - lr * (movebardot[:, None] * y[t] + movebar[:, None] * xdot[t])
        xbardot = xbardot - lr * (symmetric @ movebardot + moved @ movebar)
        xbar = ybar[t] + xbar - lr * (symmetric @ movebar)
    return (abardot + abardot.mT) / 2, bbardot, xbardot


def heavy_ball_cases(rng):
    for label, d, lr, momentum, steps in (("converging", 3, 0.3, 0.5, 5), ("swinging", 4, 0.25, 0.875, 4)):
        args = spd(rng, d), rng.normal(size=d), 3 * rng.normal(size=d)
        yield Case(label, args, {"lr": lr, "momentum": momentum, "steps": steps})
    halving = np.diag([1.0, 2.0]), np.array([2.0, 4.0]), np.array([4.0, 0.0])
    answer = np.array([[4.0, 0.0], [3.0, 2.0], [2.0, 3.0]])
    yield Case("by-hand", halving, {"lr": 0.5, "momentum": 0.5, "steps": 2}, "special", answer)
    still = {"lr": 0.1, "momentum": 0.5, "steps": 0}
    yield Case("no-steps", halving, still, "empty", halving[2][None])
    yield Case("short-start", (*halving[:2], np.ones(3)), {**still, "steps": 2}, "refused")


def heavy_ball_sized(rng, n):
    d = max(round(n**0.5), 1)
    return Case(
        "sized", (spd(rng, d), rng.normal(size=d), rng.normal(size=d)), {"lr": 0.3, "momentum": 0.5, "steps": 20}
    )


OPS = [
    Op(step_limit, step_limit_cases, step_limit_vjp, step_limit_sized, symmetric=(0,)),
    Op(heavy_ball, heavy_ball_cases, heavy_ball_vjp, heavy_ball_sized, symmetric=(0,), hvp=heavy_ball_hvp),
]

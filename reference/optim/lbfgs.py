"""Limited-memory BFGS on a quadratic."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def lbfgs_direction(g, pairs, scale):
    """H g, where H is the inverse Hessian that the pairs (s, y) of moves and changes of the gradient suggest.

    H starts as scale times the identity, and each pair, the oldest first, makes H y = s hold: H <- (I - r s y^T) H
    (I - r y s^T) + r s s^T with r = 1 / s.y. Two loops over the pairs do it with inner products alone.
    """
    shares = []
    for s, y in reversed(pairs):
        shares.append(np.sum(s * g) / np.sum(s * y))
        g = g - shares[-1] * y
    d = scale * g
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        d = d + (share - np.sum(y * d) / np.sum(s * y)) * s
    return d


def lbfgs(a, b, x0, *, lr, steps, history, first):
    """x_(t+1) = x_t - lr H_t (A x_t - b): down x.Ax / 2 - b.x, by the inverse Hessian H_t that the last moves suggest.

    Shapes: a (d, d), b (d,), x0 (d,); x_1 ... x_steps, (steps, d). A is the symmetric part of a. history is the most
    pairs (s, y) = (x_(t+1) - x_t, g_(t+1) - g_t) that are remembered; first is the norm, 1 or 2, that caps the first
    step.

    BFGS remembers a d by d matrix, L-BFGS the pairs it is made of, and of these the last few. H_t starts from
    s.y / y.y of the newest pair, which has about the scale of 1 / A along the path. With no pair yet, H_0 = min(1, 1 /
    |g|): the first step is lr long at most. On a quadratic s.y = s.As > 0, so every pair may be used.

    Raises ValueError where the shapes do not belong together, or for another norm.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 7.2, algorithms 7.4 and 7.5, eq. 7.20.
    """
    if b.ndim != 1 or x0.shape != b.shape or a.shape != b.shape * 2:
        raise ValueError(f"lbfgs: got a {a.shape}, b {b.shape}, x0 {x0.shape}; want (d, d), (d,), (d,)")
    if first not in (1, 2):
        raise ValueError(f"lbfgs: got the norm {first} for the first step, want 1 or 2")
    symmetric = (a + a.mT) / 2
    path, pairs, g = [x0], [], symmetric @ x0 - b
    for _ in range(steps):
        if pairs:
            s, y = pairs[-1]
            scale = np.sum(s * y) / np.sum(y * y)
        else:
            scale = 1 / np.maximum(1, np.sum(np.abs(g)) if first == 1 else np.sqrt(np.sum(g * g)))
        s = -lr * lbfgs_direction(g, pairs, scale)
        y = symmetric @ s
        pairs = [*pairs, (s, y)][-history:]
        path.append(path[-1] + s)
        g = g + y
    return np.stack(path)[1:]


def bowl(rng, d):
    """A symmetric matrix with eigenvalues from 1 to 3, a vector, and a start away from the minimum."""
    v = np.linalg.qr(rng.normal(size=(d, d))).Q
    a = v * np.linspace(1, 3, d) @ v.T
    return (a + a.T) / 2, rng.normal(size=d), 2 + rng.normal(size=d)


def lbfgs_cases(rng):
    yield Case("forgetful", bowl(rng, 5), {"lr": 0.75, "steps": 3, "history": 1, "first": 1})
    yield Case("by-the-euclidean-norm", bowl(rng, 5), {"lr": 0.75, "steps": 3, "history": 2, "first": 2})
    a, b, x0 = bowl(rng, 3)
    near = np.linalg.solve(a, b) + rng.uniform(0.02, 0.1, size=3)
    yield Case("near-by-the-euclidean-norm", (a, b, near), {"lr": 0.5, "steps": 3, "history": 10, "first": 2})
    yield Case("near", (a, b, near), {"lr": 0.5, "steps": 2, "history": 10, "first": 1})
    yield Case("short-start", (a, b, x0[:1]), {"lr": 0.5, "steps": 4, "history": 2, "first": 1}, "refused")


def lbfgs_sized(rng, n):
    return Case("sized", bowl(rng, max(round(n**0.5), 2)), {"lr": 0.5, "steps": 10, "history": 10, "first": 1})


OPS = [Op(lbfgs, lbfgs_cases, sized=lbfgs_sized, wrt=(), symmetric=(0,))]

"""What all optimisers share: the shapes that belong together, and one step after the other."""

from __future__ import annotations

import numpy as np


def refuse_unlike(name, p, **others):
    """Nothing is broadcast: each of these has the shape of the parameters."""
    for what, x in others.items():
        if x.shape != p.shape:
            raise ValueError(f"{name}: got {what} of shape {x.shape}, want that of p, {p.shape}")


def refuse_misshapen(name, p, grads):
    if grads.ndim == 0 or grads.shape[1:] != p.shape:
        raise ValueError(f"{name}: got grads of shape {grads.shape}, want (T, *p.shape) for p of shape {p.shape}")


def walk(step, p, grads, *state, **params):
    """p_1 ... p_T: each step takes the parameters, a gradient and what the step before it remembered."""
    refuse_misshapen(step.__name__.removesuffix("_step"), p, grads)
    path = [p]
    for g in grads:
        p, *state = step(p, g, *state, **params)
        path.append(p)
    return np.stack(path)[1:]


def counted_walk(step, p, grads, *state, **params):
    """``walk`` for a step that has to know which it is: t = 1 ... T."""
    refuse_misshapen(step.__name__.removesuffix("_step"), p, grads)
    path = [p]
    for t, g in enumerate(grads, start=1):
        p, *state = step(p, g, *state, t=t, **params)
        path.append(p)
    return np.stack(path)[1:]


# Data of the cases.


def random_state(rng, *shape):
    """Parameters, a gradient, and the two moments of an optimiser on its way."""
    return (*rng.normal(size=(3, *shape)), rng.uniform(0.2, 2, size=shape))


def changing(rng, steps, *shape):
    """Parameters, and gradients that grow from 0.01 to 10; the one in the middle is 0."""
    sizes = np.reshape(10.0 ** np.linspace(-2, 1, steps), (steps,) + (1,) * len(shape))
    sizes[steps // 2] = 0
    return rng.normal(size=shape), sizes * rng.normal(size=(steps, *shape))


def some(rng, n):
    """About n numbers for the benchmarks: parameters and ten gradients."""
    grads = rng.normal(size=(10, max(n // 10, 1)))
    return rng.normal(size=grads.shape[1:]), grads


def narrow(rng):
    """Gradients that would have to be broadcast."""
    return rng.normal(size=3), rng.normal(size=(4, 1))

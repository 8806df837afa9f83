"""What all optimisers share: the shapes that belong together."""

from __future__ import annotations


def refuse_unlike(name, p, **others):
    """Nothing is broadcast: each of these has the shape of the parameters."""
    for what, x in others.items():
        if x.shape != p.shape:
            raise ValueError(f"{name}: got {what} of shape {x.shape}, want that of p, {p.shape}")


def random_state(rng, *shape):
    """Parameters, a gradient, and the two moments of an optimiser on its way."""
    return (*rng.normal(size=(3, *shape)), rng.uniform(0.2, 2, size=shape))


def refuse_misshapen(name, p, grads):
    if grads.ndim == 0 or grads.shape[1:] != p.shape:
        raise ValueError(f"{name}: got grads of shape {grads.shape}, want (T, *p.shape) for p of shape {p.shape}")

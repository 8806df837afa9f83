"""What recurrent networks share: the sums that enter the gates, the way through time and the way back.

x is a batch of inputs (N, D) and h the state (N, H). Everything that a cell multiplies by the input stands in one
matrix w_ih (D, G H), everything that it multiplies by the state in w_hh (H, G H), the columns of its G gates beside
each other. torch keeps both transposed, flax a matrix for each gate.
"""

from __future__ import annotations

import numpy as np


def sums(x, h, w_ih, w_hh, b, gates):
    """x w_ih + h w_hh + b of all gates, of shapes that fit."""
    if x.ndim != 2 or h.ndim != 2 or len(x) != len(h):
        raise ValueError(f"got x and h of shapes {x.shape} and {h.shape}, want (N, D) and (N, H)")
    (_, d), (_, size) = x.shape, h.shape
    got, want = (w_ih.shape, w_hh.shape, b.shape), ((d, gates * size), (size, gates * size), (gates * size,))
    if got != want:
        raise ValueError(f"got w_ih, w_hh and b of shapes {got}, want {want} because x is {x.shape} and h {h.shape}")
    return x @ w_ih + h @ w_hh + b


def sums_vjp(zbar, x, h, w_ih, w_hh):
    """xbar = zbar w_ih^T, hbar = zbar w_hh^T, w_ihbar = x^T zbar, w_hhbar = h^T zbar, bbar = the sum of zbar's rows."""
    return zbar @ w_ih.T, zbar @ w_hh.T, x.T @ zbar, h.T @ zbar, np.sum(zbar, axis=0)


def columns(z, gates):
    """The columns of each gate."""
    size = z.shape[-1] // gates
    return [z[..., k * size : (k + 1) * size] for k in range(gates)]


def unrolled(cell, x, state, theta):
    """The state, a tuple of arrays, before the first step and after each: at every step the same cell and weights."""
    if x.ndim != 3 or not x.shape[1]:
        raise ValueError(f"got x of shape {x.shape}, want (N, T, D) with at least one step")
    states = [state]
    for t in range(x.shape[1]):
        states.append(cell(x[:, t], *states[-1], *theta))
    return states


def back_through_time(cell_vjp, shownbar, statebar, states, x, theta):
    """(xbar, the cotangent of the first state, thetabar), from those of all h and of the last state.

    At step t the cotangent of the state has come from the step behind, and h_t was also shown to whoever reads the
    sequence: both are added before the cell is passed.
    """
    xbars, thetabars = [], []
    for t in reversed(range(x.shape[1])):
        hbar, *others = statebar
        statebar = (hbar + shownbar[:, t], *others)
        xbar, *passed = cell_vjp(statebar, states[t + 1], x[:, t], *states[t], *theta)
        statebar, thetabars = passed[: len(statebar)], [*thetabars, passed[len(statebar) :]]
        xbars = [xbar, *xbars]
    return np.stack(xbars, axis=1), *statebar, *summed(thetabars)


def summed(thetabars):
    """The cotangent of weights that several steps have in common: the sum of what each step gives them."""
    return [np.sum(np.stack(of_steps), axis=0) for of_steps in zip(*thetabars, strict=True)]


def shown(states):
    """h after each step, along the axis of time."""
    return np.stack([h for h, *_ in states[1:]], axis=1)


def weights(rng, d, h, gates):
    """w_ih and w_hh that leave every sum in (-3, 3) where inputs and states lie in (-1, 1).

    How a saturated gate is computed is asked of the sigmoid and of tanh.
    """
    w_ih, w_hh = (rng.uniform(-1.5, 1.5, size=(m, gates * h)) / m**0.75 for m in (d, h))
    return w_ih, w_hh


def bias(rng, h, gates):
    return rng.uniform(-0.5, 0.5, size=gates * h)


def inputs(rng, *shape):
    return rng.uniform(-1, 1, size=shape)

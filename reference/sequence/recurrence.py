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


def sums_jvp(dots, x, h, w_ih, w_hh):
    """zdot = xdot w_ih + x w_ihdot + hdot w_hh + h w_hhdot + bdot, along the tangents of x, h, w_ih, w_hh and b."""
    xdot, hdot, w_ihdot, w_hhdot, bdot = dots
    return xdot @ w_ih + x @ w_ihdot + hdot @ w_hh + h @ w_hhdot + bdot


def sums_hvp(zbar, zbardot, dots, x, h, w_ih, w_hh):
    """How what sums_vjp returns moves with zbar and the tangents: xbar = zbar w^T by zbardot w^T + zbar wdot^T."""
    xdot, hdot, w_ihdot, w_hhdot, _ = dots
    *moved, bbardot = sums_vjp(zbardot, x, h, w_ih, w_hh)
    *along, _ = sums_vjp(zbar, xdot, hdot, w_ihdot, w_hhdot)
    return *(m + a for m, a in zip(moved, along, strict=True)), bbardot


def bent(vjp, hvp, ybar, ybardot, xdot, y, x):
    """xbar = s'(x) ybar, and how it moves: by s'(x) ybardot + s''(x) xdot ybar."""
    return vjp(ybar, y, x)[0], vjp(ybardot, y, x)[0] + hvp(ybar, (xdot,), y, x)[0]


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


def tangents_through_time(cell_jvp, dots, states, x, theta):
    """How the state moves before the first step and after each, along the tangents of x, of the first state and theta.

    ``cell_jvp(dots, new_state, *args)`` is how the cell's new state moves.
    """
    xdot, *rest = dots
    statedot, thetadot = tuple(rest[: len(states[0])]), rest[len(states[0]) :]
    statedots = [statedot]
    for t in range(x.shape[1]):
        along = (xdot[:, t], *statedots[-1], *thetadot)
        statedots.append(cell_jvp(along, states[t + 1], x[:, t], *states[t], *theta))
    return statedots


def back_through_time_hvp(cell_vjp, cell_hvp, shownbar, statebar, dots, statedots, states, x, theta):
    """How what back_through_time returns moves along the tangents.

    Each cotangent of a state goes back with its own motion beside it, which the cell passes on by its VJP, and adds to
    by its HVP: R{} of Pearlmutter (1994), Fast Exact Multiplication by the Hessian, at every step.
    """
    xdot, thetadot = dots[0], dots[1 + len(statebar) :]
    statebardot, xbardots, thetabardots = tuple(np.zeros_like(s) for s in statebar), [], []
    for t in reversed(range(x.shape[1])):
        hbar, *others = statebar
        statebar = (hbar + shownbar[:, t], *others)
        args, along = (x[:, t], *states[t], *theta), (xdot[:, t], *statedots[t], *thetadot)
        moved = cell_vjp(statebardot, states[t + 1], *args)
        added = cell_hvp(statebar, along, states[t + 1], *args)
        xbardot, *passeddot = (m + a for m, a in zip(moved, added, strict=True))
        _, *passed = cell_vjp(statebar, states[t + 1], *args)
        statebar, statebardot = passed[: len(statebar)], passeddot[: len(statebar)]
        xbardots, thetabardots = [xbardot, *xbardots], [*thetabardots, passeddot[len(statebar) :]]
    return np.stack(xbardots, axis=1), *statebardot, *summed(thetabardots)


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

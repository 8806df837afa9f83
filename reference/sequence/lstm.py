"""Long short-term memory: a memory that is added to, behind gates."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, sigmoid_hvp, sigmoid_vjp, tanh, tanh_hvp, tanh_vjp
from ..op import Case, Op
from .recurrence import (
    back_through_time,
    back_through_time_hvp,
    bent,
    bias,
    columns,
    inputs,
    shown,
    sums,
    sums_hvp,
    sums_jvp,
    sums_vjp,
    tangents_through_time,
    unrolled,
    weights,
)


def lstm_gates(x, h, w_ih, w_hh, b):
    """(i, f, g, o): what enters the memory, what stays, the candidate, what is shown. Sigmoids, and g a tanh."""
    zi, zf, zg, zo = columns(sums(x, h, w_ih, w_hh, b, 4), 4)
    return sigmoid(zi), sigmoid(zf), tanh(zg), sigmoid(zo)


def _vjps():
    """Of the function of each gate."""
    return sigmoid_vjp, sigmoid_vjp, tanh_vjp, sigmoid_vjp


def _hvps():
    return sigmoid_hvp, sigmoid_hvp, tanh_hvp, sigmoid_hvp


def lstm_gates_vjp(gatesbar, gates, x, h, w_ih, w_hh, b):
    """Each gate has its own derivative; then the four stand beside each other again, as in the weights."""
    entered = columns(sums(x, h, w_ih, w_hh, b, 4), 4)
    zbar = [vjp(ybar, y, z)[0] for vjp, ybar, y, z in zip(_vjps(), gatesbar, gates, entered, strict=True)]
    return sums_vjp(np.concat(zbar, axis=1), x, h, w_ih, w_hh)


def lstm_cell(x, h, c, w_ih, w_hh, b):
    """c' = f c + i g and h' = o tanh(c'), with (i, f, g, o) = (s, s, tanh, s)(x w_ih + h w_hh + b), s the sigmoid.

    Shapes: x (N, D), h and c (N, H), w_ih (D, 4H), w_hh (H, 4H), b (4H,), the gates in the order i, f, g, o; h' and c'
    (N, H), in this order. torch has a bias for each of the two products, of which only the sum matters: here is one.

    The memory c is not rewritten but added to: where f is 1, c and its cotangent pass the step unchanged, and after a
    thousand steps there is still something to learn from.

    Raises ValueError for other shapes, which NumPy would broadcast.

    Source: Hochreiter and Schmidhuber (1997), Long Short-Term Memory, Neural Computation 9; with the forget gate of
    Gers, Schmidhuber and Cummins (2000), Learning to Forget, Neural Computation 12, section 3.
    """
    if c.shape != h.shape:
        raise ValueError(f"got c of shape {c.shape}, want {h.shape} as h")
    i, f, g, o = lstm_gates(x, h, w_ih, w_hh, b)
    c = f * c + i * g
    return o * tanh(c), c


def lstm_cell_vjp(ybar, y, x, h, c, w_ih, w_hh, b):
    """h' = o tanh(c') hands its cotangent to o and to c'; c' = f c + i g then hands all of its own to f, c, i and g.

    obar = hbar' tanh(c') and cbar' += hbar' o / cosh(c')^2, where the cotangent of the next step's memory is already.
    """
    (hbar, cbar), (_, c_new) = ybar, y
    gates = lstm_gates(x, h, w_ih, w_hh, b)
    i, f, g, o = gates
    cbar = cbar + tanh_vjp(hbar * o, tanh(c_new), c_new)[0]
    gatesbar = (cbar * g, cbar * c, cbar * i, hbar * tanh(c_new))
    xbar, hbar, *thetabar = lstm_gates_vjp(gatesbar, gates, x, h, w_ih, w_hh, b)
    return xbar, hbar, cbar * f, *thetabar


def lstm_cell_jvp(dots, y, x, h, c, w_ih, w_hh, b):
    """(hdot', cdot'), and the tangents of the four gates and of the four sums that enter them: the product rule."""
    (xdot, hdot, cdot, *thetadot), (_, c_new) = dots, y
    entered = columns(sums(x, h, w_ih, w_hh, b, 4), 4)
    zdot = columns(sums_jvp((xdot, hdot, *thetadot), x, h, w_ih, w_hh), 4)
    gates = i, f, g, o = lstm_gates(x, h, w_ih, w_hh, b)
    idot, fdot, gdot, odot = (vjp(dot, s, z)[0] for vjp, dot, s, z in zip(_vjps(), zdot, gates, entered, strict=True))
    c_newdot, t = fdot * c + f * cdot + idot * g + i * gdot, tanh(c_new)
    return (odot * t + o * tanh_vjp(c_newdot, t, c_new)[0], c_newdot), (idot, fdot, gdot, odot), zdot


def lstm_cell_hvp(ybar, dots, y, x, h, c, w_ih, w_hh, b):
    """First the tangents forward; then each step of the VJP beside how it moves, by the product rule.

    What passes a function s moves by s'(z) sbardot + s''(z) zdot sbar, as in cbar' += tanh'(c') (hbar' o), and zbar.
    """
    (xdot, hdot, cdot, *thetadot), (hbar, cbar), (_, c_new) = dots, ybar, y
    (_, c_newdot), (idot, fdot, gdot, odot), zdot = lstm_cell_jvp(dots, y, x, h, c, w_ih, w_hh, b)
    gates = i, f, g, o = lstm_gates(x, h, w_ih, w_hh, b)
    t = tanh(c_new)
    through, cbardot = bent(tanh_vjp, tanh_hvp, hbar * o, hbar * odot, c_newdot, t, c_new)
    cbar, tdot = cbar + through, tanh_vjp(c_newdot, t, c_new)[0]
    gatesbar = (cbar * g, cbar * c, cbar * i, hbar * t)
    gatesbardot = (cbardot * g + cbar * gdot, cbardot * c + cbar * cdot, cbardot * i + cbar * idot, hbar * tdot)
    entered = columns(sums(x, h, w_ih, w_hh, b, 4), 4)
    each = zip(_vjps(), _hvps(), gatesbar, gatesbardot, zdot, gates, entered, strict=True)
    zbar, zbardot = (np.concat(parts, axis=1) for parts in zip(*(bent(*gate) for gate in each), strict=True))
    xbardot, hbardot, *thetabardot = sums_hvp(zbar, zbardot, (xdot, hdot, *thetadot), x, h, w_ih, w_hh)
    return xbardot, hbardot, cbardot * f + cbar * fdot, *thetabardot


def lstm_cell_cases(rng):
    yield Case("batch", _cell(rng, 3, 5, 2))
    # Nothing enters, all stays, one of the two is shown.
    shut = 1000 * np.array([[-1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, -1.0]])
    x, h = np.array([[1.0], [np.nan]]), np.array([[0.25, -0.5], [0.5, -0.25]])
    kept = np.array([[40.0, -3.0], [np.nan, np.nan]])
    args = (x, h, np.array([[40.0, -3.0], [2.0, 1.0]]), shut, np.zeros((2, 8)), shut[0] / 4)
    yield Case("gates-shut", args, {}, "special", (np.array([[1.0, 0.0], [np.nan, np.nan]]), kept))
    x, h, c, w_ih, w_hh, b = _cell(rng, 2, 3, 4)
    yield Case("one-memory-for-all", (x, h, c[:1], w_ih, w_hh, b), {}, "refused")
    yield Case("three-gates", (x, h, c, w_ih[:, 4:], w_hh[:, 4:], b[4:]), {}, "refused")


def lstm_cell_sized(rng, n):
    return Case("sized", _cell(rng, n // 96 + 1, 32, 32))


def lstm(x, h0, c0, w_ih, w_hh, b):
    """(h_1 ... h_T, h_T, c_T) with h_t, c_t = lstm_cell(x_t, h_(t-1), c_(t-1), w_ih, w_hh, b): the same at every step.

    Shapes: x (N, T, D), h0 and c0 (N, H), w_ih, w_hh and b as in lstm_cell; all h (N, T, H), the last h and c (N, H).

    c_T = f_T ... f_1 c_0 + sum_t f_T ... f_(t+1) i_t g_t: a sum over all steps, each of which is as old as its product
    of forget gates allows.

    Raises ValueError as lstm_cell does, and for a sequence without a step.

    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget, Neural Computation 12, section 3.
    """
    states = unrolled(lstm_cell, x, (h0, c0), (w_ih, w_hh, b))
    return shown(states), *states[-1]


def lstm_vjp(ybar, y, x, h0, c0, w_ih, w_hh, b):
    """Backpropagation through time, with two states: what step t + 1 hands down to h_t and c_t enters step t.

    The whole gradient: Hochreiter and Schmidhuber (1997) cut it off where it leaves the memory through the gates.
    """
    theta = (w_ih, w_hh, b)
    states = unrolled(lstm_cell, x, (h0, c0), theta)
    shownbar, *lastbar = ybar
    return back_through_time(lstm_cell_vjp, shownbar, lastbar, states, x, theta)


def lstm_hvp(ybar, dots, y, x, h0, c0, w_ih, w_hh, b):
    """The tangents of both states forward, then the cotangents and how they move backward."""

    def step_jvp(dots, state, *args):
        return lstm_cell_jvp(dots, state, *args)[0]

    theta = (w_ih, w_hh, b)
    states = unrolled(lstm_cell, x, (h0, c0), theta)
    statedots = tangents_through_time(step_jvp, dots, states, x, theta)
    shownbar, *lastbar = ybar
    return back_through_time_hvp(lstm_cell_vjp, lstm_cell_hvp, shownbar, lastbar, dots, statedots, states, x, theta)


def lstm_cases(rng):
    yield Case("steps", _layer(rng, 4, 3, 5, 2))
    x, h, c, *theta = _layer(rng, 3, 2, 4, 5)
    yield Case("no-steps", (x[:, :0], h, c, *theta), {}, "refused")
    yield Case("steps-first", (np.swapaxes(x, 0, 1), h, c, *theta), {}, "refused")


def lstm_sized(rng, n):
    return Case("sized", _layer(rng, n // 256 + 1, 8, 32, 32))


def _cell(rng, n, d, h):
    return inputs(rng, n, d), inputs(rng, n, h), 1.5 * inputs(rng, n, h), *weights(rng, d, h, 4), bias(rng, h, 4)


def _layer(rng, n, t, d, h):
    return inputs(rng, n, t, d), inputs(rng, n, h), 1.5 * inputs(rng, n, h), *weights(rng, d, h, 4), bias(rng, h, 4)


OPS = [
    Op(lstm_cell, lstm_cell_cases, lstm_cell_vjp, lstm_cell_sized, hvp=lstm_cell_hvp),
    Op(lstm, lstm_cases, lstm_vjp, lstm_sized, hvp=lstm_hvp),
]

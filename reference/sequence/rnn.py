"""The simple recurrent network: the state is rewritten at each step."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..activation.sigmoidal import tanh, tanh_hvp, tanh_vjp
from ..op import Case, Op
from .recurrence import (
    back_through_time,
    back_through_time_hvp,
    bias,
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


def rnn_cell(x, h, w_ih, w_hh, b, *, activation):
    """h' = s(x w_ih + h w_hh + b), with s the activation: "tanh" or "relu".

    Shapes: x (N, D), h (N, H), w_ih (D, H), w_hh (H, H), b (H,), h' (N, H).

    The state is a summary of all inputs so far, and the next step's only one. torch adds a bias to each of the two
    products, of which only the sum matters: here is one.

    Raises ValueError for other shapes, which NumPy would broadcast, and for another activation.

    Source: Elman (1990), Finding Structure in Time, Cognitive Science 14; Goodfellow, Bengio and Courville (2016),
    Deep Learning, section 10.2, eq. 10.8 and 10.9.
    """
    s, _, _ = _activation(activation)
    return s(sums(x, h, w_ih, w_hh, b, 1))


def rnn_cell_vjp(ybar, y, x, h, w_ih, w_hh, b, *, activation):
    """zbar = s'(z) ybar at the sum z, and from there to what was multiplied: hbar = zbar w_hh^T, w_hhbar = h^T zbar."""
    _, s_vjp, _ = _activation(activation)
    (zbar,) = s_vjp(ybar, y, sums(x, h, w_ih, w_hh, b, 1))
    return sums_vjp(zbar, x, h, w_ih, w_hh)


def rnn_cell_hvp(ybar, dots, y, x, h, w_ih, w_hh, b, *, activation):
    """The sum z moves by zdot = xdot w_ih + x w_ihdot + ..., and zbar = s'(z) ybar by s''(z) zdot ybar, 0 for a relu.

    From there the product rule: xbar = zbar w_ih^T moves by zbardot w_ih^T + zbar w_ihdot^T, and so on.
    """
    _, s_vjp, s_hvp = _activation(activation)
    z, zdot = sums(x, h, w_ih, w_hh, b, 1), sums_jvp(dots, x, h, w_ih, w_hh)
    (zbar,), (zbardot,) = s_vjp(ybar, y, z), s_hvp(ybar, (zdot,), y, z)
    return sums_hvp(zbar, zbardot, dots, x, h, w_ih, w_hh)


def rnn_cell_cases(rng):
    yield Case("tanh", _cell(rng, 3, 4, 2), {"activation": "tanh"})
    yield Case("relu", _cell(rng, 2, 3, 5), {"activation": "relu"})
    w_ih = np.array([[1.0, 2.0, 0.0], [-1.0, 1.0, 1.0]])
    w_hh = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
    x, h, b = np.array([[1.0, 2.0]]), np.array([[1.0, -1.0, 2.0]]), np.array([-2.0, 1.0, -1.0])
    yield Case("at-zero", (x, h, w_ih, w_hh, b), {"activation": "relu"}, "kink")
    x, h = np.array([[1000.0], [np.nan], [-np.inf]]), np.array([[0.5, -2.0], [0.25, 3.0], [-0.5, 1.0]])
    args = (x, h, np.array([[2.0, -1.0]]), np.array([[1.0, 3.0], [-1.0, 2.0]]), np.array([0.5, 0.25]))
    answer = np.array([[1.0, -1.0], [np.nan, np.nan], [-1.0, 1.0]])
    yield Case("saturated", args, {"activation": "tanh"}, "special", answer)
    x, h, w_ih, w_hh, b = _cell(rng, 3, 4, 2)
    yield Case("no-rows", (x[:0], h[:0], w_ih, w_hh, b), {"activation": "tanh"}, "empty", np.zeros((0, 2)))
    yield Case("bias-of-one", (x, h, w_ih, w_hh, b[:1]), {"activation": "tanh"}, "refused")
    yield Case("one-state-for-all", (x, h[:1], w_ih, w_hh, b), {"activation": "tanh"}, "refused")


def rnn_cell_sized(rng, n):
    return Case("sized", _cell(rng, n // 64 + 1, 32, 32), {"activation": "tanh"})


def rnn(x, h0, w_ih, w_hh, b, *, activation):
    """(h_1 ... h_T, h_T) with h_t = s(x_t w_ih + h_(t-1) w_hh + b): the cell at every step, with the same weights.

    Shapes: x (N, T, D), h0 (N, H), w_ih, w_hh and b as in rnn_cell; all h (N, T, H) and the last one (N, H). torch's
    batch_first and flax have this order of the axes.

    Unrolled, it is a network of T layers with shared weights, which is all that backpropagation needs to know.

    Raises ValueError as rnn_cell does, and for a sequence without a step.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2, eq. 10.8 and 10.9.
    """
    states = unrolled(_step(activation), x, (h0,), (w_ih, w_hh, b))
    return shown(states), states[-1][0]


def rnn_vjp(ybar, y, x, h0, w_ih, w_hh, b, *, activation):
    """Backpropagation through time: h_t has the cotangent of its own output and the one that step t + 1 hands down.

    The weights' cotangents are summed along the steps; each multiplies h_(t-1), the state that went in.
    """

    def step_vjp(statebar, state, *args):
        return rnn_cell_vjp(statebar[0], state[0], *args, activation=activation)

    theta = (w_ih, w_hh, b)
    states = unrolled(_step(activation), x, (h0,), theta)
    shownbar, lastbar = ybar
    return back_through_time(step_vjp, shownbar, (lastbar,), states, x, theta)


def rnn_hvp(ybar, dots, y, x, h0, w_ih, w_hh, b, *, activation):
    """The tangents of all states forward, hdot_t = s'(z_t) zdot_t; then the cotangents and how they move, backward."""
    _, s_vjp, _ = _activation(activation)

    def step_jvp(dots, state, x, h, w_ih, w_hh, b):
        return s_vjp(sums_jvp(dots, x, h, w_ih, w_hh), state[0], sums(x, h, w_ih, w_hh, b, 1))

    def step_vjp(statebar, state, *args):
        return rnn_cell_vjp(statebar[0], state[0], *args, activation=activation)

    def step_hvp(statebar, dots, state, *args):
        return rnn_cell_hvp(statebar[0], dots, state[0], *args, activation=activation)

    theta = (w_ih, w_hh, b)
    states = unrolled(_step(activation), x, (h0,), theta)
    statedots = tangents_through_time(step_jvp, dots, states, x, theta)
    shownbar, lastbar = ybar
    return back_through_time_hvp(step_vjp, step_hvp, shownbar, (lastbar,), dots, statedots, states, x, theta)


def rnn_cases(rng):
    yield Case("tanh", _layer(rng, 2, 3, 4, 5), {"activation": "tanh"})
    yield Case("relu", _layer(rng, 3, 4, 5, 2), {"activation": "relu"})
    x, *rest = _layer(rng, 3, 2, 4, 5)
    yield Case("no-steps", (x[:, :0], *rest), {"activation": "tanh"}, "refused")
    yield Case("steps-first", (np.swapaxes(x, 0, 1), *rest), {"activation": "tanh"}, "refused")


def rnn_sized(rng, n):
    return Case("sized", _layer(rng, n // 256 + 1, 8, 32, 32), {"activation": "tanh"})


def _step(activation):
    return lambda x, h, *theta: (rnn_cell(x, h, *theta, activation=activation),)


def _activation(name):
    known = {"tanh": (tanh, tanh_vjp, tanh_hvp), "relu": (relu, relu_vjp, _straight)}
    if name not in known:
        raise ValueError(f"activation: got {name!r}, want one of {', '.join(known)}")
    return known[name]


def _straight(ybar, dots, y, x):
    """The HVP of what has no curvature."""
    return (np.zeros_like(x),)


def _cell(rng, n, d, h):
    return inputs(rng, n, d), inputs(rng, n, h), *weights(rng, d, h, 1), bias(rng, h, 1)


def _layer(rng, n, t, d, h):
    return inputs(rng, n, t, d), inputs(rng, n, h), *weights(rng, d, h, 1), bias(rng, h, 1)


OPS = [
    Op(rnn_cell, rnn_cell_cases, rnn_cell_vjp, rnn_cell_sized, hvp=rnn_cell_hvp),
    Op(rnn, rnn_cases, rnn_vjp, rnn_sized, hvp=rnn_hvp),
]

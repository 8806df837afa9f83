"""The gated recurrent unit: a state that is kept or rewritten, gate by gate, without a memory of its own."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, sigmoid_hvp, sigmoid_vjp, tanh, tanh_hvp, tanh_vjp
from ..linear.layer import linear, linear_vjp
from ..op import Case, Op
from .recurrence import (
    back_through_time,
    back_through_time_hvp,
    bent,
    bias,
    columns,
    inputs,
    shown,
    tangents_through_time,
    unrolled,
    weights,
)


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """h' = (1 - z) n + z h, with the candidate n = tanh(a_n + r (h w_n + b_n)), or tanh(a_n + (r h) w_n + b_n).

    Shapes: x (N, D), h (N, H), w_ih (D, 3H), w_hh (H, 3H), b_ih and b_hh (3H,), the gates in the order r, z, n; h'
    (N, H). a = x w_ih + b_ih and w, b are the columns of a gate in a, w_hh and b_hh; r and z = sigmoid(a + h w + b).

    The update gate z says how much of the state is kept, the reset gate r how much of it the candidate sees. With
    ``reset_after`` r multiplies what w_n made of the state, as in cuDNN, torch and flax; without, r multiplies the
    state, as in the paper. These are two networks: no weights of the one give the other. Some texts, such as Chung et
    al. (2014), call 1 - z the update gate.

    Raises ValueError for other shapes, which NumPy would broadcast.

    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
    Translation, section 2.3, eq. 5 to 8; with reset_after: torch.nn.GRU.
    """
    _, s_z, s_n, _ = _sums(x, h, w_ih, w_hh, b_ih, b_hh, reset_after)
    z = sigmoid(s_z)
    return (1 - z) * tanh(s_n) + z * h


def gru_cell_vjp(ybar, y, x, h, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """nbar = ybar (1 - z), zbar = ybar (h - n), and ybar z goes straight on to h.

    Behind the tanh, s_nbar arrives at both summands of n. With ``reset_after`` the second is r q, q = h w_n + b_n, and
    r gets s_nbar q. Without, it is q w_n + b_n, q = r h, and r gets qbar h, qbar = s_nbar w_n^T.
    """
    s_r, s_z, s_n, q = _sums(x, h, w_ih, w_hh, b_ih, b_hh, reset_after)
    r, z, n = sigmoid(s_r), sigmoid(s_z), tanh(s_n)
    (w_rz, b_rz), (w_n, b_n) = _gates_and_candidate(w_hh, b_hh)
    (s_nbar,) = tanh_vjp(ybar * (1 - z), n, s_n)
    if reset_after:
        rbar = s_nbar * q
        hbar, w_nbar, b_nbar = linear_vjp(s_nbar * r, q, h, w_n, b_n)
    else:
        qbar, w_nbar, b_nbar = linear_vjp(s_nbar, s_n, q, w_n, b_n)
        rbar, hbar = qbar * h, qbar * r
    (s_rbar,), (s_zbar,) = sigmoid_vjp(rbar, r, s_r), sigmoid_vjp(ybar * (h - n), z, s_z)
    s_rzbar = np.concat([s_rbar, s_zbar], axis=1)
    gatedbar, w_rzbar, b_rzbar = linear_vjp(s_rzbar, s_z, h, w_rz, b_rz)
    xbar, w_ihbar, b_ihbar = linear_vjp(np.concat([s_rzbar, s_nbar], axis=1), s_z, x, w_ih, b_ih)
    w_hhbar, b_hhbar = np.concat([w_rzbar, w_nbar], axis=1), np.concat([b_rzbar, b_nbar])
    return xbar, ybar * z + hbar + gatedbar, w_ihbar, w_hhbar, b_ihbar, b_hhbar


def gru_cell_jvp(dots, y, x, h, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """hdot' = (1 - z) ndot + zdot (h - n) + z hdot, and the tangents of the sums and of q: the product rule."""
    xdot, hdot, w_ihdot, w_hhdot, b_ihdot, b_hhdot = dots
    s_r, s_z, s_n, q = _sums(x, h, w_ih, w_hh, b_ih, b_hh, reset_after)
    r, z, n = sigmoid(s_r), sigmoid(s_z), tanh(s_n)
    (w_rz, _), (w_n, _) = _gates_and_candidate(w_hh, b_hh)
    (w_rzdot, b_rzdot), (w_ndot, b_ndot) = _gates_and_candidate(w_hhdot, b_hhdot)
    a_rdot, a_zdot, a_ndot = columns(xdot @ w_ih + x @ w_ihdot + b_ihdot, 3)
    of_rdot, of_zdot = columns(hdot @ w_rz + h @ w_rzdot + b_rzdot, 2)
    s_rdot, s_zdot = a_rdot + of_rdot, a_zdot + of_zdot
    (rdot,), (zdot,) = sigmoid_vjp(s_rdot, r, s_r), sigmoid_vjp(s_zdot, z, s_z)
    if reset_after:
        qdot = hdot @ w_n + h @ w_ndot + b_ndot
        s_ndot = a_ndot + rdot * q + r * qdot
    else:
        qdot = rdot * h + r * hdot
        s_ndot = a_ndot + qdot @ w_n + q @ w_ndot + b_ndot
    (ndot,) = tanh_vjp(s_ndot, n, s_n)
    return (1 - z) * ndot + zdot * (h - n) + z * hdot, (rdot, zdot, ndot), (s_rdot, s_zdot, s_ndot, qdot)


def gru_cell_hvp(ybar, dots, y, x, h, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """First the tangents forward; then line by line the VJP, beside each cotangent how it moves, by the product rule.

    nbar = ybar (1 - z) moves by -ybar zdot, zbar = ybar (h - n) by ybar (hdot - ndot), ybar z by ybar zdot.
    """
    xdot, hdot, w_ihdot, w_hhdot, _, b_hhdot = dots
    args = (x, h, w_ih, w_hh, b_ih, b_hh)
    (s_r, s_z, s_n, q), ((w_rz, _), (w_n, _)) = _sums(*args, reset_after), _gates_and_candidate(w_hh, b_hh)
    r, z, n = sigmoid(s_r), sigmoid(s_z), tanh(s_n)
    moves = gru_cell_jvp(dots, y, *args, reset_after=reset_after)
    _, (rdot, zdot, ndot), (s_rdot, s_zdot, s_ndot, qdot) = moves
    (w_rzdot, _), (w_ndot, _) = _gates_and_candidate(w_hhdot, b_hhdot)
    s_nbar, s_nbardot = bent(tanh_vjp, tanh_hvp, ybar * (1 - z), -ybar * zdot, s_ndot, n, s_n)
    if reset_after:
        rbar, rbardot = s_nbar * q, s_nbardot * q + s_nbar * qdot
        qbar, qbardot = s_nbar * r, s_nbardot * r + s_nbar * rdot
        _, hbardot, w_nbardot, b_nbardot = _layer_hvp(qbar, qbardot, h, hdot, w_n, w_ndot)
    else:
        qbar, qbardot, w_nbardot, b_nbardot = _layer_hvp(s_nbar, s_nbardot, q, qdot, w_n, w_ndot)
        rbar, rbardot, hbardot = qbar * h, qbardot * h + qbar * hdot, qbardot * r + qbar * rdot
    s_rbar, s_rbardot = bent(sigmoid_vjp, sigmoid_hvp, rbar, rbardot, s_rdot, r, s_r)
    s_zbar, s_zbardot = bent(sigmoid_vjp, sigmoid_hvp, ybar * (h - n), ybar * (hdot - ndot), s_zdot, z, s_z)
    abar, abardot = (np.concat(s, axis=1) for s in ((s_rbar, s_zbar, s_nbar), (s_rbardot, s_zbardot, s_nbardot)))
    _, xbardot, w_ihbardot, b_ihbardot = _layer_hvp(abar, abardot, x, xdot, w_ih, w_ihdot)
    k = 2 * h.shape[1]
    _, gatedbardot, w_rzbardot, b_rzbardot = _layer_hvp(abar[:, :k], abardot[:, :k], h, hdot, w_rz, w_rzdot)
    w_hhbardot, b_hhbardot = np.concat([w_rzbardot, w_nbardot], axis=1), np.concat([b_rzbardot, b_nbardot])
    return xbardot, ybar * zdot + hbardot + gatedbardot, w_ihbardot, w_hhbardot, b_ihbardot, b_hhbardot


def _layer_hvp(ybar, ybardot, x, xdot, w, wdot):
    """xbar = ybar w^T, and how xbar, wbar = x^T ybar and bbar move."""
    xbardot = ybardot @ w.T + ybar @ wdot.T
    return ybar @ w.T, xbardot, x.T @ ybardot + xdot.T @ ybar, np.sum(ybardot, axis=0)


def _sums(x, h, w_ih, w_hh, b_ih, b_hh, reset_after):
    """What enters the sigmoids of r and z and the tanh of n, and q: what r multiplies, or what it made of the state."""
    if h.ndim != 2 or x.ndim != 2 or len(x) != len(h) or w_ih.ndim != 2 or w_ih.shape[1] != 3 * h.shape[1]:
        got = f"{x.shape}, {h.shape} and {w_ih.shape}"
        raise ValueError(f"got x, h and w_ih of shapes {got}, want (N, D), (N, H) and (D, 3H)")
    if w_hh.shape != (h.shape[1], w_ih.shape[1]):
        raise ValueError(f"got w_hh of shape {w_hh.shape}, want {(h.shape[1], w_ih.shape[1])}")
    (w_rz, b_rz), (w_n, b_n) = _gates_and_candidate(w_hh, b_hh)
    a_r, a_z, a_n = columns(linear(x, w_ih, b_ih), 3)
    of_r, of_z = columns(linear(h, w_rz, b_rz), 2)
    r = sigmoid(a_r + of_r)
    q = linear(h, w_n, b_n) if reset_after else r * h
    return a_r + of_r, a_z + of_z, a_n + (r * q if reset_after else linear(q, w_n, b_n)), q


def _gates_and_candidate(w, b):
    """The columns of r and z, and those of n."""
    k = 2 * w.shape[0]
    return (w[:, :k], b[:k]), (w[:, k:], b[k:])


def gru_cell_cases(rng):
    yield Case("reset-after", _cell(rng, 4, 5, 2), {"reset_after": True})
    yield Case("reset-before", _cell(rng, 2, 4, 3), {"reset_after": False})
    x, h, w_ih, w_hh, b_ih, b_hh = _cell(rng, 3, 4, 2)
    # The first number of the state is kept, the second rewritten without a look at it.
    shut = np.array([0.0, -1000.0, 1000.0, -1000.0, 0.0, 1000.0])
    far, want = np.array([[30.0, -2.0], [np.nan, 0.5]]), np.array([[30.0, 1.0], [np.nan, np.nan]])
    args = (x[:2], far, np.zeros((4, 6)), np.zeros((2, 6)), shut / 2, shut)
    yield Case("gates-shut", args, {"reset_after": True}, "special", want)
    yield Case("bias-of-one", (x, h, w_ih, w_hh, b_ih, b_hh[:1]), {"reset_after": True}, "refused")
    yield Case("one-state-for-all", (x, h[:1], w_ih, w_hh, b_ih, b_hh), {"reset_after": True}, "refused")


def gru_cell_sized(rng, n):
    return Case("sized", _cell(rng, n // 64 + 1, 32, 32), {"reset_after": True})


def gru(x, h0, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """(h_1 ... h_T, h_T) with h_t = gru_cell(x_t, h_(t-1), w_ih, w_hh, b_ih, b_hh): the same weights at every step.

    Shapes: x (N, T, D), h0 (N, H), the weights as in gru_cell; all h (N, T, H) and the last one (N, H).

    h_t is an average of h_(t-1) and the candidate, element by element, so it never leaves (-1, 1) once it is there.

    Raises ValueError as gru_cell does, and for a sequence without a step.

    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
    Translation, section 2.3, eq. 5 to 8; with reset_after: torch.nn.GRU.
    """
    states = unrolled(_step(reset_after), x, (h0,), (w_ih, w_hh, b_ih, b_hh))
    return shown(states), states[-1][0]


def gru_vjp(ybar, y, x, h0, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """Backpropagation through time: the cell's VJP from the last step to the first, the weights' cotangents summed."""

    def step_vjp(statebar, state, *args):
        return gru_cell_vjp(statebar[0], state[0], *args, reset_after=reset_after)

    theta = (w_ih, w_hh, b_ih, b_hh)
    states = unrolled(_step(reset_after), x, (h0,), theta)
    shownbar, lastbar = ybar
    return back_through_time(step_vjp, shownbar, (lastbar,), states, x, theta)


def gru_hvp(ybar, dots, y, x, h0, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    """The tangents of all states forward, then the cotangents and how they move backward."""

    def step_jvp(dots, state, *args):
        return gru_cell_jvp(dots, state[0], *args, reset_after=reset_after)[:1]

    def step_vjp(statebar, state, *args):
        return gru_cell_vjp(statebar[0], state[0], *args, reset_after=reset_after)

    def step_hvp(statebar, dots, state, *args):
        return gru_cell_hvp(statebar[0], dots, state[0], *args, reset_after=reset_after)

    theta = (w_ih, w_hh, b_ih, b_hh)
    states = unrolled(_step(reset_after), x, (h0,), theta)
    statedots = tangents_through_time(step_jvp, dots, states, x, theta)
    shownbar, lastbar = ybar
    return back_through_time_hvp(step_vjp, step_hvp, shownbar, (lastbar,), dots, statedots, states, x, theta)


def gru_cases(rng):
    yield Case("reset-after", _layer(rng, 4, 3, 5, 2), {"reset_after": True})
    yield Case("reset-before", _layer(rng, 3, 4, 5, 2), {"reset_after": False})
    x, *rest = _layer(rng, 3, 2, 4, 5)
    yield Case("no-steps", (x[:, :0], *rest), {"reset_after": True}, "refused")
    yield Case("steps-first", (np.swapaxes(x, 0, 1), *rest), {"reset_after": True}, "refused")


def gru_sized(rng, n):
    return Case("sized", _layer(rng, n // 256 + 1, 8, 32, 32), {"reset_after": True})


def _step(reset_after):
    return lambda x, h, *theta: (gru_cell(x, h, *theta, reset_after=reset_after),)


def _cell(rng, n, d, h):
    return inputs(rng, n, d), inputs(rng, n, h), *weights(rng, d, h, 3), bias(rng, h, 3), bias(rng, h, 3)


def _layer(rng, n, t, d, h):
    return inputs(rng, n, t, d), inputs(rng, n, h), *weights(rng, d, h, 3), bias(rng, h, 3), bias(rng, h, 3)


OPS = [
    Op(gru_cell, gru_cell_cases, gru_cell_vjp, gru_cell_sized, hvp=gru_cell_hvp),
    Op(gru, gru_cases, gru_vjp, gru_sized, hvp=gru_hvp),
]

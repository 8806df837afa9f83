"""Of chapter 18, the cells with gates."""

from __future__ import annotations

from .exercise import Exercise

EXERCISES = (
    Exercise(
        "gru_cell",
        "Where z is 1, what is the new state, and how steep is it in the old one? Where z and r are 0, what is "
        "left of the old one?",
        (
            "reset_after is True here. Each of the two products is done once, for all three gates beside each "
            "other, (N, 3H): then split it.",
            "The gates r and z are sigmoids of sums; the candidate is the tanh of a_n + r q_n, with q = h w_hh "
            "+ b_hh. Backward: the two summands of h' first, then the tanh, then r and q_n, then the sigmoids; "
            "what arrives at a and at q differs in the last third alone.",
            "Forward:\n"
            "a_r, a_z, a_n = np.split(x @ w_ih + b_ih, 3, axis=1)\n"
            "q_r, q_z, q_n = np.split(h @ w_hh + b_hh, 3, axis=1)\n"
            "r, z = sigmoid(a_r + q_r), sigmoid(a_z + q_z)\n"
            "return (1 - z) * np.tanh(a_n + r * q_n) + z * h\n"
            "Backward:\n"
            "a_r, a_z, a_n = np.split(x @ w_ih + b_ih, 3, axis=1)\n"
            "q_r, q_z, q_n = np.split(h @ w_hh + b_hh, 3, axis=1)\n"
            "r, z = sigmoid(a_r + q_r), sigmoid(a_z + q_z)\n"
            "n = np.tanh(a_n + r * q_n)\n"
            "a_nbar = ybar * (1 - z) * (1 - n * n)\n"
            "a_rbar, a_zbar = a_nbar * q_n * r * (1 - r), ybar * (h - n) * z * (1 - z)\n"
            "abar = np.concatenate([a_rbar, a_zbar, a_nbar], axis=1)\n"
            "qbar = np.concatenate([a_rbar, a_zbar, a_nbar * r], axis=1)\n"
            "hbar = ybar * z + qbar @ w_hh.T\n"
            "return abar @ w_ih.T, hbar, x.T @ abar, h.T @ qbar, np.sum(abar, axis=0), np.sum(qbar, axis=0)",
        ),
        labels=("reset-after",),
    ),
    Exercise(
        "gru_cell",
        "The reset gate before the matrix, or behind it: for which r do the two cells agree, whatever the weights are?",
        (
            "reset_after is False here, as in the paper of 2014: r multiplies the state, and w_n sees r h. So "
            "the product with w_hh falls into two: the first 2H columns, and the rest.",
            "n = tanh(a_n + (r h) w_n + b_n). Backward: from the tanh to the product, from there to r h, and "
            "from there to r and to h.",
            "Forward:\n"
            "k = 2 * h.shape[1]\n"
            "a_r, a_z, a_n = np.split(x @ w_ih + b_ih, 3, axis=1)\n"
            "q_r, q_z = np.split(h @ w_hh[:, :k] + b_hh[:k], 2, axis=1)\n"
            "r, z = sigmoid(a_r + q_r), sigmoid(a_z + q_z)\n"
            "return (1 - z) * np.tanh(a_n + (r * h) @ w_hh[:, k:] + b_hh[k:]) + z * h\n"
            "Backward:\n"
            "k = 2 * h.shape[1]\n"
            "a_r, a_z, a_n = np.split(x @ w_ih + b_ih, 3, axis=1)\n"
            "q_r, q_z = np.split(h @ w_hh[:, :k] + b_hh[:k], 2, axis=1)\n"
            "r, z = sigmoid(a_r + q_r), sigmoid(a_z + q_z)\n"
            "n = np.tanh(a_n + (r * h) @ w_hh[:, k:] + b_hh[k:])\n"
            "a_nbar = ybar * (1 - z) * (1 - n * n)\n"
            "rhbar = a_nbar @ w_hh[:, k:].T\n"
            "gatesbar = np.concatenate([rhbar * h * r * (1 - r), ybar * (h - n) * z * (1 - z)], axis=1)\n"
            "abar = np.concatenate([gatesbar, a_nbar], axis=1)\n"
            "hbar = ybar * z + rhbar * r + gatesbar @ w_hh[:, :k].T\n"
            "w_hhbar = np.concatenate([h.T @ gatesbar, (r * h).T @ a_nbar], axis=1)\n"
            "bbar = np.sum(abar, axis=0)\n"
            "return abar @ w_ih.T, hbar, x.T @ abar, w_hhbar, bbar, bbar",
        ),
        labels=("reset-before",),
        title="gru_cell_reset_before",
    ),
    Exercise(
        "gru_cell",
        "Of the backward, which lines are products of two things that both move? Why does each of "
        "these become two terms?",
        (
            "First let all tangents go forward: of the sums, of r, z and n. reset_after is True.",
            "Then go through the backward line by line, and write beside each cotangent how it moves. A slope "
            "moves too: r (1 - r) by (1 - 2 r) rdot, and 1 - n^2 by -2 n ndot. ybar does not.",
            "Second order:\n"
            "xdot, hdot, w_ihdot, w_hhdot, b_ihdot, b_hhdot = dots\n"
            "a_r, a_z, a_n = np.split(x @ w_ih + b_ih, 3, axis=1)\n"
            "q_r, q_z, q_n = np.split(h @ w_hh + b_hh, 3, axis=1)\n"
            "a_rdot, a_zdot, a_ndot = np.split(xdot @ w_ih + x @ w_ihdot + b_ihdot, 3, axis=1)\n"
            "q_rdot, q_zdot, q_ndot = np.split(hdot @ w_hh + h @ w_hhdot + b_hhdot, 3, axis=1)\n"
            "r, z = sigmoid(a_r + q_r), sigmoid(a_z + q_z)\n"
            "n, slope_r, slope_z = np.tanh(a_n + r * q_n), r * (1 - r), z * (1 - z)\n"
            "slope_n = 1 - n * n\n"
            "rdot, zdot = slope_r * (a_rdot + q_rdot), slope_z * (a_zdot + q_zdot)\n"
            "ndot = slope_n * (a_ndot + rdot * q_n + r * q_ndot)\n"
            "a_nbar = ybar * (1 - z) * slope_n\n"
            "a_nbardot = -ybar * zdot * slope_n - 2 * ybar * (1 - z) * n * ndot\n"
            "a_rbar, a_zbar = a_nbar * q_n * slope_r, ybar * (h - n) * slope_z\n"
            "a_rbardot = (a_nbardot * q_n + a_nbar * q_ndot) * slope_r + a_nbar * q_n * (1 - 2 * r) * rdot\n"
            "a_zbardot = ybar * (hdot - ndot) * slope_z + ybar * (h - n) * (1 - 2 * z) * zdot\n"
            "abar = np.concatenate([a_rbar, a_zbar, a_nbar], axis=1)\n"
            "qbar = np.concatenate([a_rbar, a_zbar, a_nbar * r], axis=1)\n"
            "q_nbardot = a_nbardot * r + a_nbar * rdot\n"
            "abardot = np.concatenate([a_rbardot, a_zbardot, a_nbardot], axis=1)\n"
            "qbardot = np.concatenate([a_rbardot, a_zbardot, q_nbardot], axis=1)\n"
            "hbardot = ybar * zdot + qbardot @ w_hh.T + qbar @ w_hhdot.T\n"
            "w_ihbardot, w_hhbardot = x.T @ abardot + xdot.T @ abar, h.T @ qbardot + hdot.T @ qbar\n"
            "xbardot = abardot @ w_ih.T + abar @ w_ihdot.T\n"
            "return xbardot, hbardot, w_ihbardot, w_hhbardot, np.sum(abardot, axis=0), np.sum(qbardot, axis=0)",
        ),
        parts=("hvp",),
        labels=("reset-after",),
        title="gru_cell_curvature",
    ),
    Exercise(
        "gru",
        "If every h_0 and every candidate lies in (-1, 1), where do all later states lie, and why?",
        (
            "As rnn: the cell at each step, and backward from the last step to the first.",
            "Write the same loop as in rnn and in its backward, with gru_cell and gru_cell_vjp, which have "
            "four weights to hand on.",
            "Forward:\n"
            "h, states = h0, []\n"
            "for t in range(x.shape[1]):\n"
            "    h = gru_cell(x[:, t], h, w_ih, w_hh, b_ih, b_hh, reset_after=reset_after)\n"
            "    states.append(h)\n"
            "return np.stack(states, axis=1), h\n"
            "Backward:\n"
            "(states, _), (statesbar, hbar) = y, ybar\n"
            "theta = (w_ih, w_hh, b_ih, b_hh)\n"
            "xbar, thetabar = np.zeros_like(x), [np.zeros_like(w) for w in theta]\n"
            "for t in reversed(range(x.shape[1])):\n"
            "    before = states[:, t - 1] if t > 0 else h0\n"
            "    arrived = (hbar + statesbar[:, t], states[:, t], x[:, t], before, *theta)\n"
            "    xbar[:, t], hbar, *more = gru_cell_vjp(*arrived, reset_after=reset_after)\n"
            "    thetabar = [old + new for old, new in zip(thetabar, more)]\n"
            "return xbar, hbar, *thetabar",
        ),
    ),
    Exercise(
        "lstm_cell",
        "c' = f c + i g: how steep is c' in c? Compare that with the slope of h' in h of rnn_cell, over a "
        "thousand steps.",
        (
            "All four gates are columns of one sum, (N, 4H), in the order i, f, g, o: split it. g has a tanh, "
            "the others a sigmoid. Two results: h' and c'.",
            "Backward: h' hands its cotangent to o and, through the tanh, to c'; there it meets that of c'. "
            "Their sum goes to f, c, i and g. Then each gate's own slope, and the sum as in rnn_cell.",
            "Forward:\n"
            "i, f, g, o = np.split(x @ w_ih + h @ w_hh + b, 4, axis=1)\n"
            "c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)\n"
            "return sigmoid(o) * np.tanh(c), c\n"
            "Backward:\n"
            "i, f, g, o = np.split(x @ w_ih + h @ w_hh + b, 4, axis=1)\n"
            "i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)\n"
            "(hbar, cbar), tanh_c = ybar, np.tanh(y[1])\n"
            "cbar = cbar + hbar * o * (1 - tanh_c**2)\n"
            "zbar = [cbar * g * i * (1 - i), cbar * c * f * (1 - f), cbar * i * (1 - g * g), hbar * tanh_c * o "
            "* (1 - o)]\n"
            "zbar = np.concatenate(zbar, axis=1)\n"
            "return zbar @ w_ih.T, zbar @ w_hh.T, cbar * f, x.T @ zbar, h.T @ zbar, np.sum(zbar, axis=0)",
        ),
    ),
    Exercise(
        "lstm_cell",
        "Only c moves, by cdot: no weight and no input does. Which of the factors of f's cotangent, cbar' c f "
        "(1 - f), move then?",
        (
            "First let all tangents go forward: of the four sums, of the gates, of c', of tanh(c').",
            "Then go through the backward line by line, and write beside each cotangent how it moves, by the "
            "product rule. A slope moves too: i (1 - i) by (1 - 2 i) idot, and 1 - g^2 by -2 g gdot. ybar "
            "does not.",
            "Second order:\n"
            "(xdot, hdot, cdot, w_ihdot, w_hhdot, bdot), (hbar, cbar) = dots, ybar\n"
            "i, f, g, o = np.split(x @ w_ih + h @ w_hh + b, 4, axis=1)\n"
            "i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)\n"
            "zdot = xdot @ w_ih + x @ w_ihdot + hdot @ w_hh + h @ w_hhdot + bdot\n"
            "slope = np.concatenate([i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)], axis=1)\n"
            "idot, fdot, gdot, odot = np.split(slope * zdot, 4, axis=1)\n"
            "bend = np.concatenate([(1 - 2 * i) * idot, (1 - 2 * f) * fdot, -2 * g * gdot, (1 - 2 * o) * "
            "odot], axis=1)\n"
            "t = np.tanh(y[1])\n"
            "tdot = (1 - t * t) * (fdot * c + f * cdot + idot * g + i * gdot)\n"
            "cbar = cbar + hbar * o * (1 - t * t)\n"
            "cbardot = hbar * (odot * (1 - t * t) - 2 * o * t * tdot)\n"
            "gates = np.concatenate([cbar * g, cbar * c, cbar * i, hbar * t], axis=1)\n"
            "moves = [cbardot * g + cbar * gdot, cbardot * c + cbar * cdot, cbardot * i + cbar * idot]\n"
            "gatesdot = np.concatenate([*moves, hbar * tdot], axis=1)\n"
            "zbar, zbardot = gates * slope, gatesdot * slope + gates * bend\n"
            "xbardot, hbardot = zbardot @ w_ih.T + zbar @ w_ihdot.T, zbardot @ w_hh.T + zbar @ w_hhdot.T\n"
            "w_ihbardot, w_hhbardot = x.T @ zbardot + xdot.T @ zbar, h.T @ zbardot + hdot.T @ zbar\n"
            "c_bardot = cbardot * f + cbar * fdot\n"
            "return xbardot, hbardot, c_bardot, w_ihbardot, w_hhbardot, np.sum(zbardot, axis=0)",
        ),
        parts=("hvp",),
        title="lstm_cell_curvature",
    ),
    Exercise(
        "lstm",
        "All forget gates are 0.9. How much of what was written 20 steps ago is still in the memory, and how "
        "large is its gradient?",
        (
            "As rnn, with two states. Three results: all h, the last h and the last c.",
            "The memories are not in y: the backward has to run forward once, and keep h and c of every step. "
            "Only h gets a cotangent from outside at each step; c gets one at the last step alone.",
            "Forward:\n"
            "h, c, states = h0, c0, []\n"
            "for t in range(x.shape[1]):\n"
            "    h, c = lstm_cell(x[:, t], h, c, w_ih, w_hh, b)\n"
            "    states.append(h)\n"
            "return np.stack(states, axis=1), h, c\n"
            "Backward:\n"
            "statesbar, hbar, cbar = ybar\n"
            "theta, before = (w_ih, w_hh, b), [(h0, c0)]\n"
            "for t in range(x.shape[1]):\n"
            "    before.append(lstm_cell(x[:, t], *before[t], *theta))\n"
            "xbar, thetabar = np.zeros_like(x), [np.zeros_like(w) for w in theta]\n"
            "for t in reversed(range(x.shape[1])):\n"
            "    arrived = (hbar + statesbar[:, t], cbar)\n"
            "    xbar[:, t], hbar, cbar, *more = lstm_cell_vjp(arrived, before[t + 1], x[:, t], *before[t], "
            "*theta)\n"
            "    thetabar = [old + new for old, new in zip(thetabar, more)]\n"
            "return xbar, hbar, cbar, *thetabar",
        ),
    ),
)

"""Chapter 18: tokens and their places, and networks that carry a state from step to step."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        18,
        "Sequences",
        (
            Exercise(
                "embedding",
                "A sentence names the word 3 twice. From how many places does row 3 of the table get a gradient, and "
                "what do the rows get whose words do not occur?",
                (
                    "The value is a look into the table: rows by their indices. A place with padding_idx has 0 "
                    "instead; a negative padding_idx counts from the end.",
                    "Backward: each place adds its ybar to the row that it names; a place of padding adds nothing. "
                    "weightbar[indices] += ybar keeps one of several places; np.add.at keeps them all.",
                    "Forward:\n"
                    "y = weight[indices]\n"
                    "if padding_idx is not None:\n"
                    "    y = np.where((indices == padding_idx % len(weight))[..., None], 0, y)\n"
                    "return y\n"
                    "Backward:\n"
                    "if padding_idx is not None:\n"
                    "    ybar = np.where((indices == padding_idx % len(weight))[..., None], 0, ybar)\n"
                    "weightbar = np.zeros_like(weight)\n"
                    "np.add.at(weightbar, indices, ybar)\n"
                    "return (weightbar,)",
                ),
            ),
            Exercise(
                "positional_encoding",
                "The first hand turns once in 2 pi positions. With dim = 6 and base = 10000 there are three: how many "
                "positions does the slowest need for one turn?",
                (
                    "One angle for each position and each pair: position times speed. Sine and cosine stand beside "
                    "each other, sin, cos, sin, cos.",
                    "The speeds are base ** (-2 i / dim), i = 0, 1, ... Stack sine and cosine on a new last axis and "
                    "reshape. Backward: the slope of the sine is the cosine, which you have in y; the sum is over the "
                    "pairs.",
                    "Forward:\n"
                    "angle = positions[:, None] * base ** (-2 * np.arange(dim // 2) / dim)\n"
                    "return np.reshape(np.stack([np.sin(angle), np.cos(angle)], axis=-1), (-1, dim))\n"
                    "Backward:\n"
                    "sines, cosines = y[:, 0::2], y[:, 1::2]\n"
                    "turned = ybar[:, 0::2] * cosines - ybar[:, 1::2] * sines\n"
                    "return (np.sum(turned * base ** (-2 * np.arange(dim // 2) / dim), axis=-1),)",
                ),
            ),
            Exercise(
                "rnn_cell",
                "Put x and h beside each other, as one vector: which one matrix does it meet? So what is new here, "
                "compared with a layer of neurons?",
                (
                    "A linear layer with two inputs, and an activation. h is the state before, y the state after.",
                    "Backward: first through the activation, which gives zbar at the sum; then a matrix product twice, "
                    "as in linear: x and w_ih, h and w_hh. The bias gets the sum over the rows.",
                    "Forward:\n"
                    'return (tanh if activation == "tanh" else relu)(x @ w_ih + h @ w_hh + b)\n'
                    "Backward:\n"
                    'back = tanh_vjp if activation == "tanh" else relu_vjp\n'
                    "(zbar,) = back(ybar, y, x @ w_ih + h @ w_hh + b)\n"
                    "return zbar @ w_ih.T, zbar @ w_hh.T, x.T @ zbar, h.T @ zbar, np.sum(zbar, axis=0)",
                ),
            ),
            Exercise(
                "rnn",
                "How many parameters has the network for 100 steps, compared with that for 3? What, then, must be the "
                "same in the first step and in the last?",
                (
                    "The cell at each step: its result is the next one's state. Keep them all.",
                    "x[:, t] is the input of step t. Two results: all states, along the axis 1, and the last one.",
                    "Forward:\n"
                    "h, states = h0, []\n"
                    "for t in range(x.shape[1]):\n"
                    "    h = rnn_cell(x[:, t], h, w_ih, w_hh, b, activation=activation)\n"
                    "    states.append(h)\n"
                    "return np.stack(states, axis=1), h",
                ),
                parts=("value",),
            ),
            Exercise(
                "rnn",
                "A state is shown to the reader and handed to the next step. So which cotangents meet at h_t? And what "
                "becomes of one that passes fifty steps, multiplied with w_hh^T at each?",
                (
                    "Backpropagation through time: from the last step to the first, each with the cell's backward. "
                    "ybar is a pair: of all the states, and of the last one.",
                    "Before step t is passed, add ybar of h_t to what has come from behind. The cell multiplies by the "
                    "state before it, which is h0 at the first step. The weights are the same at all steps, so their "
                    "cotangents are added up.",
                    "Backward:\n"
                    "(states, _), (statesbar, hbar) = y, ybar\n"
                    "xbar, thetabar = np.zeros_like(x), [np.zeros_like(w_ih), np.zeros_like(w_hh), np.zeros_like(b)]\n"
                    "for t in reversed(range(x.shape[1])):\n"
                    "    before = states[:, t - 1] if t > 0 else h0\n"
                    "    arrived = (hbar + statesbar[:, t], states[:, t], x[:, t], before, w_ih, w_hh, b)\n"
                    "    xbar[:, t], hbar, *more = rnn_cell_vjp(*arrived, activation=activation)\n"
                    "    thetabar = [old + new for old, new in zip(thetabar, more)]\n"
                    "return xbar, hbar, *thetabar",
                ),
                parts=("vjp",),
                title="backpropagation_through_time",
            ),
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
                "The reset gate before the matrix, or behind it: for which r do the two cells agree, whatever the "
                "weights are?",
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
        ),
    ),
)

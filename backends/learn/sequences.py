"""Chapter 18: tokens and their places, and networks that carry a state from step to step."""

from __future__ import annotations

from . import gates
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
                    "pairs. Second order: the slope of the cosine is minus the sine, so y comes back, with the speeds "
                    "squared.",
                    "Forward:\n"
                    "angle = positions[:, None] * base ** (-2 * np.arange(dim // 2) / dim)\n"
                    "return np.reshape(np.stack([np.sin(angle), np.cos(angle)], axis=-1), (-1, dim))\n"
                    "Backward:\n"
                    "sines, cosines = y[:, 0::2], y[:, 1::2]\n"
                    "turned = ybar[:, 0::2] * cosines - ybar[:, 1::2] * sines\n"
                    "return (np.sum(turned * base ** (-2 * np.arange(dim // 2) / dim), axis=-1),)\n"
                    "Second order:\n"
                    "(pdot,) = dots\n"
                    "pairs = ybar[:, 0::2] * y[:, 0::2] + ybar[:, 1::2] * y[:, 1::2]\n"
                    "return (-pdot * np.sum(pairs * base ** (-4 * np.arange(dim // 2) / dim), axis=-1),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "rnn_cell",
                "Put x and h beside each other, as one vector: which one matrix does it meet? So what is new here, "
                "compared with a layer of neurons?",
                (
                    "A linear layer with two inputs, and an activation. h is the state before, y the state after.",
                    "Backward: first through the activation, which gives zbar at the sum; then a matrix product twice, "
                    "as in linear: x and w_ih, h and w_hh. The bias gets the sum over the rows. Second order: how does "
                    "the sum z move along dots, how does zbar then, and how the products with zbar, by the product "
                    "rule?",
                    "Forward:\n"
                    'return (tanh if activation == "tanh" else relu)(x @ w_ih + h @ w_hh + b)\n'
                    "Backward:\n"
                    'back = tanh_vjp if activation == "tanh" else relu_vjp\n'
                    "(zbar,) = back(ybar, y, x @ w_ih + h @ w_hh + b)\n"
                    "return zbar @ w_ih.T, zbar @ w_hh.T, x.T @ zbar, h.T @ zbar, np.sum(zbar, axis=0)\n"
                    "Second order:\n"
                    "xdot, hdot, w_ihdot, w_hhdot, bdot = dots\n"
                    "zdot = xdot @ w_ih + x @ w_ihdot + hdot @ w_hh + h @ w_hhdot + bdot\n"
                    'if activation == "tanh":\n'
                    "    zbar = ybar * (1 - y * y)\n"
                    "    zbardot = -2 * y * zdot * zbar\n"
                    "else:\n"
                    "    zbar = ybar * (y > 0)\n"
                    "    zbardot = np.zeros_like(zbar)\n"
                    "xbardot, hbardot = zbardot @ w_ih.T + zbar @ w_ihdot.T, zbardot @ w_hh.T + zbar @ w_hhdot.T\n"
                    "w_ihbardot, w_hhbardot = x.T @ zbardot + xdot.T @ zbar, h.T @ zbardot + hdot.T @ zbar\n"
                    "return xbardot, hbardot, w_ihbardot, w_hhbardot, np.sum(zbardot, axis=0)",
                ),
                parts=("value", "vjp", "hvp"),
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
                "rnn",
                "A Hessian of n weights has n^2 numbers. Its product with one vector costs about as much as two "
                "backward passes: why does nobody write down the Hessian?",
                (
                    "Two passes. Forward: how does each state move along dots? Backward: carry each cotangent, and "
                    "beside it how it moves.",
                    "A state moves by the activation's slope times zdot, with zdot as in rnn_cell. On the way back, "
                    "hbardot passes a step as hbar does, by rnn_cell_vjp, which is linear in it; and rnn_cell_hvp of "
                    "hbar is added.",
                    "Second order:\n"
                    "(states, _), (statesbar, hbar), (xdot, h0dot, *thetadot) = y, ybar, dots\n"
                    "theta, hdots = (w_ih, w_hh, b), [h0dot]\n"
                    "before = [h0, *np.moveaxis(states, 1, 0)]\n"
                    "for t in range(x.shape[1]):\n"
                    "    zdot = xdot[:, t] @ w_ih + x[:, t] @ thetadot[0] + hdots[t] @ w_hh + before[t] @ thetadot[1]\n"
                    '    slope = 1 - states[:, t] ** 2 if activation == "tanh" else states[:, t] > 0\n'
                    "    hdots.append(slope * (zdot + thetadot[2]))\n"
                    "hbardot, xbardot = np.zeros_like(hbar), np.zeros_like(x)\n"
                    "thetabardot = [np.zeros_like(w) for w in theta]\n"
                    "for t in reversed(range(x.shape[1])):\n"
                    "    hbar = hbar + statesbar[:, t]\n"
                    "    args, along = (states[:, t], x[:, t], before[t], *theta), (xdot[:, t], hdots[t], *thetadot)\n"
                    "    moved = rnn_cell_vjp(hbardot, *args, activation=activation)\n"
                    "    added = rnn_cell_hvp(hbar, along, *args, activation=activation)\n"
                    "    hbar = rnn_cell_vjp(hbar, *args, activation=activation)[1]\n"
                    "    xbardot[:, t], hbardot, *more = [m + a for m, a in zip(moved, added)]\n"
                    "    thetabardot = [old + new for old, new in zip(thetabardot, more)]\n"
                    "return xbardot, hbardot, *thetabardot",
                ),
                parts=("hvp",),
                title="curvature_through_time",
            ),
            *gates.EXERCISES,
        ),
    ),
)

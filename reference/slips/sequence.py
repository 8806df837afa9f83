"""Slips of embeddings, positions and recurrent networks."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import tanh
from ..op import Slip
from ..sequence.bidirectional import bidirectional_rnn
from ..sequence.embedding import embedding_bag, embedding_bag_vjp
from ..sequence.gru import gru_cell, gru_vjp
from ..sequence.lstm import lstm_cell, lstm_cell_vjp, lstm_gates, lstm_vjp
from ..sequence.position import positional_encoding, rotary_embedding
from ..sequence.recurrence import back_through_time, columns, sums_vjp, unrolled
from ..sequence.rnn import rnn_cell, rnn_cell_vjp, rnn_vjp


def _last_of_duplicates(ybar, y, indices, weight, *, padding_idx):
    weightbar = np.zeros_like(weight)
    counts = np.ones(indices.shape, bool) if padding_idx is None else indices != padding_idx % len(weight)
    weightbar[indices[counts]] += ybar[counts]
    return (weightbar,)


def _padding_learned(ybar, y, indices, weight, *, padding_idx):
    weightbar = np.zeros_like(weight)
    np.add.at(weightbar, indices, ybar)
    return (weightbar,)


def _padding_counted(indices, weight, offsets, per_sample_weights, *, mode, padding_idx):
    y = embedding_bag(indices, weight, offsets, per_sample_weights, mode=mode, padding_idx=padding_idx)
    if mode != "mean" or padding_idx is None:
        return y
    counted = np.sum(indices != padding_idx % len(weight), axis=-1, keepdims=True)
    return y * counted / indices.shape[-1]


def _without_sample_weights(ybar, y, indices, weight, offsets, per_sample_weights, *, mode, padding_idx):
    how = {"mode": mode, "padding_idx": padding_idx}
    weightbar, _ = embedding_bag_vjp(ybar, y, indices, weight, offsets, None, **how)
    return weightbar, embedding_bag_vjp(ybar, y, indices, weight, offsets, per_sample_weights, **how)[1]


def _not_turned_back(x, h0, *theta):
    both, last = bidirectional_rnn(x, h0, *theta)
    forward, backward = columns(both, 2)
    return np.concat([forward, backward[:, ::-1]], axis=2), last


def _halves(positions, *, dim, base):
    y = positional_encoding(positions, dim=dim, base=base)
    return np.concat([y[:, 0::2], y[:, 1::2]], axis=1)


def _slow(positions, *, dim, base):
    return positional_encoding(positions, dim=2 * dim, base=base)[:, :dim]


def _by_place(positions, *, dim, base):
    place = np.arange(dim)
    angle = np.asarray(positions)[:, None] * float(base) ** (-place / dim)
    return np.where(place % 2 == 0, np.sin(angle), np.cos(angle))


def _other_pairs(x, positions, *, base, interleaved):
    return rotary_embedding(x, positions, base=base, interleaved=not interleaved)


def _turned_back(x, positions, *, base, interleaved):
    return rotary_embedding(x, -positions, base=base, interleaved=interleaved)


def _slope_dropped(ybar, y, x, h, w_ih, w_hh, b, *, activation):
    return sums_vjp(ybar, x, h, w_ih, w_hh)


def _through_time(step_vjp):
    """The VJP of rnn whose step is ``step_vjp(statebar, state, x, h, *theta, activation=...)``."""

    def vjp(ybar, y, x, h0, w_ih, w_hh, b, *, activation):
        theta = (w_ih, w_hh, b)
        states = unrolled(lambda x, h, *theta: (rnn_cell(x, h, *theta, activation=activation),), x, (h0,), theta)

        def back(statebar, state, *args):
            return step_vjp(statebar[0], state[0], *args, activation=activation)

        return back_through_time(back, ybar[0], (ybar[1],), states, x, theta)

    return vjp


def _state_after(ybar, y, x, h, w_ih, w_hh, b, *, activation):
    """h_t stands where h_(t-1) was multiplied."""
    xbar, hbar, w_ihbar, _, bbar = rnn_cell_vjp(ybar, y, x, h, w_ih, w_hh, b, activation=activation)
    zbar = ybar * (1 - y**2 if activation == "tanh" else np.where(y > 0, 1, 0))
    return xbar, hbar, w_ihbar, y.T @ zbar, bbar


def _cut(ybar, y, x, h, *theta, activation):
    xbar, hbar, *thetabar = rnn_cell_vjp(ybar, y, x, h, *theta, activation=activation)
    return xbar, np.zeros_like(hbar), *thetabar


def _first_step_only(ybar, y, x, h0, w_ih, w_hh, b, *, activation):
    xbar, h0bar, *_ = rnn_vjp(ybar, y, x, h0, w_ih, w_hh, b, activation=activation)
    hs, statebar = y[0], ybar[1]
    for t in reversed(range(x.shape[1])):
        before = hs[:, t - 1] if t else h0
        statebar = statebar + ybar[0][:, t]
        _, statebar, *thetabar = rnn_cell_vjp(statebar, hs[:, t], x[:, t], before, w_ih, w_hh, b, activation=activation)
    return xbar, h0bar, *thetabar


def _last_state_forgotten(ybar, y, *args, activation):
    return rnn_vjp((ybar[0], np.zeros_like(ybar[1])), y, *args, activation=activation)


def _other_reset(x, h, *theta, reset_after):
    return gru_cell(x, h, *theta, reset_after=not reset_after)


def _ordered(cell, order):
    """The cell, the gates of whose weights are taken to stand in another order."""

    def permuted(w):
        return np.concat([columns(w, len(order))[k] for k in order], axis=-1)

    def forward(x, *args, **params):
        states = 1 if len(order) == 3 else 2
        return cell(x, *args[:states], *map(permuted, args[states:]), **params)

    return forward


def _update_exchanged(x, h, *theta, reset_after):
    """With n and h in each other's place: their sum is that of the cell and of this."""
    w_ih, w_hh, b_ih, b_hh = theta
    k = h.shape[1]

    def negated(w):
        return np.concat([w[..., :k], -w[..., k : 2 * k], w[..., 2 * k :]], axis=-1)

    return gru_cell(x, h, negated(w_ih), negated(w_hh), negated(b_ih), negated(b_hh), reset_after=reset_after)


def _memory_shown(x, h, c, *theta):
    i, f, g, o = lstm_gates(x, h, *theta)
    c = f * c + i * g
    return o * c, c


def _gate_slopes_dropped(ybar, y, x, h, c, w_ih, w_hh, b):
    (hbar, cbar), (_, c_new) = ybar, y
    i, f, g, o = lstm_gates(x, h, w_ih, w_hh, b)
    cbar = cbar + hbar * o * (1 - tanh(c_new) ** 2)
    zbar = np.concat([cbar * g, cbar * c, cbar * i * (1 - g**2), hbar * tanh(c_new)], axis=1)
    xbar, hbar, *thetabar = sums_vjp(zbar, x, h, w_ih, w_hh)
    return xbar, hbar, cbar * f, *thetabar


def _memory_of_this_step_only(ybar, y, *args):
    return lstm_cell_vjp((ybar[0], np.zeros_like(ybar[1])), y, *args)


def _memory_cut(ybar, y, x, h0, c0, *theta):
    def cut(*args):
        xbar, hbar, cbar, *thetabar = lstm_cell_vjp(*args)
        return xbar, hbar, np.zeros_like(cbar), *thetabar

    states = unrolled(lstm_cell, x, (h0, c0), theta)
    return back_through_time(cut, ybar[0], ybar[1:], states, x, theta)


SLIPS = {
    "embedding": (
        Slip(
            "last-of-duplicates",
            "An index that occurs several times must get the sum of all its cotangents. weightbar[indices] += ybar "
            "keeps the last of them: NumPy assigns each place once. np.add.at(weightbar, indices, ybar) adds.",
            vjp=_last_of_duplicates,
        ),
        Slip(
            "padding-learned",
            "The padding row is no parameter: where indices == padding_idx nothing is added to weightbar.",
            vjp=_padding_learned,
        ),
    ),
    "embedding_bag": (
        Slip(
            "padding-counted",
            "A place with padding_idx is in no bag: the mean divides by the number of the other places.",
            forward=_padding_counted,
        ),
        Slip(
            "sample-weights-forgotten",
            "A row was multiplied by the weight of its sample, and so is what goes back to it.",
            vjp=_without_sample_weights,
        ),
        Slip(
            "not-divided-by-the-places",
            "A mean hands each of its places ybar divided by their number.",
            vjp=lambda ybar, y, *args, mode, padding_idx: embedding_bag_vjp(
                ybar, y, *args, mode="sum" if mode == "mean" else mode, padding_idx=padding_idx
            ),
        ),
    ),
    "positional_encoding": (
        Slip(
            "sines-then-cosines",
            "All sines stand in front of all cosines here; the paper puts the two of each speed beside each other. No "
            "matter to a network that learns the rest, but weights cannot be exchanged. To have the paper's order: "
            "np.reshape(np.stack([sines, cosines], axis=-1), (T, dim)).",
            forward=_halves,
            convention="tensor2tensor",
        ),
        Slip(
            "half-the-speed",
            "The exponent is 2i/dim, i counting the pairs: the last ones come down to almost 1/base. Here it is i/dim.",
            forward=_slow,
        ),
        Slip(
            "cosines-a-pair-ahead",
            "The sine and the cosine of a pair have one angle. The cosine has the odd place 2i + 1, but the exponent "
            "of both is 2i/dim: it was taken from the place itself.",
            forward=_by_place,
        ),
        Slip(
            "base-of-a-thousand",
            "The base is 10000 in the paper, and a parameter here. 1000 was written down in its place.",
            forward=lambda positions, *, dim, base: positional_encoding(positions, dim=dim, base=1000.0),
        ),
        Slip(
            "i-doubled-twice",
            "Here i counts the pairs, 0, 1, 2 ...; where it counts 0, 2, 4 ... already it must not be doubled again. "
            "The speeds are base^(-2i/dim), and here their exponents are twice as large.",
            forward=lambda positions, *, dim, base: positional_encoding(positions, dim=dim, base=base * base),
        ),
    ),
    "rotary_embedding": (
        Slip(
            "other-pairs",
            "A pair is (x_2i, x_(2i+1)) in the paper, and (x_i, x_(i + D/2)) in GPT-NeoX and Llama: weights of the one "
            "mean nothing to the other. To change over: interleaved=not interleaved.",
            forward=_other_pairs,
            convention="the other pairing",
        ),
        Slip(
            "turned-back",
            "The pairs are turned the wrong way: the sine with the minus belongs to the first of a pair, "
            "x_1 cos - x_2 sin.",
            forward=_turned_back,
        ),
    ),
    "rnn_cell": (
        Slip(
            "slope-dropped",
            "On the way back the activation's derivative is missing: zbar = s'(z) ybar, 1 - y^2 for tanh.",
            vjp=_slope_dropped,
        ),
        Slip(
            "state-after",
            "The state that went in was multiplied by w_hh: w_hhbar = h^T zbar with the old h, not with the new one.",
            vjp=_state_after,
        ),
    ),
    "bidirectional_rnn": (
        Slip(
            "one-network-for-both",
            "Each direction has weights of its own: the second network is not the first one run backwards.",
            forward=lambda x, h0, *theta: bidirectional_rnn(x, h0, *theta[:3], *theta[:3]),
        ),
        Slip(
            "not-turned-back",
            "The second network's states come in the order in which it read: they are turned around before they are "
            "put beside those of the first one.",
            forward=_not_turned_back,
        ),
    ),
    "rnn": (
        Slip(
            "weights-of-one-step",
            "The weights are used at every step: their cotangents are the sum along the steps. Here each step "
            "overwrites them, and those of the first step are left.",
            vjp=_first_step_only,
        ),
        Slip(
            "state-after",
            "What w_hh multiplied is h_(t-1), so w_hhbar is the sum of h_(t-1)^T zbar_t. Here it is made with h_t.",
            vjp=_through_time(_state_after),
        ),
        Slip(
            "one-step-back",
            "The cotangent of a state ends at its own step here: it must go on, h_(t-1) gets zbar_t w_hh^T beside the "
            "cotangent of its own output.",
            vjp=_through_time(_cut),
        ),
        Slip(
            "last-state-forgotten",
            "The last state is an output twice: as the last of all h and by itself. Both cotangents are added.",
            vjp=_last_state_forgotten,
        ),
    ),
    "gru_cell": (
        Slip(
            "other-reset",
            "The reset gate may multiply the state (Cho et al., 2014) or what the matrix made of it (cuDNN, torch, "
            "flax), and no weights translate the one to the other. To change over: reset_after=not reset_after.",
            forward=_other_reset,
            convention="the other reset",
        ),
        Slip(
            "update-exchanged",
            "The shares z and 1 - z have changed places: here z is what is new, as in Chung et al. (2014). To have z "
            "as what is kept: h' = (1 - z) n + z h.",
            forward=_update_exchanged,
            convention="Chung et al. (2014)",
        ),
        Slip(
            "gates-z-r-n",
            "The gates stand in the order r, z, n, as in torch and cuDNN; Keras and ONNX put z in front. To change "
            "over: r, z, n = np.split(w, 3, axis=-1); w = np.concat([z, r, n], axis=-1), for all weights.",
            forward=_ordered(gru_cell, (1, 0, 2)),
            convention="Keras",
        ),
    ),
    "lstm_cell": (
        Slip(
            "gates-i-o-f-g",
            "The gates stand in the order i, f, g, o, as in torch, flax and Keras; ONNX has i, o, f, g. To change "
            "over: i, f, g, o = np.split(w, 4, axis=-1); w = np.concat([i, o, f, g], axis=-1), for all weights.",
            forward=_ordered(lstm_cell, (0, 2, 3, 1)),
            convention="ONNX",
        ),
        Slip(
            "gates-i-g-f-o",
            "The gates stand in the order i, f, g, o, as in torch, flax and Keras; TensorFlow 1 has i, g, f, o. To "
            "change over: i, f, g, o = np.split(w, 4, axis=-1); w = np.concat([i, g, f, o], axis=-1), for all weights.",
            forward=_ordered(lstm_cell, (0, 2, 1, 3)),
            convention="TensorFlow 1",
        ),
        Slip(
            "gates-i-f-o-g",
            "The gates stand in the order i, f, g, o: the candidate g, the one with the tanh, is the third and not the "
            "last.",
            forward=_ordered(lstm_cell, (0, 1, 3, 2)),
        ),
        Slip(
            "memory-shown",
            "The memory is bent before it is shown, h' = o tanh(c'): it has no bounds of its own.",
            forward=_memory_shown,
        ),
        Slip(
            "gate-slopes-dropped",
            "On the way back the derivatives of the three sigmoids are missing: i (1 - i), f (1 - f) and o (1 - o).",
            vjp=_gate_slopes_dropped,
        ),
        Slip(
            "memory-cotangent-dropped",
            "The memory c' has two readers: h' = o tanh(c') and the next step, whose cotangent is not added.",
            vjp=_memory_of_this_step_only,
        ),
    ),
    "lstm": (
        Slip(
            "memory-cut",
            "The memory hands its cotangent to the step before, cbar_(t-1) = f_t cbar_t: that is what it is there for. "
            "Here only h does.",
            vjp=_memory_cut,
        ),
        Slip(
            "shown-states-forgotten",
            "Each h_t has two readers, the output and the next step: their cotangents add up. Here only that of the "
            "last state goes back.",
            vjp=lambda ybar, y, *args: lstm_vjp((np.zeros_like(ybar[0]), *ybar[1:]), y, *args),
        ),
        Slip(
            "last-memory-forgotten",
            "The last memory c_T is a result too: its cotangent is where the way back of the memory begins.",
            vjp=lambda ybar, y, *args: lstm_vjp((*ybar[:2], np.zeros_like(ybar[2])), y, *args),
        ),
    ),
    "gru": (
        Slip(
            "shown-states-forgotten",
            "Each h_t has two readers, the output and the next step: their cotangents add up. Here only that of the "
            "last state goes back.",
            vjp=lambda ybar, y, *args, reset_after: gru_vjp(
                (np.zeros_like(ybar[0]), ybar[1]), y, *args, reset_after=reset_after
            ),
        ),
        Slip(
            "last-state-forgotten",
            "The last state is returned twice, among all states and alone: both cotangents count.",
            vjp=lambda ybar, y, *args, reset_after: gru_vjp(
                (ybar[0], np.zeros_like(ybar[1])), y, *args, reset_after=reset_after
            ),
        ),
    ),
}

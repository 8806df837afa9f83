"""Two recurrent networks side by side, one of which reads the sequence backwards."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .lstm import lstm, lstm_vjp
from .recurrence import bias, columns, inputs, weights


def bidirectional_lstm(x, h0, c0, w_ih, w_hh, b, w_ih_reverse, w_hh_reverse, b_reverse):
    """y_t = (h_t, k_t): h of an lstm that reads x from its first step to its last, k of one that reads it backwards.

    Shapes: x (N, T, D), h0 and c0 (2, N, H), two sets of weights as in lstm; y (N, T, 2H), and the last h and c of both
    directions (2, N, H). The second direction comes to its last state at the first step.

    y_t knows the whole sequence: what is behind t through h_t, and what is to come through k_t.

    Raises ValueError as lstm does, and unless there are initial states of two directions.

    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks, IEEE Transactions on Signal Processing
    45, section II.
    """
    if len(h0) != 2 or len(c0) != 2:
        raise ValueError(f"got h0 and c0 of shapes {h0.shape} and {c0.shape}, want (2, N, H)")
    hs, h, c = lstm(x, h0[0], c0[0], w_ih, w_hh, b)
    ks, k, d = lstm(_reversed(x), h0[1], c0[1], w_ih_reverse, w_hh_reverse, b_reverse)
    return np.concat([hs, _reversed(ks)], axis=2), np.stack([h, k]), np.stack([c, d])


def bidirectional_lstm_vjp(ybar, y, x, h0, c0, w_ih, w_hh, b, w_ih_reverse, w_hh_reverse, b_reverse):
    """Each direction goes back the way that it came, the second one from the first step to the last; x gets the sum."""
    ((hsbar, ksbar), (hbar, kbar), (cbar, dbar)), ((hs, ks), (h, k), (c, d)) = (
        (columns(both, 2), h_and_k, c_and_d) for both, h_and_k, c_and_d in (ybar, y)
    )
    xbar, h0bar, c0bar, *thetabar = lstm_vjp((hsbar, hbar, cbar), (hs, h, c), x, h0[0], c0[0], w_ih, w_hh, b)
    back, theta = (h0[1], c0[1]), (w_ih_reverse, w_hh_reverse, b_reverse)
    x_reversedbar, k0bar, d0bar, *theta_reversebar = lstm_vjp(
        (_reversed(ksbar), kbar, dbar), (_reversed(ks), k, d), _reversed(x), *back, *theta
    )
    statesbar = np.stack([h0bar, k0bar]), np.stack([c0bar, d0bar])
    return xbar + _reversed(x_reversedbar), *statesbar, *thetabar, *theta_reversebar


def _reversed(x):
    return np.flip(x, axis=1)


def bidirectional_lstm_cases(rng):
    yield Case("both-ways", _arguments(rng, 4, 3, 5, 2))
    x, h0, c0, *theta = _arguments(rng, 3, 4, 5, 2)
    yield Case("one-direction", (x, h0[:1], c0[:1], *theta), {}, "refused")


def bidirectional_lstm_sized(rng, n):
    return Case("sized", _arguments(rng, n // 256 + 1, 8, 32, 32))


def _arguments(rng, n, t, d, h):
    forth, back = ((*weights(rng, d, h, 4), bias(rng, h, 4)) for _ in range(2))
    return inputs(rng, n, t, d), inputs(rng, 2, n, h), 1.5 * inputs(rng, 2, n, h), *forth, *back


OPS = [Op(bidirectional_lstm, bidirectional_lstm_cases, bidirectional_lstm_vjp, bidirectional_lstm_sized)]

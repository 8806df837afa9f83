"""Two recurrent networks side by side, one of which reads the sequence backwards."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .recurrence import bias, columns, inputs, weights
from .rnn import rnn, rnn_vjp

STEP = {"activation": "tanh"}


def bidirectional_rnn(x, h0, w_ih, w_hh, b, w_ih_reverse, w_hh_reverse, b_reverse):
    """y_t = (h_t, k_t): h of an rnn that reads x from its first step to its last, k of one that reads it backwards.

    Shapes: x (N, T, D), h0 (2, N, H), two sets of weights as in rnn, whose activation is tanh; y (N, T, 2H), and the
    last states of both directions (2, N, H). The second direction comes to its last state at the first step.

    y_t knows the whole sequence: what is behind t through h_t, and what is to come through k_t.

    Raises ValueError as rnn does, and unless there are initial states of two directions.

    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks, IEEE Transactions on Signal Processing
    45, section II.
    """
    if h0.ndim != 3 or len(h0) != 2:
        raise ValueError(f"got h0 of shape {h0.shape}, want (2, N, H)")
    hs, h = rnn(x, h0[0], w_ih, w_hh, b, **STEP)
    ks, k = rnn(_reversed(x), h0[1], w_ih_reverse, w_hh_reverse, b_reverse, **STEP)
    return np.concat([hs, _reversed(ks)], axis=2), np.stack([h, k])


def bidirectional_rnn_vjp(ybar, y, x, h0, w_ih, w_hh, b, w_ih_reverse, w_hh_reverse, b_reverse):
    """Each direction goes back the way that it came, the second one from the first step to the last; x gets the sum."""
    (bothbar, lastbar), (both, last) = ybar, y
    (hsbar, ksbar), (hs, ks) = columns(bothbar, 2), columns(both, 2)
    x_reversed, theta = _reversed(x), (w_ih_reverse, w_hh_reverse, b_reverse)
    k_ybar, k_y = (_reversed(ksbar), lastbar[1]), (_reversed(ks), last[1])
    xbar, h0bar, *thetabar = rnn_vjp((hsbar, lastbar[0]), (hs, last[0]), x, h0[0], w_ih, w_hh, b, **STEP)
    x_reversedbar, k0bar, *theta_reversebar = rnn_vjp(k_ybar, k_y, x_reversed, h0[1], *theta, **STEP)
    return xbar + _reversed(x_reversedbar), np.stack([h0bar, k0bar]), *thetabar, *theta_reversebar


def _reversed(x):
    return np.flip(x, axis=1)


def bidirectional_rnn_cases(rng):
    yield Case("both-ways", _arguments(rng, 4, 3, 5, 6))
    x, h0, *theta = _arguments(rng, 3, 4, 5, 6)
    yield Case("one-direction", (x, h0[:1], *theta), {}, "refused")


def bidirectional_rnn_sized(rng, n):
    return Case("sized", _arguments(rng, n // 256 + 1, 8, 32, 32))


def _arguments(rng, n, t, d, h):
    forth, back = ((*weights(rng, d, h, 1), bias(rng, h, 1)) for _ in range(2))
    return inputs(rng, n, t, d), inputs(rng, 2, n, h), *forth, *back


OPS = [Op(bidirectional_rnn, bidirectional_rnn_cases, bidirectional_rnn_vjp, bidirectional_rnn_sized)]

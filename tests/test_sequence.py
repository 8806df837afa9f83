"""What embeddings, positions and recurrent networks promise: exactly in floats, or in balls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import ctx

from crosscheck.reference import catalogue
from crosscheck.reference.agreement.truth import EXACT
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.model.recurrent import lstm_classifier_values, rnn_classifier_values
from crosscheck.reference.sequence.lstm import lstm_gates, lstm_vjp
from crosscheck.reference.sequence.rnn import rnn_vjp

OPS = catalogue()
BITS = 128


def data(name: str, label: str) -> tuple[Any, ...]:
    return OPS[name].draw()[label].args


def text(name: str, *args: Any, **params: Any) -> Any:
    return OPS[name].forward(*args, **params)


def certified(name: str, *args: Any, **params: Any) -> Any:
    """The operation read in balls; floats are exact."""
    lifted = [balls(a) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in args]
    plain = {k: balls(v) if isinstance(v, float) else v for k, v in params.items()}
    return read(OPS[name].forward, EXACT)(*lifted, **plain)


def agree(got: Balls, want: Balls) -> bool:
    """Whether every ball overlaps its fellow, and is small."""
    pairs = zip(got.view(np.ndarray).ravel(), want.view(np.ndarray).ravel(), strict=True)
    return all(bool(a.overlaps(b)) and float(a.rad() + b.rad()) < 1e-25 for a, b in pairs)


def same(*pairs: tuple[Any, Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in pairs)


# Tokens and positions.


def test_an_embedding_is_the_product_of_one_hot_rows_and_the_table():
    indices, weight = data("embedding", "grid")
    hot = text("one_hot", indices, num_classes=len(weight))
    assert same((text("embedding", indices, weight, padding_idx=None), hot @ weight))


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_by_rows_and_by_offsets_are_the_same_bags(mode):
    indices, weight, _, _ = data("embedding_bag", "mean")
    params = {"mode": mode, "padding_idx": 2}
    rows = text("embedding_bag", indices, weight, None, None, **params)
    width = indices.shape[1]
    assert same((text("embedding_bag", indices.ravel(), weight, np.array([0, width]), None, **params), rows))
    singles = text("embedding_bag", indices.reshape(-1, 1), weight, None, None, **params)
    assert same((singles, text("embedding", indices.ravel(), weight, padding_idx=2)))


def test_some_steps_turn_every_hand_by_an_angle_that_does_not_depend_on_the_place():
    """The addition theorem: y(p + k) is y(p) turned by the angles of y(k), for each pair."""
    p, k = np.array([3.0, 250.0, 0.5]), np.array([7.0, 7.0, 7.0])
    with ctx.workprec(BITS):
        here, step, there = (certified("positional_encoding", q, dim=6, base=10000.0) for q in (p, k, p + k))
        sine, cosine = here[:, 0::2], here[:, 1::2]
        assert agree(there[:, 0::2], sine * step[:, 1::2] + cosine * step[:, 0::2])
        assert agree(there[:, 1::2], cosine * step[:, 1::2] - sine * step[:, 0::2])


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_of_rotated_vectors_know_the_distance_alone(interleaved):
    q, k = np.random.default_rng(0).normal(size=(2, 3, 8))
    params = {"base": 10000.0, "interleaved": interleaved}
    p, distance = np.array([0.0, 5.0, 900.0]), np.array([4.0, 1.0, -64.0])
    with ctx.workprec(BITS):
        turned = certified("rotary_embedding", q, p, **params) * certified(
            "rotary_embedding", k, p + distance, **params
        )
        alone = balls(q) * certified("rotary_embedding", k, distance, **params)
        assert agree(np.sum(turned, axis=1), np.sum(alone, axis=1))


# Recurrent networks.


@pytest.mark.parametrize(
    ("name", "label", "states"), [("rnn", "relu", 1), ("gru", "reset-before", 1), ("lstm", "steps", 2)]
)
def test_a_sequence_in_two_parts_is_the_sequence(name, label, states):
    """The state is all that the second part needs to know about the first."""
    x, *rest = data(name, label)
    first, theta, params = rest[:states], rest[states:], OPS[name].draw()[label].params
    hs, *last = text(name, x, *first, *theta, **params)
    begun, *between = text(name, x[:, :1], *first, *theta, **params)
    ended, *end = text(name, x[:, 1:], *between, *theta, **params)
    assert same((hs, np.concat([begun, ended], axis=1)), *zip(last, end, strict=True))


def test_the_memory_is_a_sum_over_all_steps_weighted_by_the_forget_gates():
    x, h, c, *theta = data("lstm", "steps")
    with ctx.workprec(BITS):
        hs, _, last = certified("lstm", x, h, c, *theta)
        gates = read(lstm_gates, EXACT)
        total = balls(c)
        states = [balls(h), hs[:, 0], hs[:, 1]]
        of_steps = [gates(balls(x[:, t]), states[t], *map(balls, theta)) for t in range(3)]
        for _, f, _, _ in of_steps:
            total = total * f
        for t, (i, _, g, _) in enumerate(of_steps):
            term = i * g
            for _, f, _, _ in of_steps[t + 1 :]:
                term = term * f
            total = total + term
        assert agree(last, total)


def test_open_forget_gates_hand_a_cotangent_through_any_number_of_steps():
    """Nothing enters the memory and all of it stays: what arrives at c_T leaves c_0. A plain network forgets it."""
    rng = np.random.default_rng(0)
    x, h, bar = rng.normal(size=(2, 60, 3)), rng.normal(size=(2, 4)), rng.normal(size=(2, 4))
    w_ih, w_hh = rng.normal(size=(3, 16)), rng.normal(size=(4, 16))
    args = x, h, rng.normal(size=(2, 4)), w_ih, w_hh, np.repeat([-1000.0, 1000.0, 0.0, 0.0], 4)
    y, nothing = text("lstm", *args), (np.zeros((2, 60, 4)), np.zeros((2, 4)))
    _, h0bar, c0bar, *_ = lstm_vjp((*nothing, bar), y, *args)
    assert same((c0bar, bar)) and not np.any(h0bar)
    plain = x, h, w_ih[:, :4], w_hh[:, :4] / 4, np.zeros(4)
    _, h0bar, *_ = rnn_vjp((nothing[0], bar), text("rnn", *plain, activation="tanh"), *plain, activation="tanh")
    assert 0 < np.max(np.abs(h0bar)) < 1e-15


def test_the_two_grus_are_one_where_the_reset_gate_is_open():
    x, h, w_ih, w_hh, b_ih, b_hh = data("gru_cell", "reset-after")
    opened = b_ih + np.array([1000.0, 1000.0, 0.0, 0.0, 0.0, 0.0])
    for b, equal in ((opened, True), (b_ih, False)):
        after, before = (text("gru_cell", x, h, w_ih, w_hh, b, b_hh, reset_after=a) for a in (True, False))
        assert same((after, before)) == equal


def test_a_sequence_turned_round_exchanges_the_two_directions():
    x, h, *theta = data("bidirectional_rnn", "both-ways")
    y, last = text("bidirectional_rnn", x, h, *theta)
    turned = text("bidirectional_rnn", x[:, ::-1], h[::-1], *theta[3:], *theta[:3])
    exchanged = np.concat([y[:, ::-1, 6:], y[:, ::-1, :6]], axis=2)
    assert same((turned[0], exchanged), (turned[1], last[::-1]))


def test_the_classifiers_are_their_layers_from_a_state_of_zeros():
    x, *theta = data("rnn_classifier", "three-steps")
    values, zero = rnn_classifier_values(x, *theta), np.zeros((len(x), len(theta[1])))
    hs, _ = text("rnn", x, zero, *theta[:3], activation="tanh")
    assert same(*((values[f"h{t + 1}"], hs[:, t]) for t in range(3)))
    x, *theta = data("lstm_classifier", "three-steps")
    values = lstm_classifier_values(x, *theta)
    hs, _, c = text("lstm", x, zero, zero, *theta[:3])
    assert same(*((values[f"h{t + 1}"], hs[:, t]) for t in range(3)), (values["c3"], c))
    assert same((text("lstm_classifier", x, *theta), text("linear", hs[:, 2], *theta[3:])))

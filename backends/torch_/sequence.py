"""Tokens and recurrent networks in PyTorch.

Its recurrent weights are ours transposed, its gates in our order. It adds a bias to each of two products; where ours
is one bias, the second is 0.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _embedding_bag(indices, weight, offsets, per_sample_weights, *, mode, padding_idx):
    s = {"mode": mode, "per_sample_weights": per_sample_weights, "padding_idx": padding_idx}
    return F.embedding_bag(indices, weight, offsets, **s)


def _one_bias(w_ih, w_hh, b):
    return w_ih.mT, w_hh.mT, b, torch.zeros_like(b)


def _reset_after(reset_after):
    if not reset_after:
        raise NotImplementedError("torch's GRU resets what the matrix made of the state, not the state")


def _rnn_cell(x, h, *theta, activation):
    return {"tanh": torch.rnn_tanh_cell, "relu": torch.rnn_relu_cell}[activation](x, h, *_one_bias(*theta))


def _gru_cell(x, h, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    _reset_after(reset_after)
    return torch.gru_cell(x, h, w_ih.mT, w_hh.mT, b_ih, b_hh)


def _lstm_cell(x, h, c, *theta):
    return torch.lstm_cell(x, (h, c), *_one_bias(*theta))


LAYER = {
    "has_biases": True,
    "num_layers": 1,
    "dropout": 0.0,
    "train": True,
    "bidirectional": False,
    "batch_first": True,
}


def _rnn(x, h0, *theta, activation):
    layer = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}[activation]
    hs, h = layer(x, h0[None], _one_bias(*theta), **LAYER)
    return hs, h[0]


def _gru(x, h0, w_ih, w_hh, b_ih, b_hh, *, reset_after):
    _reset_after(reset_after)
    hs, h = torch.gru(x, h0[None], (w_ih.mT, w_hh.mT, b_ih, b_hh), **LAYER)
    return hs, h[0]


def _lstm(x, h0, c0, *theta):
    hs, h, c = torch.lstm(x, (h0[None], c0[None]), _one_bias(*theta), **LAYER)
    return hs, h[0], c[0]


def _bidirectional_rnn(x, h0, w_ih, w_hh, b, *reverse):
    weights = (*_one_bias(w_ih, w_hh, b), *_one_bias(*reverse))
    return torch.rnn_tanh(x, h0, weights, **{**LAYER, "bidirectional": True})


FORWARDS = {
    "one_hot": lambda indices, *, num_classes: F.one_hot(indices, num_classes),
    "embedding": lambda indices, weight, *, padding_idx: F.embedding(indices, weight, padding_idx),
    "embedding_bag": _embedding_bag,
    "rnn_cell": _rnn_cell,
    "rnn": _rnn,
    "gru_cell": _gru_cell,
    "gru": _gru,
    "lstm_cell": _lstm_cell,
    "lstm": _lstm,
    "bidirectional_rnn": _bidirectional_rnn,
}

LEDGER = (
    (
        "the padding row is a constant in reverse mode, and in forward mode a row like any other",
        "https://github.com/pytorch/pytorch/issues/93950",
        ("jvp:embedding-padding-*",),
    ),
    (
        "looks up whatever the padding row holds: it is 0 because torch.nn.Embedding sets it to 0 once",
        "https://github.com/pytorch/pytorch/issues/93950",
        ("layout:embedding-padding-*",),
    ),
    (
        "refuses bags with no places in them, where an empty bag between offsets gives 0",
        "",
        ("empty:embedding_bag-no-places-float64",),
    ),
    (
        "has no batching rule for recurrent networks",
        "https://github.com/pytorch/pytorch/issues/105982",
        (
            "batched:bidirectional_rnn-*",
            "batched:gru-reset-after-*",
            "batched:lstm-*",
            "batched:lstm_cell-*",
            "batched:rnn-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        ("refused:gru_cell-bias-of-one-float64", "refused:rnn_cell-bias-of-one-float64"),
    ),
)

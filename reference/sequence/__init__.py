"""Sequences: tokens, positions and recurrent networks."""

from __future__ import annotations

from . import bidirectional, embedding, gru, lstm, position, rnn

OPS = [*embedding.OPS, *position.OPS, *rnn.OPS, *bidirectional.OPS, *gru.OPS, *lstm.OPS]

"""Slips of transformers and of the language model."""

from __future__ import annotations

import numpy as np

from ..loss.classification import cross_entropy
from ..model.language import (
    character_model,
    character_model_loss,
    character_model_loss_vjp,
    character_model_values,
    character_model_vjp,
)
from ..model.mlp import LABELS
from ..model.transformer import (
    BLOCK,
    transformer_block,
    transformer_block_cotangents,
    transformer_block_values,
    transformer_block_vjp,
    transformer_classifier,
    transformer_classifier_loss,
    transformer_classifier_loss_vjp,
    transformer_classifier_vjp,
)
from ..op import Slip
from .model_network import of_labels, of_logits


def _past_the_first_sum(ybar, y, x, *theta, **params):
    values = transformer_block_values(x, *theta, **params)
    bars = transformer_block_cotangents(ybar, values, x, *theta, **params)
    return bars["x"] - bars["a"], *(bars[name] for name in BLOCK)


def _one_use_of_the_table(predicted):
    """What the table gets as prediction alone, or as what is read alone."""

    def vjp(ybar, y, tokens, table, positions, *theta, **params):
        none, tablebar, *others = character_model_vjp(ybar, y, tokens, table, positions, *theta, **params)
        n = character_model_values(tokens, table, positions, *theta, **params)["n"]
        own = np.reshape(ybar, (-1, ybar.shape[-1])).T @ np.reshape(n, (-1, n.shape[-1]))
        return none, own if predicted else tablebar - own, *others

    return vjp


def _predicts_what_it_reads(tokens, *theta, **params):
    logits = character_model(tokens[:, :-1], *theta, **params)
    return cross_entropy(np.reshape(logits, (-1, logits.shape[-1])), np.ravel(tokens[:, :-1]), None, **LABELS)


_TIED = "The table is used twice, where characters are read and where they are predicted: both cotangents add up."

SLIPS = {
    "transformer_block": (
        Slip(
            "shortcut-forgotten-on-the-way-back",
            "The stream x has two ways to the sum a, past the attention and through it: the cotangents of both add up.",
            vjp=_past_the_first_sum,
        ),
        Slip(
            "causal-forgotten",
            "When causal, position i sees the positions j <= i: without the mask each one sees all that follows.",
            forward=lambda *args, causal, **params: transformer_block(*args, causal=False, **params),
            vjp=lambda *args, causal, **params: transformer_block_vjp(*args, causal=False, **params),
        ),
    ),
    "transformer_classifier": of_logits((transformer_classifier, transformer_classifier_vjp)),
    "transformer_classifier_loss": of_labels(
        (transformer_classifier_loss, transformer_classifier_loss_vjp),
        (transformer_classifier, transformer_classifier_vjp),
    ),
    "character_model": (
        Slip("table-as-prediction-alone", _TIED, vjp=_one_use_of_the_table(True)),
        Slip("table-as-reading-alone", _TIED, vjp=_one_use_of_the_table(False)),
    ),
    "character_model_loss": (
        Slip(
            "target-not-shifted",
            "The character to predict at a place is the next one: what stands there has just been read.",
            forward=_predicts_what_it_reads,
        ),
        Slip(
            "sum-for-the-mean",
            "The loss is the mean over all places of all rows: divide the sum, and its gradient, by their number.",
            forward=lambda tokens, *theta, **params: (
                tokens[:, 1:].size * character_model_loss(tokens, *theta, **params)
            ),
            vjp=lambda ybar, y, tokens, *theta, **params: character_model_loss_vjp(
                tokens[:, 1:].size * ybar, y, tokens, *theta, **params
            ),
        ),
    ),
}

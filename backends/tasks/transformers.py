"""Transformers: digits read as eight tokens, and descriptions of data read character by character."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from crosscheck.reference.model.transformer import BLOCK

from ..exam import ACCURACY, LOSS, Exam
from ..training import Task
from ..witness import Arrays
from .digits import Digits, load
from .ingredients import batches, dense

ALPHABET = " abcdefghijklmnopqrstuvwxyz.,"
ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def tasks() -> tuple[Task, ...]:
    return classifier(load()), language()


def classifier(digits: Digits, width: int = 16, epochs: int = 6) -> Task:
    """Each row of an image is a token; one block looks at all of them at once."""
    rng = np.random.default_rng([8, width, 10])
    _, (w_in, _) = dense(rng, 8, width)
    _, last = dense(rng, width, 10)
    norm = _norm(rng, width)
    params = {"num_heads": 2, "eps": 1e-5}
    return Task(
        name="transformer",
        about=f"ten digits, eight rows as tokens; one block of {width}, their mean, linear; cross-entropy, Adam",
        loss="transformer_classifier_loss",
        params=params,
        optimiser="adam_step",
        settings={"lr": 0.01, **ADAM},
        names=("w_in", "positions", *_names(1), "gamma", "beta", "w_out", "b_out"),
        weights=(w_in, rng.normal(size=(8, width)) / 2, *_block(rng, width), *norm, *last),
        data=(np.reshape(digits.x, (-1, 8, 8)), digits.labels),
        batches=batches(rng, len(digits.x), 64, epochs),
        compared=22,
        exam=Exam(
            ACCURACY,
            "transformer_classifier",
            (np.reshape(digits.x_test, (-1, 8, 8)),),
            (digits.labels_test,),
            params,
            bound=0.9,
        ),
    )


def language(width: int = 32, length: int = 16, epochs: int = 6) -> Task:
    """Two causal blocks; the exam is on every tenth piece of the text, which is not trained on.

    Who knows how often each character occurs, and nothing else, loses 2.93 nats a character.
    """
    rng = np.random.default_rng([width, length])
    pieces = _pieces(length + 1)
    held_out = np.arange(len(pieces)) % 10 == 9
    params = {"num_heads": 4, "eps": 1e-5}
    table, positions = (rng.normal(size=(rows, width)) / np.sqrt(width) for rows in (len(ALPHABET), length))
    return Task(
        name="language",
        about=f"the next character of a text; two causal blocks of {width}, tied weights; cross-entropy, Adam",
        loss="character_model_loss",
        params=params,
        optimiser="adam_step",
        settings={"lr": 0.01, **ADAM},
        names=("table", "positions", *_names(2), "gamma", "beta"),
        weights=(table, positions, *_block(rng, width), *_block(rng, width), *_norm(rng, width)),
        data=(pieces[~held_out],),
        batches=batches(rng, int(np.sum(~held_out)), 32, epochs),
        compared=20,
        exam=Exam(LOSS, "character_model_loss", (pieces[held_out],), (), params, bound=2.5),
    )


def _pieces(length: int) -> np.ndarray:
    """The descriptions of scikit-learn's data sets in small letters, everything else a space, cut into rows."""
    import sklearn  # which brings the text

    files = sorted(Path(sklearn.__file__).parent.glob("datasets/descr/*.rst"))
    text = " ".join(file.read_text(encoding="utf-8").lower() for file in files)
    text = re.sub(f"[^{ALPHABET.strip()}]+", " ", text)
    tokens = np.array([ALPHABET.index(c) for c in text])
    return np.reshape(tokens[: len(tokens) // length * length], (-1, length))


def _names(blocks: int) -> tuple[str, ...]:
    return tuple(f"{name} of block {k}" for k in range(1, blocks + 1) for name in BLOCK)


def _block(rng: np.random.Generator, width: int) -> Arrays:
    """In the order of BLOCK; the hidden layer is twice as wide."""
    matrices = (rng.normal(size=(width, width)) / np.sqrt(width) for _ in range(4))
    _, mlp = dense(rng, width, 2 * width, width)
    return (*_norm(rng, width), *matrices, *_norm(rng, width), *mlp)


def _norm(rng: np.random.Generator, width: int) -> Arrays:
    """A scale and a shift that are not neutral."""
    return rng.uniform(0.75, 1.25, size=width), rng.normal(size=width) / 8

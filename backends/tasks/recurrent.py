"""Digits read like text: the eight rows of an image are eight steps of a sequence."""

from __future__ import annotations

import numpy as np

from ..exam import ACCURACY, Exam
from ..training import Task
from ..witness import Arrays
from .digits import Digits, load
from .ingredients import batches, dense


def tasks() -> tuple[Task, ...]:
    digits = load()
    return rnn(digits), lstm(digits)


def rnn(digits: Digits, size: int = 32, epochs: int = 12) -> Task:
    rng = np.random.default_rng([8, 32, 10])
    return _classifier(digits, "rnn", _network(rng, size, 1), batches(rng, len(digits.x), 64, epochs), {"lr": 0.01})


def lstm(digits: Digits, size: int = 24, epochs: int = 8) -> Task:
    """Begins with a bias of 1 at its forget gates, so that what the first row said is not forgotten at once."""
    rng = np.random.default_rng([8, 24, 10])
    w_ih, w_hh, b, *last = _network(rng, size, 4)
    remembering = b + np.repeat([0.0, 1.0, 0.0, 0.0], size)
    theta = (w_ih, w_hh, remembering, *last)
    return _classifier(digits, "lstm", theta, batches(rng, len(digits.x), 64, epochs), {"lr": 0.02})


def _classifier(digits: Digits, cell: str, theta: Arrays, steps: Arrays, settings: dict[str, float]) -> Task:
    return Task(
        name=cell.upper(),
        about=f"ten digits, read row by row; {cell} of {len(theta[1])}, its last state, linear; cross-entropy, Adam",
        loss=f"{cell}_classifier_loss",
        params={},
        optimiser="adam_step",
        settings={**settings, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        names=("w_ih", "w_hh", "b", "w_out", "b_out"),
        weights=theta,
        data=(_rows(digits.x), digits.labels),
        batches=steps,
        compared=66,
        exam=Exam(ACCURACY, f"{cell}_classifier", (_rows(digits.x_test),), (digits.labels_test,), bound=0.93),
    )


def _rows(x: np.ndarray) -> np.ndarray:
    return np.reshape(x, (len(x), 8, 8))


def _network(rng: np.random.Generator, size: int, gates: int) -> Arrays:
    """Weights of a cell of ``gates`` gates and of the layer that decides by its last state."""
    _, (w_ih, b) = dense(rng, 8, gates * size)
    _, (w_hh, _) = dense(rng, size, gates * size)
    _, (w_out, b_out) = dense(rng, size, 10)
    return w_ih, w_hh, b, w_out, b_out

"""What a trained network is worth on data that it has not seen: one number, and a bound that it must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck.reference.agreement.measure import Format
from crosscheck.reference.op import is_float_array

from .witness import Arrays, Witness


@dataclass(frozen=True)
class Measure:
    """One number, ``of(answer, *targets)``, of the first array that an operation answers."""

    name: str
    of: Callable[..., Any]
    form: str
    """How the number is printed, as in format(number, form)."""
    larger_is_better: bool = True


def _recognised(logits: np.ndarray, labels: np.ndarray) -> Any:
    chosen = logits > 0 if logits.shape == labels.shape else np.argmax(logits, axis=-1)
    return np.mean(chosen == labels)


def _explained(y: np.ndarray, target: np.ndarray) -> Any:
    return 1 - np.sum((y - target) ** 2) / np.sum((target - np.mean(target, axis=0)) ** 2)


ACCURACY = Measure("accuracy", _recognised, ".1%")
"""The share of the labels that the logits choose: one for each of K classes, (..., K), the largest; of a single one,
in the shape of the labels, the sign chooses 0 or 1."""
R_SQUARED = Measure("R^2", _explained, ".3f")
"""The share of the targets' variance that the answers explain."""
LOSS = Measure("loss", lambda loss: loss, ".4g", larger_is_better=False)
"""The answer itself, which is a loss."""


@dataclass(frozen=True)
class Exam:
    """An operation of the catalogue, asked as op(*data, *weights, *statistics, **params) after the last step."""

    measure: Measure
    op: str
    data: Arrays
    targets: Arrays = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    bound: float | None = None
    """What the measure must exceed or, where smaller is better, stay below; ``None``: it is shown and not judged."""
    statistics: str | None = None
    """Gives what ``op`` needs beside the weights: averages over the batches of an epoch, asked as
    statistics(batch, *weights, **params)."""

    def passed(self, score: float) -> bool:
        """Whether the bound is kept; by nan it is not."""
        if self.bound is None:
            return True
        return score > self.bound if self.measure.larger_is_better else score < self.bound

    def shown(self, score: float) -> str:
        return format(score, self.measure.form)

    @property
    def expected(self) -> str:
        if self.bound is None:
            return ""
        return f"{'more' if self.measure.larger_is_better else 'less'} than {self.shown(self.bound)}"


def score(witness: Witness, exam: Exam, form: Format, weights: Arrays, epoch: Iterable[np.ndarray]) -> float:
    """The measure of the trained network, by the witness's own operation; ``epoch`` are the batches of training."""

    def ask(name: str) -> Callable[..., Arrays]:
        f = witness.find(name)

        def answer(*args):
            return f(*args, **exam.params)

        def send(a: np.ndarray) -> Any:
            return witness.hand_over(np.array(a, dtype=form.dtype) if is_float_array(a) else np.array(a))

        ready = witness.backend.compiled(answer) if witness.compile_first else answer
        return lambda *args: witness.receive(ready(*map(send, args)))

    statistics: Arrays = ()
    if exam.statistics:
        of_batch = ask(exam.statistics)
        each = [of_batch(batch, *weights) for batch in epoch]
        statistics = tuple(np.asarray(np.mean(s, axis=0, dtype=np.float64)) for s in zip(*each, strict=True))
    answer, *_ = ask(exam.op)(*exam.data, *weights, *statistics)
    return float(exam.measure.of(answer, *exam.targets))

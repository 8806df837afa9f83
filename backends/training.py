"""Training as a question: the same network, initial weights and batches in every witness."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from crosscheck.reference.agreement.measure import Format
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.op import is_float_array

from . import numpy_
from .exam import Exam, score
from .witness import Arrays, NotOffered, Witness

MOMENTS = {"sgd_step": 0, "adam_step": 2}
"""The arrays that an optimiser remembers for each weight; all of them are 0 at first."""


@dataclass(frozen=True)
class Task:
    """A network, its data, and how it is trained.

    ``loss`` and ``optimiser`` are operations of the catalogue. At each step the loss is asked as
    loss(*data[rows], *drawn, *weights, **params), whoever offers them is trained. So a classifier's data are images and
    labels, those of an autoencoder images alone.
    """

    name: str
    about: str
    loss: str
    params: Mapping[str, Any]
    optimiser: str
    settings: Mapping[str, Any]
    names: tuple[str, ...]
    weights: Arrays
    data: Arrays
    """What the loss takes before the weights, each with one row for each example."""
    batches: Arrays
    """For each step, the rows of ``data`` that it sees; all of one size."""
    compared: int
    """So many steps are compared; the rest is trained for the exam."""
    exam: Exam
    drawn: Arrays = ()
    """What the loss takes after the data and is new in each step, such as noise: one row for each step."""
    certified: int = 0
    """So many steps, the first ones, are compared with the truth."""
    kinks: bool = False
    """Whether the network has branches (relu, max pooling), on either side of which a rounding may fall."""
    quick: bool = False
    """Whether its first steps are trained even where time is short."""

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """What is compared at each step, in the order of ``train``."""
        moments = [f"moment {i + 1} of {n}" for n in self.names for i in range(MOMENTS[self.optimiser])]
        return ("loss", *(f"gradient of {n}" for n in self.names), *self.names, *moments)

    def cut(self, steps: int) -> Task:
        """The same for so many steps only; what it has then learnt is not judged."""
        compared, certified = min(self.compared, steps), min(self.certified, steps)
        batches, exam = self.batches[:steps], replace(self.exam, bound=None)
        return replace(self, batches=batches, compared=compared, certified=certified, exam=exam)

    @property
    def after(self) -> int:
        """Behind the loss and the gradients of a step stands what the next one begins with."""
        return 1 + len(self.names)

    def start(self, form: Format) -> Arrays:
        """The weights as the format holds them, and what the optimiser remembers at first."""
        weights = tuple(np.array(w, dtype=form.dtype) for w in self.weights)
        moments = (np.zeros_like(w) for w in weights for _ in range(MOMENTS[self.optimiser]))
        return (*weights, *moments)


def train(
    witness: Witness, task: Task, form: Format, start: Arrays | None = None, first: int = 0, last: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """After each step the arrays of ``task.quantities``, as the witness's own arrays.

    A step is the question of the loss and its VJP with the cotangent 1, and of the optimiser's next weights.
    """

    def send(x: np.ndarray) -> Any:
        return witness.hand_over(np.array(x, dtype=form.dtype) if is_float_array(x) else np.array(x))

    step = _step(witness, task)
    state = tuple(send(x) for x in (task.start(form) if start is None else start))
    one = send(np.ones(()))
    for t, rows in enumerate(task.batches[first:last], first + 1):
        # to a compiled function a changing Python number would be a new function at each step
        count = send(np.array(t)) if witness.compile_first else t
        seen = (*(a[rows] for a in task.data), *(a[t - 1] for a in task.drawn))
        answers = step(count, one, *map(send, seen), *state)
        state = answers[task.after :]
        yield answers


def _step(witness: Witness, task: Task) -> Callable[..., tuple[Any, ...]]:
    loss, move = witness.find(task.loss), witness.find(task.optimiser)
    own, vjp = witness.backend.find(f"{task.loss}_vjp"), getattr(witness.backend, "vjp", None)
    if own is None and vjp is None:
        raise NotOffered(f"{witness.name} has neither {task.loss}_vjp nor vjp")
    n, first, params, settings = (
        len(task.names),
        len(task.data) + len(task.drawn),
        dict(task.params),
        dict(task.settings),
    )

    def gradients(one, seen, weights):
        if own is not None:
            y = loss(*seen, *weights, **params)
            return y, tuple(own(one, y, *seen, *weights, **params)[-n:])
        assert vjp is not None
        y, pull = vjp(lambda *weights: loss(*seen, *weights, **params), *weights)
        return y, tuple(pull(one))

    def step(t, one, *arrays):
        seen, weights, moments = arrays[:first], arrays[first : first + n], arrays[first + n :]
        y, g = gradients(one, seen, weights)
        if task.optimiser == "sgd_step":
            return y, *g, *(move(p, gp, **settings) for p, gp in zip(weights, g, strict=True))
        moved = [
            move(p, gp, m, v, t=t, **settings)
            for p, gp, m, v in zip(weights, g, moments[::2], moments[1::2], strict=True)
        ]
        return y, *g, *(p for p, _, _ in moved), *(x for _, m, v in moved for x in (m, v))

    if not witness.compile_first:
        return step
    return witness.backend.compiled(step)


@dataclass(frozen=True)
class Text:
    """The NumPy backend, its text read in another namespace."""

    namespace: Any

    def find(self, name: str) -> Callable[..., Any] | None:
        f = numpy_.backend().find(name)
        return None if f is None else read(f, self.namespace)


def steps_of(
    witness: Witness, task: Task, form: Format, start: Arrays | None = None, first: int = 0, last: int | None = None
) -> list[Arrays]:
    """``train``, with each step as NumPy arrays."""
    with np.errstate(all="ignore"):
        return [witness.receive(step) for step in train(witness, task, form, start, first, last)]


def grade(witness: Witness, task: Task, form: Format, weights: Arrays) -> float:
    """What the trained network is worth, by the witness's own operation."""
    size, (x, *_) = len(task.batches[0]), task.data
    epoch = [x[i : i + size] for i in range(0, len(x) - size + 1, size)]
    return score(witness, task.exam, form, weights, epoch)

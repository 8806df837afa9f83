"""Why an answer is wrong: the first of the known reasons that explains every element beyond doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .context import Context
from .fits import NEARLY, SPECIFIC, VAGUE, factor_by_row, missing_term
from .forms import dtype, shape
from .guesses import GUESSES, Guess


@dataclass(frozen=True)
class Hint:
    """What a wrong answer looks like; ``crosscheck explain CODE`` says more. Of two mistakes, ``first+second``."""

    code: str
    words: str
    convention: bool = False
    """Whether the answer is right by another convention."""


Named = tuple[str, Guess]
"""A guess with the code of what it is a guess of."""
Way = Callable[[np.ndarray], Hint | None]
"""From an answer to what it looks like."""


def diagnose(
    got: np.ndarray, want: np.ndarray, about: Context | None = None, slips: Iterable[Named] = ()
) -> Hint | None:
    """The reason that explains ``got``, or None where none does.

    In this order: the dtype; the slips of the operation, and what is right elsewhere; one relation; two relations, one
    after the other; the shape. A reason must leave next to nothing of the answer, and of the error too. In 16 bits too
    many would: nothing is said. Of whole numbers a slip explains every one, or none.
    """
    about = Context() if about is None else about
    if want.dtype.kind == "f" and about.dtype and got.dtype.name != about.dtype:
        return Hint("dtype", dtype(got, want, about))
    if got.dtype.kind in "iub":
        exact = (_hint(name, slip) for name, slip in slips if np.array_equal(slip.answer, got))
        return next(exact, _shape(got, want, about))
    if got.dtype.name not in NEARLY or not want.size or not np.all(np.isfinite(want)):
        return _shape(got, want, about)
    near, got = _nearness(got, want), got.astype(np.float64)
    if not np.all(np.isfinite(got)):
        return Hint("not-finite", f"nan or infinite in {int(np.sum(~np.isfinite(got)))} of {got.size} elements")
    hint = _slip(got, near, slips)
    if hint is not None:
        return hint
    if not np.any(want):
        return _shape(got, want, about)
    guesses = [(code(relation), guess) for relation in GUESSES for guess in relation(want, about)]
    one = _among(guesses, near)

    def fitted(fits: Sequence[Any]) -> Way:
        return lambda got: _fitted(fits, got, want, about, near)

    def two(first: Way) -> Way:
        return lambda got: _two(got, guesses, first)

    ways = [one, fitted(SPECIFIC), two(one), fitted(VAGUE), two(fitted((missing_term, factor_by_row)))]
    if want.size < 3:  # too few numbers: some pair of a thousand would fit
        ways = [one, fitted(SPECIFIC), fitted(VAGUE)]
    return next((hint for way in ways if (hint := way(got)) is not None), _shape(got, want, about))


def slip_of(got: np.ndarray, want: np.ndarray, slips: Iterable[Named]) -> Hint | None:
    """The first of the slips that explains ``got``, an array of floats or of whole numbers."""
    if got.dtype.kind in "iub":
        return next((_hint(name, slip) for name, slip in slips if np.array_equal(slip.answer, got)), None)
    if got.dtype.name not in NEARLY or not want.size or not np.all(np.isfinite(got)) or not np.all(np.isfinite(want)):
        return None
    return _slip(got.astype(np.float64), _nearness(got, want), slips)


def _nearness(got: np.ndarray, want: np.ndarray) -> float:
    """How much of the larger of both a reason may leave: little of the answer, and of the error too."""
    near, got = NEARLY[got.dtype.name], got.astype(np.float64)
    if got.shape != want.shape or not np.all(np.isfinite(got)):
        return near
    size = max(np.max(np.abs(got), initial=0), np.max(np.abs(want), initial=0), 1e-300)
    return min(near, np.max(np.abs(got - want), initial=0) / size / 100)


def _slip(got: np.ndarray, near: float, slips: Iterable[Named]) -> Hint | None:
    for name, slip in slips:
        if slip.answer.shape == got.shape and _leaves_nothing(np.reshape(slip.answer, (1, -1)), got, near)[0]:
            return _hint(name, slip)
    return None


def _hint(name: str, guess: Guess) -> Hint:
    return Hint(name, guess.words, guess.convention)


def _shape(got: np.ndarray, want: np.ndarray, about: Context) -> Hint | None:
    return None if got.shape == want.shape else Hint("shape", shape(got, want, about))


def _leaves_nothing(candidates: np.ndarray, got: np.ndarray, near: float) -> np.ndarray:
    """Which of the candidates, one in each row, are the answer but for a small part of the larger of both."""
    if candidates.shape[1] != got.size:
        return np.zeros(len(candidates), dtype=bool)
    left = np.max(np.abs(candidates - got.reshape(-1)), axis=1, initial=0.0)
    size = np.maximum(np.max(np.abs(candidates), axis=1, initial=0.0), np.max(np.abs(got), initial=0.0))
    return np.isfinite(left) & (left <= near * size)  # infinity is as near to one number as to another


def _among(guesses: Sequence[Named], near: float) -> Way:
    """The first guess that is the answer, of all those of its shape at once."""
    by_shape: dict[tuple[int, ...], list[Named]] = {}
    for named in guesses:
        by_shape.setdefault(named[1].answer.shape, []).append(named)
    rows = {shape: np.stack([g.answer.reshape(-1) for _, g in group]) for shape, group in by_shape.items()}

    def way(got: np.ndarray) -> Hint | None:
        if got.shape not in rows:
            return None
        found = np.flatnonzero(_leaves_nothing(rows[got.shape], got, near))
        if not found.size:
            return None
        return _hint(*by_shape[got.shape][found[0]])

    return way


def _fitted(fits: Sequence[Any], got: np.ndarray, want: np.ndarray, about: Context, near: float) -> Hint | None:
    if got.shape != want.shape:
        return None

    def explains(candidate: np.ndarray) -> bool:
        return bool(_leaves_nothing(candidate.reshape(1, -1), got, near)[0])

    with np.errstate(all="ignore"):
        found = ((relation, relation(got, want, about, explains)) for relation in fits)
        return next((Hint(code(relation), words) for relation, words in found if words), None)


def _two(got: np.ndarray, guesses: Sequence[Named], first: Way) -> Hint | None:
    """The last mistake, one that can be taken back, and before it another one, which ``first`` finds."""
    for name, last in guesses:
        if last.undo is None or last.answer.shape != got.shape:
            continue
        with np.errstate(all="ignore"):
            before = last.undo(got)
        hint = first(before) if np.all(np.isfinite(before)) else None
        if hint is not None and hint.code != name:
            after = last.words.replace("the right answer", "that")
            return Hint(f"{hint.code}+{name}", f"{hint.words}; and then {after}")
    return None


def code(relation: Callable[..., Any]) -> str:
    """The name of a relation on the command line: ``transposed``, ``constant-factor``."""
    return relation.__name__.replace("_", "-")

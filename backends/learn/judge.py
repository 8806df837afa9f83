"""Whether an exercise is right: one message, about the first thing that is wrong."""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from crosscheck.reference import Op
from crosscheck.reference.agreement.verdict import GOOD, Verdict

from .. import BackendError, import_file
from ..limits import SECONDS
from ..questions import ask, ask_intermediates, ask_kink, ask_limit, ask_pure, ask_refusal
from ..threads import one_thread
from ..witness import Kind, Witness, called
from .exercise import KINDS, Exercise, Lesson, Part, function_name, function_of

NOT_WRITTEN = "not offered"


@dataclass(frozen=True)
class Judgement:
    passed: bool
    right: tuple[str, ...]
    """The functions that are right."""
    message: str = ""
    """What is wrong with the first one that is not."""


def judge(lesson: Lesson, path: Path, limit: float = SECONDS) -> Judgement:
    """The judgement on the learner's file: its functions one after the other, up to the first wrong answer.

    ``limit`` are the seconds for reading the file, and for each question.
    """
    right: list[str] = []
    try:
        message = _judged(lesson.exercise, path, limit, right)
    except BackendError as error:
        message = str(error)
    except SystemExit:
        message = f"{path.name} calls exit: take that out"
    return Judgement(not message, tuple(right), message)


def compare(lesson: Lesson, path: Path, others: Sequence[str]) -> dict[str, list[Verdict]]:
    """What the learner's file, and each framework, answers to the exercise: "not offered" where there is no such thing.

    Raises BackendError where the file cannot be read.
    """
    exercise = lesson.exercise
    last = exercise.parts[-1]
    yours = _witness(exercise, last, functions_of(path, SECONDS), SECONDS)
    kinds: tuple[Kind, ...] = tuple(KINDS[part] for part in exercise.parts if part in KINDS)
    witnesses = {"yours": yours} | {name: called(name, kinds) for name in others}
    return {name: [v for p in exercise.parts for v in _verdicts(w, exercise, p)] for name, w in witnesses.items()}


def _judged(exercise: Exercise, path: Path, limit: float, right: list[str]) -> str:
    """The first thing that is wrong, or nothing; ``right`` hears of the functions before it."""
    one_thread()
    op, told = exercise.operation, []
    written = functions_of(path, limit, told)
    for part in exercise.parts:
        name = function_name(op, part)
        f = written.get(name)
        if f is None:
            others = [n for n in written if not n.startswith("_")]
            return f"{path.name} has no function {name}" + (f"; it has {', '.join(others)}" if others else "")
        want, got = inspect.signature(function_of(op, part)), inspect.signature(f)
        if _form(got) != _form(want):
            return f"the parameters of {name} are {got}, want {want}"
        witness = _witness(exercise, part, written, limit)
        wrong = next((v for v in _verdicts(witness, exercise, part) if v.outcome not in GOOD), None)
        printed = "\n  what it printed is not shown" if witness.printed else ""
        if wrong is not None and wrong.outcome == NOT_WRITTEN:
            return f"{name} is still to be written ({wrong.reason})"
        if wrong is not None:
            where = f"\n  {told[-1]}" if wrong.outcome == "raised" and told else ""
            return replace(wrong, reproduction="").message() + where + printed
        right.append(name)
    return ""


def _form(signature: inspect.Signature) -> list[tuple[str, Any]]:
    return [(p.name, p.kind) for p in signature.parameters.values()]


def functions_of(path: Path, limit: float, told: list[str] | None = None) -> dict[str, Callable[..., Any]]:
    """What the file defines; ``told`` hears the line of the file that an exception comes from."""
    told = [] if told is None else told
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a second edit within a second must be seen
    try:
        module = import_file(path, limit)
    finally:
        sys.dont_write_bytecode = before
    own = {k: f for k, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__}
    return {k: _telling(f, path, told) for k, f in own.items()}


def _telling(f: Callable[..., Any], path: Path, told: list[str]) -> Callable[..., Any]:
    @functools.wraps(f)
    def g(*args, **params):
        try:
            return f(*args, **params)
        except Exception as error:
            calls = traceback.extract_tb(error.__traceback__)
            lines = [call.lineno for call in calls if Path(call.filename).resolve() == path.resolve()]
            told.append(f"{path.name}, line {lines[-1]}" if lines else path.name)
            raise

    return g


def _witness(exercise: Exercise, part: Part, written: dict[str, Callable[..., Any]], limit: float) -> Witness:
    names = [function_name(exercise.operation, p) for p in exercise.parts[: exercise.parts.index(part) + 1]]
    find = {name: written[name] for name in names if name in written}.get
    return Witness(SimpleNamespace(find=find, dtypes=(exercise.dtype,), seconds=limit), "yours")


def _verdicts(witness: Witness, exercise: Exercise, part: Part) -> Iterator[Verdict]:
    op = exercise.operation
    for label, case in op.draw().items():
        if (exercise.labels and label not in exercise.labels) or case.kind not in ("regular", "kink"):
            continue
        if part == "hvp" and case.kind != "regular":
            continue
        if part in ("value", "values") or op.differentiable(case):
            yield from _asked(witness, op, label, exercise.dtype, part, case.kind == "kink")
    if part == "value":
        for label in exercise.also:
            yield from _at_the_edge(witness, op, label, exercise.dtype)


def _at_the_edge(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Where formulas meet 0, infinity, nothing at all, or what has no answer: told with the inputs."""
    case = op.draw()[label]
    said = f"asked at {', '.join(map(_brief, case.args))}"
    if case.kind == "refused":
        said, verdicts = f"{said}, which has no answer: raise ValueError", ask_refusal(witness, op, label, dtype)
    else:
        said, verdicts = f"{said}, in the limit", ask_limit(witness, op, label, dtype)
    wrong = ("disagrees", "convention", "raised")
    return [replace(v, reason=f"{v.reason}\n  {said}".strip()) if v.outcome in wrong else v for v in verdicts]


def _brief(a: Any) -> str:
    """An argument in one line: its elements where they are few, else its shape."""
    return str(np.asarray(a).tolist()) if 0 < np.size(a) <= 12 else f"an array {np.shape(a)}"


def _asked(witness: Witness, op: Op, label: str, dtype: str, part: Part, kink: bool) -> list[Verdict]:
    if part in ("values", "cotangents"):
        return ask_intermediates(witness, op, label, dtype, only=part)
    if kink and part == "vjp":
        return ask_kink(witness, op, label, dtype)
    verdicts = ask(witness, op, label, dtype, KINDS[part])
    if part != "value" and all(v.outcome in GOOD for v in verdicts):
        verdicts += ask_pure(witness, op, label, dtype)
    return verdicts

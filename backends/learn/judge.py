"""Whether an exercise is right: one message, about the first thing that is wrong."""

from __future__ import annotations

import ctypes
import functools
import inspect
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crosscheck.reference import Op
from crosscheck.reference.agreement.verdict import GOOD, Verdict

from .. import BackendError, import_file
from ..questions import ask, ask_kink, ask_pure
from ..threads import one_thread
from ..witness import Witness
from .exercise import Exercise, Lesson, Part, function_name, function_of

LIMIT = 20.0
"""Seconds for one exercise, which takes about a tenth of one."""
NOT_WRITTEN = "not offered"


class TooLong(BaseException):
    """Thrown into the thread whose time is up; no ``except Exception`` of the learner's catches it."""


@dataclass(frozen=True)
class Judgement:
    passed: bool
    right: tuple[str, ...]
    """The functions that are right."""
    message: str = ""
    """What is wrong with the first one that is not."""


def judge(lesson: Lesson, path: Path, limit: float = LIMIT) -> Judgement:
    """The judgement on the learner's file: its functions one after the other, up to the first wrong answer."""
    right: list[str] = []
    try:
        message = _within(limit, lambda: _judged(lesson.exercise, path, right))
    except TimeoutError:
        message = f"{path.name} takes more than {limit:g} seconds: is there a loop that does not end?"
    except (BackendError, SystemExit) as error:
        message = str(error) if isinstance(error, BackendError) else f"{path.name} calls exit: take that out"
    return Judgement(not message, tuple(right), message)


def _judged(exercise: Exercise, path: Path, right: list[str]) -> str:
    """The first thing that is wrong, or nothing."""
    one_thread()
    op, told = exercise.operation, []
    written = _functions(path, told)
    for part in exercise.parts:
        name = function_name(op, part)
        f = written.get(name)
        if f is None:
            others = [n for n in written if not n.startswith("_")]
            return f"{path.name} has no function {name}" + (f"; it has {', '.join(others)}" if others else "")
        want, got = inspect.signature(function_of(op, part)), inspect.signature(f)
        if _form(got) != _form(want):
            return f"{name}{got}: want {name}{want}"
        wrong = next((v for v in _verdicts(exercise, op, part, written) if v.outcome not in GOOD), None)
        if wrong is not None and wrong.outcome == NOT_WRITTEN:
            return f"{name} is still to be written ({wrong.reason})"
        if wrong is not None:
            where = f"\n  {told[-1]}" if wrong.outcome == "raised" and told else ""
            return replace(wrong, reproduction="").message() + where
        right.append(name)
    return ""


def _form(signature: inspect.Signature) -> list[tuple[str, Any]]:
    return [(p.name, p.kind) for p in signature.parameters.values()]


def _functions(path: Path, told: list[str]) -> dict[str, Callable[..., Any]]:
    """What the file defines; ``told`` hears the line of the file that an exception comes from."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a second edit within a second must be seen
    try:
        module = import_file(path)
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
            lines = [s.lineno for s in traceback.extract_tb(error.__traceback__) if s.filename == str(path)]
            told.append(f"{path.name}, line {lines[-1]}" if lines else path.name)
            raise

    return g


def _verdicts(exercise: Exercise, op: Op, part: Part, written: dict[str, Callable[..., Any]]):
    # A backward alone is asked with our value: then it is not blamed for the forward.
    find = written.get if "value" in exercise.parts else {function_name(op, part): written[function_name(op, part)]}.get
    witness = Witness(SimpleNamespace(find=find, dtypes=(exercise.dtype,)), "yours")
    for label, case in op.draw().items():
        if (exercise.labels and label not in exercise.labels) or case.kind not in ("regular", "kink"):
            continue
        if part == "vjp" and not op.differentiable(case):
            continue
        yield from _asked(witness, op, label, exercise.dtype, part, case.kind == "kink")


def _asked(witness: Witness, op: Op, label: str, dtype: str, part: Part, kink: bool) -> list[Verdict]:
    if kink and part == "vjp":
        return ask_kink(witness, op, label, dtype)
    verdicts = ask(witness, op, label, dtype, part)
    if part == "vjp" and all(v.outcome in GOOD for v in verdicts):
        verdicts += ask_pure(witness, op, label, dtype)
    return verdicts


def _within(seconds: float, work: Callable[[], str]) -> str:
    """What the work returns or raises; TimeoutError, and the work is stopped, where it does neither in time."""
    ended: list[Any] = []

    def run() -> None:
        try:
            ended.append((work(), None))
        except BaseException as error:
            ended.append(("", error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TooLong))
        thread.join(1)
        raise TimeoutError
    result, error = ended[0]
    if error is not None:
        raise error
    return result

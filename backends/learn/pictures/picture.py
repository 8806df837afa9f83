"""What a picture is, and whose functions it is drawn with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscheck.reference import catalogue

from ..exercise import Lesson, Part, function_name, function_of
from ..judge import functions_of, judge


@dataclass(frozen=True)
class Picture:
    """The picture of a chapter. ``measure`` asks for functions of the catalogue by the names of its parameters, such
    as ``softmax`` or ``softmax_vjp``, and gives the arrays that ``draw`` makes a figure of, by their names.
    """

    chapter: int
    measure: Callable[..., dict[str, Any]]
    draw: Callable[..., Any]
    look: str
    """What to look at: the arrays may be named in it, as in ``"{best:.0e}"``."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the functions it is drawn with."""
        return tuple(inspect.signature(self.measure).parameters)


@dataclass(frozen=True)
class Hands:
    """Functions by their names, and which of them are the learner's."""

    functions: Mapping[str, Callable[..., Any]]
    yours: tuple[str, ...] = ()


def ours(names: Iterable[str]) -> Hands:
    return Hands({name: function_of(*named(name)) for name in names})


def named(name: str) -> tuple[Any, Part]:
    """The operation, and which part of it: softmax_vjp is the VJP of softmax."""
    operations = catalogue()
    if name in operations:
        return operations[name], "value"
    return operations[name.removesuffix("_vjp")], "vjp"


def whose(names: Iterable[str], lessons: Iterable[Lesson], folder: Path, limit: float) -> Hands:
    """The learner's functions where they are judged to be right, now; ours for all others."""
    names = tuple(names)
    wanted = {op.name for op, _ in map(named, names)}
    functions, yours = dict(ours(names).functions), []
    for lesson in lessons:  # where an operation is asked twice, the later exercise asks for more
        path = folder / f"{lesson.key}.py"
        if lesson.exercise.op not in wanted or not path.exists():
            continue
        parts = [function_name(lesson.exercise.operation, part) for part in lesson.exercise.parts]
        right = judge(lesson, path, limit).right if set(parts) & set(names) else ()
        written = functions_of(path, limit) if right else {}
        for name in set(right) & set(names):
            functions[name] = written[name]
            yours.append(name)
    return Hands(functions, tuple(name for name in names if name in yours))

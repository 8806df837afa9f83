"""What the workbook is made of: chapters of exercises, each an operation of the catalogue that the learner writes."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any, Literal

from crosscheck.reference import Op, catalogue
from crosscheck.reference.agreement.truth import point

from ..reproduce import global_names, lines_of
from ..why import names_of
from ..witness import Kind
from .bare import mentioned, without_refusals

Part = Literal["value", "vjp", "hvp", "values", "cotangents"]
KINDS: dict[Part, Kind] = {"value": "value", "vjp": "vjp", "hvp": "forward-over-reverse"}
"""The kind of question about a part. Where the Hessian is 0 everywhere the catalogue has no HVP, and no exercise asks
for one: zeros would pass."""


@dataclass(frozen=True)
class Exercise:
    """One operation to be written. ``parts`` are asked in their order, about the cases ``labels``: without any, about
    all that are regular or kinks."""

    op: str
    question: str
    """To think about, before and after."""
    hints: tuple[str, str, str]
    """From vague to nearly the code."""
    parts: tuple[Part, ...] = ("value", "vjp")
    labels: tuple[str, ...] = ()
    dtype: str = "float64"
    given: tuple[str, ...] = ()
    """Operations of later chapters that this one needs: the stub imports them."""
    also: tuple[str, ...] = ()
    """Cases that are asked besides, for the value alone: special values, empty arrays, and what must be refused."""
    title: str = ""
    """Where one operation is asked twice: what this exercise is called."""

    @property
    def name(self) -> str:
        return self.title or self.op

    @property
    def operation(self) -> Op:
        return catalogue()[self.op]

    @property
    def backward(self) -> bool:
        """Whether it is about the way back too."""
        return "vjp" in self.parts or "cotangents" in self.parts


@dataclass(frozen=True)
class Chapter:
    number: int
    title: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Lesson:
    """An exercise at its place in the workbook."""

    chapter: Chapter
    position: int
    exercise: Exercise

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def key(self) -> str:
        return f"{self.chapter.number:02}_{self.position:02}_{self.name}"


def lessons(chapters: Sequence[Chapter]) -> tuple[Lesson, ...]:
    return tuple(Lesson(c, i, exercise) for c in chapters for i, exercise in enumerate(c.exercises, 1))


def function_name(op: Op, part: Part) -> str:
    return op.name if part == "value" else f"{op.name}_{part}"


def function_of(op: Op, part: Part) -> Any:
    """Our text of a part."""
    texts = {
        "value": op.forward,
        "vjp": op.vjp,
        "hvp": op.hvp,
        "values": op.values,
        "cotangents": op.cotangents,
    }
    return texts[part]


def paragraphs(op: Op) -> list[str]:
    """The forward's docstring, each paragraph in one line; what it raises and where it is from are paragraphs too."""
    text = inspect.getdoc(op.forward) or ""
    return [" ".join(p.split()) for p in re.split(r"\n\n|\n(?=Raises |Source: )", text)]


def derivation(op: Op, part: Part) -> list[str]:
    """How the VJP or the HVP is found."""
    return [" ".join(p.split()) for p in re.split(r"\n\n", inspect.getdoc(function_of(op, part)) or "")]


def cotangent_names(op: Op, ending: str = "bar") -> str:
    """What the VJP returns, such as ``(xbar, wbar, bbar)``; with "dot", the tangents that the HVP is given."""
    named = names_of(op, 0)
    positions = range(len(named)) if op.wrt is None else op.wrt
    bars = [f"{named[i]}{ending}" for i in positions if i < len(named)]
    several = [p.name for p in inspect.signature(op.forward).parameters.values() if p.kind is p.VAR_POSITIONAL]
    if several:
        return f"({', '.join([*bars, f'*{several[0]}{ending}'])})"
    return f"({bars[0]},)" if len(bars) == 1 else f"({', '.join(bars)})"


def held(exercise: Exercise) -> str:
    """The parameters that have one value in all cases that are asked, and another elsewhere: ``groups=1``.

    Numbers such as lr=0.1 are not told: what is written must do with any.
    """
    cases = [(k, c.params) for k, c in exercise.operation.draw().items() if c.kind in ("regular", "kink")]
    asked = [params for label, params in cases if label in exercise.labels]
    one = {k: v for k, v in (asked[0] if asked else {}).items() if all(repr(p[k]) == repr(v) for p in asked)}
    told = {k: v for k, v in one.items() if any(repr(p[k]) != repr(v) for _, p in cases)}
    return ", ".join(f"{k}={v!r}" for k, v in told.items() if not (isinstance(v, float) and v))


def keys(exercise: Exercise, part: Literal["values", "cotangents"]) -> str:
    """The names that the dict of a part must hold, as our text names them in the first case that is asked."""
    op = exercise.operation
    label = next(iter(exercise.labels or op.draw()))
    return ", ".join(point(op, label, exercise.dtype).names(part))


def solution(exercise: Exercise) -> str:
    """Our text of the parts that are asked, without docstrings and refusals; what the stub imports is imported too."""
    op = exercise.operation
    pieces = dict.fromkeys(piece for part in exercise.parts for piece in lines_of(function_of(op, part))[0])
    _, helpers = _reached(exercise)
    own = {*helpers, *(function_name(op, part) for part in exercise.parts)}
    head = [piece for piece in pieces if piece.startswith(("import ", "from "))]
    body = [p for p in pieces if p not in head and (not p.startswith("def ") or p[4 : p.index("(")] in own)]
    refuses = any(op.draw()[label].kind == "refused" for label in exercise.also)
    bare = body if refuses else [without_refusals(p, own) for p in body]
    shown = mentioned(bare, (function_name(op, part) for part in exercise.parts))
    return "\n\n\n".join(["\n".join([*head, *imports(exercise)]), *shown]) + "\n"


def imports(exercise: Exercise) -> list[str]:
    """The lines that import what an exercise may use: earlier operations, and later ones that it cannot do without."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for name, function in needs(exercise).items():
        known = function.__name__
        by_module[function.__module__].append(name if name == known else f"{known} as {name}")
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())]


def needs(exercise: Exercise) -> dict[str, FunctionType]:
    """The functions of other operations that our text of an exercise calls, by the names that it calls them."""
    return _reached(exercise)[0]


def _reached(exercise: Exercise) -> tuple[dict[str, FunctionType], dict[str, FunctionType]]:
    """The functions of other operations that our text calls, and the helpers of its own."""
    op, others, helpers = exercise.operation, {}, {}
    waiting = [function_of(op, part) for part in exercise.parts]
    seen = set(waiting)
    while waiting:
        for name, function in _mentioned(waiting.pop()):
            if function not in seen:
                seen.add(function)
                if _functions().get(function, op.name) != op.name:
                    others[name] = function
                else:
                    helpers[function.__name__] = function
                    waiting.append(function)
    return others, helpers


def operation_of(function: FunctionType) -> str:
    """The operation whose text a function is."""
    return _functions()[function]


def _mentioned(function: FunctionType) -> Iterator[tuple[str, FunctionType]]:
    for name in sorted(global_names(function.__code__)):
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType) and value.__module__.startswith("crosscheck.reference"):
            yield name, value


@cache
def _functions() -> dict[Any, str]:
    every = catalogue().items()
    texts = ((name, f) for name, op in every for f in (op.forward, op.vjp, op.hvp, op.values, op.cotangents))
    return {f: name for name, f in texts if f is not None}

"""The file of an exercise before anything is written: formula, shapes, question, and functions without a body."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

from .exercise import (
    Exercise,
    Lesson,
    Part,
    cotangent_names,
    function_name,
    function_of,
    held,
    imports,
    keys,
    paragraphs,
)

WIDTH = 100


def stub(lesson: Lesson) -> str:
    """The text of the file."""
    exercise, op = lesson.exercise, lesson.exercise.operation
    title = f"{lesson.name}: exercise {lesson.position} of chapter {lesson.chapter.number}, {lesson.chapter.title}"
    formula, *rest = paragraphs(op)
    shapes = [p for p in rest if p.startswith("Shapes")]
    asked = f"Asked in {exercise.dtype}." if exercise.dtype != "float64" else ""
    here = f"Here {held(exercise)}." if held(exercise) else ""
    wrapped = [
        textwrap.fill(p, WIDTH) for p in (title, formula, *shapes, here, f"Question: {exercise.question}", asked) if p
    ]
    head = "\n\n".join([*wrapped, "To have it judged: crosscheck learn --check    For a hint: crosscheck learn --hint"])
    yours = imports(exercise)
    top = "\n".join(["import numpy as np", *(["", "# Yours to use:", *yours] if yours else [])])
    functions = (_function(exercise, part) for part in exercise.parts)
    return "\n\n\n".join([f'"""{head}\n"""\n\n{top}', *functions]) + "\n"


def write(lesson: Lesson, folder: Path) -> Path:
    """The file of the exercise in the folder: a file that is there already is left as it is."""
    path = folder / f"{lesson.key}.py"
    if not path.exists():
        path.write_text(stub(lesson), encoding="utf-8")
    return path


def _function(exercise: Exercise, part: Part) -> str:
    op = exercise.operation
    signature = inspect.signature(function_of(op, part))
    match part:
        case "value":
            says = "The formula above."
        case "vjp":
            bar = next(iter(signature.parameters))
            says = (
                f"{bar} holds how fast some number at the end rises with each element of the result. Return "
                f"{cotangent_names(op)}, how fast it rises with the arguments: a tuple, each of its argument's shape."
            )
        case "hvp":
            says = (
                f"Return the derivative of {cotangent_names(op)} along dots, with ybar held fixed: a tuple like it. "
                f"dots is {cotangent_names(op, 'dot')}, the tangents of the arguments. The value y moves too."
            )
        case "values":
            meaning = " ".join((inspect.getdoc(op.values) or "").split())
            says = f"Return a dict of all intermediates. Its keys: {keys(exercise, part)}. {meaning}"
        case "cotangents":
            says = f"Return a dict of the cotangents, given the dict of all values. Its keys: {keys(exercise, part)}."
    told = textwrap.fill(says, WIDTH, subsequent_indent="    ")
    return f'def {function_name(op, part)}{signature}:\n    """{told}"""\n    raise NotImplementedError("write me")'

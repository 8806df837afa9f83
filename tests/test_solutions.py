"""The solutions that are shown to a learner are short, and hints that are code are right."""

from __future__ import annotations

import inspect
import textwrap

import pytest

from crosscheck.backends.learn.bare import mentioned, without_refusals
from crosscheck.backends.learn.chapters import CHAPTERS
from crosscheck.backends.learn.exercise import (
    Exercise,
    Part,
    function_name,
    function_of,
    held,
    imports,
    lessons,
    solution,
)
from crosscheck.backends.learn.judge import judge
from crosscheck.backends.learn.stub import stub

PARTS: dict[str, tuple[Part, ...]] = {
    "Forward:": ("value", "values"),
    "Backward:": ("vjp", "cotangents"),
    "Second order:": ("hvp",),
}
"""What each heading of a hint may be the body of: of a network all intermediates are asked by name."""
LESSONS = lessons(CHAPTERS)
IN_CODE = [x for x in LESSONS if x.exercise.hints[2].partition("\n")[0] in PARTS]


def bodies(exercise: Exercise) -> dict[Part, str]:
    """The code of each part."""
    found: dict[Part, list[str]] = {}
    for line in exercise.hints[2].split("\n"):
        if line in PARTS:
            (part,) = set(PARTS[line]) & set(exercise.parts) or {PARTS[line][0]}
            found[part] = []
        else:
            found[list(found)[-1]].append(line)
    return {part: "\n".join(lines) for part, lines in found.items()}


@pytest.mark.parametrize("lesson", [pytest.param(x, id=x.key) for x in IN_CODE])
def test_the_third_hint_is_the_answer(lesson, tmp_path):
    """Where it says Forward, Backward or Second order, what follows is the body of the function."""
    exercise, written = lesson.exercise, bodies(lesson.exercise)
    assert list(written) == list(exercise.parts)
    lines = ["import numpy as np", *imports(exercise)]
    for part, body in written.items():
        parameters = inspect.signature(function_of(exercise.operation, part))
        lines.append(f"def {function_name(exercise.operation, part)}{parameters}:\n{textwrap.indent(body, '    ')}")
    path = tmp_path / "hint.py"
    path.write_text("\n".join(lines))
    judgement = judge(lesson, path)
    assert judgement.passed, judgement.message


def test_the_third_hint_is_code_in_the_first_chapters():
    prose = [x.key for x in LESSONS if x.chapter.number <= 10 and x not in IN_CODE]
    assert not prose, "begin it with Forward:, Backward: or Second order:, so that it is run"


def test_what_is_refused_is_not_shown():
    text = textwrap.dedent(
        """\
        def f(x, w):
            _require(x, w)
            got, want = x.shape, w.shape
            size = len(got)
            if size != 2 or want != got:
                raise ValueError(
                    f"got {got}, want {want}"
                )
            if size:
                for part in x:
                    if part < 0:
                        raise ValueError("negative")
                    w = w + part
            return x @ w"""
    )
    shorter = without_refusals(text, {"_require"})
    assert shorter.splitlines() == [
        "def f(x, w):",
        "    got, want = x.shape, w.shape",
        "    size = len(got)",
        "    if size:",
        "        for part in x:",
        "            w = w + part",
        "    return x @ w",
    ]


def test_nothing_is_taken_away_that_counts():
    kept = [
        "def f(x):\n    states = []\n    states.append(x)\n    return states",
        "def f(x):\n    if x:\n        raise ValueError\n    else:\n        x = 1\n    return x",
        "def f(x):\n    if x:\n        raise ValueError",
        "def f(x):\n    first, second = x\n    return second",
        "def f(x):\n    x[0] = 1\n    return g(x)",
        "TABLE = {1: 2}",
    ]
    assert [without_refusals(text, {"g"}) for text in kept] == kept


def test_what_nobody_mentions_is_not_shown():
    pieces = ["A = 1", "B = A", "def g(x):\n    return B", "def h(x):\n    return h(x)", "def f(x):\n    return g(x)"]
    assert mentioned(pieces, ["f"]) == [pieces[0], pieces[1], pieces[2], pieces[4]]
    assert mentioned(pieces, ["h"]) == [pieces[3]]


def test_what_the_parameters_are_is_told():
    """Where few cases are asked, the stub says which parameters need no thought."""
    by_name = {x.name: x for x in LESSONS}
    assert held(by_name["conv1d"].exercise) == "stride=(1,), padding=(0,), dilation=(1,), groups=1"
    assert "\n\nHere stride=(1,), padding=(0,), dilation=(1,), groups=1.\n" in stub(by_name["conv1d"])
    assert held(by_name["conv1d_with_steps"].exercise) == ""
    assert held(by_name["embedding"].exercise) == ""


def test_no_solution_is_a_book():
    """What a learner is shown fits on two pages."""
    long = {x.key: len(solution(x.exercise).splitlines()) for x in LESSONS}
    assert max(long.values()) <= 120, sorted(long.items(), key=lambda kv: -kv[1])[:5]

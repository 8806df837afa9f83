"""The quizzes of wrong lines: each bug is a known mistake in one line, and the answer is not given away."""

from __future__ import annotations

import ast
import io
import json

import numpy as np
import pytest
from rich.console import Console

from crosscheck.backends import command
from crosscheck.backends.learn import linehunt, planted, progress, workbook
from crosscheck.backends.learn.chapters import CHAPTERS
from crosscheck.backends.learn.exercise import Chapter, Exercise
from crosscheck.backends.learn.progress import LearnError, Progress
from crosscheck.backends.learn.steps import edits, steps
from crosscheck.reference import catalogue, known_slips

LAST = max(n for n in linehunt.AFTER if n <= CHAPTERS[-1].number)
TAUGHT = linehunt.taught(CHAPTERS, CHAPTERS[-1].number)
EACH = pytest.mark.parametrize("exercise", [pytest.param(e, id=e.op) for e in TAUGHT])


@pytest.fixture
def book(tmp_path):
    """A workbook whose screen is a string."""
    return workbook.begin(tmp_path / "mine", CHAPTERS, Console(file=io.StringIO(), width=110, highlight=False))


def said(book):
    text = book.screen.file.getvalue()
    book.screen.file.seek(0)
    book.screen.file.truncate()
    return " ".join(text.split())


def same(a, b):
    return all(x is y if x is None or y is None else np.allclose(x, y, rtol=1e-9) for x, y in zip(a, b, strict=True))


@EACH
def test_small_steps_say_what_our_text_says(exercise):
    op = catalogue()[exercise.op]
    assert op.vjp is not None
    f = planted.function_of(op, steps(op))
    for label, case in op.draw(3).items():
        if case.kind == "regular" and op.differentiable(case):
            y = op.forward(*case.args, **case.params)
            ybar = tuple(0.3 + np.sin(v) for v in y) if isinstance(y, tuple) else 0.3 + np.sin(y)
            want = op.vjp(ybar, y, *case.args, **case.params)
            assert same(f(ybar, y, *case.args, **case.params), want), label


@EACH
def test_a_bug_is_one_line_that_answers_as_its_slip_does(exercise):
    op, right = catalogue()[exercise.op], steps(catalogue()[exercise.op]).splitlines()
    assert op.vjp is not None
    names = [bug.slip.name for bug in planted.bugs(op.name)]
    assert len(set(names)) == len(names)
    for bug in planted.bugs(op.name):
        wrong = bug.source.splitlines()
        assert [i for i, (a, b) in enumerate(zip(wrong, right, strict=True)) if a != b] == [bug.line]
        assert bug.right == right[bug.line].strip() and bug.slip in known_slips()[op.name]
        assert bug.line not in bug.also and len(bug.also) <= 1
        f = planted.function_of(op, bug.source)
        seen = set()
        for label, case in op.draw().items():  # at another cotangent than the search
            if case.kind == "regular" and op.differentiable(case):
                y = op.forward(*case.args, **case.params)
                ybar = tuple(0.3 + np.sin(v) for v in y) if isinstance(y, tuple) else 0.3 + np.sin(y)
                args = (ybar, y, *case.args)
                assert bug.slip.vjp is not None
                got, want = f(*args, **case.params), op.vjp(*args, **case.params)
                slip = bug.slip.vjp(*args, **case.params)
                for g, w, s in zip(got, want, slip, strict=True):
                    if w is None:
                        assert g is None
                    elif np.shape(g) != np.shape(w) or not np.allclose(g, w, rtol=1e-9):
                        seen.add(label)
                        assert np.shape(g) == np.shape(s) and np.allclose(g, s, rtol=1e-9), (bug.slip.name, label)
        assert seen == set(bug.labels), bug.slip.name


def test_an_edit_changes_one_line():
    text = steps(catalogue()["softmax"])
    found = [*edits(text)]
    assert len({edit.text for edit in found}) == len(found) > 50
    for edit in found:
        differ = [i for i, (a, b) in enumerate(zip(text.splitlines(), edit.text.splitlines(), strict=True)) if a != b]
        assert differ == [edit.line] and edit.rank in (0, 1, 2)
    assert text == steps(catalogue()["softmax"]), "the changes are undone"


@pytest.mark.parametrize("number", [n for n in linehunt.AFTER if n <= CHAPTERS[-1].number])
def test_there_are_enough_of_them(number):
    assert sum(len(linehunt.of_exercise(e)) for e in linehunt.taught(CHAPTERS, number)) >= 20
    asked = [tuple((h.source, h.card) for h in linehunt.hunts(CHAPTERS, number, attempt)) for attempt in (0, 1)]
    assert all(len(hunts) == linehunt.HUNTS for hunts in asked) and asked[0] != asked[1]
    assert asked[0] == tuple((h.source, h.card) for h in linehunt.hunts(CHAPTERS, number, 0)), "the same for everybody"


def test_the_card_does_not_give_the_answer_away():
    for hunt in linehunt.hunts(CHAPTERS, LAST, 0):
        assert f"vjp:{hunt.bug.op}-" in hunt.card and ": disagrees" in hunt.card
        assert hunt.bug.slip.why[:30] not in hunt.card and hunt.bug.slip.name not in hunt.card
        assert f"explain {hunt.bug.op}." not in hunt.card, "the code of the slip"
        assert ast.parse(hunt.source) and f"def my_{hunt.bug.op}_vjp(" in hunt.source
        assert '"""' not in hunt.source and "#" not in hunt.source


def test_what_was_not_taught_is_not_asked():
    taught = {e.op for c in CHAPTERS if c.number <= 4 for e in c.exercises if "vjp" in e.parts}
    for attempt in range(3):
        for hunt in linehunt.hunts(CHAPTERS, 4, attempt):
            exercise = next(e for e in linehunt.taught(CHAPTERS, 4) if e.op == hunt.bug.op)
            assert hunt.bug.op in taught
            assert not exercise.labels or any(f"{hunt.bug.op}-{label}-" in hunt.card for label in exercise.labels)


def test_a_line_is_named_by_its_number():
    hunt = linehunt.hunts(CHAPTERS, 4, 0)[0]
    number = hunt.bug.line + 1
    assert all(hunt.found_by(text) for text in (f"{number}\n", f" line {number}", f"Line{number}"))
    wrong = next(n for n in range(1, hunt.lines + 1) if n - 1 not in (hunt.bug.line, *hunt.bug.also))
    assert not any(hunt.found_by(text) for text in ("", f"{wrong}", f"{number}{number}", "line", "-1"))


def test_who_finds_all_lines_has_passed(book):
    hunts = linehunt.hunts(book.chapters, 4, 0)
    answers = iter([f"{h.bug.line + 1}\n" for h in hunts])
    assert workbook.hunt_lines(book, 4, lambda: next(answers))
    told = said(book)
    assert book.progress.hunts == (4,) and book.progress.quizzes == (), "no chapter is skipped"
    for hunt in hunts:
        for part in (hunt.card, hunt.bug.slip.why, f"right {hunt.bug.right}"):
            assert " ".join(part.split()) in told
    assert "1 def my_" in told and "Q4 is passed" in told
    workbook.overview(book)
    assert "x Q4 find the wrong line" in said(book)


def test_who_misses_a_line_is_told_and_may_try_again(book):
    hunts = linehunt.hunts(book.chapters, 4, 0)
    answers = iter(["99", *(f"{h.bug.line + 1}" for h in hunts[1:])])
    assert not workbook.hunt_lines(book, 4, lambda: next(answers))
    told = said(book)
    assert f"No, it is line {hunts[0].bug.line + 1}" in told and f"{len(hunts) - 1} of {len(hunts)} found" in told
    assert book.progress.hunts == () and book.progress.attempts == {"Q4": 1}
    workbook.overview(book)
    overview = said(book)
    assert "x Q4" not in overview and overview.index("04_01") < overview.index("Q4 find") < overview.index("05_01")


def test_there_is_no_such_quiz(book):
    with pytest.raises(LearnError, match="there is no quiz Q5; there are Q4"):
        workbook.hunt_lines(book, 5, str)
    few = workbook.begin(book.folder, CHAPTERS[:3], book.screen)
    with pytest.raises(LearnError, match="there are none"):
        workbook.hunt_lines(few, 4, str)
    empty = workbook.begin(book.folder, (Chapter(4, "", (Exercise("exp", "", ("", "", "")),)),), book.screen)
    with pytest.raises(LearnError, match="Q4 is empty"):
        workbook.hunt_lines(empty, 4, str)


def test_files_of_before_are_read(tmp_path):
    old = {"current": "dot", "passed": ["dot"], "hints": {"dot": 1}, "quizzes": [1], "attempts": {"1": 2}}
    (tmp_path / progress.FILE).write_text(json.dumps(old))
    told = progress.read(tmp_path)
    assert told == Progress("dot", ("dot",), {"dot": 1}, (1,), attempts={"1": 2})
    progress.write(tmp_path, Progress("dot", hunts=(4, 7)))
    again = progress.read(tmp_path)
    assert again is not None and again.hunts == (4, 7)


def test_the_command(tmp_path, capsys, monkeypatch):
    right = "".join(f"{h.bug.line + 1}\n" for h in linehunt.hunts(CHAPTERS, 4, 0))
    monkeypatch.setattr("sys.stdin", io.StringIO(right))
    assert command.main(["learn", str(tmp_path / "mine"), "--quiz", "q4"]) == 0
    assert "Q4 is passed" in capsys.readouterr().out
    assert command.main(["learn", str(tmp_path / "mine"), "--quiz", "Q9"]) == 2
    assert "there is no quiz Q9" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["learn", str(tmp_path / "mine"), "--quiz", "four"])
    assert "want the number of a chapter, or Q4" in capsys.readouterr().err

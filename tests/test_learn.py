"""The workbook: every exercise can be done, nothing of the learner's is lost, and what is wrong is told."""

from __future__ import annotations

import ast
import inspect
import io
import os
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from crosscheck.backends import command
from crosscheck.backends.learn import progress, quiz, stub, workbook
from crosscheck.backends.learn.chapters import CHAPTERS
from crosscheck.backends.learn.exercise import (
    Chapter,
    Exercise,
    function_name,
    function_of,
    keys,
    lessons,
    needs,
    operation_of,
    solution,
)
from crosscheck.backends.learn.judge import judge
from crosscheck.backends.learn.progress import LearnError, Progress
from crosscheck.backends.learn.watch import watch
from crosscheck.reference import catalogue, known_slips

LESSONS = lessons(CHAPTERS)
EVERY = pytest.mark.parametrize("lesson", [pytest.param(x, id=x.key) for x in LESSONS])
SOFTMAX = Chapter(0, "One", (Exercise("softmax", "Why?", ("a", "b", "c")),))
DOT = Chapter(1, "Two", (Exercise("dot", "Why?", ("a", "b", "c")),))
RIGHT_DOT = "def dot(x, y):\n    return x @ y\n\n\ndef dot_vjp(zbar, z, x, y):\n    return zbar * y, zbar * x\n"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def book(tmp_path):
    """A workbook of two chapters, whose screen is a string."""
    return workbook.begin(tmp_path / "mine", (SOFTMAX, DOT), Console(file=io.StringIO(), width=110, highlight=False))


def said(book):
    """What was printed since the last time, in one line."""
    text = book.screen.file.getvalue()
    book.screen.file.seek(0)
    book.screen.file.truncate()
    return " ".join(text.split())


def judged(tmp_path, text, chapter=DOT, limit=10.0):
    path = tmp_path / "mine.py"
    path.write_text(text)
    return judge(lessons([chapter])[0], path, limit)


@EVERY
def test_a_stub_is_python_and_fails(lesson, tmp_path):
    path = stub.write(lesson, tmp_path)
    judgement = judge(lesson, path)
    first = function_name(lesson.exercise.operation, lesson.exercise.parts[0])
    assert not judgement.passed and judgement.right == ()
    assert judgement.message == f"{first} is still to be written (write me)"
    told = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    assert " ".join(lesson.exercise.operation.formula.split()) in told and "Shapes: " in told
    assert lesson.exercise.question in told


@EVERY
def test_our_solution_passes(lesson, tmp_path):
    path = tmp_path / "solution.py"
    path.write_text(solution(lesson.exercise))
    judgement = judge(lesson, path)
    assert judgement.passed, judgement.message
    assert judgement.right == tuple(function_name(lesson.exercise.operation, p) for p in lesson.exercise.parts)


@EVERY
def test_every_answer_is_compared(lesson, tmp_path):
    """Each part of an exercise has a case that tells 0.1 % too much from what is right."""
    names = [function_name(lesson.exercise.operation, part) for part in lesson.exercise.parts]
    for i, name in enumerate(names):
        path = tmp_path / f"wrong_{i}.py"
        more = f"\n\n_unspoilt = {name}\n\n\ndef {name}"
        op = lesson.exercise.operation
        wanted = re.search(rf"def {name}(\(.*?\)):", solution(lesson.exercise), re.DOTALL)
        assert wanted, "the solution has it"
        given = ", ".join(
            f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
            for p in signature(op, lesson.exercise.parts[i])
        )
        more += f"{wanted[1]}:\n    y = _unspoilt({given})\n    "
        if lesson.exercise.parts[i] in ("values", "cotangents"):
            more += "return {name: 1.001 * v for name, v in y.items()}\n"
        else:
            more += "return tuple(g if g is None else 1.001 * g for g in y) if isinstance(y, tuple) else 1.001 * y\n"
        path.write_text(solution(lesson.exercise) + more)
        judgement = judge(lesson, path)
        assert not judgement.passed and judgement.right == tuple(names[:i]), judgement
        assert "disagrees" in judgement.message or "kink" in judgement.message, judgement.message


def signature(op, part):
    return inspect.signature(function_of(op, part)).parameters.values()


STEP_BY_STEP = [(x, p) for x in LESSONS for p in x.exercise.parts if p in ("values", "cotangents")]


@pytest.mark.parametrize(("lesson", "part"), [pytest.param(*x, id=f"{x[0].key}-{x[1]}") for x in STEP_BY_STEP])
def test_the_first_wrong_intermediate_is_named(lesson, part, tmp_path):
    """The stub says what the dict must hold; a name that is wrong, and one that is not there, is told."""
    text, name = solution(lesson.exercise), function_name(lesson.exercise.operation, part)
    cases = {label for label, case in lesson.exercise.operation.draw().items() if case.kind in ("regular", "kink")}
    asked = {keys(replace(lesson.exercise, labels=(x,)), part) for x in lesson.exercise.labels or cases}
    assert len(asked) == 1, "the cases that are asked have the same names"
    names = asked.pop().split(", ")
    assert f"Its keys: {', '.join(names)}." in " ".join(stub.stub(lesson).split())
    for k, wrong in enumerate(names):
        for change, told in (("y[{!r}] = y[{!r}] + 1", "disagrees"), ("del y[{!r}]", "it is not in the dict")):
            lie = "; ".join(change.format(x, x) for x in (wrong, names[-1])[: 1 + (k < len(names) - 1)])
            path = tmp_path / "wrong.py"
            path.write_text(f"{text}\n\n_right = {name}\n\n\n" + _lying(lesson.exercise.operation, part, name, lie))
            judgement = judge(lesson, path)
            assert f", {wrong} on the way" in judgement.message and told in judgement.message, judgement.message


def _lying(op, part, name, lie):
    """The function, whose answer y is changed."""
    parameters = inspect.signature(function_of(op, part))
    given = ", ".join(
        f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
        for p in parameters.parameters.values()
    )
    return f"def {name}{parameters}:\n    y = dict(_right({given}))\n    {lie}\n    return y\n"


@EVERY
def test_an_exercise_has_a_question_and_three_hints(lesson):
    texts = (lesson.exercise.question, *lesson.exercise.hints)
    assert len(set(texts)) == 4 and all(len(text) > 20 for text in texts)
    assert "?" in lesson.exercise.question
    assert len(lesson.exercise.hints) == 3
    op = lesson.exercise.operation
    assert set(lesson.exercise.labels) <= set(op.draw()), "asked about cases that do not exist"
    assert all(function_of(op, part) is not None for part in lesson.exercise.parts)
    assert {op.draw()[label].kind for label in lesson.exercise.also} <= {"special", "empty", "refused"}


def test_no_exercise_needs_a_later_chapter():
    taught: set[str] = set()
    for lesson in LESSONS:
        needed = {operation_of(f) for f in needs(lesson.exercise).values()} - {lesson.exercise.op}
        assert needed <= taught | set(lesson.exercise.given), f"{lesson.key} needs {needed - taught}: give it, or wait"
        superfluous = set(lesson.exercise.given) & taught | set(lesson.exercise.given) - needed
        assert not superfluous, f"{lesson.key} is given {superfluous}, which it has or does not need"
        taught.add(lesson.exercise.op)


def test_exercises_and_chapters_are_told_apart():
    names = [lesson.name for lesson in LESSONS]
    assert len(set(names)) == len(names)
    assert [c.number for c in CHAPTERS] == list(range(len(CHAPTERS)))
    assert {e.op for c in CHAPTERS for e in c.exercises} <= set(catalogue())


# What is told of a file that is wrong.


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def dot(x, y):\n    return x @\n", "cannot be imported: SyntaxError"),
        ("import nothing_of_that_name\n", "line 1 cannot be imported: ModuleNotFoundError"),
        ("def dott(x, y):\n    return x @ y\n", "has no function dot; it has dott"),
        ("def dot(x):\n    return x @ x\n", "the parameters of dot are (x), want (x, y)"),
        ("def dot(x, y):\n    return 2 * x @ y\n", "it looks like: the right answer times 2"),
        ("def dot(x, y):\n    return x * y\n", "got shape (3,), want ()"),
        ("def dot(x, y):\n    return None\n", "dot"),
        ("def dot(x, y):\n    u = 1\n    return x @ y / w\n", "mine.py, line 3"),
        ("def dot(x, y):\n    print(x)\n    return 0.5 * x @ y\n", "what it printed is not shown"),
        ("import sys\nsys.exit()\n", "calls exit"),
        (RIGHT_DOT.replace("zbar * x", "zbar * y"), "vjp:dot-short-float64, cotangent 2 of 2: disagrees"),
        (
            RIGHT_DOT.replace("return zbar * y, zbar * x", "g = zbar * y, zbar * x\n    x[0] = 1\n    return g"),
            "modified",
        ),
        (RIGHT_DOT.replace("zbar * y, zbar * x", "zbar * y"), "must return a tuple of 2"),
    ],
)
def test_what_is_wrong_is_told_in_one_message(tmp_path, text, told):
    judgement = judged(tmp_path, text)
    assert not judgement.passed and told in judgement.message
    assert "to see it without crosscheck" not in judgement.message
    assert ("dot" in judgement.right) == ("dot_vjp" in text), "the value is judged first"


@pytest.mark.parametrize("loop", ["while True:\n    pass\n", "def dot(x, y):\n    while True:\n        pass\n"])
def test_a_loop_without_an_end_is_ended(tmp_path, loop):
    began = time.perf_counter()
    judgement = judged(tmp_path, loop, limit=0.3)
    assert not judgement.passed and "no answer within 0.3 seconds" in judgement.message
    assert time.perf_counter() - began < 5


def test_helpers_have_any_name_and_the_next_save_counts(tmp_path):
    helped = RIGHT_DOT.replace("return x @ y", "return together(x, y)") + "\n\ndef together(x, y):\n    return x @ y\n"
    assert judged(tmp_path, helped.replace("x @ y\n", "x @ x\n")).passed is False
    assert judged(tmp_path, helped).passed, "of the same length, within the same second"


def test_float32_shows_what_float64_hides(tmp_path):
    naive = "import numpy as np\ndef expm1(x):\n    return np.exp(x) - 1\n"
    exercise = next(x.exercise for x in LESSONS if x.name == "expm1")
    assert "float32: disagrees" in judged(tmp_path, naive, Chapter(0, "", (exercise,))).message


ENTROPY = "import numpy as np\ndef entropy(p, *, axis):\n    return -np.sum(p * np.log(p), axis=axis)\n"
CAREFUL = ENTROPY.replace("np.log(p)", "np.log(np.where(p == 0, 1, p))")


@pytest.mark.parametrize(
    ("text", "also", "told"),
    [
        (ENTROPY, "certain", "asked at [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], in the limit at [0]: got nan, want 0.0"),
        (CAREFUL, "certain", ""),
        (ENTROPY, "no-rows", ""),
        (ENTROPY.replace("-np.sum", "0 / p.shape[axis] - np.sum"), "no-outcomes", "asked at an array (3, 0)"),
        ("def dot(x, y):\n    return sum(x * y)\n", "length-one-is-not-repeated", "no answer: raise ValueError"),
        ("def dot(x, y):\n    return x @ y\n", "length-one-is-not-repeated", ""),
    ],
)
def test_an_exercise_may_ask_where_a_formula_ends(tmp_path, text, also, told):
    """After what is regular: so an answer that is wrong at 0 alone is told to be."""
    exercise = Exercise("dot" if "dot" in text else "entropy", "Why?", ("a", "b", "c"), parts=("value",), also=(also,))
    judgement = judged(tmp_path, text, Chapter(0, "", (exercise,)))
    assert judgement.passed == (told == ""), judgement.message
    assert told in " ".join(judgement.message.split())


def test_what_must_be_refused_is_in_the_solution():
    exercise = Exercise("neuron", "Why?", ("a", "b", "c"))
    assert "raise ValueError" in solution(replace(exercise, also=("weights-as-column",)))
    assert "raise ValueError" not in solution(exercise)


# The learner's folder.


def test_the_first_time(book):
    workbook.show(book)
    assert sorted(os.listdir(book.folder)) == ["00_01_softmax.py", "progress.json"], "the first chapter alone"
    told = said(book)
    assert all(part in told for part in ("softmax", "Why?", "crosscheck learn --check", "0 of 2 exercises"))


def test_a_file_is_never_overwritten(book):
    path = workbook.lay_out(book)
    path.write_text("mine")
    workbook.show(book)
    assert not workbook.check(book)
    workbook.begin(book.folder, book.chapters, book.screen)
    workbook.lay_out(book)
    assert path.read_text() == "mine"


def test_success_is_explained_and_kept(book):
    path = workbook.lay_out(book)
    path.write_text(solution(SOFTMAX.exercises[0]))
    assert "softmax" not in book.progress.passed
    assert workbook.check(book)
    told = said(book)
    assert (
        "softmax: right." in told and "Our solution" in told and "return exp / np.sum" in told.replace("e /", "exp /")
    )
    assert known_slips()["softmax"][0].why[:40] in told, "the mistakes that were not made"
    assert "backward" in told
    again = workbook.begin(book.folder, book.chapters, book.screen)
    assert again.progress.passed == ("softmax",)


def test_the_frameworks_are_asked_the_same(book):
    path = workbook.lay_out(book)
    path.write_text(solution(SOFTMAX.exercises[0]).replace("(ybar - np", "(2 * ybar - np"))
    workbook.compare(book, ["numpy"])
    yours, numpy = said(book).split("ulp")[1].split("numpy")
    regular = str(sum(case.kind == "regular" for case in catalogue()["softmax"].draw().values()))
    assert yours.split()[2:4] == [regular, regular], "its values are right, its VJPs are not"
    assert numpy.split()[0] == numpy.split()[1] != "0"
    path.write_text("1 +")
    with pytest.raises(LearnError, match="SyntaxError"):
        workbook.compare(book, ["numpy"])


def test_hints_unlock_one_by_one(book):
    for n in (1, 2, 3, 3):
        workbook.hint(book)
        told = said(book)
        assert [f"hint {i}" in told for i in (1, 2, 3)] == [i <= n for i in (1, 2, 3)]
        assert book.progress.hints == {"softmax": n}
    assert "no more" in told


def test_next_goes_on_and_comes_back_to_what_was_left_out(book):
    assert workbook.go_on(book) and book.current.name == "dot" and book.path.exists()
    book.path.write_text(RIGHT_DOT)
    assert workbook.check(book)
    assert workbook.go_on(book) and book.current.name == "softmax"
    book.keep(replace(book.progress, passed=("dot", "softmax")))
    said(book)
    assert not workbook.go_on(book) and "All exercises are done" in said(book)
    workbook.go_to(book, "01_01")
    assert book.current.name == "dot"
    with pytest.raises(LearnError, match="--list"):
        workbook.go_to(book, "07_01")


def test_the_overview_shows_where_one_is(book):
    book.keep(Progress("dot", ("softmax",), {"dot": 2}))
    workbook.overview(book)
    told = said(book)
    assert "x 00_01 softmax" in told and "> 01_01 dot 2 hints" in told and "1 of 1" in told and "0 of 1" in told


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"current": "dot"}', '{"current": "dot", "passed": 3}'])
def test_a_damaged_file_is_told_and_left(book, broken):
    (book.folder / progress.FILE).write_text(broken)
    for act in (workbook.show, workbook.check, workbook.hint, workbook.go_on, workbook.overview):
        with pytest.raises(LearnError, match=r"progress\.json cannot be read .* Nothing was changed"):
            act(book)
    with pytest.raises(LearnError):
        workbook.begin(book.folder, book.chapters, book.screen)
    assert (book.folder / progress.FILE).read_text() == broken


def test_progress_is_written_as_a_whole(book, monkeypatch):
    before = book.progress

    def fails(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(progress.os, "replace", fails)
    with pytest.raises(OSError, match="full"):
        book.keep(Progress("dot", ("softmax",)))
    assert book.progress == before


def test_an_exercise_that_is_gone_is_told(book):
    book.keep(Progress("of-another-version", ("dot",)))
    with pytest.raises(LearnError, match="--at 00_01_softmax"):
        workbook.show(book)
    workbook.go_to(book, "softmax")
    assert book.progress.passed == ("dot",)


# The quiz.


def hunts_of(chapter):
    return [hunt for attempt in range(4) for hunt in quiz.hunts(chapter, attempt)]


def test_a_hunt_shows_a_mistake_and_asks_which():
    assert {len(quiz.hunts(SOFTMAX, attempt)) for attempt in range(4)} == {3}
    for hunt in hunts_of(SOFTMAX):
        slip = next(s for s in known_slips()["softmax"] if s.why == hunt.choices[hunt.answer])
        assert len(set(hunt.choices)) == quiz.CHOICES
        assert slip.name.replace("-", "_") not in hunt.source, "the name of the mistake gives it away"
        names = {"softmax": catalogue()["softmax"].forward, "np": np}
        exec(hunt.source, names)
        x, params = np.array([[1.0, 2.0], [0.5, 4.0]]), {"axis": 1}
        if slip.forward:
            assert np.array_equal(names[hunt.function](x, **params), slip.forward(x, **params))
        else:
            assert slip.vjp is not None
            y = names["softmax"](x, **params)
            assert np.array_equal(names[hunt.function](x, y, x, **params), slip.vjp(x, y, x, **params))


def test_no_hunt_is_for_what_was_not_taught():
    alone = Chapter(0, "", (replace(SOFTMAX.exercises[0], parts=("value",)),))
    hunts = hunts_of(alone)
    assert hunts and all(hunt.function == "my_softmax" for hunt in hunts), "the backward is of a later chapter"


def test_another_attempt_asks_otherwise():
    assert len({tuple((h.source, h.answer) for h in quiz.hunts(SOFTMAX, attempt)) for attempt in range(6)}) > 1
    assert len({hunt.answer for hunt in hunts_of(SOFTMAX)}) > 1, "the first one is not always right"


def test_who_finds_all_may_skip_the_chapter(book):
    answers = iter([f"{hunt.answer + 1}\n" for hunt in quiz.hunts(SOFTMAX, 0)])
    assert workbook.take_quiz(book, 0, lambda: next(answers))
    assert book.progress.quizzes == (0,) and book.current.name == "dot"
    assert "you may skip it" in said(book)
    workbook.overview(book)
    assert "1 of 1, by its quiz" in said(book)


def test_who_misses_one_may_not(book):
    right = [hunt.answer + 1 for hunt in quiz.hunts(SOFTMAX, 0)]
    answers = iter([right[0], right[1], right[2] % quiz.CHOICES + 1])
    assert not workbook.take_quiz(book, 0, lambda: str(next(answers)))
    assert book.progress.quizzes == () and book.current.name == "softmax"
    assert "2 of 3 found" in said(book)
    assert book.progress.attempts == {"0": 1}


def test_there_is_no_quiz_without_mistakes(book):
    with pytest.raises(LearnError, match="there is no chapter 9"):
        workbook.take_quiz(book, 9, str)
    # Nobody makes a mistake in an operation that is not there.
    alone = replace(book, chapters=(SOFTMAX, Chapter(1, "", (Exercise("dot", "", ("", "", "")),))))
    if not known_slips().get("dot"):
        with pytest.raises(LearnError, match="no mistakes"):
            workbook.take_quiz(alone, 1, str)


# Watching, without a terminal.


def test_watching_judges_each_save_and_listens_to_keys(book):
    steps = iter(["", "save", "", "", "h", "n", "q"])
    told = []

    def keys(seconds):
        told.append(said(book))
        step = next(steps)
        if step == "save":
            book.path.write_text(solution(SOFTMAX.exercises[0]))
            return ""
        return step

    watch(book, keys)
    assert "is still to be written" in told[0] and "h a hint" in told[0]
    assert told[1] == ""
    assert "softmax: right." in told[2] and told[3] == "", "judged once for each save"
    assert told[4] == ""
    assert "hint 1" in told[5]
    assert "1 of 1, dot" in told[6] and "dot is still to be written" in told[6]
    assert book.progress.passed == ("softmax",)


# The command.


def learn(*arguments):
    return command.main(["learn", *arguments])


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert learn() == 0
    first = LESSONS[0]
    assert first.name in capsys.readouterr().out
    path = tmp_path / "workbook" / f"{first.key}.py"
    assert learn("--check") == 1
    assert "not yet" in capsys.readouterr().out
    path.write_text(path.read_text().replace('raise NotImplementedError("write me")', "return nothing_of_that_name"))
    assert learn("--check") == 1
    assert f"{path.name}, line " in capsys.readouterr().out, "of a folder that is named from where one is"
    path.write_text(solution(first.exercise))
    assert learn("--check") == 0
    assert "right." in capsys.readouterr().out
    assert learn("--next") == 0 and learn("--hint") == 0
    assert f"{LESSONS[1].name}" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "workbook")
    assert learn("--list") == 0, "the folder that one is in"
    out = capsys.readouterr().out
    assert f"x {first.key[:5]} {first.name}" in out and "\x1b" not in out
    assert not (tmp_path / "workbook" / "workbook").exists()
    assert learn("--at", "99_99") == 2
    assert "there is no exercise '99_99'" in capsys.readouterr().err


def test_the_command_names_a_folder_that_cannot_be(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert learn(str(tmp_path / "file")) == 2
    assert "cannot be a folder" in capsys.readouterr().err


def test_the_quiz_is_answered_line_by_line(tmp_path, capsys, monkeypatch):
    number = next((c.number for c in CHAPTERS if quiz.hunts(c, 0)), None)
    assert number is not None
    right = [hunt.answer + 1 for hunt in quiz.hunts(CHAPTERS[number], 0)]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{n}\n" for n in right)))
    assert learn(str(tmp_path / "mine"), "--quiz", str(number)) == 0
    assert f"chapter {number} is done" in capsys.readouterr().out

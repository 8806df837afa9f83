"""The pictures of the workbook: one of each chapter, which shows what the learner's right functions say."""

from __future__ import annotations

import importlib.abc
import io
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from rich.console import Console

from crosscheck.backends import command
from crosscheck.backends.learn import page, workbook
from crosscheck.backends.learn.chapters import CHAPTERS
from crosscheck.backends.learn.exercise import function_name, lessons, solution
from crosscheck.backends.learn.progress import LearnError, Progress
from crosscheck.backends.learn.watch import watch

LESSONS = lessons(CHAPTERS)
drawing = pytest.mark.skipif(
    find_spec("matplotlib") is None, reason="matplotlib is not installed here: pip install 'crosscheck-ml[pictures]'"
)
if find_spec("matplotlib") is not None:
    from crosscheck.backends.learn.pictures import gallery, picture, style

    PICTURES = gallery.PICTURES
else:
    PICTURES = {}
EACH = pytest.mark.parametrize("chapter", [*PICTURES])


@pytest.fixture
def book(tmp_path):
    """A workbook at the first exercise, whose screen is a string."""
    return workbook.begin(tmp_path / "mine", CHAPTERS, Console(file=io.StringIO(), width=110, highlight=False))


def said(book):
    """What was printed since the last time, in one line."""
    text = book.screen.file.getvalue()
    book.screen.file.seek(0)
    book.screen.file.truncate()
    return " ".join(text.split())


def write(book, name, text):
    """The learner's file of an exercise."""
    lesson = next(x for x in LESSONS if x.name == name)
    (book.folder / f"{lesson.key}.py").write_text(text)


@drawing
def test_every_chapter_has_a_picture():
    assert [*PICTURES] == [*range(21)]


@drawing
@EACH
def test_a_picture_is_drawn_and_explained(chapter, tmp_path):
    from matplotlib.image import imread

    found = PICTURES[chapter]
    path = tmp_path / "picture.png"
    drawn = gallery.draw(found, picture.ours(found.needs), path, 60, dpi=50)
    assert not drawn.wrong and not drawn.yours
    look = drawn.look
    assert 2 <= look.count(". ") + look.count("? ") + 1 <= 5 and "{" not in look
    box, (width, height) = drawn.figure.get_tightbbox(), drawn.figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -0.01, f"{box} of {width} by {height} inches"
    pixels = np.asarray(imread(path))[..., :3]
    assert pixels.shape[1] == 50 * style.WIDTH and pixels.shape[0] >= 200
    ink = np.any(pixels < 0.9, axis=-1)
    assert ink.mean() > 0.01, "it is all but blank"
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    assert np.ptp(rows) > 0.7 * len(ink) and np.ptp(columns) > 0.7 * ink.shape[1], "it fills a corner alone"


@drawing
@EACH
def test_what_is_drawn_is_what_the_functions_say(chapter):
    """Each function that a picture names is used: what is drawn is otherwise if it is."""
    drawn = PICTURES[chapter]
    functions = dict(picture.ours(drawn.needs).functions)
    before = [*_numbers(drawn.measure(**functions))]
    for name in drawn.needs:
        if f"{name}_vjp" in drawn.needs:  # its value may be there to be handed to the VJP alone, which need not use it
            continue
        with np.errstate(all="ignore"):  # a lie may lead anywhere
            after = [*_numbers(drawn.measure(**{**functions, name: _lying(functions[name])}))]
        assert any(not np.array_equal(b, a) for b, a in zip(before, after, strict=True)), f"{name} changes nothing"


def _numbers(measured):
    """All arrays, one after the other."""
    if isinstance(measured, dict | list | tuple):
        for inner in measured.values() if isinstance(measured, dict) else measured:
            yield from _numbers(inner)
    elif not isinstance(measured, str):
        yield np.asarray(measured)


def _lying(f):
    """What is an integer stays one."""

    def lies(y):
        if isinstance(y, tuple):
            return tuple(map(lies, y))
        return y if y is None else y + 1 if np.issubdtype(np.asarray(y).dtype, np.integer) else 1.05 * y + 0.01

    return lambda *args, **params: lies(f(*args, **params))


@drawing
@EACH
def test_all_that_was_an_exercise_is_the_learners(chapter, tmp_path):
    """A picture asks nothing that the exercises do not."""
    found = PICTURES[chapter]
    asked = set()
    for lesson in LESSONS:
        op = lesson.exercise.operation
        names = {function_name(op, part) for part in lesson.exercise.parts} & set(found.needs)
        if names:
            (tmp_path / f"{lesson.key}.py").write_text(solution(lesson.exercise))
            asked |= names
    hands = picture.whose(found.needs, LESSONS, tmp_path, 60)
    assert set(hands.yours) == asked
    assert all((f.__module__.startswith("crosscheck_file_")) == (n in asked) for n, f in hands.functions.items())
    ours = [*_numbers(found.measure(**picture.ours(found.needs).functions))]
    for mine, theirs in zip(ours, _numbers(found.measure(**hands.functions)), strict=True):
        assert np.allclose(mine, theirs, equal_nan=True)


DIFFERENCE = next(x.exercise for x in LESSONS if x.name == "finite_difference")


@drawing
def test_it_is_drawn_with_the_learners_function(book):
    assert workbook.picture(book) == book.folder / "chapter_00.png"
    ours = (book.folder / "chapter_00.png").read_bytes()
    assert ours.startswith(b"\x89PNG") and "none yet" in said(book)
    # Right where it is asked; so far out as the picture goes it says something else, and that is seen.
    once = solution(DIFFERENCE).replace("def finite_difference(", "def right(")
    write(
        book,
        "finite_difference",
        once + "\n\ndef finite_difference(x, *, function, step, scheme):\n"
        "    return right(x, function=function, step=step, scheme=scheme) * (1 if step > 1e-9 else 1.5)\n",
    )
    workbook.picture(book)
    assert "yours finite_difference" in said(book)
    assert (book.folder / "chapter_00.png").read_bytes() != ours


@drawing
def test_a_wrong_function_is_not_drawn(book):
    workbook.picture(book)
    ours = (book.folder / "chapter_00.png").read_bytes()
    said(book)
    lie = (
        solution(DIFFERENCE) + "\n\n_f = finite_difference\n\n\ndef finite_difference(x, *, function, step, scheme):\n"
    )
    write(book, "finite_difference", f"{lie}    return 1.001 * _f(x, function=function, step=step, scheme=scheme)\n")
    book.keep(Progress("finite_difference", ("finite_difference",)))  # it was right once
    workbook.picture(book)
    assert "none yet" in said(book)
    assert (book.folder / "chapter_00.png").read_bytes() == ours


@drawing
def test_a_function_that_fails_where_the_picture_asks_is_told(book):
    once = solution(DIFFERENCE).replace("def finite_difference(", "def right(")
    write(
        book,
        "finite_difference",
        once + "\n\ndef finite_difference(x, *, function, step, scheme):\n    if x.ndim > 1 and len(x) > 9:\n"
        "        raise ValueError('too many')\n    return right(x, function=function, step=step, scheme=scheme)\n",
    )
    workbook.picture(book)
    assert "because yours failed: ValueError: too many" in said(book)


def test_without_matplotlib_it_says_what_to_install(book, monkeypatch, tmp_path, capsys):
    class Nothing(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, path, target=None):
            if fullname.partition(".")[0] == "matplotlib":
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

    loaded = [m for m in sys.modules if m.startswith(("matplotlib", "crosscheck.backends.learn.pictures"))]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(sys.modules["crosscheck.backends.learn"], "pictures", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Nothing(), *sys.meta_path])
    with pytest.raises(LearnError, match=r"pip install 'crosscheck-ml\[pictures\]'"):
        workbook.picture(book)
    assert command.main(["learn", str(tmp_path / "mine"), "--picture"]) == 2
    assert "crosscheck-ml[pictures]" in capsys.readouterr().err
    keys = iter(["p", "q"])
    watch(book, lambda _: next(keys))
    assert "crosscheck-ml[pictures]" in said(book), "and watching goes on"


@drawing
def test_the_command_and_the_key(book, capsys):
    assert command.main(["learn", str(book.folder), "--picture"]) == 0
    assert "chapter_00.png" in capsys.readouterr().out
    (book.folder / "chapter_00.png").unlink()
    keys = iter(["", "p", "q"])
    watch(book, lambda _: next(keys))
    assert "p the picture" in said(book) and (book.folder / "chapter_00.png").exists()


@drawing
def test_the_settings_of_the_user_are_left_alone(tmp_path):
    import matplotlib

    drawn = PICTURES[0]
    with matplotlib.rc_context({"font.size": 40, "axes.facecolor": "black"}):
        before = dict(matplotlib.rcParams)
        gallery.draw(drawn, picture.ours(drawn.needs), tmp_path / "a.png", 60, dpi=50)
        assert dict(matplotlib.rcParams) == before
    gallery.draw(drawn, picture.ours(drawn.needs), tmp_path / "b.png", 60, dpi=50)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_last_exercise_of_a_chapter_mentions_the_picture():
    console = Console(file=io.StringIO(), width=110)
    for lesson in (LESSONS[0], next(x for x in LESSONS if x.position == len(x.chapter.exercises))):
        console.print(page.success(lesson))
        text = console.file.getvalue()  # type: ignore[attr-defined]
        assert ("--picture" in text) == (lesson.position == len(lesson.chapter.exercises))

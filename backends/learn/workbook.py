"""What can be done in the workbook: have the exercise judged, take a hint, go on, see how far one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from .. import BackendError
from ..limits import SECONDS
from . import linehunt, page, progress, quiz, stub
from .exercise import Chapter, Lesson, lessons
from .judge import compare as judge_beside
from .judge import judge
from .progress import LearnError, Progress


@dataclass(frozen=True)
class Workbook:
    """The learner's folder, and what is to be learnt."""

    folder: Path
    chapters: tuple[Chapter, ...]
    screen: Console
    limit: float = SECONDS

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return lessons(self.chapters)

    @property
    def progress(self) -> Progress:
        found = progress.read(self.folder)
        return found or Progress(self.lessons[0].name)

    def keep(self, told: Progress) -> None:
        progress.write(self.folder, told)

    @property
    def current(self) -> Lesson:
        name = self.progress.current
        found = next((lesson for lesson in self.lessons if lesson.name == name), None)
        if found is None:
            raise LearnError(
                f"{self.folder / progress.FILE} says that the exercise is {name!r}, and there is none of that name; "
                f"choose one: crosscheck learn --at {self.lessons[0].key}"
            )
        return found

    @property
    def path(self) -> Path:
        """The learner's file of the current exercise."""
        return self.folder / f"{self.current.key}.py"


def begin(folder: Path, chapters: Sequence[Chapter], screen: Console, limit: float = SECONDS) -> Workbook:
    """The workbook in the folder, which is made if there is none."""
    book = Workbook(folder, tuple(chapters), screen, limit)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LearnError(f"{folder} cannot be a folder of exercises: {error.strerror}") from error
    if progress.read(folder) is None:
        book.keep(book.progress)
    return book


def lay_out(book: Workbook) -> Path:
    """Write the stubs of the current chapter that are not there; the result is the current exercise's file."""
    number = book.current.chapter.number
    for lesson in book.lessons:
        if lesson.chapter.number == number:
            stub.write(lesson, book.folder)
    return book.path


def show(book: Workbook) -> None:
    """The current exercise, and what to do."""
    path = lay_out(book)
    book.screen.print(page.exercise(book.current, path, book.progress, len(book.lessons)))


def check(book: Workbook) -> bool:
    """Judge the current exercise; after success its explanation and our solution are shown."""
    path, lesson = lay_out(book), book.current
    judgement = judge(lesson, path, book.limit)
    if not judgement.passed:
        book.screen.print(page.failure(lesson, judgement), soft_wrap=True)
        return False
    told = book.progress
    if lesson.name not in told.passed:
        book.keep(replace(told, passed=(*told.passed, lesson.name)))
    book.screen.print(page.success(lesson))
    return True


def compare(book: Workbook, others: Sequence[str]) -> None:
    """The learner's answers to the current exercise, beside those of the frameworks."""
    try:
        book.screen.print(page.comparison(book.current, judge_beside(book.current, lay_out(book), others)))
    except BackendError as error:
        raise LearnError(str(error)) from error


def hint(book: Workbook) -> None:
    """Unlock one more hint, and show all that are unlocked."""
    told, lesson = book.progress, book.current
    unlocked = min(told.hints.get(lesson.name, 0) + 1, len(lesson.exercise.hints))
    book.keep(replace(told, hints={**told.hints, lesson.name: unlocked}))
    book.screen.print(page.hints(lesson, unlocked))


def go_on(book: Workbook) -> bool:
    """To the next exercise that is open: those behind this one first, then those left out. False when all are done."""
    told, every = book.progress, book.lessons
    here = every.index(book.current)
    open_ones = [x for x in (*every[here + 1 :], *every[:here]) if not done(x, told)]
    if not open_ones:
        book.screen.print(page.finished(done(book.current, told), book.current))
        return False
    book.keep(replace(told, current=open_ones[0].name))
    show(book)
    return True


def go_to(book: Workbook, key: str) -> None:
    """To the exercise of that key, number or name."""
    found = next((x for x in book.lessons if key in (x.key, x.name, x.key[:5])), None)
    if found is None:
        raise LearnError(f"there is no exercise {key!r}; crosscheck learn --list shows them all")
    book.keep(replace(book.progress, current=found.name))
    show(book)


def picture(book: Workbook) -> Path:
    """Draw the picture of the current chapter, with the learner's functions where they are right; its path."""
    try:
        from .pictures import gallery, picture
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise LearnError("pictures are drawn by matplotlib: pip install 'crosscheck-ml[pictures]'") from error
    chapter = book.current.chapter
    found = gallery.PICTURES.get(chapter.number)
    if found is None:
        raise LearnError(f"chapter {chapter.number} has no picture")
    path = book.folder / f"chapter_{chapter.number:02}.png"
    drawn = gallery.draw(found, picture.whose(found.needs, book.lessons, book.folder, book.limit), path, book.limit)
    rest = [name for name in found.needs if name not in drawn.yours]
    book.screen.print(page.picture(chapter, path, drawn.look, drawn.yours, rest, drawn.wrong))
    return path


def done(lesson: Lesson, told: Progress) -> bool:
    """Passed, or in a chapter whose quiz was passed."""
    return lesson.name in told.passed or lesson.chapter.number in told.quizzes


def overview(book: Workbook) -> None:
    told = book.progress
    book.screen.print(page.overview(book.chapters, {x.name for x in book.lessons if done(x, told)}, told))


def take_quiz(book: Workbook, number: int, answer: Callable[[], str]) -> bool:
    """Hunt for planted mistakes; who finds them all has done with the chapter. ``answer`` gives the learner's lines."""
    chapter = next((c for c in book.chapters if c.number == number), None)
    if chapter is None:
        raise LearnError(f"there is no chapter {number}; there are 0 to {book.chapters[-1].number}")
    told = book.progress
    attempt = told.attempts.get(str(number), 0)
    found = quiz.hunts(chapter, attempt)
    if not found:
        raise LearnError(f"chapter {number} has no quiz: no mistakes in its operations are recorded")
    book.keep(replace(told, attempts={**told.attempts, str(number): attempt + 1}))
    right = 0
    for i, hunt in enumerate(found, 1):
        book.screen.print(page.hunt(hunt, i, len(found)))
        given = answer().strip()
        right += given == str(hunt.answer + 1)
        book.screen.print(page.answered(hunt, given))
    passed = right == len(found)
    if passed and number not in told.quizzes:
        told = book.progress
        book.keep(replace(told, quizzes=tuple(sorted({*told.quizzes, number}))))
    book.screen.print(page.quizzed(chapter, right, len(found)))
    if passed and book.current.chapter.number == number:
        go_on(book)
    return passed


def hunt_lines(book: Workbook, number: int, answer: Callable[[], str]) -> bool:
    """Find the wrong lines of backwards of all chapters up to that one. ``answer`` gives the learner's lines."""
    name = linehunt.name_of(number)
    if number not in linehunt.AFTER or number > book.chapters[-1].number:
        there = [linehunt.name_of(n) for n in linehunt.AFTER if n <= book.chapters[-1].number]
        raise LearnError(f"there is no quiz {name}; there are {', '.join(there) or 'none'}, and those of the chapters")
    told = book.progress
    attempt = told.attempts.get(name, 0)
    found = linehunt.hunts(book.chapters, number, attempt)
    if not found:
        raise LearnError(f"{name} is empty: no mistakes in the operations up to chapter {number} are recorded")
    book.keep(replace(told, attempts={**told.attempts, name: attempt + 1}))
    right = 0
    for i, hunt in enumerate(found, 1):
        book.screen.print(page.line_hunt(hunt, i, len(found)), soft_wrap=True)
        given = answer()
        right += hunt.found_by(given)
        book.screen.print(page.line_answered(hunt, given))
    passed = right == len(found)
    if passed and number not in told.hunts:
        told = book.progress
        book.keep(replace(told, hunts=tuple(sorted({*told.hunts, number}))))
    book.screen.print(page.lines_found(number, right, len(found)))
    return passed

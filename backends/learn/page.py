"""How the workbook looks: plain text that is also pretty on a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from crosscheck.reference import known_slips
from crosscheck.reference.agreement.verdict import GOOD, WRONG, Verdict

from .. import screen
from ..why import words_of
from .exercise import Chapter, Lesson, Part, derivation, function_name, held, paragraphs, solution
from .judge import Judgement
from .linehunt import AFTER, LineHunt, name_of
from .progress import Progress
from .quiz import Hunt

KEYS = "h a hint    n the next exercise    p the picture of the chapter    q end"


def _paragraphs(*pairs: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in pairs:
        table.add_row(Text(title), Text(text))
    return table


def _code(source: str) -> Syntax:
    return Syntax(source, "python", background_color="default", word_wrap=True)


def exercise(lesson: Lesson, path: Path, told: Progress, count: int) -> Group:
    op, chapter = lesson.exercise.operation, lesson.chapter
    title = f"Chapter {chapter.number}, {chapter.title}: {lesson.position} of {len(chapter.exercises)}, {lesson.name}"
    formula, *rest = paragraphs(op)
    shapes = next((p.removeprefix("Shapes: ") for p in rest if p.startswith("Shapes")), "")
    write = ", ".join(function_name(op, part) for part in lesson.exercise.parts)
    table = _paragraphs(
        ("formula", formula),
        ("shapes", shapes),
        *([("here", held(lesson.exercise))] if held(lesson.exercise) else []),
        ("question", lesson.exercise.question),
        ("write", f"{write} in {path}"),
        ("then", "crosscheck learn --check, or --watch in a window beside: it judges whenever you save. --hint helps."),
        ("done", f"{len(told.passed)} of {count} exercises"),
    )
    return Group(screen.heading(title), table)


def failure(lesson: Lesson, judgement: Judgement) -> Text:
    right = f" {', '.join(judgement.right)} is right." if judgement.right else ""
    return Text.assemble((f"{lesson.name}: not yet.{right}\n", "bold yellow"), judgement.message)


def success(lesson: Lesson) -> Group:
    """Why it is so, what others get wrong, and how we wrote it."""
    op = lesson.exercise.operation
    last = lesson.position == len(lesson.chapter.exercises)
    _, *rest = paragraphs(op)
    told = [("", p) for p in rest if not p.startswith(("Shapes", "Source"))]
    told += [("source", p.removeprefix("Source: ")) for p in rest if p.startswith("Source")]
    titles: dict[Part, str] = {"vjp": "backward", "hvp": "Hessian"}
    for part, title in titles.items():
        if part in lesson.exercise.parts or (part == "vjp" and lesson.exercise.backward):
            told += [(title if i == 0 else "", p) for i, p in enumerate(derivation(op, part))]
    for slip in known_slips().get(op.name, ()):
        backward, hessian = slip.vjp and lesson.exercise.backward, slip.hvp and "hvp" in lesson.exercise.parts
        if slip.convention or slip.forward or backward or hessian:
            told.append(("convention" if slip.convention else "caught", words_of(slip)))
    return Group(
        Text(f"{lesson.name}: right.", style="bold green"),
        _paragraphs(*told),
        Text("\nOur solution:\n", style="bold"),
        _code(solution(lesson.exercise)),
        Text(
            f"PyTorch and JAX beside you: crosscheck learn --compare. How they do it: crosscheck show {op.name}. "
            "The next exercise: crosscheck learn --next"
        ),
        *(_after(lesson.chapter) if last else ()),
    )


def _after(chapter: Chapter) -> Iterator[Text]:
    """What there is at the end of a chapter."""
    yield Text("The picture of this chapter, drawn with your functions: crosscheck learn --picture")
    if chapter.number in AFTER:
        quiz = name_of(chapter.number)
        yield Text(f"Find the wrong line, in all chapters so far: crosscheck learn --quiz {quiz}")


def comparison(lesson: Lesson, answers: Mapping[str, Sequence[Verdict]]) -> Group:
    """How near to the truth each of them comes."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "answers", "right", "wrong", "convention", "not offered", "worst, in ulp"):
        table.add_column(column, justify="left" if not column else "right")
    for name, verdicts in answers.items():
        right = [v for v in verdicts if v.outcome in GOOD]
        other = sum(v.outcome == "convention" for v in verdicts)
        wrong = sum(v.outcome in WRONG for v in verdicts) - other
        missing = len(verdicts) - len(right) - wrong - other
        worst = f"{max(v.ulps for v in right):.3g}" if right else ""
        table.add_row(name, *(str(n or "") for n in (len(verdicts), len(right), wrong, other, missing)), worst)
    return Group(screen.heading(f"{lesson.name}: how far from the truth"), table)


def picture(chapter: Chapter, path: Path, look: str, yours: Sequence[str], ours: Sequence[str], wrong: str) -> Group:
    """Where the picture is, with whose functions it was drawn, and what to look at."""
    table = _paragraphs(
        ("picture", str(path)),
        (
            "yours",
            ", ".join(yours) or f"none yet: it is drawn with ours{', because yours failed: ' + wrong if wrong else ''}",
        ),
        *([("ours", ", ".join(ours))] if ours else []),
        ("look at", look),
    )
    return Group(screen.heading(f"Chapter {chapter.number}, {chapter.title}: its picture"), table)


def hints(lesson: Lesson, unlocked: int) -> Group:
    shown = lesson.exercise.hints[:unlocked]
    left = len(lesson.exercise.hints) - unlocked
    table = _paragraphs(*((f"hint {i}", text) for i, text in enumerate(shown, 1)))
    return Group(table, Text(f"{left} more" if left else "there are no more", style="dim"))


def overview(chapters: Sequence[Chapter], done: Collection[str], told: Progress) -> Group:
    """Every chapter and exercise, what is done and where one is."""
    parts: list[RenderableType] = []
    for chapter in chapters:
        names = [e.name for e in chapter.exercises]
        n = sum(name in done for name in names)
        by_quiz = ", by its quiz" if chapter.number in told.quizzes else ""
        title = f"{chapter.number:2} {chapter.title}  {n} of {len(names)}{by_quiz}"
        parts.append(Text(title, style="bold green" if n == len(names) else "bold"))
        for i, name in enumerate(names, 1):
            mark = ">" if name == told.current else "x" if name in done else " "
            used = told.hints.get(name, 0)
            note = f"  {used} {'hint' if used == 1 else 'hints'}" if used else ""
            style = "green" if name in done else ""
            parts.append(Text(f" {mark} {chapter.number:02}_{i:02} {name}{note}", style=style))
        if chapter.number in AFTER:
            found, quiz = chapter.number in told.hunts, name_of(chapter.number)
            text = f" {'x' if found else ' '} {quiz} find the wrong line: crosscheck learn --quiz {quiz}"
            parts.append(Text(text, style="green" if found else ""))
    return Group(*parts)


def finished(last_done: bool, lesson: Lesson) -> Text:
    if last_done:
        return Text("All exercises are done.", style="bold green")
    return Text(f"{lesson.name} is the only exercise that is left.", style="bold")


def hunt(found: Hunt, i: int, of: int) -> Group:
    return Group(
        screen.heading(f"Hunt {i} of {of}: {found.function} is wrong, whatever it calls is right. Why?"),
        _code(found.source),
        Text(""),
        _paragraphs(*((str(k), text) for k, text in enumerate(found.choices, 1))),
        Text(f"Which one? 1 to {len(found.choices)}:", style="bold"),
    )


def answered(found: Hunt, given: str) -> Text:
    if given == str(found.answer + 1):
        return Text("Right.", style="green")
    return Text(f"No, it is {found.answer + 1}: {found.choices[found.answer]}", style="yellow")


def quizzed(chapter: Chapter, right: int, of: int) -> Text:
    if right == of:
        return Text(f"All {of} found: chapter {chapter.number} is done, you may skip it.", style="bold green")
    return Text(f"{right} of {of} found. The next try asks otherwise.", style="bold yellow")


def line_hunt(hunt: LineHunt, i: int, of: int) -> Group:
    title = f"Hunt {i} of {of}: my_{hunt.bug.op}_vjp is wrong in one line, whatever it calls is right"
    return Group(
        screen.heading(title),
        Syntax(hunt.source, "python", background_color="default", line_numbers=True, word_wrap=True),
        Text("\ncrosscheck says of it:\n", style="bold"),
        Text(hunt.card),
        Text(f"\nWhich line is wrong? 1 to {hunt.lines}:", style="bold"),
    )


def line_answered(hunt: LineHunt, given: str) -> Group:
    """The slip's own words, and the right line."""
    wrong, right = hunt.source.splitlines()[hunt.bug.line].strip(), hunt.found_by(given)
    number = hunt.bug.line + 1
    return Group(
        Text("Right." if right else f"No, it is line {number}.", style="green" if right else "yellow"),
        _paragraphs(("why", hunt.bug.slip.why), ("line", str(number)), ("wrong", wrong), ("right", hunt.bug.right)),
        Text(""),
    )


def lines_found(number: int, right: int, of: int) -> Text:
    if right == of:
        return Text(f"All {of} found: {name_of(number)} is passed.", style="bold green")
    return Text(f"{right} of {of} found. The next try asks otherwise.", style="bold yellow")

"""The quizzes Q4, Q7, Q11 and Q16: a wrong backward and what crosscheck says of it. Which line is it?"""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

from crosscheck.reference import catalogue
from crosscheck.reference.agreement.verdict import Verdict

from ..questions import ask
from ..why import why
from ..witness import Witness
from .exercise import Chapter, Exercise
from .planted import Bug, bugs, function_of

AFTER = (4, 7, 11, 16)
"""The chapters after which there is a hunt over all chapters so far."""
HUNTS = 4


@dataclass(frozen=True)
class LineHunt:
    bug: Bug
    source: str
    """The wrong function, under a name that is not ours."""
    card: str
    """What crosscheck says of its first wrong answer; the mistake itself is not named."""

    @property
    def lines(self) -> int:
        return len(self.source.splitlines())

    def found_by(self, given: str) -> bool:
        number = re.fullmatch(r"(?:line)?\s*(\d+)", given.strip().lower())
        return number is not None and int(number[1]) - 1 in (self.bug.line, *self.bug.also)


def name_of(number: int) -> str:
    return f"Q{number}"


def taught(chapters: Iterable[Chapter], number: int) -> list[Exercise]:
    """The exercises up to that chapter that ask for a backward, each operation's last one."""
    exercises = (e for c in chapters if c.number <= number for e in c.exercises if "vjp" in e.parts)
    return list({e.op: e for e in exercises}.values())


def hunts(chapters: Iterable[Chapter], number: int, attempt: int) -> list[LineHunt]:
    """Four of different operations; others at the next attempt."""
    chance = random.Random(f"{name_of(number)} {attempt}")
    exercises = taught(chapters, number)
    chance.shuffle(exercises)
    found: list[LineHunt] = []
    for exercise in exercises:
        planted = of_exercise(exercise)
        if planted:
            found.append(hunt(exercise, chance.choice(planted)))
        if len(found) == HUNTS:
            break
    return found


def of_exercise(exercise: Exercise) -> list[Bug]:
    """The mistakes that are seen where the exercise asks."""
    return [bug for bug in bugs(exercise.op) if not exercise.labels or set(exercise.labels) & set(bug.labels)]


def hunt(exercise: Exercise, bug: Bug) -> LineHunt:
    return LineHunt(bug, bug.source.replace(f"def {bug.op}_vjp(", f"def my_{bug.op}_vjp("), card(exercise, bug))


def card(exercise: Exercise, bug: Bug) -> str:
    """The message about the first wrong answer among those that the exercise asks for."""
    op = catalogue()[bug.op]
    own: dict[str, Any] = {f"{bug.op}_vjp": function_of(op, bug.source)}
    witness = Witness(SimpleNamespace(find=own.get, dtypes=("float64",)), "yours")
    labels = [label for label in bug.labels if not exercise.labels or label in exercise.labels]
    wrong = [v for label in labels for v in ask(witness, op, label, "float64", "vjp") if v.outcome == "disagrees"]
    numbers = [v for v in wrong if v.got is not None]  # a wrong shape alone says less
    return _unnamed((numbers or wrong)[0]).message()


def _unnamed(verdict: Verdict) -> Verdict:
    """What is said of it by one who knows none of the operation's slips."""
    reason: Any = inspect.unwrap(verdict.why) if verdict.why else None  # it is remembered once it was found out
    if isinstance(reason, partial) and reason.func is why:
        reason = partial(reason, slips=False)
    return replace(verdict, why=reason, reproduction="")

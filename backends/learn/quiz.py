"""The quiz of a chapter: hunts for a planted mistake. Who finds them all may skip the chapter."""

from __future__ import annotations

import inspect
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crosscheck.reference import Slip, known_slips

from ..reproduce import lines_of
from .exercise import Chapter

HUNTS, CHOICES = 3, 3


@dataclass(frozen=True)
class Hunt:
    """A wrong function, and what might be the matter with it: the one at ``answer`` is."""

    op: str
    function: str
    """The name of the wrong function in the source."""
    source: str
    choices: tuple[str, ...]
    answer: int


def hunts(chapter: Chapter, attempt: int) -> list[Hunt]:
    """Up to three, others at the next attempt; none where no mistake in the chapter's operations is known."""
    chance = random.Random(f"{chapter.number} {attempt}")
    ops = list(dict.fromkeys(exercise.op for exercise in chapter.exercises))
    backward = {exercise.op for exercise in chapter.exercises if exercise.backward}
    taught = [(op, slip) for op in ops for slip in _mistakes(op) if slip.forward or (slip.vjp and op in backward)]
    planted = [(op, slip, *shown) for op, slip in taught if (shown := _source(op, slip))]
    others = list(dict.fromkeys(slip.why for op in (*ops, *known_slips()) for slip in _mistakes(op)))
    chance.shuffle(planted)
    found = []
    for op, slip, name, source in planted[:HUNTS]:
        # Mistakes of the same operation tempt most; those of the chapter come next.
        near = [s.why for s in _mistakes(op) if s is not slip]
        wrong = list(dict.fromkeys([*near, *others]))
        choices = [slip.why, *[w for w in wrong if w != slip.why][: CHOICES - 1]]
        chance.shuffle(choices)
        found.append(Hunt(op, name, source, tuple(choices), choices.index(slip.why)))
    return found


def _mistakes(op: str) -> Iterator[Slip]:
    """A convention is right elsewhere, and no mistake."""
    return (slip for slip in known_slips().get(op, ()) if not slip.convention)


def _source(op: str, slip: Slip) -> tuple[str, str] | None:
    """The wrong function under a name that does not tell, and its lines; None where they cannot be had.

    What it calls of the reference is right, and is not shown.
    """
    wrong: Any = slip.forward or slip.vjp
    name = f"my_{op}" + ("" if slip.forward else "_vjp")
    try:
        lines, expression = lines_of(wrong)
    except (OSError, TypeError, SyntaxError):
        return None
    beside = inspect.getsource(sys.modules[wrong.__module__])
    shown = [p for p in lines if p.startswith(("import ", "from ")) or p.splitlines()[0] in beside]
    if expression.startswith("lambda"):
        return name, "\n\n".join([*shown, f"{name} = {expression}"])
    return name, re.sub(rf"\b{re.escape(expression)}\b", name, "\n\n".join(shown))

"""One kind of question, put to one witness at any size; what was seen at a size is remembered for the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crosscheck.backends.witness import Witness

from .check import Checked, check, ybar_of
from .work import Asked, Work, prepare


@dataclass(frozen=True)
class Met:
    """What is known about a call: the seconds of the first and of a warm one, and the verdicts on its answer."""

    first: float
    warm: float
    checked: Checked


SLOW_CALL = 0.1
"""Seconds: such a call is made no more often than needed."""

Seen = dict[tuple[str, str, str, str], Met]


class Inquiry:
    """``compiled`` None: as the witness prefers."""

    def __init__(self, witness: Witness, kind: Asked, compiled: bool | None, seen: Seen) -> None:
        self.label = f"{witness.name} compiled" if compiled else witness.name
        self.compiles = witness.compile_first if compiled is None else compiled
        self._witness, self._seen = witness, seen
        self._kind: Asked = kind

    def meet(self, work: Work) -> tuple[Callable[[], Any], Met]:
        """The call, warm, and its answer checked. Raises NotOffered."""
        ybar = ybar_of(work) if self._kind == "vjp" else None
        call = prepare(self._witness, work, self._kind, ybar, self.compiles)
        first, answer = clocked(call)
        warm = clocked(call)[0]
        if warm < SLOW_CALL:
            warm = min(warm, *(clocked(call)[0] for _ in range(2)))
        met = Met(first, warm, check(self._witness, work, self._kind, answer))
        self._seen[work.op.name, work.size, self._kind, self.label] = met
        return call, met

    def foretell(self, work: Work) -> float:
        """Seconds of a warm call, if they grow as the numbers that go in."""
        below = work.smaller
        return 0.0 if below is None else self._recall(below).warm * work.numbers / below.numbers

    def checked(self, work: Work) -> Checked:
        """The verdicts at this size, or at the largest one below where they decide something."""
        checked = self._recall(work).checked
        return checked if checked.conclusive or work.smaller is None else self.checked(work.smaller)

    def _recall(self, work: Work) -> Met:
        known = self._seen.get((work.op.name, work.size, self._kind, self.label))
        return known or self.meet(work)[1]


def clocked(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = call()
    return time.perf_counter() - start, answer

"""What was declared to be wrong, and the verdicts that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import groupby

import numpy as np

from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.verdict import WRONG, Verdict


def declared(name: str, disagreements: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The pattern that declares a disagreement on this question, and its reason with the link.

    A pattern behind a question mark is about an answer whose last digits are wrong on some processors, or in some
    draws: it may agree.
    """
    for pattern, (reason, link) in disagreements.items():
        if fnmatchcase(name, pattern.removeprefix("?")):
            return pattern, f"{reason} ({link})" if link else reason
    return None


def settle(verdicts: list[Verdict], disagreements: Mapping[str, tuple[str, str]], strict: bool = True) -> list[Verdict]:
    """The verdicts, with wrong answers to declared questions as "declared".

    Strict: a declared question whose answers all agree becomes a verdict of its own, "disagrees". Fewer draws than
    the entry was written from may miss the disagreement, so they are not strict. An entry that may agree excuses last
    digits alone: an answer with less than half of the format's digits right is as wrong as without it.
    """
    settled: list[Verdict] = []
    for name, group in groupby(verdicts, lambda v: v.question.partition(",")[0]):
        answers, entry = list(group), declared(name, disagreements)
        wrong = any(v.outcome in WRONG for v in answers)
        sometimes = entry is not None and entry[0].startswith("?")
        reach = 2.0 ** (-FORMATS[name.rpartition("-")[2]].bits / 2) if sometimes else np.inf
        if entry is None or not (wrong or (strict and not sometimes)):
            settled += answers
        elif wrong:
            settled += [
                replace(v, outcome="declared", reason=entry[1]) if v.outcome in WRONG and v.apart <= reach else v
                for v in answers
            ]
        else:
            settled.append(
                Verdict(name, "disagrees", f"agrees, but {entry[0]!r} declares: {entry[1]}; narrow or remove the entry")
            )
    return settled

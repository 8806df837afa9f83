"""The first wrong intermediate of a network: the others behind it follow from it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal

from crosscheck.reference.agreement.truth import Point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, judge

from .witness import Witness

Way = Literal["values", "cotangents"]
WAYS: dict[Way, str] = {"values": "on the way forward", "cotangents": "on the way back"}


def judge_in_order(witness: Witness, p: Point, which: Way, name: str, every: bool = False) -> Iterator[Verdict]:
    """A verdict on each intermediate that the witness has, in the order of the way, up to the first wrong one.

    ``every``: one that it does not have is wrong too.
    """
    got, names = witness.named(p, which), p.names(which)
    if not got:
        yield Verdict(name, "vacuous", f"no intermediate was returned {WAYS[which]}; there are {', '.join(names)}")
    for other in got.keys() - set(names):
        close = difflib.get_close_matches(other, names, n=1)
        advice = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
        yield Verdict(name, "disagrees", f"there is no intermediate {other!r} {WAYS[which]}; {advice}")
        return
    for k, (truth, radius) in enumerate(zip(p.truth(which), p.rounding(which), strict=True)):
        if names[k] in got:
            about = f"{name}, {names[k]} {WAYS[which]}"
            verdict = judge(about, got[names[k]], truth, radius, p.form, witness.flushes)
            yield verdict
            if verdict.outcome in WRONG:
                return
        elif every:
            reason = f"it is not in the dict; there must be {', '.join(names)}"
            yield Verdict(f"{name}, {names[k]} {WAYS[which]}", "disagrees", reason)
            return


def origin(witness: Witness, p: Point, kind: str) -> str:
    """Where a wrong value or VJP begins to be wrong, as far as the witness names its intermediates."""
    if p.op.values is None or kind not in ("value", "vjp") or p.case.kind != "regular":
        return ""
    ways: tuple[Way, ...] = ("values", "cotangents") if kind == "vjp" else ("values",)
    for which in ways:
        if witness.backend.find(f"{p.op.name}_{which}") is None:
            continue
        *right, last = judge_in_order(witness, p, which, "")
        if last.outcome in WRONG:
            after = f", after {right[-1].question.split()[1]}" if right else ""
            return f"the first wrong intermediate is {last.question.removeprefix(', ')}{after}"
    return ""

"""Where the mathematics gives an exact answer, or none: special values, empty arrays, and what must be refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

from crosscheck.reference import Op
from crosscheck.reference.agreement.conduct import hint, not_refused
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import Point, as_tuple
from crosscheck.reference.agreement.verdict import Verdict, judge_limit

from ..why import limit_convention, limit_looks_like
from ..witness import NotOffered, Witness
from .examined import examined, part_name, question, with_script


def ask_limit(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Special values and empty arrays: the mathematics gives the exact answer."""
    case = op.draw()[label]
    name = question(case.kind, op.name, label, dtype)

    def produce():
        p = Point(op, case, FORMATS[dtype], (0,))
        got, want = witness.answer(p, "value"), as_tuple(case.answer)
        if len(got) != len(want):
            yield Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(want)}")
            return
        if op.gauge:
            got = tuple(np.asarray(g * np.asarray(s, g.dtype)) for g, s in zip(got, op.gauge(got, want), strict=True))
        for k, (g, w) in enumerate(zip(got, want, strict=True)):
            verdict = judge_limit(part_name(name, 0, k, len(got), "output"), g, w, p.form)
            if verdict.outcome == "disagrees":
                verdict = replace(verdict, why=cache(partial(limit_looks_like, p, k, g, np.asarray(w))))
                if limit_convention(p, k, g):
                    verdict = replace(verdict, outcome="convention")
            yield from with_script(witness, p, "value", [verdict])

    return examined(witness, name, produce)


def ask_refusal(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Inputs without an answer must raise an error."""
    case = op.draw()[label]
    name = question("refused", op.name, label, dtype)

    def produce():
        p = Point(op, case, FORMATS[dtype], (0,))
        try:
            got = witness.answer(p, "value")
        except (NotOffered, NotImplementedError):
            raise
        except Exception:
            yield Verdict(name, "agrees")
            return
        shapes = ", ".join(str(g.shape) for g in got)
        bad = Verdict(
            name, "disagrees", f"must raise an error, returned arrays of shape {shapes}", why=partial(hint, not_refused)
        )
        yield from with_script(witness, p, "value", [bad])

    return examined(witness, name, produce)

"""What an answer is made of: the factors of a factorisation, the intermediates of a network."""

from __future__ import annotations

import numpy as np

from crosscheck.reference import Op
from crosscheck.reference.agreement.truth import as_tuple, point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, judge_residual

from ..intermediates import WAYS, Way, judge_in_order
from ..witness import NotOffered, Witness
from .examined import examined, part_name, question, with_script


def ask_residuals(witness: Witness, op: Op, label: str, dtype: str, draws: int = 1) -> list[Verdict]:
    """Of a factorisation: whether the factors are of their kind, and multiply to what was given."""
    name = question("residual", op.name, label, dtype)

    def produce():
        for draw in range(draws):
            p = point(op, label, dtype, draw)
            got, want = witness.answer(p, "value"), as_tuple(op.forward(*p.args, **p.case.params))
            form = [(g.shape, g.dtype.name) for g in got]
            if form != [(np.shape(w), p.form.name) for w in want]:
                yield Verdict(name, "disagrees", f"got {form}, want {[np.shape(w) for w in want]} in {p.form.name}")
                return
            n = max(np.shape(p.args[0])[-2:])
            pairs = p.residuals(got)
            for k, (residual, size) in enumerate(pairs):
                verdict = judge_residual(part_name(name, draw, k, len(pairs), "residual"), residual, size, n, p.form)
                yield from with_script(witness, p, "value", [verdict])

    return examined(witness, name, produce)


def ask_intermediates(
    witness: Witness, op: Op, label: str, dtype: str, draws: int = 1, only: Way | None = None
) -> list[Verdict]:
    """Of a network whose intermediates the witness names: each up to the first wrong one, forward, then back.

    ``only``: one way alone, and all names of it must be there.
    """
    name = question("intermediates", op.name, label, dtype)

    def produce():
        ways: tuple[Way, ...] = (only,) if only else tuple(WAYS)
        offered: list[Way] = [which for which in ways if witness.backend.find(f"{op.name}_{which}")]
        if not offered:
            raise NotOffered(f"{witness.name} names no intermediates of {op.name}")
        for draw in range(draws):
            p = point(op, label, dtype, draw)
            for which in offered:
                about = name + (f", draw {draw}" if draw else "")
                verdicts = list(judge_in_order(witness, p, which, about, every=only is not None))
                yield from verdicts
                if verdicts[-1].outcome in WRONG:
                    return

    return examined(witness, name, produce)

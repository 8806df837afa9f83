"""The catalogue in a quick tier: value and VJP of every regular case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crosscheck.reference import Op
from crosscheck.reference.agreement.verdict import Verdict

from .questions import ask, question, settle
from .witness import Kind, Witness

KINDS: tuple[Kind, ...] = ("value", "vjp")
DTYPES = ("float64", "float32")
STRICT_DRAWS = 2
"""As many as the tests ask, and so the declarations of disagreements are about; one draw may miss what they declare."""


def survey(
    witnesses: Sequence[Witness],
    ops: Iterable[Op],
    draws: int = 1,
    cases: int | None = None,
    dtypes: Sequence[str] = DTYPES,
) -> Iterator[tuple[Op, Witness, list[Verdict]]]:
    """Each operation, each witness, and the verdicts on its answers; of the first ``cases`` cases only, if given."""
    for op in ops:
        regular = [case for case in op.draw().values() if case.kind == "regular"][:cases]
        for witness in witnesses:
            if not witness.offers(op):
                # said once, not of every case
                name = question("value", op.name, regular[0].label, DTYPES[0])
                yield op, witness, [Verdict(name, "not offered", f"{witness.name} has no {op.name}")]
                continue
            verdicts: list[Verdict] = []
            for case in regular:
                kinds = KINDS if op.vjp and op.differentiable(case) else KINDS[:1]
                for dtype in dtypes:
                    for kind in kinds:
                        answers = ask(witness, op, case.label, dtype, kind, draws)
                        verdicts += settle(answers, witness.disagreements, strict=draws >= STRICT_DRAWS)
            yield op, witness, verdicts

"""The questions: what is asked of a witness about an operation, and the verdicts on its answers."""

from __future__ import annotations

from crosscheck.reference import Case, Op
from crosscheck.reference.agreement.truth import point
from crosscheck.reference.agreement.verdict import Verdict

from ..witness import Witness, kinds_of
from .answers import ask, ask_batched, ask_exhaustively, ask_otherwise
from .declarations import declared, settle
from .edges import ask_limit, ask_refusal
from .examined import examined, question
from .kinks import ask_kink
from .parts import ask_intermediates, ask_residuals
from .purity import ask_layout, ask_pure

__all__ = [
    "ask",
    "ask_batched",
    "ask_exhaustively",
    "ask_intermediates",
    "ask_kink",
    "ask_layout",
    "ask_limit",
    "ask_otherwise",
    "ask_pure",
    "ask_refusal",
    "ask_residuals",
    "declared",
    "examined",
    "formats",
    "interrogate",
    "question",
    "settle",
]


def interrogate(witness: Witness, op: Op, draws: int = 2) -> list[Verdict]:
    """Every question about an operation, in every format that is asked of it and offered."""
    verdicts: list[Verdict] = []
    for label, case in op.draw().items():
        for dtype in formats(op, case):
            if dtype not in witness.dtypes:
                continue
            about = (witness, op, label, dtype)
            match case.kind:
                case "special" | "empty":
                    verdicts += ask_limit(*about)
                case "refused":
                    verdicts += ask_refusal(*about)
                case "kink":
                    verdicts += ask(*about, "value", draws)
                    verdicts += ask_kink(*about) if op.vjp and op.differentiable(case) else []
                case "degenerate":
                    verdicts += ask_residuals(*about, draws)
                case "regular":
                    verdicts += ask_residuals(*about, draws) if op.residuals else []
                    for kind in kinds_of(point(op, label, dtype)):
                        verdicts += ask(*about, kind, draws)
                    verdicts += ask_pure(*about)
                    verdicts += ask_intermediates(*about, draws) if op.values else []
                    verdicts += ask_layout(*about) if dtype in ("float64", "float32") else []
                    verdicts += ask_batched(*about, draws) if witness.has("batched") else []
                    verdicts += ask_otherwise(*about) if witness.has("compiled") else []
    return verdicts


def formats(op: Op, case: Case) -> tuple[str, ...]:
    """The formats in which a case of an operation is asked."""
    return ("float64", "float32", "float16", "bfloat16") if op.half and case.half else ("float64", "float32")

"""Do they agree? Every question, put to every witness, about every case of every operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crosscheck.backends import NAMED, questions
from crosscheck.backends.witness import FIRST_ORDER, SECOND_ORDER
from crosscheck.reference.agreement.proof import adjoint_gap, hessian_gap, proved
from crosscheck.reference.agreement.truth import point
from crosscheck.reference.agreement.verdict import Verdict

if TYPE_CHECKING:
    from crosscheck.backends.witness import Kind

    from .conftest import Asked

SINGLE = ("float64", "float32")


@pytest.mark.question("derivative")
def test_adjoint(crosscheck, op, label):
    """The hand-derived VJP is the adjoint of the derivative: proved in balls, in every draw."""
    name = questions.question("adjoint", op.name, label, "float64")
    verdicts = []
    for draw in range(crosscheck.draws):
        gap = adjoint_gap(point(op, label, "float64", draw))
        verdicts.append(
            Verdict(name, "agrees" if proved(gap) else "disagrees", f"<ybar, J xdot> - <J^T ybar, xdot> = {gap}")
        )
    crosscheck.conclude("VJP texts", verdicts)


@pytest.mark.question("hessian")
def test_hessian(crosscheck, op, label):
    """The hand-derived HVP is the derivative of the VJP: proved in balls, element by element, in every draw."""
    name = questions.question("hessian", op.name, label, "float64")
    verdicts = []
    for draw in range(crosscheck.draws):
        gap = hessian_gap(point(op, label, "float64", draw))
        verdicts.append(Verdict(name, "agrees" if proved(gap) else "disagrees", f"HVP - d/dt VJP = {gap}"))
    crosscheck.conclude("HVP texts", verdicts)


@pytest.mark.question("value")
def test_value(crosscheck, asked: Asked):
    """The value and named intermediates; strided and broadcast inputs; inputs left alone; the same answer twice."""
    verdicts = questions.ask(*asked.arguments, "value", crosscheck.draws)
    if asked.op.draw()[asked.label].kind == "regular":
        verdicts += questions.ask_residuals(*asked.arguments, crosscheck.draws) if asked.op.residuals else []
        verdicts += questions.ask_pure(*asked.arguments)
        if asked.op.values and any(asked.witness.backend.find(asked.op.name + part) for part in NAMED):
            verdicts += questions.ask_intermediates(*asked.arguments, crosscheck.draws)
        verdicts += questions.ask_layout(*asked.arguments) if asked.dtype in SINGLE else []
    crosscheck.conclude(asked.witness, verdicts)


@pytest.mark.question("degenerate")
def test_degenerate(crosscheck, asked: Asked):
    """One of many right values."""
    crosscheck.conclude(asked.witness, questions.ask_residuals(*asked.arguments, crosscheck.draws))


@pytest.mark.question("derivative")
def test_first_order(crosscheck, asked: Asked):
    """Reverse mode and forward mode: each differentiable argument, random cotangents and tangents."""
    kinds: list[Kind] = [kind for kind in FIRST_ORDER if asked.witness.differentiates(asked.op, kind)]
    crosscheck.conclude(
        asked.witness, [v for kind in kinds for v in questions.ask(*asked.arguments, kind, crosscheck.draws)]
    )


@pytest.mark.question("second", dtypes=SINGLE)
def test_second_order(crosscheck, asked: Asked):
    """All four compositions of the two modes, or those that there are; and a hand-written HVP."""
    kinds: list[Kind] = [kind for kind in SECOND_ORDER if asked.witness.differentiates(asked.op, kind)]
    crosscheck.conclude(
        asked.witness, [v for kind in kinds for v in questions.ask(*asked.arguments, kind, crosscheck.draws)]
    )


@pytest.mark.question("kink")
def test_kink(crosscheck, asked: Asked):
    crosscheck.conclude(asked.witness, questions.ask_kink(*asked.arguments))


@pytest.mark.question("batched", dtypes=SINGLE, needs=("batched",))
def test_batched(crosscheck, asked: Asked):
    crosscheck.conclude(asked.witness, questions.ask_batched(*asked.arguments, crosscheck.draws))


@pytest.mark.question("otherwise", dtypes=("float64",), needs=("compiled",))
def test_otherwise(crosscheck, asked: Asked, pytestconfig):
    """Compiled and eager, each against the truth: the way in which the other questions were not asked.

    A derivative calls many more operations than a value, and eagerly each is compiled alone: that is for the slow tier.
    """
    dear = asked.witness.compile_first and not pytestconfig.getoption("--crosscheck-slow")
    kinds: tuple[Kind, ...] = ("value",) if dear else ("value", "vjp")
    crosscheck.conclude(asked.witness, questions.ask_otherwise(*asked.arguments, kinds))


@pytest.mark.question("special")
def test_special(crosscheck, asked: Asked):
    """nan, infinities, signed zeros, extremes: the limit that the mathematics gives."""
    crosscheck.conclude(asked.witness, questions.ask_limit(*asked.arguments))


@pytest.mark.question("empty", dtypes=("float64",))
def test_empty(crosscheck, asked: Asked):
    crosscheck.conclude(asked.witness, questions.ask_limit(*asked.arguments))


@pytest.mark.question("refused", dtypes=("float64",))
def test_refused(crosscheck, asked: Asked):
    crosscheck.conclude(asked.witness, questions.ask_refusal(*asked.arguments))


@pytest.mark.question("exhaustive", dtypes=("float16", "bfloat16"))
def test_exhaustive(crosscheck, asked: Asked):
    crosscheck.conclude(asked.witness, questions.ask_exhaustively(*asked.arguments))

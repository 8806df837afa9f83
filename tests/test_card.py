"""The card of an operation: every line of its programs runs, and computes what is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crosscheck.backends import FRAMEWORKS, installed
from crosscheck.backends.card import example, plain, program_of, value_name
from crosscheck.backends.command import main
from crosscheck.backends.questions import declared, question
from crosscheck.backends.why import names_of
from crosscheck.backends.witness import NotOffered, called
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.truth import as_tuple

HERE = [name for name in FRAMEWORKS if name in installed()]


@pytest.fixture(scope="module")
def witnesses():
    return {name: called(name) for name in HERE}


@pytest.mark.parametrize("op", catalogue())
def test_every_line_of_a_card_runs_and_is_right(op, witnesses):
    operation = catalogue()[op]
    point = example(operation)
    names = [plain(name) for name in names_of(operation, len(point.args))]
    for witness in witnesses.values():
        if witness.backend.find(op) is None:
            continue
        program = program_of(witness, point)
        kinds: dict[str, Any] = {}
        for kind in ("value", "vjp") if point.wrt else ("value",):
            about = question(kind, op, point.case.label, "float64")
            if declared(about, witness.disagreements) is None:
                try:
                    kinds[kind] = witness.answer(point, kind)
                except (NotOffered, NotImplementedError):
                    continue
        if not kinds:
            continue
        assert program is not None, f"{witness.name} answers, and has no program"
        answers = {"value": as_tuple(program.names[value_name(names)])}
        if "vjp" in kinds:
            answers["vjp"] = tuple(program.names[f"{names[i]}_bar"] for i in point.wrt)
        for kind in kinds:
            for got, want in zip(witness.receive(answers[kind]), kinds[kind], strict=True):
                assert got.shape == want.shape and got.dtype == want.dtype
                assert np.all(np.abs(got - want) <= 1e-9 * np.max(np.abs(want), initial=0)), f"{witness.name}, {kind}"


def test_a_card_is_printed(capsys):
    assert main(["show", "softmax"]) == 0
    out = capsys.readouterr().out
    parts = ["y_i = exp(x_i) / sum_j exp(x_j)", "any, y as x", "xbar = y (ybar - sum_j ybar_j y_j)"]
    parts += ["softmax.diagonal-only", *HERE, "def softmax(x, *, axis):", "y = softmax(x, axis="]
    assert not [part for part in parts if part not in out]


def test_a_name_that_is_no_operation_is_refused(capsys):
    assert main(["show", "softmx"]) == 2 and "did you mean 'softmax'?" in capsys.readouterr().err
    assert main(["show"]) == 2 and "crosscheck show OP" in capsys.readouterr().err

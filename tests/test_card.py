"""The card of an operation: every line of its programs runs, and computes what is true."""

from __future__ import annotations

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
def test_every_line_of_a_card_runs_and_computes_the_same(op, witnesses):
    """As the card is made, its programs are run; each must give what the text gives, but where it is declared not to."""
    operation = catalogue()[op]
    point = example(operation)
    names = [plain(name) for name in names_of(operation, len(point.args))]
    results = {"value": [value_name(names)], "vjp": [f"{names[i]}_bar" for i in point.wrt]}
    text = program_of(witnesses["numpy"], point)
    assert text is not None
    for witness in witnesses.values():
        program = program_of(witness, point) if witness.backend.find(op) and witness.name != "numpy" else text
        for kind, wanted in results.items():
            about = question(kind, op, point.case.label, "float64")
            if declared(about, witness.disagreements) or (operation.gauge and kind == "vjp"):
                continue
            if program is None or any(name not in program.names for name in wanted):
                assert_not_offered(witness, point, kind)
                continue
            for name in wanted:
                for got, want in zip(witness.receive(program.names[name]), as_tuple(text.names[name]), strict=True):
                    got = got if operation.gauge is None else np.abs(got)
                    want = np.asarray(want) if operation.gauge is None else np.abs(want)
                    assert got.shape == want.shape, f"{witness.name}, {name}"
                    assert np.all(np.abs(got - want) <= 1e-9 * np.max(np.abs(want), initial=1e-3)), (
                        f"{witness.name}, {name}"
                    )


def assert_not_offered(witness, point, kind):
    with pytest.raises((NotOffered, NotImplementedError)):
        witness.answer(point, kind, compiled=False)


def test_a_card_is_printed(capsys):
    assert main(["show", "softmax"]) == 0
    out = capsys.readouterr().out
    parts = ["y_i = exp(x_i) / sum_j exp(x_j)", "any, y as x", "xbar = y (ybar - sum_j ybar_j y_j)"]
    parts += ["softmax.diagonal-only", *HERE, "def softmax(x, *, axis):", "y = softmax(x, axis="]
    assert not [part for part in parts if part not in out]


def test_a_name_that_is_no_operation_is_refused(capsys):
    assert main(["show", "softmx"]) == 2 and "did you mean 'softmax'?" in capsys.readouterr().err
    assert main(["show"]) == 2 and "crosscheck show OP" in capsys.readouterr().err

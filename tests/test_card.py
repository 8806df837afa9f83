"""The card of an operation: every line of its programs runs, and computes what is true."""

from __future__ import annotations

import zlib

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


SAMPLE = 8
"""Called eagerly, XLA compiles each line of a program: every eighth operation is asked, all in the slow tier."""


@pytest.mark.parametrize("op", catalogue())
def test_every_line_of_a_card_runs_and_computes_the_same(op, witnesses, pytestconfig):
    """The programs are run as the card is made; each must give what the text gives, unless it is declared not to."""
    operation = catalogue()[op]
    point = example(operation)
    names = [plain(name) for name in names_of(operation, len(point.args))]
    results = {"value": [value_name(names)], "vjp": [f"{names[i]}_bar" for i in point.wrt]}
    text = program_of(witnesses["numpy"], point)
    assert text is not None
    for witness in witnesses.values():
        dear = witness.compile_first and not pytestconfig.getoption("--crosscheck-slow")
        if witness.backend.find(op) is None or (dear and zlib.crc32(op.encode()) % SAMPLE):
            continue
        program = text if witness.name == "numpy" else program_of(witness, point)
        for kind, wanted in results.items():
            about = question(kind, op, point.case.label, "float64")
            if declared(about, witness.disagreements) or (operation.gauge and kind == "vjp"):
                continue
            if program is None or any(name not in program.names for name in wanted):
                assert_not_offered(witness, point, kind)
                continue
            for name in wanted:
                for got, want in zip(witness.receive(program.names[name]), as_tuple(text.names[name]), strict=True):
                    assert got.shape == np.shape(want), f"{witness.name}, {name}"
                    if operation.gauge is not None:
                        got, want = np.abs(got), np.abs(want)
                    near = np.abs(got - want) <= 1e-9 * np.max(np.abs(want), initial=1e-3)
                    assert np.all(near), f"{witness.name}, {name}: got {got}, want {want}"


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

"""Declared disagreements are strict: each pattern matches a question, and fails when the answers agree."""

from __future__ import annotations

import numpy as np
import pytest

from crosscheck.backends import installed, load, questions
from crosscheck.backends.fitting import FITS
from crosscheck.backends.witness import FIRST_ORDER, SECOND_ORDER, Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.verdict import Verdict

WAYS = ("", "eager ", "compiled ")


def every_question() -> list[str]:
    """The name of every question that the tests can ask."""
    names = []
    for op in catalogue().values():
        for label, case in op.draw().items():
            kinds = ["residual" if case.kind == "degenerate" else case.kind]
            if case.kind in ("regular", "kink"):
                ways = ("value", "pure", "layout", "residual", "batched", "exhaustive")
                kinds = [*ways, *FIRST_ORDER, *SECOND_ORDER, case.kind]
            names += [
                questions.question(way + kind, op.name, label, dtype)
                for kind in kinds
                for way in WAYS
                for dtype in questions.formats(op, case)
            ]
    return names


def stale(patterns: dict[str, tuple[str, str]]) -> list[str]:
    """The patterns that match no question of the tests, nor one of the main job about what it fits."""
    names = [*every_question(), *(questions.question("fit", name, "digits", "float64") for name in FITS)]
    return [p for p in patterns if not any(questions.declared(name, {p: ("", "")}) for name in names)]


@pytest.mark.parametrize("framework", [name for name in installed() if name != "numpy"])
def test_every_declared_disagreement_is_about_a_question(framework):
    disagreements = dict(getattr(load(framework), "disagreements", {}))
    assert not stale(disagreements)
    assert all(reason for reason, _ in disagreements.values())


def test_a_stale_pattern_is_found():
    assert stale({"value:softmax-rows-*": ("x", ""), "value:sotfmax-*": ("x", "")}) == ["value:sotfmax-*"]


def test_a_declared_disagreement_that_agrees_fails():
    name = questions.question("value", "softmax", "rows", "float64")
    agrees, wrong = Verdict(name, "agrees"), Verdict(f"{name}, draw 1", "disagrees", "off")
    pattern = {"value:softmax-*": ("known", "https://example.org")}
    assert [v.outcome for v in questions.settle([agrees, wrong], pattern)] == ["agrees", "declared"]
    (verdict,) = questions.settle([agrees], pattern)
    assert verdict.outcome == "disagrees" and "remove" in verdict.reason
    (verdict,) = questions.settle([Verdict(name, "not offered")], pattern)
    assert verdict.outcome == "disagrees"
    assert questions.settle([wrong], {}) == [wrong]


def test_what_depends_on_the_processor_is_excused_its_last_digits_alone():
    """By a declaration behind a question mark: it may agree, but what has lost half of its digits is wrong."""
    op, sometimes = catalogue()["softmax"], {"?value:softmax-*": ("known", "")}

    def settled(lie):
        f = lambda x, *, axis: lie(op.forward(x, axis=axis))  # noqa: E731
        witness = Witness(type("Plain", (), {"find": staticmethod({"softmax": f}.get)})(), "plain")
        return {v.outcome for v in questions.settle(questions.ask(witness, op, "rows", "float64", "value"), sometimes)}

    assert settled(lambda y: y) == {"agrees"}
    assert settled(lambda y: y * (1 + 1e-10)) == {"declared"}
    lies = (
        np.zeros_like,
        np.negative,
        lambda y: 2 * y,
        lambda y: y * np.nan,
        lambda y: y[:1],
        lambda y: y * (1 + 1e-7),
    )
    for lie in (*lies, lambda y: y.astype(np.float32)):
        assert settled(lie) == {"disagrees"}

    def fails(y):
        raise RuntimeError("no answer")

    assert settled(fails) == {"raised"}

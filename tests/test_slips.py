"""What people get wrong: every slip is caught, and told to be itself and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosscheck.backends import command, confusion
from crosscheck.reference import catalogue, known_slips

EVERY = [(op, slip) for op, own in known_slips().items() for slip in own]


@pytest.mark.parametrize(("op", "slip"), [pytest.param(o, s, id=f"{o}-{s.name}") for o, s in EVERY])
def test_a_slip_is_caught_and_told_to_be_itself(op, slip):
    found = confusion.plant(catalogue()[op], slip)
    assert found.caught, "no question finds it"
    assert found.told, "nothing is said of it"
    assert found.told[0] == f"{op}.{slip.name}"
    assert not found.others, "told to be another slip"
    assert found.convention == bool(slip.convention), "what is right elsewhere, and only that"


@pytest.mark.parametrize("op", [*known_slips()][::4])
def test_who_is_wrong_otherwise_made_no_slip(op):
    """Of every fourth operation, as each wrong answer is diagnosed; ``crosscheck slips`` asks this of all.

    Who is right is asked in tests/test_agreement.py, and nothing is said of right answers.
    """
    noise = confusion.noise(catalogue()[op])
    assert noise.caught and not noise.others


def test_slips_are_of_operations_and_explain_themselves():
    for op, slip in EVERY:
        assert op in catalogue(), op
        assert slip.forward or slip.vjp or slip.hvp, f"{op}.{slip.name} is no variant of anything"
        assert slip.name == slip.name.lower() and " " not in slip.name and "." not in slip.name
        assert slip.why[0].isupper() and slip.why.endswith((".", "?")) and len(slip.why) > 40, f"{op}.{slip.name}"


def test_every_operation_with_a_vjp_has_two():
    assert not [o.name for o in catalogue().values() if o.vjp and len(known_slips().get(o.name, ())) < 2]


# The matrix that `crosscheck slips` prints.


def test_the_matrix_counts_what_was_planted(capsys):
    assert command.main(["slips", "softmax", "relu"]) == 0
    out = capsys.readouterr().out
    slips = len(known_slips()["softmax"]) + len(known_slips()["relu"])
    row = next(line.split() for line in out.splitlines() if line.startswith("activation"))
    assert row[1:] == [str(slips)] * 3 + ["0"] * 3
    whole = f"{slips} slips planted in 2 operations: all are caught, and told to be themselves and no other"
    assert whole in " ".join(out.split())
    for slip in (*known_slips()["softmax"], *known_slips()["relu"]):
        assert slip.name in out, "of few operations every row is shown"


def test_a_control_that_is_no_control_is_confusion():
    right, noise = confusion.right(catalogue()["softmax"]), confusion.noise(catalogue()["softmax"])
    assert not confusion.confused([right, noise])
    lies = [replace(right, caught=True), replace(noise, caught=False), replace(noise, told=("softmax.diagonal-only",))]
    assert confusion.confused(lies) == lies


def test_a_confusion_is_shown_and_fails(monkeypatch, capsys):
    """A slip under the name of another is told to be the other."""
    first, second, *rest = known_slips()["softmax"]
    swapped = (replace(first, name="one-of-that-name"), second, *rest)
    both = confusion.plant(catalogue()["softmax"], swapped[0])
    assert both.others == (f"softmax.{first.name}",) and not both.itself
    monkeypatch.setattr(confusion, "known_slips", lambda: {"softmax": swapped})
    assert command.main(["slips", "softmax"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert f"softmax.one-of-that-name is told to be softmax.{first.name}" in out
    assert command.main(["slips", "soft"]) == 2
    assert "did you mean" in capsys.readouterr().err

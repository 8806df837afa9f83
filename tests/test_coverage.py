"""The catalogue against the frameworks' own lists of what they have."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from crosscheck.backends import installed
from crosscheck.backends.command import main
from crosscheck.backends.coverage import LIBRARIES, Ears, coverage
from crosscheck.reference import catalogue

HERE = [library for library in LIBRARIES if library.backend in installed()]


def twice(x, *, times=2):
    return times * x


@pytest.mark.skipif(not HERE, reason="neither torch nor jax is installed")
def test_every_public_function_is_covered_or_explained():
    rows = coverage(HERE)
    assert not [row for row in rows if row.unexplained]
    assert not [row for row in rows if row.operations and row.reason], "covered: it needs no reason"
    there = {(row.library, row.function) for row in rows}
    explained = {(library.name, function) for library in HERE for function in library.left_out}
    assert not explained - there, "a reason for what is not there"


@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
def test_what_no_operation_calls_is_found_wanting(monkeypatch, capsys):
    import torch.nn.functional as F

    library = replace(next(l for l in LIBRARIES if l.name == "torch.nn.functional"), left_out={})
    monkeypatch.setattr(F, "twice", twice, raising=False)
    rows = {row.function: row for row in coverage([library], [catalogue()["relu"]])}
    assert rows["twice"].unexplained and rows["conv2d"].unexplained and rows["softmax"].unexplained
    assert rows["relu"].operations == ("relu",)
    monkeypatch.setattr("crosscheck.backends.coverage.catalogue", lambda: {"relu": catalogue()["relu"]})
    assert main(["coverage"]) == 1
    assert "twice" in (out := capsys.readouterr().out) and "neither covered nor explained" in out


def test_calls_are_heard_by_name():
    ears = Ears()
    ears.listen_for(("lib", "twice"), twice)
    ears.listen_for(("lib", "thrice"), functools.partial(twice, times=3))
    ears.listen_for(("lib", "length"), len)
    with ears.open():
        twice(1)
    assert ears.heard == {("lib", "twice")}
    with ears.open():
        assert twice(1, times=3) == 3 + len(())
    assert ears.heard == {("lib", "twice"), ("lib", "thrice"), ("lib", "length")}

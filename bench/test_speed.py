"""How fast: every operation, its value, and its value with its VJP, by every witness, on inputs of three sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crosscheck.backends import plugin
from crosscheck.backends.questions import declared, question
from crosscheck.backends.witness import NotOffered, Witness
from crosscheck.bench.inquiry import SLOW_CALL, Inquiry
from crosscheck.bench.table import Record
from crosscheck.bench.work import FORM, Asked, work
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.verdict import Verdict

LONGEST_CALL = 1.0
"""Seconds: a call that is foretold to take longer is not made."""


def excused(verdicts: list[Verdict], witness: Witness, op: str, kind: Asked) -> list[Verdict]:
    """A wrong answer, with the reason of the entry that declares it for some case of the operation: not timed, but
    expected. On these inputs it need not be wrong, so the entry is not strict here.
    """
    names = (question(kind, op, label, FORM.name) for label in catalogue()[op].draw())
    entry = next(filter(None, (declared(name, witness.disagreements) for name in names)), None)
    if entry is None:
        return verdicts
    return [replace(v, outcome="declared", reason=entry[1]) if v.outcome == "disagrees" else v for v in verdicts]


@pytest.mark.filterwarnings("ignore:Benchmark fixture was not used")  # a wrong answer fails before it is timed
def test_speed(benchmark, crosscheck, pytestconfig, seen, records, op, size, kind, witness, compiled):
    """The answer is checked; then the very call that gave it is timed, warm, and with the waiting."""
    todo, asked = work(catalogue()[op], size), plugin.witness(pytestconfig, witness)
    inquiry = Inquiry(asked, kind, compiled, seen)
    if todo.same_as_larger:
        pytest.skip(f"{op} has no inputs of fewer than {todo.numbers} numbers: see {todo.same_as_larger}")
    with np.errstate(all="ignore"):
        try:
            if size == "large" and (foretold := inquiry.foretell(todo)) > LONGEST_CALL:
                pytest.skip(f"foretold to take {foretold:.1f} s a call, more than {LONGEST_CALL:.0f} s: not run")
            call, met = inquiry.meet(todo)
        except (NotOffered, NotImplementedError) as error:
            name = question(kind, op, todo.case.label, FORM.name)
            crosscheck.conclude(asked, [Verdict(name, "not offered", str(error))])
            return
        checked = inquiry.checked(todo)
        if not checked.conclusive:
            reason = "; ".join(dict.fromkeys(v.reason for v in checked.verdicts if v.reason))
            pytest.skip(f"not timed, because its answer can be checked at no size: {reason}")
        crosscheck.conclude(asked.name, excused(checked.verdicts, asked, op, kind))

        compiling = met.first - met.warm if inquiry.compiles else None
        benchmark.group = f"{op} {size} {kind}"
        benchmark.extra_info |= {
            "dtype": FORM.name,
            "numbers": todo.numbers,
            "checked": f"{checked.how} at {checked.size} size{'' if checked.everywhere else ', as a whole'}",
            "share of the allowance": max(v.share for v in checked.verdicts),
            "compilation in seconds": compiling,
        }
        if met.warm > SLOW_CALL:  # in as few rounds as the options allow: to find out how many fit takes two more
            benchmark.pedantic(call, rounds=pytestconfig.getoption("benchmark_min_rounds"))
        else:
            benchmark(call)
    if benchmark.stats is not None:  # None under --benchmark-disable
        median = benchmark.stats.stats.median
        marks = "" if checked.size == size else "*", "" if checked.everywhere else "~"
        records.append(Record(op, size, kind, todo.numbers, inquiry.label, median, compiling, "".join(marks)))

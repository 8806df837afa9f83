"""The answer is checked once before it is timed: against what, and what that shows.

certified    up to ``CERTIFIABLE`` numbers: every element against the certified truth, within the allowance of the
             tests.
bounded      beyond: every element against the reference's text in float64, within twice the running error bound of
             the same computation in float32 (``running.py``). Trusted are the first order, the ulps granted to the
             library's functions, and that the rounding errors of a long sum are independent.
by identity  eigh, svd and pca_fit: what they are by definition holds for the answer (``definition.py``), and the VJP
             is that of the text at the witness's own factors, within its running bound.

An array may have elements beyond their own allowances and none beyond the largest of them: it is right as a whole and
inaccurate where it is small, as a Gaussian tail computed by cancellation is. It is timed, and marked as such.

Where none of this can tell a right answer from zeros (a bound through twenty steps of descent, or through two batch norms
and relus that may switch, outgrows the values), the same question is checked one size down, and that is marked
too. What can be checked at no size is not timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from crosscheck.backends.questions import question
from crosscheck.backends.witness import Witness
from crosscheck.reference.agreement.allowance import allowance
from crosscheck.reference.agreement.truth import PLAIN_PARAMS, Enclosure, Point, as_tuple
from crosscheck.reference.agreement.verdict import Verdict, judge
from crosscheck.reference.arithmetic.ball import Undecided
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.op import is_float_array

from .definition import DEFINITIONS
from .running import FINER, RUNNING, Running, lift
from .work import FORM, Asked, Work

CERTIFIABLE = 5000
"""So many numbers may go in: the certified readings then take about a second."""
LONGEST_READING = 5.0
"""Seconds that a bounded reading may take, foretold from one size down."""
WHOLE = ", as a whole"
"""Of a verdict on an array with elements beyond their own allowances, but none beyond the largest of the array."""
TELLING = 0.5
"""The share of the elements that have to be told from 0; where it is less, the check decides nothing."""

Arrays = tuple[np.ndarray, ...]
Truth = tuple[Enclosure, np.ndarray]
"""The truth of an array, and how far one computation in the format may be off."""


@dataclass(frozen=True)
class Checked:
    """The verdicts on an answer: at which size, and how they were come by."""

    verdicts: list[Verdict]
    size: str
    how: str

    @property
    def conclusive(self) -> bool:
        outcomes = [v.outcome for v in self.verdicts]
        return "disagrees" in outcomes or set(outcomes) == {"agrees"}

    @property
    def everywhere(self) -> bool:
        """Whether every element is within its own allowance."""
        return not any(v.question.endswith(WHOLE) for v in self.verdicts)


def check(witness: Witness, work: Work, kind: Asked, answer: Any) -> Checked:
    """The verdicts on an answer."""
    y, xbar = (answer, ()) if kind == "value" else answer
    return _check(work, kind, witness.receive(y), witness.receive(xbar), witness.flushes)


def ybar_of(work: Work) -> Any:
    """What a VJP pulls back: one random cotangent, or a tuple of them where the operation has several outputs."""
    shapes, several = _outputs(work)
    ybar = work.cotangents(shapes)
    return ybar if several else ybar[0]


@lru_cache(maxsize=8)
def _outputs(work: Work) -> tuple[list[tuple[int, ...]], bool]:
    """The shapes of the outputs, and whether they are a tuple."""
    if work.op.name in DEFINITIONS:
        return DEFINITIONS[work.op.name].shapes(*work.case.args, **work.case.params), True
    y = work.op.forward(*(a.astype(FORM.dtype) if is_float_array(a) else a for a in work.case.args), **work.case.params)
    return [np.shape(v) for v in as_tuple(y)], isinstance(y, tuple)


def _check(work: Work, kind: Asked, y: Arrays, xbar: Arrays, flushes: bool) -> Checked:
    name = question(kind, work.op.name, work.case.label, FORM.name)
    xbar = tuple((g + g.mT) / 2 if i in work.op.symmetric else g for i, g in zip(work.wrt, xbar, strict=False))
    if work.numbers <= CERTIFIABLE:
        with suppress(Undecided):  # a branch that rounding leaves open
            return Checked(_judged(name, y + xbar, _certified(work, kind), flushes), work.size, "certified")
    try:
        if work.op.name not in DEFINITIONS:
            truths = _bounded(work)[0] if kind == "value" else _bounded_with_vjp(work)[0]
            return Checked(_judged(name, y + xbar, truths, flushes), work.size, "bounded")
        verdicts = _identities(name, work, y)
        if kind == "vjp" and all(v.outcome == "agrees" for v in verdicts):
            _foretell(work, _seconds_of_vjp)
            verdicts += _judged(
                name, xbar, _bounded_vjp(work, tuple(Running(v.astype(np.float64)) for v in y)), flushes
            )
        return Checked(verdicts, work.size, "by identity")
    except Undecided as undecided:
        return Checked([Verdict(name, "undecided", str(undecided))], work.size, "")


def _judged(name: str, got: Arrays, truths: Sequence[Truth], flushes: bool) -> list[Verdict]:
    if len(got) != len(truths):
        return [Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(truths)}")]
    return [
        _judge(f"{name}, array {k} of {len(got)}", g, *truth, flushes)
        for k, (g, truth) in enumerate(zip(got, truths, strict=True), start=1)
    ]


def _judge(name: str, got: np.ndarray, truth: Enclosure, radius: np.ndarray, flushes: bool) -> Verdict:
    if (
        truth.hi.dtype.kind in "iu" and got.shape == truth.hi.shape
    ):  # where rounding may change the choice, any is right
        truth = replace(truth, hi=np.where(radius > 0, got, truth.hi))
    verdict = judge(name, got, truth, radius, FORM, flushes)
    if not verdict.index or truth.hi.dtype.kind in "iu":
        return verdict
    allowed, some = allowance(truth, radius, FORM, flushes), truth.hi != 0
    told = np.mean((np.abs(truth.hi) > allowed)[some]) if np.any(some) else 1.0
    if told < TELLING:
        return Verdict(name, "vacuous", f"only {told:.0%} of the elements can be told from 0")
    share = np.max(truth.error_of(got.astype(np.float64))) / np.max(allowed)
    if verdict.outcome == "disagrees" and share <= 1:
        return replace(verdict, question=f"{name}{WHOLE}", outcome="agrees", share=float(share))
    return verdict


# The certified readings: those of the tests, at the bench's inputs.


@lru_cache(maxsize=4)
def _point(work: Work) -> Point:
    p = Point(work.op, work.case, FORM, (0,))
    p.ybar = as_tuple(ybar_of(work)) if p.wrt else ()
    return p


def _certified(work: Work, kind: Asked) -> list[Truth]:
    p, readings = _point(work), ("value", "vjp") if kind == "vjp" else ("value",)
    return [truth for reading in readings for truth in zip(p.truth(reading), p.rounding(reading), strict=True)]


# The bounded readings, with the seconds that they take.


@lru_cache(maxsize=8)
def _bounded(work: Work) -> tuple[list[Truth], float, Any]:
    """The truths of the outputs, the time, and the outputs."""
    _foretell(work, lambda smaller: _bounded(smaller)[1])
    start = time.perf_counter()
    y = read(work.op.forward, RUNNING)(*_args(work), **_params(work))
    return [_truth(v) for v in as_tuple(y)], time.perf_counter() - start, y


@lru_cache(maxsize=8)
def _bounded_with_vjp(work: Work) -> tuple[list[Truth], float]:
    """The truths of the outputs and the cotangents, and the time."""
    _foretell(work, lambda smaller: _bounded_with_vjp(smaller)[1])
    truths, seconds, y = _bounded(work)
    start = time.perf_counter()
    return truths + _bounded_vjp(work, y), seconds + time.perf_counter() - start


def _bounded_vjp(work: Work, y: Any) -> list[Truth]:
    """The VJP text at these outputs."""
    ybar = ybar_of(work)
    ybar = tuple(map(Running, ybar)) if isinstance(ybar, tuple) else Running(ybar)
    assert work.op.vjp is not None
    xbar = read(work.op.vjp, RUNNING)(ybar, y, *_args(work), **_params(work))
    positions = range(len(work.case.args)) if work.op.wrt is None else work.op.wrt
    return [_truth(g) for i, g in zip(positions, xbar, strict=True) if i in work.wrt]


@lru_cache(maxsize=8)
def _seconds_of_vjp(work: Work) -> float:
    """Of a factorisation: at the factors of the text in float64."""
    y = tuple(map(Running, work.op.forward(*work.case.args, **work.case.params)))
    start = time.perf_counter()
    _bounded_vjp(work, y)
    return time.perf_counter() - start


def _foretell(work: Work, seconds: Callable[[Work], float]) -> None:
    """Raise Undecided where the reading would take too long, if its time grows as the numbers that go in."""
    if work.size != "large" or work.smaller is None:
        return  # below, a reading takes no time that anybody waits for
    foretold = seconds(work.smaller) * work.numbers / work.smaller.numbers
    if foretold > LONGEST_READING:
        raise Undecided(f"its bounded reading would take about {foretold:.0f} s, more than {LONGEST_READING:.0f} s")


def _args(work: Work) -> list[Any]:
    return [Running(a) if is_float_array(a) else a for a in work.case.args]


def _params(work: Work) -> dict[str, Any]:
    """A float among the parameters is rounded as a float32 program rounds it."""
    plain = {k: v for k, v in work.case.params.items() if k in PLAIN_PARAMS or not isinstance(v, float) or np.isinf(v)}
    return {k: plain.get(k, v) if k in plain else lift(v) for k, v in work.case.params.items()}


def _truth(v: Any) -> Truth:
    v = v if isinstance(v, Running) else Running(v)
    none = np.zeros(v.shape)
    own = 0.0 if v.mid.dtype.kind in "iu" else FINER * (v.rad + np.abs(v.mid) * 2.0**-FORM.bits)
    return Enclosure(v.mid, none, none + own), v.rad


def _identities(name: str, work: Work, y: Arrays) -> list[Verdict]:
    """The verdicts on what the factors are by definition."""
    definition = DEFINITIONS[work.op.name]
    shapes = definition.shapes(*work.case.args, **work.case.params)
    wrong = [(g.shape, s) for g, s in zip(y, shapes, strict=False) if g.shape != s or g.dtype != FORM.dtype]
    if len(y) != len(shapes) or wrong:
        got = [f"{g.dtype} {g.shape}" for g in y]
        return [Verdict(name, "disagrees", f"got {', '.join(got)}, want {FORM.name} of shapes {shapes}")]
    spectrum = definition.direction * y[definition.ordered]
    if np.any(spectrum[1:] < spectrum[:-1]):
        return [Verdict(name, "disagrees", f"output {definition.ordered + 1} is not sorted")]
    return [
        judge(f"{name}, {what}", got.astype(FORM.dtype), Enclosure(want, want * 0, want * 0), radius, FORM)
        for what, got, want, radius in definition.identities(work.case.args, *(v.astype(np.float64) for v in y))
    ]

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

A bound through twenty steps of descent, or through two batch norms and relus that may switch, outgrows the values.
Where most elements of an array could be a tenth off, the check decides nothing about it, and the same question one
size down has to decide; that is marked too. What is decided at no size is not timed.
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
from crosscheck.reference.agreement.truth import PLAIN_PARAMS, Enclosure, Point, Reading, as_tuple
from crosscheck.reference.agreement.verdict import Verdict, judge
from crosscheck.reference.arithmetic.ball import Undecided
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.op import is_float_array

from .definition import DEFINITIONS
from .running import FINER, RUNNING, Running, lift
from .work import FORM, Asked, Work

CERTIFIABLE = 5000
"""So many numbers may go in: the certified readings then take about a second."""
LONGEST_READING = 3.0
"""Seconds of the processor: a bounded reading that is foretold to take longer is left out."""
WHOLE = ", as a whole"
"""Of a verdict on an array with elements beyond their own allowances, but none beyond the largest of the array."""
RESOLUTION = 0.1
"""Most elements have to be told from values this much off, or the check decides nothing. At the smallest size there
is no other, and it is judged as in the tests."""

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
            resolution = RESOLUTION if work.smaller else np.inf
            verdicts = _judged(name, y + xbar, _certified(work, kind), flushes, resolution)
            return Checked(verdicts, work.size, "certified")
    try:
        if work.op.name not in DEFINITIONS:
            truths = _bounded(work)[0] if kind == "value" else _bounded_with_vjp(work)[0]
            return Checked(_judged(name, y + xbar, truths, flushes), work.size, "bounded")
        verdicts = _identities(name, work, y)
        if kind == "vjp" and all(v.outcome == "agrees" for v in verdicts):
            verdicts += _judged(
                name, xbar, _bounded_vjp(work, tuple(Running(v.astype(np.float64)) for v in y)), flushes
            )
        return Checked(verdicts, work.size, "by identity")
    except Undecided as undecided:
        return Checked([Verdict(name, "undecided", str(undecided))], work.size, "")


def _judged(
    name: str, got: Arrays, truths: Sequence[Truth], flushes: bool, resolution: float = RESOLUTION
) -> list[Verdict]:
    if len(got) != len(truths):
        return [Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(truths)}")]
    return [
        _judge(f"{name}, array {k} of {len(got)}", g, *truth, flushes, resolution)
        for k, (g, truth) in enumerate(zip(got, truths, strict=True), start=1)
    ]


def _judge(
    name: str, got: np.ndarray, truth: Enclosure, radius: np.ndarray, flushes: bool, resolution: float
) -> Verdict:
    whole_numbers = truth.hi.dtype.kind in "iu"
    if whole_numbers and got.shape == truth.hi.shape:  # where rounding may change the choice, any is right
        truth = replace(truth, hi=np.where(radius > 0, got, truth.hi))
    verdict = judge(name, got, truth, radius, FORM, flushes)
    if verdict.got is None or whole_numbers:
        return verdict
    allowed, some = allowance(truth, radius, FORM, flushes), truth.hi != 0
    told = np.mean((allowed < resolution * np.abs(truth.hi))[some]) if np.any(some) else 1.0
    if verdict.outcome == "agrees" and told < 0.5:
        return Verdict(name, "vacuous", f"only {told:.0%} of the elements can be told from values {resolution:.0%} off")
    error, most = np.max(truth.error_of(got.astype(np.float64))), np.max(allowed)
    if verdict.outcome == "disagrees" and error <= most < RESOLUTION * np.max(np.abs(truth.hi)):
        return replace(verdict, question=f"{name}{WHOLE}", outcome="agrees", share=float(error / most))
    return verdict


# The certified readings: those of the tests, at the bench's inputs.


@lru_cache(maxsize=4)
def _point(work: Work) -> Point:
    p = Point(work.op, work.case, FORM, (0,))
    p.ybar = as_tuple(ybar_of(work)) if p.wrt else ()
    return p


def _certified(work: Work, kind: Asked) -> list[Truth]:
    p = _point(work)
    readings: tuple[Reading, ...] = ("value", "vjp") if kind == "vjp" else ("value",)
    return [truth for reading in readings for truth in zip(p.truth(reading), p.rounding(reading), strict=True)]


# The bounded readings, with the seconds that they take.


@lru_cache(maxsize=8)
def _bounded(work: Work) -> tuple[list[Truth], float, Any]:
    """The truths of the outputs, the time, and the outputs."""
    _foretell(work, lambda smaller: _bounded(smaller)[1])
    start = time.process_time()
    y = read(work.op.forward, RUNNING)(*_args(work), **_params(work))
    return [_truth(v) for v in as_tuple(y)], time.process_time() - start, y


@lru_cache(maxsize=8)
def _bounded_with_vjp(work: Work) -> tuple[list[Truth], float]:
    """The truths of the outputs and the cotangents, and the time."""
    _foretell(work, lambda smaller: _bounded_with_vjp(smaller)[1])
    truths, seconds, y = _bounded(work)
    start = time.process_time()
    return truths + _bounded_vjp(work, y), seconds + time.process_time() - start


def _bounded_vjp(work: Work, y: Any) -> list[Truth]:
    """The VJP text at these outputs."""
    if work.op.name in DEFINITIONS and DEFINITIONS[work.op.name].anew:
        raise Undecided("the VJP text factorises anew")
    ybar = ybar_of(work)
    ybar = tuple(map(Running, ybar)) if isinstance(ybar, tuple) else Running(ybar)
    assert work.op.vjp is not None
    xbar = read(work.op.vjp, RUNNING)(ybar, y, *_args(work), **_params(work))
    positions = range(len(work.case.args)) if work.op.wrt is None else work.op.wrt
    return [_truth(g) for i, g in zip(positions, xbar, strict=True) if i in work.wrt]


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

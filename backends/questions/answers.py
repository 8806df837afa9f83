"""Values and derivatives, judged by their truth: one by one, at once, compiled, and in all numbers of a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from crosscheck.reference import Case, Op
from crosscheck.reference.agreement.allowance import SLACK
from crosscheck.reference.agreement.diagnosis import Hint
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import Point, Reading, point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, judge, judge_limit
from crosscheck.reference.op import is_float_array

from ..oriented import asked, oriented
from ..why import follows_convention, looks_like, why
from ..witness import READING, Arrays, Kind, NotOffered, Witness, kinds_of
from .examined import examined, part_name, question, with_script


def judge_answer(
    witness: Witness, p: Point, kind: Kind, got: tuple[np.ndarray, ...], signs: Sequence[Any], name: str, draw: int
) -> list[Verdict]:
    """A verdict on each output or cotangent, its sign and its symmetric part as they are free to be."""
    reading = READING[kind]
    truths, radii = p.truth(reading), p.rounding(reading)
    if len(got) != len(truths):
        return [Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(truths)}")]
    what = "cotangent" if reading in ("vjp", "hvp") else "output"
    verdicts = []
    for k, (g, truth, radius) in enumerate(zip(oriented(p, kind, got, signs), truths, radii, strict=True)):
        part, floor = part_name(name, draw, k, len(got), what), partial(_floor, p, reading, k)
        verdicts.append(judge(part, g, truth, radius, p.form, witness.flushes, floor))
    return verdicts


def with_conventions(
    witness: Witness, p: Point, kind: Kind, got: Arrays, signs: Sequence[Any], verdicts: list[Verdict]
) -> list[Verdict]:
    """The verdicts, with those apart whose answer is what another convention gives."""
    if len(verdicts) != len(got):
        return verdicts
    judged = []
    for k, (g, v) in enumerate(zip(oriented(p, kind, got, signs), verdicts, strict=True)):
        if v.outcome == "disagrees" and follows_convention(witness, p, kind, k, g, signs):
            reason = cache(partial(looks_like, witness, p, kind, k, g, signs))
            judged.append(replace(v, outcome="convention", why=reason))
        else:
            judged.append(v)
    return judged


def _floor(p: Point, reading: Reading, k: int, error: np.ndarray) -> np.ndarray:
    """The attainable error of output k; only its cheap bound where the error is beyond even that.

    Nothing where the text merely chooses one of the numbers that went in: a maximum has no rounding.
    """
    if p.op.values is not None:  # one reading for each weight of a network: its layers have been asked
        return np.zeros_like(p.rounding(reading)[k])
    bound = p.conditioned(reading)[k]
    if p.op.gauge:  # the text's choice of signs may jump with its inputs: no quotient of differences is a derivative
        return np.zeros_like(bound)
    floor = bound if np.any(error > SLACK * bound) else p.attainable(reading)[k]
    went_in = [np.abs(a).reshape(-1) for g in (p.args, p.ybar, p.xdot, p.xddot) for a in g if is_float_array(a)]
    chosen = (p.rounding(reading)[k] == 0) & np.isin(np.abs(p.truth(reading)[k].hi), np.concatenate([[0.0], *went_in]))
    return np.where(chosen, 0.0, floor)


def ask(
    witness: Witness, op: Op, label: str, dtype: str, kind: Kind, draws: int = 1, compiled: bool | None = None
) -> list[Verdict]:
    """One kind of question about a case at several draws of its data: every output, every element."""
    prefix = "" if compiled is None else "compiled " if compiled else "eager "
    name = question(prefix + kind, op.name, label, dtype)

    def produce():
        for draw in range(draws):
            p = point(op, label, dtype, draw)
            got, signs = asked(witness, p, kind, compiled)
            verdicts = judge_answer(witness, p, kind, got, signs, name, draw)
            verdicts = with_conventions(witness, p, kind, got, signs, verdicts)
            if len(verdicts) == len(got):
                reasons = (partial(why, witness, op, label, dtype, kind, draw, k, compiled) for k in range(len(got)))
                verdicts = [_at_two_draws(v, reason) for v, reason in zip(verdicts, reasons, strict=True)]
            yield from with_script(witness, p, kind, verdicts)

    return examined(witness, name, produce)


def _at_two_draws(verdict: Verdict, reason: Callable[[], Hint | None]) -> Verdict:
    """A wrong verdict with the reason that holds at two draws, and a convention only where it does."""
    if verdict.outcome not in WRONG or verdict.question.partition(",")[0].endswith("float16"):
        return verdict  # of few digits too many reasons would be found
    verdict = replace(verdict, why=cache(reason))
    if verdict.outcome == "convention" and not ((hint := verdict.hint()) and hint.convention):
        return replace(verdict, outcome="disagrees")
    return verdict


def ask_batched(witness: Witness, op: Op, label: str, dtype: str, draws: int = 2) -> list[Verdict]:
    """The value and the VJP of several draws, asked at once over a leading axis: each must be what it is alone."""
    name = question("batched", op.name, label, dtype)

    def produce():
        if op.gauge:
            raise NotOffered("the sign of each draw's answer is free, so the draws are asked alone")
        points = [point(op, label, dtype, draw) for draw in range(max(draws, 2))]
        kinds: tuple[Kind, ...] = ("value", "vjp") if points[0].wrt else ("value",)
        for draw, (p, answers) in enumerate(zip(points, witness.batched_answers(points, kinds), strict=True)):
            for kind, got in zip(kinds, answers, strict=True):
                verdicts = judge_answer(witness, p, kind, got, (), f"{name}, {kind}", draw)
                yield from with_conventions(witness, p, kind, got, (), verdicts)

    return examined(witness, name, produce)


def ask_otherwise(
    witness: Witness, op: Op, label: str, dtype: str, kinds: Sequence[Kind] = ("value", "vjp")
) -> list[Verdict]:
    """Value and VJP compiled if this witness is asked eagerly, eagerly if it is asked compiled."""
    exist = kinds_of(point(op, label, dtype))
    compiled = not witness.compile_first
    return [v for kind in kinds if kind in exist for v in ask(witness, op, label, dtype, kind, 1, compiled)]


def ask_exhaustively(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """All 65 536 numbers of a 16-bit format: finite ones of the domain against the truth, the others give nan."""
    name = question("exhaustive", op.name, label, dtype)

    def produce():
        p, outside = _every_number(op, label, dtype)
        got = witness.answer(p, "value")
        yield from with_script(witness, p, "exhaustive", judge_answer(witness, p, "value", got, (), name, 0))
        if len(outside):
            q = Point(op, Case("outside", (outside,), p.case.params, "special"), p.form, (0,))
            yield judge_limit(
                f"{name}, outside the domain", witness.answer(q, "value")[0], np.full(len(outside), np.nan), p.form
            )

    return examined(witness, name, produce)


@lru_cache(maxsize=1)  # one operation's worth of 65 536 balls at a time
def _every_number(op: Op, label: str, dtype: str) -> tuple[Point, np.ndarray]:
    """The numbers of the format inside and outside of the operation's domain; infinities and ends are special cases."""
    form = FORMATS[dtype]
    numbers = np.arange(2**16, dtype=np.uint16).view(form.dtype).astype(np.float64)
    assert op.domain is not None
    low, high = op.domain
    inside = np.isfinite(numbers) & (numbers > low) & (numbers < high)
    outside = np.isnan(numbers) | (numbers < low) | (numbers > high)
    case = Case(label, (numbers[inside],), op.draw()[label].params, "special")
    return Point(op, case, form, (0,)), numbers[outside & ~np.isinf(numbers)]

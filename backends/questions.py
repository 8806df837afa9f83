"""The questions: what is asked of a witness about an operation, and the verdicts on its answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

import numpy as np

from crosscheck.reference import Case, Op
from crosscheck.reference.agreement.allowance import SLACK
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.subgradient import flat, gradients_nearby, nearest, rounding_of, unit_cotangents
from crosscheck.reference.agreement.truth import Point, Reading, as_tuple, point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, apart, judge, judge_limit, judge_residual
from crosscheck.reference.arithmetic.ball import Undecided
from crosscheck.reference.op import is_float_array

from . import Misfit
from .intermediates import WAYS, Way, judge_in_order, origin
from .limits import TooLong, kept_quiet, time_limit
from .reproduce import script
from .why import names_of, why
from .witness import READING, Kind, NotOffered, Witness, kinds_of


def question(kind: str, op: str, label: str, dtype: str) -> str:
    """The name of a question: what a declared disagreement's pattern is matched against."""
    return f"{kind}:{op}-{label}-{dtype}"


def examined(witness: Witness, name: str, produce: Callable[[], Iterable[Verdict]]) -> list[Verdict]:
    """The verdicts, or the one that says why there are none."""
    if name.rpartition("-")[2] not in witness.dtypes:
        return [Verdict(name, "not offered", f"{witness.name} offers {', '.join(witness.dtypes)}")]
    op = name.partition(":")[2].partition("-")[0]
    if op in witness.unanswerable:
        return [Verdict(name, "not offered", f"not asked: an earlier question says what is wrong with {op}")]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning neither answers nor refuses
            if witness.seconds is None:
                return list(produce())
            with time_limit(witness.seconds), kept_quiet() as printed:
                verdicts = list(produce())
            witness.printed += len(printed.getvalue().splitlines())
            return verdicts
    except (NotOffered, NotImplementedError) as error:
        return [Verdict(name, "not offered", str(error))]
    except (TooLong, Misfit) as error:
        witness.unanswerable.add(op)
        return [Verdict(name, "raised", str(error))]
    except Undecided as error:
        return [Verdict(name, "undecided", str(error))]
    except Exception as error:
        return [Verdict(name, "raised", f"{type(error).__name__}: {error}")]


def _part(name: str, draw: int, k: int, of: int, what: str) -> str:
    return name + (f", draw {draw}" if draw else "") + (f", {what} {k + 1} of {of}" if of > 1 else "")


def _signs(point: Point, value: tuple[np.ndarray, ...]) -> tuple[Any, ...]:
    """What each output is multiplied by, where its sign is free and its shape the right one."""
    want = tuple(t.hi for t in point.truth("value"))
    if point.op.gauge is None or [v.shape for v in value] != [w.shape for w in want]:
        return (1.0,) * len(value)
    return point.op.gauge(value, want)


def _judge_answer(
    witness: Witness, p: Point, kind: Kind, got: tuple[np.ndarray, ...], signs: Sequence[Any], name: str, draw: int
) -> list[Verdict]:
    reading = READING[kind]
    truths, radii = p.truth(reading), p.rounding(reading)
    if len(got) != len(truths):
        return [Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(truths)}")]
    if reading in ("vjp", "hvp"):
        what = "cotangent"
        got = tuple(
            (g + g.mT) / 2 if i in p.op.symmetric and g.ndim >= 2 else g for i, g in zip(p.wrt, got, strict=True)
        )
    else:
        what = "output"
        got = tuple(
            np.asarray(g * np.asarray(s, dtype=g.dtype)) if p.op.gauge else g for g, s in zip(got, signs, strict=True)
        )
    verdicts = []
    for k, (g, truth, radius) in enumerate(zip(got, truths, radii, strict=True)):
        part = _part(name, draw, k, len(got), what)
        verdicts.append(judge(part, g, truth, radius, p.form, witness.flushes, partial(_floor, p, reading, k)))
    return verdicts


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
            if op.gauge:
                signs = _signs(p, witness.answer(p, "value", compiled=compiled))
                ybar = tuple(b * s for b, s in zip(p.ybar, signs, strict=True)) if p.wrt else ()
                got = witness.answer(p, kind, ybar=ybar, compiled=compiled)
            else:
                got = witness.answer(p, kind, compiled=compiled)
                signs = (1.0,) * len(got)
            verdicts = _judge_answer(witness, p, kind, got, signs, name, draw)
            if len(verdicts) == len(got):
                reasons = (partial(why, witness, op, label, dtype, kind, draw, k, compiled) for k in range(len(got)))
                verdicts = [replace(v, why=reason) for v, reason in zip(verdicts, reasons, strict=True)]
            yield from _with_script(witness, p, kind, verdicts)

    return examined(witness, name, produce)


def _with_script(witness: Witness, p: Point, kind: str, verdicts: list[Verdict]) -> list[Verdict]:
    """Wrong verdicts with the script that shows the answer without crosscheck."""
    return [
        replace(v, origin=origin(witness, p, kind), reproduction=script(witness, p, kind))
        if v.outcome in ("disagrees", "vacuous")
        else v
        for v in verdicts
    ]


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
                yield from _judge_answer(witness, p, kind, got, (1.0,) * len(got), f"{name}, {kind}", draw)

    return examined(witness, name, produce)


def ask_otherwise(
    witness: Witness, op: Op, label: str, dtype: str, kinds: Sequence[Kind] = ("value", "vjp")
) -> list[Verdict]:
    """Value and VJP compiled if this witness is asked eagerly, eagerly if it is asked compiled."""
    exist = kinds_of(point(op, label, dtype))
    compiled = not witness.compile_first
    return [v for kind in kinds if kind in exist for v in ask(witness, op, label, dtype, kind, 1, compiled)]


def declared(name: str, disagreements: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The pattern that declares a disagreement on this question, and its reason with the link.

    A pattern behind a question mark is about an answer whose last digits are wrong on some processors, or in some
    draws: it may agree.
    """
    for pattern, (reason, link) in disagreements.items():
        if fnmatchcase(name, pattern.removeprefix("?")):
            return pattern, f"{reason} ({link})" if link else reason
    return None


def settle(verdicts: list[Verdict], disagreements: Mapping[str, tuple[str, str]], strict: bool = True) -> list[Verdict]:
    """The verdicts, with wrong answers to declared questions as "declared".

    Strict: a declared question whose answers all agree becomes a verdict of its own, "disagrees". Fewer draws than
    the entry was written from may miss the disagreement, so they are not strict. An entry that may agree excuses last
    digits alone: an answer with less than half of the format's digits right is as wrong as without it.
    """
    settled: list[Verdict] = []
    for name, group in groupby(verdicts, lambda v: v.question.partition(",")[0]):
        answers, entry = list(group), declared(name, disagreements)
        wrong = any(v.outcome in WRONG for v in answers)
        sometimes = entry is not None and entry[0].startswith("?")
        reach = 2.0 ** (-FORMATS[name.rpartition("-")[2]].bits / 2) if sometimes else np.inf
        if entry is None or not (wrong or (strict and not sometimes)):
            settled += answers
        elif wrong:
            settled += [
                replace(v, outcome="declared", reason=entry[1]) if v.outcome in WRONG and v.apart <= reach else v
                for v in answers
            ]
        else:
            settled.append(
                Verdict(name, "disagrees", f"agrees, but {entry[0]!r} declares: {entry[1]}; narrow or remove the entry")
            )
    return settled


def interrogate(witness: Witness, op: Op, draws: int = 2) -> list[Verdict]:
    """Every question about an operation, in every format that is asked of it and offered."""
    verdicts: list[Verdict] = []
    for label, case in op.draw().items():
        for dtype in formats(op, case):
            if dtype not in witness.dtypes:
                continue
            about = (witness, op, label, dtype)
            match case.kind:
                case "special" | "empty":
                    verdicts += ask_limit(*about)
                case "refused":
                    verdicts += ask_refusal(*about)
                case "kink":
                    verdicts += ask(*about, "value", draws)
                    verdicts += ask_kink(*about) if op.vjp and op.differentiable(case) else []
                case "degenerate":
                    verdicts += ask_residuals(*about, draws)
                case "regular":
                    verdicts += ask_residuals(*about, draws) if op.residuals else []
                    for kind in kinds_of(point(op, label, dtype)):
                        verdicts += ask(*about, kind, draws)
                    verdicts += ask_pure(*about)
                    verdicts += ask_intermediates(*about, draws) if op.values else []
                    verdicts += ask_layout(*about) if dtype in ("float64", "float32") else []
                    verdicts += ask_batched(*about, draws) if witness.has("batched") else []
                    verdicts += ask_otherwise(*about) if witness.has("compiled") else []
    return verdicts


def formats(op: Op, case: Case) -> tuple[str, ...]:
    """The formats in which a case of an operation is asked."""
    return ("float64", "float32", "float16", "bfloat16") if op.half and case.half else ("float64", "float32")


def _strided(x: np.ndarray) -> np.ndarray:
    """The same numbers at other strides: axes in reverse order in memory, with gaps."""
    return np.stack([x.T, x.T], axis=-1)[..., 0].T


def ask_layout(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Inputs that are not contiguous, and inputs broadcast with a stride of 0."""
    name = question("layout", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        got = witness.answer(p, "value", arrange=lambda i, x: _strided(x))
        yield from _judge_answer(witness, p, "value", got, _signs(p, got), f"{name}, strided", 0)
        if op.gauge or op.symmetric or op.residuals:
            return  # equal rows would make the matrix singular, or its spectrum degenerate
        first = next((i for i, a in enumerate(p.args) if is_float_array(a) and np.ndim(a) and len(a) > 1), None)
        if first is None:
            return
        args = list(p.args)
        args[first] = np.repeat(args[first][:1], len(args[first]), axis=0)
        q = Point(op, Case(label, tuple(args), p.case.params), p.form, (0,))
        got = witness.answer(q, "value", arrange=lambda i, x: np.broadcast_to(x[:1], x.shape) if i == first else x)
        yield from _judge_answer(witness, q, "value", got, (1.0,) * len(got), f"{name}, broadcast", 0)

    return examined(witness, name, produce)


def ask_residuals(witness: Witness, op: Op, label: str, dtype: str, draws: int = 1) -> list[Verdict]:
    """Of a factorisation: whether the factors are of their kind, and multiply to what was given."""
    name = question("residual", op.name, label, dtype)

    def produce():
        for draw in range(draws):
            p = point(op, label, dtype, draw)
            got, want = witness.answer(p, "value"), as_tuple(op.forward(*p.args, **p.case.params))
            form = [(g.shape, g.dtype.name) for g in got]
            if form != [(np.shape(w), p.form.name) for w in want]:
                yield Verdict(name, "disagrees", f"got {form}, want {[np.shape(w) for w in want]} in {p.form.name}")
                return
            n = max(np.shape(p.args[0])[-2:])
            pairs = p.residuals(got)
            for k, (residual, size) in enumerate(pairs):
                verdict = judge_residual(_part(name, draw, k, len(pairs), "residual"), residual, size, n, p.form)
                yield from _with_script(witness, p, "value", [verdict])

    return examined(witness, name, produce)


def ask_intermediates(
    witness: Witness, op: Op, label: str, dtype: str, draws: int = 1, only: Way | None = None
) -> list[Verdict]:
    """Of a network whose intermediates the witness names: each up to the first wrong one, forward, then back.

    ``only``: one way alone, and all names of it must be there.
    """
    name = question("intermediates", op.name, label, dtype)

    def produce():
        ways: tuple[Way, ...] = (only,) if only else tuple(WAYS)
        offered: list[Way] = [which for which in ways if witness.backend.find(f"{op.name}_{which}")]
        if not offered:
            raise NotOffered(f"{witness.name} names no intermediates of {op.name}")
        for draw in range(draws):
            p = point(op, label, dtype, draw)
            for which in offered:
                about = name + (f", draw {draw}" if draw else "")
                verdicts = list(judge_in_order(witness, p, which, about, every=only is not None))
                yield from verdicts
                if verdicts[-1].outcome in WRONG:
                    return

    return examined(witness, name, produce)


def ask_pure(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """The inputs are not modified, and the same question twice gives the same bits."""
    name = question("pure", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        kinds: tuple[Kind, ...] = ("value", "vjp") if p.wrt else ("value",)
        for kind in kinds:
            try:
                before, first, second, after = witness.answer_twice(p, kind)
            except (NotOffered, NotImplementedError):
                if kind == "value":
                    continue
                raise
            for k, (a, b) in enumerate(zip(before, after, strict=True)):
                if not np.array_equal(a, b, equal_nan=a.dtype.kind not in "biu"):
                    given = [n for n, x in zip(names_of(op, len(p.args)), p.args, strict=True) if x is not None]
                    given += ["the upstream cotangent ybar"] * len(p.ybar)
                    changed = given[k] if k < len(given) else "a tangent"
                    reason = f"{kind} modified its input {changed}: compute with a new array (y = y * g, not y *= g)"
                    yield Verdict(name, "disagrees", reason)
                    return
            for a, b in zip(first, second, strict=True):
                if not np.array_equal(a, b, equal_nan=a.dtype.kind not in "biu"):
                    reason = f"{kind}: the same question twice gave different answers"
                    yield Verdict(name, "disagrees", reason, apart=apart(np.abs(a - b), a))
                    return
            yield Verdict(name, "agrees")

    return examined(witness, name, produce)


def ask_limit(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Special values and empty arrays: the mathematics gives the exact answer."""
    case = op.draw()[label]
    name = question(case.kind, op.name, label, dtype)

    def produce():
        p = Point(op, case, FORMATS[dtype], (0,))
        got, want = witness.answer(p, "value"), as_tuple(case.answer)
        if len(got) != len(want):
            yield Verdict(name, "disagrees", f"got {len(got)} arrays, want {len(want)}")
            return
        if op.gauge:
            got = tuple(np.asarray(g * np.asarray(s, g.dtype)) for g, s in zip(got, op.gauge(got, want), strict=True))
        for k, (g, w) in enumerate(zip(got, want, strict=True)):
            verdict = judge_limit(_part(name, 0, k, len(got), "output"), g, w, p.form)
            yield from _with_script(witness, p, "value", [verdict])

    return examined(witness, name, produce)


def ask_refusal(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Inputs without an answer must raise an error."""
    case = op.draw()[label]
    name = question("refused", op.name, label, dtype)

    def produce():
        p = Point(op, case, FORMATS[dtype], (0,))
        try:
            got = witness.answer(p, "value")
        except (NotOffered, NotImplementedError):
            raise
        except Exception:
            yield Verdict(name, "agrees")
            return
        shapes = ", ".join(str(g.shape) for g in got)
        bad = Verdict(name, "disagrees", f"must raise an error, returned arrays of shape {shapes}")
        yield from _with_script(witness, p, "value", [bad])

    return examined(witness, name, produce)


def ask_kink(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """At a kink the derivative of each output must lie in its set of subgradients, and be linear in ybar."""
    name = question("kink", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        hulls = gradients_nearby(p)
        total = np.zeros(sum(np.size(p.args[i]) for i in p.wrt))
        slack = np.zeros_like(total)
        weights = flat(p.ybar)
        for k, (unit, vertices) in enumerate(zip(unit_cotangents(p), hulls, strict=True)):
            got = flat(witness.answer(p, "vjp", ybar=unit))
            allowed = rounding_of(p, unit, vertices)
            yield _inside(f"{name}, output element {k + 1}", got, vertices, allowed)
            total, slack = total + weights[k] * got, slack + abs(weights[k]) * allowed
        got = flat(witness.answer(p, "vjp"))
        slack = slack + (SLACK * flat(p.rounding("vjp"))) + np.abs(total) * 2.0 ** (1 - p.form.bits)
        off = np.abs(got - total) > slack
        linear = bool(np.all(np.isfinite(got)) and not np.any(off))
        yield Verdict(
            f"{name}, random cotangent",
            "kink" if linear else "disagrees",
            "" if linear else f"the VJP is not linear in ybar: elements {np.flatnonzero(off).tolist()}",
        )
        if witness.has("jvp") or witness.backend.find(f"{op.name}_jvp"):
            ydot, along = flat(witness.answer(p, "jvp")), flat(p.xdot)
            for k, (unit, vertices) in enumerate(zip(unit_cotangents(p), hulls, strict=True)):
                ends = vertices @ along
                room = np.abs(along) @ rounding_of(p, unit, vertices) + SLACK * abs(ydot[k]) * 2.0**-p.form.bits
                inside = bool(ends.min() - room <= ydot[k] <= ends.max() + room)
                yield Verdict(
                    f"{name}, jvp of output element {k + 1}",
                    "kink" if inside else "disagrees",
                    "" if inside else f"got {ydot[k]}, the directional derivatives lie in [{ends.min()}, {ends.max()}]",
                )

    return examined(witness, name, produce)


def _inside(name: str, got: np.ndarray, vertices: np.ndarray, allowed: np.ndarray) -> Verdict:
    if not np.all(np.isfinite(got)):
        return Verdict(name, "disagrees", f"got {got.tolist()}, but every subgradient is finite")
    best = nearest(vertices, got)
    solver = 1e-13 * np.max(np.abs(vertices), initial=1e-300)  # the error of the nearest point itself, in float64
    outside = np.abs(best - got) > allowed + solver
    if np.any(outside):
        return Verdict(
            name, "disagrees", f"got {got.tolist()}, which is no subgradient; the nearest is {best.tolist()}"
        )
    return Verdict(name, "kink")


def ask_exhaustively(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """All 65 536 numbers of a 16-bit format: finite ones of the domain against the truth, the others give nan."""
    name = question("exhaustive", op.name, label, dtype)

    def produce():
        p, outside = _every_number(op, label, dtype)
        got = witness.answer(p, "value")
        yield from _with_script(witness, p, "exhaustive", _judge_answer(witness, p, "value", got, (1.0,), name, 0))
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

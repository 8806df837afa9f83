"""Why an answer is wrong: what the operation's own slips and the general relations say of it, at two draws."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from crosscheck.reference import Op, Slip, known_slips
from crosscheck.reference.agreement.conduct import at_a_limit, unstable_at_large_inputs
from crosscheck.reference.agreement.conduct import hint as behaves
from crosscheck.reference.agreement.context import Context
from crosscheck.reference.agreement.diagnosis import Hint, code, diagnose, slip_of
from crosscheck.reference.agreement.fits import NEARLY
from crosscheck.reference.agreement.guesses import Guess
from crosscheck.reference.agreement.second_order import SECOND_ORDER, gradient_itself, not_linear_in_dots
from crosscheck.reference.agreement.truth import Point, as_given, as_tuple, point
from crosscheck.reference.agreement.verdict import WRONG, judge
from crosscheck.reference.arithmetic.ball import Undecided
from crosscheck.reference.op import is_float_array

from .oriented import asked, oriented, signs_of, upstream
from .witness import READING, Arrays, Kind, Witness


@np.errstate(all="ignore")  # a warning neither answers nor refuses
def why(
    witness: Witness,
    op: Op,
    label: str,
    dtype: str,
    kind: Kind,
    draw: int,
    k: int,
    compiled: bool | None,
    slips: bool = True,
) -> Hint | None:
    """What the k-th answer looks like; a reason that does not hold at another draw, where it is wrong too, is none.

    Without ``slips`` the general relations alone are asked.
    """
    hint = _at(witness, point(op, label, dtype, draw), kind, k, compiled, slips)
    if hint is None:
        return None
    try:
        other = _at(witness, point(op, label, dtype, draw + 1), kind, k, compiled, slips)
    except Undecided:
        return hint
    return None if other is not None and other.code != hint.code else hint


def _at(witness: Witness, p: Point, kind: Kind, k: int, compiled: bool | None, slips: bool) -> Hint | None:
    got, signs = asked(witness, p, kind, compiled)
    answers = oriented(p, kind, got, signs)
    truths, radii = p.truth(READING[kind]), p.rounding(READING[kind])
    if judge("", answers[k], truths[k], radii[k], p.form, witness.flushes).outcome not in WRONG:
        return None
    hint = looks_like(witness, p, kind, k, answers[k], signs, compiled, slips)
    if hint is None or hint.code == "not-finite":
        return _unstable(witness, p, kind, k, answers[k], compiled) or hint
    return hint


LARGE, MODERATE, DIGITS = 20.0, 2.0, 1e-3
"""An input above the first is large; an answer that is off by more than the last has not merely lost digits."""


def _unstable(witness: Witness, p: Point, kind: Kind, k: int, got: np.ndarray, compiled: bool | None) -> Hint | None:
    """Whether the same question is answered right once the large inputs are made moderate."""
    want = p.truth(READING[kind])[k].hi
    finite = bool(np.all(np.isfinite(got)))
    if finite and np.max(np.abs(got - want), initial=0) > DIGITS * np.max(np.abs(want), initial=0):
        return None
    what = "digits are lost" if finite else "nan or infinite"
    for how, change in (
        ("divided by {}", lambda a: a * (MODERATE / np.max(np.abs(a)))),
        ("moved to the mean 0", lambda a: a - np.mean(a)),
    ):
        large = [i for i, a in enumerate(p.args) if is_float_array(a) and np.size(a) and np.max(np.abs(a)) > LARGE]
        args = tuple(change(a) if i in large else a for i, a in enumerate(p.args))
        try:
            q = Point(p.op, replace(p.case, args=args), p.form, (0,))
            answer, signs = asked(witness, q, kind, compiled)
            moderate = oriented(q, kind, answer, signs)[k]
            verdict = judge("", moderate, q.truth(READING[kind])[k], q.rounding(READING[kind])[k], q.form)
        except Exception:  # such inputs may be refused, or have no certain answer
            continue
        if large and verdict.outcome == "agrees":
            names = ", ".join(names_of(p.op, len(p.args))[i] for i in large)
            by = max(float(np.max(np.abs(p.args[i]))) for i in large) / MODERATE
            return behaves(unstable_at_large_inputs, f"{what}; right when {names} is {how.format(f'{by:.3g}')}")
    return None


def looks_like(
    witness: Witness,
    p: Point,
    kind: Kind,
    k: int,
    got: np.ndarray,
    signs: Sequence[Any],
    compiled: bool | None = None,
    slips: bool = True,
) -> Hint | None:
    """What the k-th answer looks like at this point alone."""
    truths = p.truth(READING[kind])
    names = names_of(p.op, len(p.args))
    about = names if kind == "value" else [names[i] for i in p.wrt]
    backward, hessian = READING[kind] in ("vjp", "hvp"), READING[kind] == "hvp"
    others = {about[j] if backward else f"output {j + 1}": t.hi for j, t in enumerate(truths) if j != k}
    values = () if kind == "value" else _given(witness, p)

    def scaled(factor: float) -> np.ndarray:
        return asked(witness, p, kind, compiled, factor)[0][k]

    context = Context(
        dict(zip(names, p.args, strict=True)),
        p.case.params,
        upstream(p, signs) if backward else (),
        values,
        others,
        scaled if backward else None,
        dots=p.xdot if hessian else (),
        dtype=p.form.name,
    )
    known = slips_at(p, kind, k, values, signs) if slips else ()
    hint = diagnose(got, truths[k].hi, context, chain(known, _second_order(p, k) if hessian else ()))
    if hessian and witness.own(p.op, kind) and (hint is None or hint.code != code(gradient_itself)):
        twice = witness.answer(p.towards(tuple(2 * x for x in p.xdot)), kind, compiled=compiled)[k]
        if not _doubled(twice, witness.answer(p, kind, compiled=compiled)[k]):
            words = "not linear in dots: with twice the tangents it is not twice as large"
            return Hint(code(not_linear_in_dots), words)
    return hint


def _doubled(twice: np.ndarray, once: np.ndarray) -> bool:
    if twice.shape != once.shape or once.dtype.name not in NEARLY:
        return True
    off, size = (np.max(np.abs(v), initial=0) for v in (twice - 2 * once, twice))
    return bool(off <= NEARLY[once.dtype.name] * size)


def _second_order(p: Point, k: int) -> Iterator[tuple[str, Guess]]:
    for relation in SECOND_ORDER:
        says = (inspect.getdoc(relation) or "").splitlines()[0].rstrip(".")
        yield code(relation), Guess(says[0].lower() + says[1:], relation(p)[k])


def follows_convention(witness: Witness, p: Point, kind: Kind, k: int, got: np.ndarray, signs: Sequence[Any]) -> bool:
    """Whether the k-th answer, which is wrong, is what a convention gives; it costs nothing where there is none."""
    if kind not in ("value", "vjp") or not any(slip.convention for slip in known_slips().get(p.op.name, ())):
        return False
    values = () if kind == "value" else _given(witness, p)
    others = slips_at(p, kind, k, values, signs, conventions=True)
    return slip_of(got, p.truth(READING[kind])[k].hi, others) is not None


def limit_looks_like(p: Point, k: int, got: np.ndarray, want: np.ndarray) -> Hint | None:
    """What a wrong answer looks like where the mathematics gives the exact one, which may be infinite or nan."""
    if got.shape != want.shape or (want.dtype.kind == "f" and got.dtype != p.form.dtype):
        return diagnose(got, want, Context(dtype=p.form.name))
    return _limit_slip(p, k, got) or at_a_limit(got, want)


def limit_convention(p: Point, k: int, got: np.ndarray) -> bool:
    found = _limit_slip(p, k, got) if any(s.convention for s in known_slips().get(p.op.name, ())) else None
    return found is not None and found.convention


def _limit_slip(p: Point, k: int, got: np.ndarray) -> Hint | None:
    """The only slip that gives the same numbers, infinities and nans: of a few limits many give the same."""
    if got.dtype.kind not in "fiub" or got.size < 2:
        return None
    found = [
        Hint(name, slip.words, slip.convention)
        for name, slip in slips_at(p, "value", k)
        if slip.answer.shape == got.shape and np.allclose(got, slip.answer, rtol=1e-12, atol=0, equal_nan=True)
    ]
    return found[0] if len(found) == 1 else None


def names_of(op: Op, count: int) -> list[str]:
    """What the arguments are called: those of ``*theta`` are theta[0], theta[1] and so on."""
    names: list[str] = []
    for parameter in inspect.signature(op.forward).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    return names


def _given(witness: Witness, p: Point) -> Arrays:
    """The value that a hand-written VJP is given: the witness's own."""
    return tuple(np.asarray(y, dtype=np.float64) for y in witness.value_for_own(p))


def slips_at(
    p: Point, kind: Kind, k: int, y: tuple[Any, ...] = (), signs: Sequence[Any] = (), conventions: bool = False
) -> Iterator[tuple[str, Guess]]:
    """What each slip of the operation would have answered, or each that is right elsewhere."""
    for slip in known_slips().get(p.op.name, ()):
        if conventions and not slip.convention:
            continue
        try:
            with np.errstate(all="ignore"):
                answers = answer_of(slip, p, kind, y, signs)
        except Exception:  # a slip that cannot be made of these arguments was not made
            continue
        if answers is not None and len(answers) > k and answers[k].dtype.kind in "fiub":
            answer = answers[k].astype(np.float64)
            yield f"{p.op.name}.{slip.name}", Guess(words_of(slip), answer, convention=bool(slip.convention))


def answer_of(slip: Slip, p: Point, kind: Kind, y: tuple[Any, ...], signs: Sequence[Any]) -> Arrays | None:
    """The answer of the one who made the slip: to a value, or to a VJP or HVP with the given value and its signs."""
    args, params = p.args, p.case.params
    if READING[kind] == "hvp":
        own = slip.hvp and slip.hvp(as_given(upstream(p, signs)), p.dots(p.xdot), as_given(y), *args, **params)
        return oriented(p, kind, tuple(np.asarray(g) for g in p.chosen(own)), signs) if own else None
    pull = slip.vjp or (p.op.vjp if slip.forward else None)
    if kind not in ("value", "vjp") or (slip.forward if kind == "value" else pull) is None:
        return None
    value = y
    if slip.forward is not None:
        value = tuple(np.asarray(v) for v in as_tuple(slip.forward(*args, **params)))
        if kind == "vjp" and p.op.gauge and not _alike(oriented(p, "value", y, signs), p, value):
            return None  # of other wrong factors the free signs mean nothing
        signs = signs_of(p, value)
    if kind == "value" or pull is None:
        return oriented(p, kind, value, signs)
    cotangents = pull(as_given(upstream(p, signs)), as_given(value), *args, **params)
    wanted = tuple(np.asarray(g) for g in p.chosen(cotangents))
    return oriented(p, kind, wanted, signs)


def _alike(y: Arrays, p: Point, value: Arrays) -> bool:
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=0)
        for a, b in zip(y, oriented(p, "value", value, signs_of(p, value)), strict=True)
    )


def words_of(slip: Slip) -> str:
    if slip.convention:
        return f"another convention: right under that of {slip.convention}, and no mistake. {slip.why}"
    return f"{slip.name.replace('-', ' ')}. {slip.why}"

"""Why an answer is wrong: what the operation's own slips and the general relations say of it, at two draws."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.reference import Op, Slip, known_slips
from crosscheck.reference.agreement.context import Context
from crosscheck.reference.agreement.diagnosis import Hint, diagnose
from crosscheck.reference.agreement.guesses import Guess
from crosscheck.reference.agreement.truth import Point, as_given, as_tuple, point
from crosscheck.reference.agreement.verdict import WRONG, judge
from crosscheck.reference.arithmetic.ball import Undecided

from .oriented import asked, oriented, signs_of, upstream
from .witness import READING, Arrays, Kind, Witness


@np.errstate(all="ignore")  # a warning neither answers nor refuses
def why(
    witness: Witness, op: Op, label: str, dtype: str, kind: Kind, draw: int, k: int, compiled: bool | None
) -> Hint | None:
    """What the k-th answer looks like; a reason that does not hold at another draw, where it is wrong too, is none."""
    hint = _at(witness, point(op, label, dtype, draw), kind, k, compiled)
    if hint is None:
        return None
    try:
        other = _at(witness, point(op, label, dtype, draw + 1), kind, k, compiled)
    except Undecided:
        return hint
    return None if other is not None and other.code != hint.code else hint


def _at(witness: Witness, p: Point, kind: Kind, k: int, compiled: bool | None) -> Hint | None:
    got, signs = asked(witness, p, kind, compiled)
    answers = oriented(p, kind, got, signs)
    truths, radii = p.truth(READING[kind]), p.rounding(READING[kind])
    if judge("", answers[k], truths[k], radii[k], p.form, witness.flushes).outcome not in WRONG:
        return None
    return looks_like(witness, p, kind, k, answers[k], signs, compiled)


def looks_like(
    witness: Witness, p: Point, kind: Kind, k: int, got: np.ndarray, signs: Sequence[Any], compiled: bool | None = None
) -> Hint | None:
    """What the k-th answer looks like at this point alone."""
    truths = p.truth(READING[kind])
    names = names_of(p.op, len(p.args))
    about = names if kind == "value" else [names[i] for i in p.wrt]
    others = {about[j] if kind == "vjp" else f"output {j + 1}": t.hi for j, t in enumerate(truths) if j != k}
    values = () if kind == "value" else _given(witness, p)

    def scaled(factor: float) -> np.ndarray:
        return asked(witness, p, kind, compiled, factor)[0][k]

    context = Context(
        dict(zip(names, p.args, strict=True)),
        p.case.params,
        upstream(p, signs) if kind == "vjp" else (),
        values,
        others,
        scaled if kind == "vjp" else None,
        p.form.name,
    )
    return diagnose(got, truths[k].hi, context, slips_at(p, kind, k, values, signs))


def follows_convention(witness: Witness, p: Point, kind: Kind, k: int, got: np.ndarray, signs: Sequence[Any]) -> bool:
    """Whether the k-th answer, which is wrong, is what a convention gives; it costs nothing where there is none."""
    if kind not in ("value", "vjp") or not any(slip.convention for slip in known_slips().get(p.op.name, ())):
        return False
    values = () if kind == "value" else _given(witness, p)
    own = [named for named in slips_at(p, kind, k, values, signs) if named[1].convention]
    hint = diagnose(got, p.truth(READING[kind])[k].hi, None, own) if own else None
    return hint is not None and hint.convention


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
    p: Point, kind: Kind, k: int, y: tuple[Any, ...] = (), signs: Sequence[Any] = ()
) -> Iterator[tuple[str, Guess]]:
    """What each slip of the operation would have answered."""
    for slip in known_slips().get(p.op.name, ()):
        try:
            with np.errstate(all="ignore"):
                answers = answer_of(slip, p, kind, y, signs)
        except Exception:  # a slip that cannot be made of these arguments was not made
            continue
        if answers is not None and len(answers) > k and answers[k].dtype.kind in "fiub":
            answer = answers[k].astype(np.float64)
            yield f"{p.op.name}.{slip.name}", Guess(words_of(slip), answer, convention=bool(slip.convention))


def answer_of(slip: Slip, p: Point, kind: Kind, y: tuple[Any, ...], signs: Sequence[Any]) -> Arrays | None:
    """The answer of the one who made the slip, to a value or to a VJP with the given value and its signs."""
    args, params = p.args, p.case.params
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
    positions = range(len(args)) if p.op.wrt is None else p.op.wrt
    wanted = tuple(np.asarray(g) for i, g in zip(positions, cotangents, strict=True) if i in p.wrt)
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

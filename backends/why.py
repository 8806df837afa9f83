"""Why an answer is wrong: what the operation's own slips and the general relations say of it, at two draws."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from crosscheck.reference import Op, Slip, known_slips
from crosscheck.reference.agreement.context import Context
from crosscheck.reference.agreement.diagnosis import Hint, code, diagnose
from crosscheck.reference.agreement.fits import NEARLY
from crosscheck.reference.agreement.guesses import Guess
from crosscheck.reference.agreement.second_order import SECOND_ORDER, gradient_itself, not_linear_in_dots
from crosscheck.reference.agreement.truth import Point, as_given, as_tuple, point
from crosscheck.reference.agreement.verdict import WRONG, judge
from crosscheck.reference.arithmetic.ball import Undecided

from .witness import READING, Kind, Witness


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
    answers = witness.answer(p, kind, compiled=compiled)
    truths, radii = p.truth(READING[kind]), p.rounding(READING[kind])
    if judge("", answers[k], truths[k], radii[k], p.form, witness.flushes).outcome not in WRONG:
        return None
    names = names_of(p.op, len(p.args))
    about = names if kind == "value" else [names[i] for i in p.wrt]
    backward, hessian = READING[kind] in ("vjp", "hvp"), READING[kind] == "hvp"
    others = {about[j] if backward else f"output {j + 1}": t.hi for j, t in enumerate(truths) if j != k}
    values = () if kind == "value" else _given(witness, p)

    def scaled(factor: float) -> np.ndarray:
        return witness.answer(p, kind, ybar=tuple(factor * b for b in p.ybar), compiled=compiled)[k]

    context = Context(
        dict(zip(names, p.args, strict=True)),
        p.case.params,
        p.ybar if backward else (),
        values,
        others,
        scaled if backward else None,
        p.xdot if hessian else (),
    )
    known = _slips(p, kind, k, values) if slips else ()
    hint = diagnose(answers[k], truths[k].hi, context, chain(known, _second_order(p, k) if hessian else ()))
    if hessian and witness.own(p.op, kind) and (hint is None or hint.code != code(gradient_itself)):
        twice = witness.answer(p.towards(tuple(2 * x for x in p.xdot)), kind, compiled=compiled)[k]
        if not _doubled(twice, answers[k]):
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


def names_of(op: Op, count: int) -> list[str]:
    """What the arguments are called: those of ``*theta`` are theta[0], theta[1] and so on."""
    names: list[str] = []
    for parameter in inspect.signature(op.forward).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    return names


def _given(witness: Witness, p: Point) -> tuple[np.ndarray, ...]:
    """The value that a hand-written VJP is given: the witness's own."""
    return tuple(np.asarray(y, dtype=np.float64) for y in witness.value_for_own(p))


def _slips(p: Point, kind: Kind, k: int, y: tuple[Any, ...]) -> Iterator[tuple[str, Guess]]:
    """What each slip of the operation would have answered."""
    for slip in known_slips().get(p.op.name, ()):
        try:
            with np.errstate(all="ignore"):
                answers = answer_of(slip, p, kind, y)
        except Exception:  # a slip that cannot be made of these arguments was not made
            continue
        if answers is not None and len(answers) > k and answers[k] is not None:
            yield f"{p.op.name}.{slip.name}", Guess(words_of(slip), np.asarray(answers[k], dtype=np.float64))


def answer_of(slip: Slip, p: Point, kind: Kind, y: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The answer of the one who made the slip, to a value, or to a VJP or HVP with the given value."""
    args, params = p.args, p.case.params
    if READING[kind] == "hvp":
        own = slip.hvp and slip.hvp(as_given(p.ybar), p.dots(p.xdot), as_given(y), *args, **params)
        return own and p.chosen(own)
    if kind == "value":
        return None if slip.forward is None else as_tuple(slip.forward(*args, **params))
    pull = slip.vjp or (p.op.vjp if slip.forward else None)
    if kind != "vjp" or pull is None:
        return None
    value = y if slip.forward is None else as_tuple(slip.forward(*args, **params))
    return p.chosen(pull(as_given(p.ybar), as_given(value), *args, **params))


def words_of(slip: Slip) -> str:
    if slip.convention:
        return f"another convention, that of {slip.convention}: {slip.why}"
    return f"{slip.name.replace('-', ' ')}. {slip.why}"

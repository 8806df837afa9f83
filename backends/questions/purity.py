"""What must make no difference: asking twice, and how the inputs lie in memory."""

from __future__ import annotations

from functools import partial

import numpy as np

from crosscheck.reference import Case, Op
from crosscheck.reference.agreement.conduct import hint, input_modified, second_call_differs
from crosscheck.reference.agreement.truth import Point, point
from crosscheck.reference.agreement.verdict import Verdict, apart
from crosscheck.reference.op import is_float_array

from ..oriented import signs_of
from ..why import names_of
from ..witness import Kind, NotOffered, Witness, kinds_of
from .answers import judge_answer, with_conventions
from .examined import examined, question


def ask_pure(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """The inputs are not modified, and the same question twice gives the same bits."""
    name = question("pure", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        kinds: list[Kind] = ["value", "vjp"] if p.wrt else ["value"]
        if "forward-over-reverse" in kinds_of(p) and witness.own(op, "forward-over-reverse"):
            kinds.append("forward-over-reverse")
        for kind in kinds:
            try:
                before, first, second, after = witness.answer_twice(p, kind)
            except (NotOffered, NotImplementedError):
                if kind == "value" or (kind == "vjp" and len(kinds) > 2):
                    continue  # a derivative is there that can be asked
                raise
            for k, (a, b) in enumerate(zip(before, after, strict=True)):
                if not np.array_equal(a, b, equal_nan=a.dtype.kind not in "biu"):
                    given = [n for n, x in zip(names_of(op, len(p.args)), p.args, strict=True) if x is not None]
                    given += ["the upstream cotangent ybar"] * len(p.ybar)
                    changed = given[k] if k < len(given) else "a tangent"
                    reason = f"{kind} modified its input {changed}: compute with a new array (y = y * g, not y *= g)"
                    yield Verdict(name, "disagrees", reason, why=partial(hint, input_modified, changed))
                    return
            for a, b in zip(first, second, strict=True):
                if not np.array_equal(a, b, equal_nan=a.dtype.kind not in "biu"):
                    reason = f"{kind}: the same question twice gave different answers"
                    again = partial(hint, second_call_differs, a, b)
                    yield Verdict(name, "disagrees", reason, apart=_between(a, b), why=again)
                    return
            yield Verdict(name, "agrees")

    return examined(witness, name, produce)


def _between(a: np.ndarray, b: np.ndarray) -> float:
    return apart(np.abs(a - b), a) if a.shape == b.shape and a.dtype.kind not in "b" else np.inf


def ask_layout(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """Inputs that are not contiguous, and inputs broadcast with a stride of 0."""
    name = question("layout", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        got = witness.answer(p, "value", arrange=lambda i, x: _strided(x))
        signs = signs_of(p, got)
        verdicts = judge_answer(witness, p, "value", got, signs, f"{name}, strided", 0)
        yield from with_conventions(witness, p, "value", got, signs, verdicts)
        if op.gauge or op.symmetric or op.residuals:
            return  # equal rows would make the matrix singular, or its spectrum degenerate
        first = next((i for i, a in enumerate(p.args) if is_float_array(a) and np.ndim(a) and len(a) > 1), None)
        if first is None:
            return
        args = list(p.args)
        args[first] = np.repeat(args[first][:1], len(args[first]), axis=0)
        q = Point(op, Case(label, tuple(args), p.case.params), p.form, (0,))
        got = witness.answer(q, "value", arrange=lambda i, x: np.broadcast_to(x[:1], x.shape) if i == first else x)
        yield from judge_answer(witness, q, "value", got, (), f"{name}, broadcast", 0)

    return examined(witness, name, produce)


def _strided(x: np.ndarray) -> np.ndarray:
    """The same numbers at other strides: axes in reverse order in memory, with gaps."""
    return np.stack([x.T, x.T], axis=-1)[..., 0].T

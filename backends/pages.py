"""The page of each diagnosis: what it means, why it is wrong, and how to see it."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from crosscheck.reference import Case, Op, Slip, catalogue, known_slips
from crosscheck.reference.agreement.conduct import CONDUCT
from crosscheck.reference.agreement.diagnosis import code
from crosscheck.reference.agreement.fits import SPECIFIC, VAGUE
from crosscheck.reference.agreement.forms import dtype, shape
from crosscheck.reference.agreement.guesses import GUESSES
from crosscheck.reference.agreement.second_order import SECOND_ORDER, not_linear_in_dots
from crosscheck.reference.agreement.truth import as_tuple

from .why import words_of


def not_finite() -> None:
    """Some elements are nan or infinite where the right answer is a number.

    exp of a large number overflows: subtract the maximum first, the quotient does not change. log 0 and 0/0: a
    probability that has rounded to 0; take the logarithm from the logits instead. inf - inf: two parts that should have
    cancelled before they were computed. In a gradient through ``where`` both branches are computed: the one that is not
    taken may give nan, and nan * 0 is nan.

    To see it: find the first intermediate that is not finite.
    """


def _relations() -> dict[str, Callable[..., Any]]:
    second = (*SECOND_ORDER, not_linear_in_dots)
    every = (shape, dtype, *GUESSES, *SPECIFIC, *VAGUE, *second, not_finite, *CONDUCT)
    return {code(relation): relation for relation in every}


def codes() -> dict[str, str]:
    """Every code, with one line of what it says: the general relations first, then the slips of each operation."""
    general = {name: (inspect.getdoc(relation) or "").splitlines()[0] for name, relation in _relations().items()}
    own = {f"{op}.{slip.name}": words_of(slip).split(". ")[0] for op, group in known_slips().items() for slip in group}
    return general | own


def page(name: str) -> str:
    """What ``crosscheck explain`` prints. Raises ValueError for a code that does not exist, with the nearest one."""
    if name in (relations := _relations()):
        return f"{name}\n\n{_doc(relations[name])}\n"
    op, _, slip = name.partition(".")
    found = next((s for s in known_slips().get(op, ()) if s.name == slip), None)
    if found is None:
        close = difflib.get_close_matches(name, codes(), n=1)
        advice = f"did you mean {close[0]!r}?" if close else "'crosscheck explain' alone lists all codes"
        raise ValueError(f"there is no code {name!r}; {advice}")
    return _slip(name, catalogue()[op], found)


def _slip(name: str, op: Op, slip: Slip) -> str:
    parts = [name, "", words_of(slip), "", f"The operation: {op.formula}"]
    if op.vjp is not None and slip.vjp is not None:
        parts += ["", "Its VJP:", "", _doc(op.vjp)]
    if op.hvp is not None and slip.hvp is not None:
        parts += ["", "Its Hessian-vector product:", "", _doc(op.hvp)]
    label = next((name for name, case in op.draw().items() if _differs(op, slip, case)), "")
    if label:
        parts += ["", f"To see it, the right answer and this one to the case {label!r}:", "", _script(op, slip, label)]
    parts += ["", f"Your own file is asked by pytest --crosscheck=mine.py -k {op.name!r}"]
    return "\n".join(parts) + "\n"


def _differs(op: Op, slip: Slip, case: Case) -> bool:
    """Whether the script would show two different answers."""
    if case.kind not in ("regular", "kink"):
        return False
    try:
        with np.errstate(all="ignore"):
            y = op.forward(*case.args, **case.params)
            if slip.forward is not None:
                right, wrong = as_tuple(y), as_tuple(slip.forward(*case.args, **case.params))
            else:
                ybar = tuple(map(np.cos, y)) if isinstance(y, tuple) else np.cos(y)
                right, wrong = (f(ybar, y, *case.args, **case.params) for f in (op.vjp, slip.vjp) if f is not None)
            pairs = ((a, b) for a, b in zip(right, wrong, strict=True) if a is not None and b is not None)
            return any(np.shape(a) != np.shape(b) or not np.allclose(a, b, equal_nan=True) for a, b in pairs)
    except Exception:  # a slip that cannot be made of these arguments
        return False


def _script(op: Op, slip: Slip, label: str) -> str:
    """A program that prints both answers; the upstream cotangent of ones would hide too much."""
    lines = [
        "import numpy as np",
        "from crosscheck.reference import catalogue, known_slips",
        f"op = catalogue()[{op.name!r}]",
        f"slip = next(s for s in known_slips()[op.name] if s.name == {slip.name!r})",
        f"case = op.draw()[{label!r}]",
    ]
    if slip.forward is not None:
        lines += [f"print({f}.forward(*case.args, **case.params))" for f in ("op", "slip")]
    else:
        lines += [
            "y = op.forward(*case.args, **case.params)",
            "ybar = tuple(map(np.cos, y)) if isinstance(y, tuple) else np.cos(y)",
            *(f"print({f}.vjp(ybar, y, *case.args, **case.params))" for f in ("op", "slip")),
        ]
    return "\n".join(f"    {line}" for line in lines)


def _doc(function: Any) -> str:
    """A docstring with each paragraph in one line, which the screen breaks where it ends."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.getdoc(function) or "")

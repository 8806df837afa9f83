"""The card of an operation: formula, derivation, what is mistaken, and the same lines in NumPy, PyTorch and JAX."""

from __future__ import annotations

import inspect
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crosscheck.reference import Case, Op, known_slips
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import Point
from crosscheck.reference.op import is_float_array

from .reproduce import lines_of, literal_of
from .why import names_of, words_of
from .witness import Witness

DIGITS = 3
SMALL = 40
"""So many numbers can still be read."""


@dataclass(frozen=True)
class Card:
    """``text`` are pairs of a title and a paragraph; ``programs`` the source for each witness that offers it."""

    name: str
    text: tuple[tuple[str, str], ...]
    programs: dict[str, Program]


@dataclass(frozen=True)
class Program:
    """Lines that compute a value and its VJP, and what they computed; the value is ``y``, unless an argument is."""

    source: str
    names: dict[str, Any]


def card(op: Op, witnesses: list[Witness]) -> Card:
    """Everything that is known of an operation, on one page."""
    formula, *paragraphs = re.split(r"\n\n", inspect.getdoc(op.forward) or "")
    text = [("formula", " ".join(formula.split()))]
    text += [_titled(" ".join(p.split())) for paragraph in paragraphs for p in _parts(paragraph)]
    if op.vjp is not None:
        text.append(("backward", " ".join((inspect.getdoc(op.vjp) or "").split())))
    if op.hvp is not None:
        text.append(("Hessian", " ".join((inspect.getdoc(op.hvp) or "").split())))
    for slip in known_slips().get(op.name, ()):
        text.append(("convention" if slip.convention else "mistake", f"{words_of(slip)} [{op.name}.{slip.name}]"))
    for witness in witnesses:
        reasons = {r for pattern, r in witness.disagreements.items() if re.search(rf":{op.name}(-|$)", pattern)}
        text += [(witness.name, f"{reason} {link}".strip()) for reason, link in sorted(reasons)]
    point = example(op)
    programs = {w.name: program for w in witnesses if w.offers(op) and (program := program_of(w, point))}
    return Card(op.name, tuple(text), programs)


def _parts(paragraph: str) -> list[str]:
    """A paragraph, or the lines of one that begin with "Raises" or "Source"."""
    return re.split(r"\n(?=Raises |Source: )", paragraph)


def _titled(paragraph: str) -> tuple[str, str]:
    for title in ("Shapes", "Source", "Raises"):
        if paragraph.startswith(title):
            return title.lower(), paragraph.removeprefix(title).lstrip(": ")
    return "", paragraph


def example(op: Op) -> Point:
    """The first regular case that is small, or the smallest of all, with numbers that one can read."""
    regular = [case for case in op.draw().values() if case.kind == "regular"]
    case = next((case for case in regular if _size(case) <= SMALL), min(regular, key=_size))
    short = replace(case, args=tuple(_short(a) if is_float_array(a) else a for a in case.args))
    try:
        op.forward(*short.args, **short.params)
    except ValueError:  # rounded probabilities need not sum to 1
        short = case
    point = Point(op, short, FORMATS["float64"], (0,))
    point.ybar = tuple(_short(b) for b in point.ybar)
    return point


def _size(case: Case) -> int:
    return sum(np.size(a) for a in case.args if a is not None)


def _short(a: Any) -> np.ndarray:
    digits = np.vectorize(lambda v: float(f"{v:.{DIGITS}g}"), otypes=[np.float64])
    return digits(a) if np.size(a) else np.asarray(a)


def program_of(witness: Witness, point: Point) -> Program | None:
    """The lines that compute the value and, where it has one, the VJP; None where the witness does not offer it so."""
    try:
        value, gradient = _lines(witness, point)
    except (OSError, TypeError, SyntaxError):  # the source of a function of somebody's cannot be found
        return None
    for lines in (value + gradient, value):
        try:
            return _run("\n".join(lines) + "\n")
        except Exception:  # no gradient with these parameters, or nothing at all
            continue
    return None


def _run(source: str) -> Program:
    names: dict[str, Any] = {}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "the card", "exec"), names)
    return Program(source, names)


def _lines(witness: Witness, point: Point) -> tuple[list[str], list[str]]:
    op, forward = point.op, witness.find(point.op.name)
    own = witness.backend.find(f"{op.name}_vjp") if point.wrt else None
    lines, expression = lines_of(forward)
    own_lines, pull = lines_of(own) if own else ([], "")
    if expression.startswith("lambda"):
        lines, expression = [*lines, f"{op.name} = {expression}"], op.name
    header = getattr(witness.backend, "header", "import numpy as np").splitlines()
    names = [plain(name) for name in names_of(op, len(point.args))]
    value = value_name(names)
    given = ", ".join([*names, *(f"{k}={v!r}" for k, v in point.case.params.items())])
    arguments = [f"{n} = {literal_of(witness.backend, a, point)}" for n, a in zip(names, point.args, strict=True)]
    program = [*dict.fromkeys([*header, *lines, *own_lines]), "", *arguments, f"{value} = {expression}({given})"]
    if re.search(r"\b(inf|nan)\b", " ".join(program)):
        program.insert(len(header), "from numpy import inf, nan")
    if not point.wrt or not (own or witness.has("vjp")):
        return program, []
    ybar = [literal_of(witness.backend, b, point) for b in point.ybar]
    gradient = [f"ybar = {ybar[0] if len(ybar) == 1 else '(' + ', '.join(ybar) + ')'}"]
    wrt = [names[i] for i in point.wrt]
    if own:
        positions = range(len(names)) if op.wrt is None else op.wrt
        bars = [f"{names[i]}_bar" if i in point.wrt else "_" for i in positions]
        return program, [*gradient, f"{', '.join(bars)}, = {pull}(ybar, {value}, {given})"]
    gradient.append(f"_, pull = vjp(lambda {', '.join(wrt)}: {expression}({given}), {', '.join(wrt)})")
    return program, [*gradient, f"{', '.join(f'{name}_bar' for name in wrt)}, = pull(ybar)"]


def plain(name: str) -> str:
    """theta0 for theta[0]."""
    return re.sub(r"\W+", "", name)


def value_name(arguments: list[str]) -> str:
    return "value" if "y" in arguments else "y"

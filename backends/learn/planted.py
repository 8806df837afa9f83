"""Slips of VJPs as one wrong line in our text: an edit of it answers as the slip does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import numpy as np

from crosscheck.reference import Op, Slip, catalogue, known_slips
from crosscheck.reference.agreement.truth import as_tuple

from .steps import Edit, edits, steps

Likeness = tuple[int, tuple[bool, ...]]
"""At how many points something is wrong as a slip is, and in which of the cotangents: all others are right."""
Answer = tuple[Any, ...] | None
"""The cotangents; None where there are none because it raises."""
LINES = 18
"""A longer text is no riddle for one evening."""


@dataclass(frozen=True)
class Bug:
    op: str
    slip: Slip
    source: str
    line: int
    """The wrong one, from 0."""
    right: str
    """What ought to stand there."""
    labels: tuple[str, ...]
    """The cases whose first draw it is wrong on."""
    also: tuple[int, ...]
    """Other lines where a change as small makes the same mistake: whoever names one of them has understood."""


@cache
def bugs(name: str) -> tuple[Bug, ...]:
    """The slips of an operation's VJP that can be shown as one wrong line, each at most once."""
    op = catalogue()[name]
    slips = [s for s in known_slips().get(name, ()) if s.vjp is not None and s.forward is None and not s.convention]
    text = steps(op) if slips else ""
    if not 4 <= len(text.splitlines()) <= LINES or "while " in text:  # with a wrong line it might never end
        return ()
    labels, points = zip(*_points(op), strict=True)
    right = [_answers(op.vjp, *p) for p in points]
    made = {slip.name: [_answers(slip.vjp, *p) for p in points] for slip in slips}
    fitting: dict[str, dict[Likeness, list[Edit]]] = {s.name: defaultdict(list) for s in slips}
    for edit in edits(text):
        try:
            f = function_of(op, edit.text)
        except SyntaxError:  # a star where none may stand
            continue
        for slip, wrong in _likened(f, points, right, made).items():
            fitting[slip][wrong].append(edit)
    found = []
    for slip in slips:
        chosen = _chosen(text, fitting[slip.name])
        if chosen is not None:
            edit, also = chosen
            f = function_of(op, edit.text)
            seen = [label for label, p, r in zip(labels, points, right, strict=True) if any(_wrong(_answers(f, *p), r))]
            line = text.splitlines()[edit.line].strip()
            found.append(Bug(name, slip, edit.text, edit.line, line, tuple(label for label in seen if label), also))
    return tuple(found)


def function_of(op: Op, text: str) -> Callable[..., Any]:
    """The VJP that a text defines, with what our module gives it."""
    names = dict(vars(op)["vjp"].__globals__)
    exec(compile(text, f"<{op.name}_vjp>", "exec"), names)
    return names[vars(op)["vjp"].__name__]


def _chosen(text: str, fitting: dict[Likeness, list[Edit]]) -> tuple[Edit, tuple[int, ...]] | None:
    """Of the edits that make the slip wholly, or else in a part: the simplest one, and other lines that could
    be it; None where many could."""
    for wrong in sorted(fitting, key=lambda wrong: (-sum(wrong[1]), -wrong[0])):
        best = min(fitting[wrong], key=lambda edit: (edit.rank, len(edit.text), edit.text))
        lines = {edit.line for edit in fitting[wrong] if edit.rank <= max(best.rank, 1)}
        if len(lines) <= 2 and 2 * len(lines) <= len(text.splitlines()) - 2:
            return best, tuple(sorted(lines - {best.line}))
    return None


def _points(op: Op) -> list[tuple[str, tuple[Any, ...]]]:
    """The cases of two draws, the second ones without their labels, and what the VJP is called with: a cotangent, the
    value, the arguments, the parameters."""
    rng, points = np.random.default_rng(0), []
    for draw in (0, 1):
        for label, case in op.draw(draw).items():
            if case.kind == "regular" and op.differentiable(case):
                y = op.forward(*case.args, **case.params)
                bars = tuple(rng.normal(size=np.shape(v)) for v in as_tuple(y))
                point = (bars if isinstance(y, tuple) else bars[0], y, case.args, case.params)
                points.append(("" if draw else label, point))
    return points


@np.errstate(all="ignore")
def _answers(f: Any, ybar: Any, y: Any, args: Any, params: Any) -> Answer:
    try:
        bars = f(ybar, y, *args, **params)
        return tuple(None if bar is None else np.asarray(bar, dtype=np.float64) for bar in bars)
    except Exception:
        return None


def _likened(
    f: Callable[..., Any], points: Sequence[Any], right: list[Answer], made: dict[str, list[Answer]]
) -> dict[str, Likeness]:
    """The slips whose answers a function gives wherever it is wrong."""
    left: dict[str, list[list[bool]]] = {name: [] for name in made}
    for i, point in enumerate(points):
        got = _answers(f, *point)
        for name in list(left):
            wrong = _wrong(got, right[i])
            if wrong and _as_made(wrong, got, made[name][i]):
                left[name].append(wrong)
            else:
                del left[name]
        if not left:
            break
    # Where there are any number of arguments, the points do not have the same number of cotangents.
    found = {name: (sum(map(any, w)), tuple(map(any, zip_longest(*w)))) for name, w in left.items()}
    return {name: wrong for name, wrong in found.items() if wrong[0]}


@np.errstate(all="ignore")
def _wrong(got: Answer, right: Answer) -> list[bool]:
    """Which cotangents are wrong; nothing where they cannot be told apart."""
    if got is None or right is None or len(got) != len(right):
        return []
    return [not _same(g, r) for g, r in zip(got, right, strict=True)]


@np.errstate(all="ignore")
def _as_made(wrong: list[bool], got: Answer, slip: Answer) -> bool:
    """Whether those that are wrong are so as the slip's are."""
    if got is None or slip is None or len(got) != len(slip):
        return False
    return all(not w or _same(g, s) for w, g, s in zip(wrong, got, slip, strict=True))


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= 1e-9 * np.abs(b) + 1e-12))

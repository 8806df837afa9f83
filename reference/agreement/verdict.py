"""The verdict on one answer: does it agree with the truth, and if not, where, by how much, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np

from .allowance import LAPACK, SLACK, allowance
from .context import Context
from .diagnosis import Hint, diagnose
from .fits import NEARLY
from .measure import Format, largest, ulp
from .truth import Enclosure

Outcome = Literal[
    "agrees", "disagrees", "convention", "declared", "kink", "not offered", "raised", "undecided", "vacuous"
]
OUTCOMES: tuple[Outcome, ...] = (
    "agrees",
    "disagrees",
    "convention",
    "declared",
    "kink",
    "not offered",
    "raised",
    "undecided",
    "vacuous",
)
GOOD: tuple[Outcome, ...] = ("agrees", "kink")
WRONG: tuple[Outcome, ...] = ("disagrees", "convention", "raised", "vacuous", "undecided")
"""What fails unless it is declared."""


class Disagreement(AssertionError):
    """An answer differs from the truth by more than arithmetic explains."""


@dataclass(frozen=True)
class Verdict:
    """What became of one question: ``ulps`` and ``share`` are those of the worst element.

    "convention": the answer is exactly what another library, book or paper means by this operation. It is no mistake
    and counted apart, but it fails like one: whoever relies on the answer to this question does not get it, and two
    programs of different conventions do not work together. A backend may declare it.

    ``share`` is the error over the allowance; above 1 the answer disagrees. ``apart`` is the largest
    error over the largest value, infinite where there is no such number. ``origin`` tells which
    intermediate of a network is the first that is wrong. ``why`` finds out what the answer looks
    like, only when somebody reads the message. ``reproduction`` is a script that shows the answer
    without crosscheck.
    """

    question: str
    outcome: Outcome
    reason: str = ""
    index: tuple[int, ...] = ()
    got: Any = None
    want: Any = None
    ulps: float = 0.0
    allowed_ulps: float = 0.0
    share: float = 0.0
    apart: float = np.inf
    why: Callable[[], Hint | None] | None = field(default=None, repr=False, compare=False)
    origin: str = ""
    reproduction: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        raise TypeError("a verdict is not a boolean: call .require(), or look at .outcome")

    def require(self) -> None:
        """Raise ``Disagreement`` with the whole message unless the answer is right."""
        if self.outcome not in GOOD:
            raise Disagreement(self.message())

    def hint(self) -> Hint | None:
        """What a wrong answer looks like, if it looks like anything that is known."""
        return self.why() if self.why is not None and self.outcome not in GOOD else None

    def message(self) -> str:
        lines = [f"{self.question}: {self.outcome}"]
        if self.reason:
            lines.append(f"  {self.reason}")
        if self.got is not None:
            place = f"at {list(self.index)}: " if self.index else ""
            lines.append(f"  {place}got {self.got!r}, want {self.want!r}")
        if self.outcome == "disagrees" and self.share:
            lines.append(
                f"  off by {self.ulps:.3g} ulp; {self.allowed_ulps:.3g} ulp are allowed: "
                f"the rounding of the text in this format, or half an ulp on its inputs"
            )
        hint, rest = self.hint(), [self.origin] if self.origin else []
        if hint is not None:
            words = hint.words if self.outcome == "convention" else f"it looks like: {hint.words}"
            lines += [f"  {words}", f"  crosscheck explain {hint.code}"]
            if self.outcome == "convention":
                lines.append("  it is counted apart, and fails all the same: it is not what this question asks for")
        elif self.why is not None and self.outcome == "disagrees":
            rest = ["no known pattern", *rest]
        if rest:
            lines.append(f"  {'; '.join(rest)}")
        if self.reproduction and self.outcome not in GOOD:
            lines += ["  to see it without crosscheck:", *(f"    {line}" for line in self.reproduction.splitlines())]
        return "\n".join(lines)


def judge(
    question: str,
    got: Any,
    truth: Enclosure,
    radius: np.ndarray,
    form: Format,
    flushes: bool = False,
    attainable: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Verdict:
    """The verdict on one array: shape, dtype, finiteness, then every element against its allowance.

    ``attainable(error)`` is asked only for an answer beyond its allowance: where the text is better than half an
    ulp on its inputs deserves, that much is allowed to others.
    """
    got = np.asarray(got)
    why = partial(diagnose, got, truth.hi, Context(dtype=form.name))
    if got.shape != truth.hi.shape:
        return Verdict(question, "disagrees", f"got shape {got.shape}, want {truth.hi.shape}", why=why)
    if not np.issubdtype(truth.hi.dtype, np.floating):
        return _judge_exact(question, got, truth.hi)
    if got.dtype != form.dtype:
        return Verdict(question, "disagrees", f"got dtype {got.dtype}, want {form.name}", why=why)
    if got.size == 0:
        return Verdict(question, "vacuous", "no element was compared")
    why = why if form.name in NEARLY else None
    got = got.astype(np.float64)
    allowed = allowance(truth, radius, form, flushes)
    beyond = np.isinf(truth.hi)
    if np.any(np.isnan(truth.hi)) or not np.all(np.isfinite(allowed) | beyond):
        return Verdict(question, "undecided", "the truth or its allowance is not finite")
    if np.any(truth.hi != 0) and np.all((np.abs(truth.hi) <= allowed) & ~beyond):
        return Verdict(question, "vacuous", "the allowance is as large as every value: zeros would pass")
    allowed = np.where(beyond, 0.0, allowed)
    overflow = (np.abs(truth.hi) + allowed > form.largest) & np.isinf(got) & (np.sign(got) == np.sign(truth.hi))
    with np.errstate(invalid="ignore"):
        error = np.where(overflow, 0.0, truth.error_of(got))
    error = np.where(np.isnan(error), np.inf, error)
    reason = ""
    if np.any(error > allowed) and attainable is not None and np.all(np.isfinite(error)):
        floor = SLACK * attainable(error)
        if np.all(error <= np.maximum(allowed, floor)):
            reason = "beyond the rounding of the text, within what half an ulp on the inputs does"
        allowed = np.maximum(allowed, floor)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(error == 0, 0.0, error / allowed)
        ulps, allowed_ulps = error / ulp(truth.hi, form), allowed / ulp(truth.hi, form)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(share), share.shape))
    agrees = bool(share[index] <= 1)
    return Verdict(
        question,
        "agrees" if agrees else "disagrees",
        reason,
        index=index,
        got=float(got[index]),
        want=float(truth.hi[index]),
        ulps=float(ulps[index]),
        allowed_ulps=float(allowed_ulps[index]),
        share=float(share[index]),
        apart=apart(error, truth.hi),
        why=why,
    )


def judge_residual(question: str, residual: Enclosure, size: Enclosure, n: int, form: Format) -> Verdict:
    """The verdict on a factorisation: what is 0 in exact arithmetic, against LAPACK's bound, 30 n ulp of ``size``."""
    error = np.abs(residual.hi) + residual.radius
    if not error.size:
        return Verdict(question, "vacuous", "no element was compared")
    if not np.all(np.isfinite(error)):
        return Verdict(question, "disagrees", "the residual is not finite")
    unit = np.broadcast_to(np.maximum(size.hi, form.smallest_normal) * 2.0 ** (1 - form.bits), error.shape)
    share = error / (LAPACK * n * unit)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(share), share.shape))
    return Verdict(
        question,
        "agrees" if share[index] <= 1 else "disagrees",
        f"a residual, in ulp of {size.hi.max():.3g}; LAPACK's tests allow {LAPACK:g} n, n = {n}",
        index=index,
        got=float(residual.hi[index]),
        want=0.0,
        ulps=float(error[index] / unit[index]),
        allowed_ulps=LAPACK * n,
        share=float(share[index]),
        apart=float(np.max(error / np.maximum(size.hi, form.smallest_normal))),
    )


def apart(error: np.ndarray, want: np.ndarray) -> float:
    """The largest error over the largest finite value; infinite where that is 0, or the error no number."""
    scale = largest(want[np.isfinite(want)])
    return largest(error) / scale if scale and np.all(np.isfinite(error)) else np.inf


def _judge_exact(question: str, got: np.ndarray, want: np.ndarray) -> Verdict:
    """Integers and booleans are right or wrong."""
    if got.dtype.kind not in "iub":
        return Verdict(question, "disagrees", f"got dtype {got.dtype}, want {want.dtype}")
    if want.size == 0:
        return Verdict(question, "vacuous", "no element was compared")
    wrong = np.argwhere(got != want)
    if len(wrong):
        index = tuple(int(i) for i in wrong[0])
        return Verdict(question, "disagrees", "integers", index, int(got[index]), int(want[index]))
    return Verdict(question, "agrees")


def judge_limit(question: str, got: Any, answer: Any, form: Format) -> Verdict:
    """The verdict where the mathematics gives an exact answer: nan for nan, and the sign of a negative zero."""
    got, want = np.asarray(got), np.asarray(answer)
    if got.shape != want.shape:
        return Verdict(question, "disagrees", f"got shape {got.shape}, want {want.shape}")
    floating = np.issubdtype(want.dtype, np.floating)
    if got.dtype != form.dtype if floating else got.dtype.kind not in "iub":
        return Verdict(question, "disagrees", f"got dtype {got.dtype}, want {form.name if floating else want.dtype}")
    if floating:
        got, want = got.astype(np.float64), want.astype(form.dtype).astype(np.float64)
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        same &= ~(np.signbit(want) & (want == 0)) | np.signbit(got)
    else:
        same = got == want
    wrong = np.argwhere(~same)
    if len(wrong):
        index = tuple(int(i) for i in wrong[0])
        return Verdict(question, "disagrees", "the limit is exact", index, got[index].item(), want[index].item())
    return Verdict(question, "agrees")

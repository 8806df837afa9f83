"""The verdicts on a training: the first steps against the truth, the others against the spread of right programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from flint import ctx

from crosscheck.reference.agreement.allowance import SLACK
from crosscheck.reference.agreement.diagnosis import diagnose
from crosscheck.reference.agreement.measure import FORMATS, Format, ulp
from crosscheck.reference.agreement.truth import EXACT, FIRST_BITS, ROUNDING, Enclosure, enclosure
from crosscheck.reference.agreement.verdict import Verdict, judge
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.rounding import RoundingBalls, format_of
from crosscheck.reference.op import is_float_array

from . import numpy_
from .questions import examined, settle
from .spread import FACTOR, RUNS, SIDES, AnyOrder, Spread, distances, growth, perturbed, spread
from .training import Task, Text, grade, steps_of, train
from .witness import Arrays, Witness

Told = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """What became of one witness: its verdicts, and its distance from NumPy at each step."""

    witness: str
    verdicts: list[Verdict]
    growth: np.ndarray
    score: float | None
    """What the trained network is worth, by the measure of the task's exam."""
    seconds: float


@dataclass(frozen=True)
class Report:
    """All trials of one task in one format; ``growth`` is that of the spread, ``turned`` as in ``Spread``."""

    task: Task
    dtype: str
    growth: np.ndarray
    turned: np.ndarray
    trials: list[Trial]


@dataclass(frozen=True)
class TextOnBalls(Text):
    cls: type[Balls]

    def find(self, name: str) -> Callable[..., Any] | None:
        f = super().find(name)
        return f and (lambda *args, **params: f(*args, **{k: self.number(v) for k, v in params.items()}))

    def number(self, v: Any) -> Any:
        """A parameter that is a float becomes a ball, so that 1 - beta1 is not rounded."""
        return self.cls.wrap(self.cls.constant(v)) if isinstance(v, float) else v

    def asarray(self, x: np.ndarray) -> Balls | np.ndarray:
        return balls(x, self.cls) if is_float_array(x) else x


def certify(task: Task, form: Format) -> list[tuple[tuple[Enclosure, ...], Arrays]]:
    """For each certified step the truth and the rounding radius of each quantity.

    The truth starts from the weights that the format holds and is never rounded again. The radii are those of
    the same steps on rounding balls: the error that a step hands on to the next one is in them.
    """
    exact, rounding = (
        Witness(TextOnBalls(space, cls), "balls") for space, cls in ((EXACT, Balls), (ROUNDING, RoundingBalls))
    )
    with ctx.workprec(FIRST_BITS):
        truths = [tuple(map(enclosure, step)) for step in train(exact, task, form, last=task.certified)]
    with format_of(form.bits):
        steps = train(rounding, task, form, last=task.certified)
        radii = [tuple(enclosure(y).radius for y in step) for step in steps]
    return list(zip(truths, radii, strict=True))


def judge_certified(
    name: str, task: Task, form: Format, steps: list[Arrays], certificates: list[Any], flushes: bool = False
) -> list[Verdict]:
    """Each quantity of the certified steps against the truth and its allowance."""
    return [
        judge(f"{name}, step {t}, {quantity}", got, truth, radius, form, flushes)
        for t, (step, (truths, radii)) in enumerate(zip(steps, certificates, strict=False), 1)
        for quantity, got, truth, radius in zip(task.quantities, step, truths, radii, strict=True)
    ]


def judge_drift(name: str, task: Task, form: Format, steps: list[Arrays], right: Spread, told: Told) -> list[Verdict]:
    """Each quantity of the compared steps behind the certified ones against NumPy's, within FACTOR spreads.

    Beyond them, a network with kinks may have fallen on another side of one: then NumPy is asked to take that very
    step from where the witness stood, and to go on from where it went; the steps behind are compared with these.
    Nothing is said of the steps behind a wrong one: they follow from it.
    """
    verdicts: list[Verdict] = []
    for t in range(task.certified, task.compared):
        base = right.base[t - right.first]
        pairs = list(zip((f"{name}, step {t + 1}, {q}" for q in task.quantities), steps[t], base, strict=True))
        malformed = [_malformed(*pair) for pair in pairs if not _alike(*pair[1:])]
        if malformed:
            return verdicts + malformed
        ratios = right.ratios(t, steps[t])
        beyond = ratios > FACTOR
        kink = bool(task.kinks and np.any(beyond) and _at_a_kink(task, form, steps, t, told))
        size = right.size[t - right.first]
        verdicts += [_verdict(*pair, r, s, form, kink) for pair, r, s in zip(pairs, ratios, size, strict=True)]
        if kink and t + 1 < task.compared:
            right = _spread_from(task, form, steps[t][task.after :], t + 1, task.compared, told)
        elif not kink and np.any(beyond):
            break
    return verdicts


def _malformed(question: str, got: np.ndarray, want: np.ndarray) -> Verdict:
    return Verdict(
        question, "disagrees", f"got {got.dtype} of shape {got.shape}, want {want.dtype} of shape {want.shape}"
    )


def _verdict(
    question: str, got: np.ndarray, base: np.ndarray, ratio: float, size: float, form: Format, kink: bool
) -> Verdict:
    away = np.abs(got.astype(np.float64) - base.astype(np.float64))
    away = np.where(np.isnan(away), np.inf, away)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(away), away.shape))
    worst = {"index": index, "got": float(got[index]), "want": float(base[index])}
    ulps = float(away[index] / ulp(np.float64(base[index]), form))
    if ratio <= FACTOR:
        return Verdict(question, "agrees", **worst, ulps=ulps, share=float(ratio) / FACTOR)
    if kink:
        reason = "a branch (relu, max pooling) fell on the other side of a rounding; NumPy goes on from there too"
        return Verdict(question, "kink", reason, **worst, ulps=ulps)
    reason = (
        f"{away[index]:.3g} ({ulps:.3g} ulp) away from NumPy: {ratio:.3g} times as far as the furthest of {RUNS} "
        f"NumPy runs whose weights began one ulp away ({size:.3g}); {FACTOR:g} times are allowed"
    )
    return Verdict(question, "disagrees", reason, **worst, ulps=ulps, why=partial(diagnose, got, base))


def _at_a_kink(task: Task, form: Format, steps: list[Arrays], t: int, told: Told) -> bool:
    """Whether NumPy takes step t from where the witness stood as the witness did, on this or that side of a kink.

    NumPy's step and its spread there tell what rounding does on one side. Runs that begin FACTOR ulp away fall on
    either side of all kinks within reach; beside one of them the witness must be, by as much as both may err.
    """
    stood = steps[t - 1][task.after :] if t else task.start(form)
    here = _spread_from(task, form, stood, t, t + 1, told)
    if np.all(here.ratios(t, steps[t]) <= FACTOR):
        return True
    for seed in range(SIDES):
        side = Witness(Text(AnyOrder(seed)), "numpy")
        taken = steps_of(side, task, form, perturbed(stood, form, seed, FACTOR), t, t + 1)
        if np.all(replace(here, base=taken).ratios(t, steps[t]) <= SLACK * FACTOR):
            return True
    return False


def _spread_from(task: Task, form: Format, start: Arrays, first: int, last: int, told: Told) -> Spread:
    base = steps_of(Witness(numpy_.backend(), "numpy"), task, form, start, first, last)
    return spread(task, form, base, start, first, told)


def examine(task: Task, dtype: str, witnesses: Sequence[Witness], told: Told = lambda text: None) -> Report:
    """Train every witness in one format and judge each step."""
    form = FORMATS[dtype]
    base: list[Arrays] = []
    right, certificates, seconds = None, [], 0.0
    if any(dtype in w.dtypes and all(map(w.backend.find, (task.loss, task.optimiser))) for w in witnesses):
        told("NumPy")
        began = time.perf_counter()
        base = steps_of(Witness(numpy_.backend(), "numpy"), task, form)
        seconds = time.perf_counter() - began
        right = spread(task, form, base[: task.compared], task.start(form), told=told)
        told("the first steps in balls")
        certificates = certify(task, form) if task.certified else []
    trials = []
    for witness in witnesses:
        told(witness.name)
        if isinstance(witness.backend, numpy_.NumPy):
            trial = replace(_trial(witness, task, form, lambda: base, None, certificates, base, told), seconds=seconds)
        else:
            trial = _trial(witness, task, form, partial(steps_of, witness, task, form), right, certificates, base, told)
        trials.append(trial)
    if right is None:
        return Report(task, dtype, np.zeros(0), np.zeros(0, dtype=int), trials)
    return Report(task, dtype, growth(task, base, right.size), right.turned, trials)


def _trial(
    witness: Witness,
    task: Task,
    form: Format,
    run: Callable[[], list[Arrays]],
    right: Spread | None,
    certificates: list[Any],
    base: list[Arrays],
    told: Told,
) -> Trial:
    name, exam_name = (f"{kind}:{task.name}-{form.name}" for kind in ("training", "exam"))
    steps: list[Arrays] = []
    scores: list[float] = []
    seconds: list[float] = []

    def answers():
        began = time.perf_counter()
        steps.extend(run())
        seconds.append(time.perf_counter() - began)
        yield from judge_certified(name, task, form, steps, certificates, witness.flushes)
        if right is not None:
            yield from judge_drift(name, task, form, steps, right, told)

    def test():
        scores.append(grade(witness, task, form, steps[-1][task.after : task.after + len(task.names)]))
        exam = task.exam
        if exam.bound is not None:
            reason = f"{exam.measure.name} of the test set: got {exam.shown(scores[0])}, want {exam.expected}"
            yield Verdict(exam_name, "agrees" if exam.passed(scores[0]) else "disagrees", reason)

    verdicts = examined(witness, name, answers)
    away = np.zeros(0)
    if steps:
        verdicts += examined(witness, exam_name, test)
        alike = all(
            _alike(*pair) for step, right in zip(steps, base, strict=True) for pair in zip(step, right, strict=True)
        )
        away = growth(task, base, distances(steps, base)) if alike else away
    return Trial(
        witness.name,
        settle(verdicts, witness.disagreements),
        away,
        scores[0] if scores else None,
        seconds[0] if seconds else 0.0,
    )


def _alike(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape == want.shape and got.dtype == want.dtype

"""How far apart right programs drift: the spread of NumPy runs that differ by roundings alone.

Training amplifies rounding errors: two programs that are both right differ by more and more from step to step.
How much, the task itself tells: NumPy is run several times, each time with every initial weight off by one ulp, up
or down at random, and with every sum added up term by term in a random order of its own (the order is the
freedom that programs use most: torch's batch norm in float64 adds 4096 terms one by one, NumPy pairwise). The
largest distance of these runs from the unperturbed one, at the same step and of the same quantity, is the spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from crosscheck.reference.agreement.measure import Format, ulp

from .training import Task, Text, steps_of
from .witness import Arrays, Witness

RUNS = 8
FACTOR = 16.0
"""How many spreads a right program may be away. In the worst case all errors grow along one direction, and distances
are |z| of normal numbers of one variance. That one of them exceeds c times the largest of RUNS others has, for large
c, the probability (2/pi)^(RUNS/2) E|z|^RUNS / c^RUNS: with eight 17 / c^8, and 4e-9 for c = 16. So ten thousand
comparisons raise a false alarm once in 25 000 trainings."""
FEWEST = 2
"""Runs on one side of a kink that tell how far rounding errors go there."""
SIDES = 32
"""Runs that look for the other sides of kinks: of three within reach, one in eight runs finds the right combination,
so that all of them miss it has the probability (7/8)^32 = 1 %; of two, 1e-4."""


@dataclass(frozen=True)
class AnyOrder:
    """NumPy, but sums are added up one term after the other, in an order that the seed gives."""

    seed: int

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        x = np.asarray(x)
        axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
        n = int(np.prod([x.shape[a] for a in axes]))
        if n < 2:
            return np.sum(x, axis=axis, keepdims=keepdims)
        terms = np.moveaxis(x, axes, range(-len(axes), 0))
        terms = np.reshape(terms, (*terms.shape[: x.ndim - len(axes)], n))[..., _order(self.seed, n)]
        total = np.cumsum(terms, axis=-1)[..., -1]
        return np.expand_dims(total, axes) if keepdims else total

    def mean(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        total = self.sum(x, axis, keepdims)
        return total / (np.size(x) // max(np.size(total), 1))


@cache
def _order(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng([seed, n]).permutation(n)


def perturbed(arrays: Arrays, form: Format, seed: int, ulps: float = 1.0) -> Arrays:
    """Every number moved by so many ulps, up or down at random; a 0 stays."""
    rng = np.random.default_rng([seed, 1])
    return tuple(
        np.where(a == 0, a, a + rng.choice([-ulps, ulps], size=a.shape) * ulp(a, form)).astype(form.dtype)
        for a in arrays
    )


def distances(steps: list[Arrays], base: list[Arrays]) -> np.ndarray:
    """For each step and quantity the largest difference of any element."""
    return np.array(
        [
            [np.max(np.abs(a.astype(np.float64) - b.astype(np.float64))) for a, b in zip(step, right, strict=True)]
            for step, right in zip(steps, base, strict=True)
        ]
    )


@dataclass(frozen=True)
class Spread:
    """The steps of a NumPy run from ``first`` on, and how far the perturbed runs are from each quantity of each."""

    first: int
    base: list[Arrays]
    size: np.ndarray
    turned: np.ndarray
    """For each step, how many perturbed runs have turned off at a kink, and so do not count."""

    def ratios(self, t: int, step: Arrays) -> np.ndarray:
        """How many spreads each quantity of another run is away from NumPy's, at the same step."""
        with np.errstate(invalid="ignore"):
            ratios = distances([step], [self.base[t - self.first]])[0] / self.size[t - self.first]
        return np.where(np.isnan(ratios), np.inf, ratios)


def spread(
    task: Task,
    form: Format,
    base: list[Arrays],
    start: Arrays,
    first: int = 0,
    told: Callable[[str], None] = lambda text: None,
) -> Spread:
    """The spread around ``base``, NumPy's steps ``first`` ... from ``start`` on."""
    away = []
    for seed in range(RUNS):
        told(f"NumPy, perturbed run {seed + 1} of {RUNS}")
        witness = Witness(Text(AnyOrder(seed)), "numpy")
        steps = steps_of(witness, task, form, perturbed(start, form, seed), first, first + len(base))
        away.append(distances(steps, base))
    # Each of two numbers that are compared was rounded in the end, by half an ulp.
    floor = np.array([[ulp(np.max(np.abs(a.astype(np.float64))), form) for a in step] for step in base])
    drift = np.array([growth(task, base, d + floor) for d in away])
    off = turned_off(drift) if task.kinks else np.zeros(drift.shape, dtype=bool)
    size = np.max(np.where(off[:, :, np.newaxis], 0, away), axis=0) + floor
    return Spread(first, base, size, np.sum(off, axis=0))


def turned_off(drift: np.ndarray) -> np.ndarray:
    """Which runs have, at each step, fallen on another side of a kink than NumPy.

    ``drift`` is (runs, steps). A run has turned off when it is, or at an earlier step was, more than FACTOR times
    further away than all runs that are nearer. Where fewer than FEWEST are left, NumPy stands alone on its side:
    then all runs count.
    """
    ranked = np.sort(drift, axis=0)
    gap = ranked[1:] > FACTOR * ranked[:-1]
    gap[: FEWEST - 1] = False
    nearer = np.take_along_axis(ranked, np.argmax(gap, axis=0)[np.newaxis], axis=0)
    off = np.logical_or.accumulate(np.any(gap, axis=0) & (drift > nearer), axis=1)
    return off & (np.sum(~off, axis=0) >= FEWEST)


def growth(task: Task, base: list[Arrays], away: np.ndarray) -> np.ndarray:
    """For each step the largest of these distances of a weight, relative to the largest weight of its array."""
    weights = slice(task.after, task.after + len(task.names))
    scale = np.array([[np.max(np.abs(a)) for a in step[weights]] for step in base[: len(away)]])
    return np.max(away[:, weights] / scale, axis=1)

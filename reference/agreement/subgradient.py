"""What a derivative may be at a kink: the convex hull of the gradients nearby (Clarke's subdifferential).

Source: Clarke (1983), Optimization and Nonsmooth Analysis, theorem 2.5.1: the generalised gradient is the
convex hull of the limits of gradients at points that tend to x and where the function is differentiable.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import arb, ctx

from ..arithmetic.ball import Balls
from ..arithmetic.rounding import RoundingBalls, format_of
from .allowance import SLACK
from .truth import Point, enclosure

DIRECTIONS = 8
"""Pairs of opposite random directions from which the kink is approached."""
STEP, STEP_BITS = 2.0**-300, 1400
"""So near that the gradient there differs from its limit by 1e-90, at a precision that resolves it."""


def unit_cotangents(point: Point) -> Iterator[tuple[np.ndarray, ...]]:
    """For each element of each output, the cotangent that selects it."""
    for k, b in enumerate(point.ybar):
        for index in np.ndindex(b.shape):
            unit = tuple(np.zeros(o.shape) for o in point.ybar)
            unit[k][index] = 1.0
            yield unit


def gradients_nearby(point: Point) -> list[np.ndarray]:
    """For each element of the outputs, its gradients (one flat row each) at points beside the kink."""
    rng = np.random.default_rng(DIRECTIONS)
    rows: list[list[np.ndarray]] = [[] for _ in unit_cotangents(point)]
    with ctx.workprec(STEP_BITS):
        for k in range(DIRECTIONS + 1):
            # the first direction raises all numbers alike: what a convention such as sign(0) = 1 amounts to
            shapes = [np.shape(point.args[i]) for i in point.wrt]
            direction = [rng.normal(size=shape) if k else np.ones(shape) for shape in shapes]
            for sign in (1, -1):
                args = [point.lift(a, Balls) for a in point.args]
                for i, d in zip(point.wrt, direction, strict=True):
                    args[i] = args[i] + point.lift(d, Balls) * (sign * arb(STEP))
                for row, unit in zip(rows, unit_cotangents(point), strict=True):
                    row.append(flat(tuple(enclosure(g).hi for g in point.pull(unit, args, Balls))))
    return [_distinct(np.array(row)) for row in rows]


def _distinct(vertices: np.ndarray) -> np.ndarray:
    """Of rows that are the same but for rounding, the first: as it is, for an answer is compared with it."""
    scale = np.max(np.abs(vertices), initial=0.0) or 1.0
    _, first = np.unique(np.round(vertices / scale, 12), axis=0, return_index=True)
    return vertices[first]


def flat(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.concatenate([np.asarray(a, dtype=np.float64).reshape(-1) for a in arrays])


def rounding_of(point: Point, unit: tuple[np.ndarray, ...], vertices: np.ndarray) -> np.ndarray:
    """How far rounding may move a subgradient: that of the text, and the rounding of the convex weights."""
    with format_of(point.form.bits):
        args = [point.lift(a, RoundingBalls) for a in point.args]
        radius = flat(tuple(enclosure(g).radius for g in point.pull(unit, args, RoundingBalls)))
    return SLACK * radius + np.max(np.abs(vertices), axis=0) * 2.0**-point.form.bits


def nearest(vertices: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The point of the convex hull of the rows that is nearest to ``target``.

    Source: Wolfe (1976), Finding the nearest point in a polytope, Mathematical Programming 11.
    """
    p: np.ndarray = vertices - target
    scale = max(float(np.max(np.abs(p))), 1e-300)
    p = p / scale
    chosen = [int(np.argmin(np.sum(p * p, axis=1)))]
    weights: np.ndarray = np.array([1.0])
    for _ in range(100):
        x: np.ndarray = weights @ p[chosen]
        far = int(np.argmin(p @ x))
        if p[far] @ x >= x @ x - 1e-15 or far in chosen:
            break
        chosen, weights = [*chosen, far], np.append(weights, 0.0)
        while True:
            # the point of smallest norm in the affine hull of the chosen rows
            q: np.ndarray = p[chosen]
            system = np.block([[q @ q.T, np.ones((len(q), 1))], [np.ones((1, len(q))), np.zeros((1, 1))]])
            affine: np.ndarray = np.linalg.lstsq(system, np.append(np.zeros(len(q)), 1.0), rcond=None)[0][:-1]
            if np.all(affine > 1e-13):
                weights = affine
                break
            leaving = affine <= 1e-13
            step = min(1.0, float(np.min(weights[leaving] / np.maximum(weights[leaving] - affine[leaving], 1e-300))))
            weights = (1 - step) * weights + step * affine
            keep = weights > 1e-13
            chosen, weights = [c for c, k in zip(chosen, keep, strict=True) if k], weights[keep]
    return target + scale * (weights @ p[chosen])

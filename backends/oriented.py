"""An answer as it is compared: with its free signs as the truth has them, and the symmetric part of a cotangent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from crosscheck.reference.agreement.truth import Point

from .witness import READING, Arrays, Kind, Witness


def signs_of(point: Point, value: Sequence[np.ndarray]) -> tuple[Any, ...]:
    """What each output is multiplied by, where its sign is free and its shape the right one; nothing where none is."""
    if point.op.gauge is None:
        return ()
    want = tuple(t.hi for t in point.truth("value"))
    if [v.shape for v in value] != [w.shape for w in want]:
        return (1.0,) * len(value)
    return point.op.gauge(value, want)


def upstream(point: Point, signs: Sequence[Any], factor: float = 1.0) -> Arrays:
    """The upstream cotangents of outputs with these signs."""
    if not point.wrt:
        return ()
    return tuple(np.asarray(factor * b * s) for b, s in zip(point.ybar, signs or (1.0,) * len(point.ybar), strict=True))


def oriented(point: Point, kind: Kind, got: Sequence[np.ndarray], signs: Sequence[Any]) -> Arrays:
    if READING[kind] in ("vjp", "hvp"):
        return tuple(
            (g + g.mT) / 2 if i in point.op.symmetric and g.ndim >= 2 else g
            for i, g in zip(point.wrt, got, strict=True)
        )
    if point.op.gauge is None:
        return tuple(got)
    return tuple(np.asarray(g * np.asarray(s, dtype=g.dtype)) for g, s in zip(got, signs, strict=True))


def asked(
    witness: Witness, point: Point, kind: Kind, compiled: bool | None = None, factor: float = 1.0
) -> tuple[Arrays, tuple[Any, ...]]:
    """The answer, with the upstream cotangent times a number, and the signs of the value it belongs to."""
    if point.op.gauge is None and factor == 1:
        return witness.answer(point, kind, compiled=compiled), ()
    signs = signs_of(point, witness.answer(point, "value", compiled=compiled)) if point.op.gauge else ()
    return witness.answer(point, kind, ybar=upstream(point, signs, factor), compiled=compiled), signs

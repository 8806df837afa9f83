"""The proofs that a hand-derived VJP is the adjoint of the derivative, and an HVP the derivative of the VJP."""

from __future__ import annotations

import numpy as np
from flint import arb, ctx

from ..arithmetic.ball import Balls
from .truth import FIRST_BITS, Point

LARGEST_RADIUS = 1e-25
"""A proof whose radius is larger proves too little: the case is ill-conditioned beyond 128 bits."""


def adjoint_gap(point: Point) -> arb:
    """<ybar, J xdot> - <J^T ybar, xdot>: 0 when the VJP text is the adjoint of the forward text.

    J xdot comes from the forward on jets, J^T ybar from the VJP on balls: two texts, one derivative. A
    ball that contains 0 with a radius near 1e-30 proves it at this point and in these random directions,
    and a wrong VJP passes only where its error is orthogonal to both: with probability 0.
    """
    with ctx.workprec(FIRST_BITS):
        forward = _inner(point.ybar, point.jvp(Balls))
        reverse = _inner(point.xdot, point.vjp(Balls))
        return forward - reverse


def hessian_gap(point: Point) -> arb:
    """The HVP text less the VJP text on jets: the element that is proved worst, 0 when the two are one derivative.

    In units of the element, where that is above 1: second derivatives are large where probabilities are tiny.
    """
    with ctx.workprec(FIRST_BITS):
        gaps = [
            gap
            for i, hand, jet in zip(point.wrt, point.hvp_by_hand(Balls), point.hvp(Balls), strict=True)
            for gap in _symmetric(_same_shape(hand, jet), i in point.op.symmetric).reshape(-1)
        ]
        return next((gap for gap in gaps if not proved(gap)), max(gaps, key=lambda gap: float(gap.rad())))


def _same_shape(hand: Balls, jet: Balls) -> np.ndarray:
    a, b = (np.asarray(Balls.lift(v)) for v in (hand, jet))
    if a.shape != b.shape:
        raise ValueError(f"the HVP text gives shape {a.shape}, want {b.shape}")
    return np.asarray((a - b) / np.maximum(np.abs(b), 1))


def _symmetric(gap: np.ndarray, symmetric: bool) -> np.ndarray:
    """Of a symmetric matrix's cotangent the symmetric part alone means something."""
    return (gap + gap.mT) / 2 if symmetric else gap


def proved(gap: arb) -> bool:
    return bool(gap.is_finite() and gap.contains(0) and float(gap.rad()) <= LARGEST_RADIUS)


def _inner(directions: tuple[np.ndarray, ...], derivatives: tuple[Balls, ...]) -> arb:
    total = arb(0)
    for direction, derivative in zip(directions, derivatives, strict=True):
        for d, v in zip(direction.reshape(-1), Balls.lift(derivative).reshape(-1), strict=True):
            total += arb(float(d)) * v
    return total

"""The truth of every question on one set of inputs, and the rounding that a float format may add to it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from flint import arb, ctx

from ..arithmetic.ball import Balls, Undecided, balls
from ..arithmetic.jet import coefficient, jets, order
from ..arithmetic.reading import BallNamespace, read
from ..arithmetic.rounding import RoundingBalls, format_of
from ..op import Case, Op, is_float_array
from .measure import FORMATS, Format, largest, round_to, ulp

Reading = Literal["value", "vjp", "jvp", "hvp", "curvature", "values", "cotangents"]

EXACT, ROUNDING = BallNamespace(Balls), BallNamespace(RoundingBalls)
FIRST_BITS, MOST_BITS = 128, 4096
REDRAWS = 20
TINY, TINY_BITS = 2.0**-300, 1000
PLAIN_PARAMS = ("q",)
"""Params that stay plain numbers in balls: they pick indices, which have to be the very ones of the float text."""


@dataclass(frozen=True)
class Enclosure:
    """An array of certified numbers: each lies within ``radius`` of the unevaluated sum ``hi + lo``."""

    hi: np.ndarray
    lo: np.ndarray
    radius: np.ndarray

    def error_of(self, got: np.ndarray) -> np.ndarray:
        """|got - truth|, accurate because got - hi is exact when got is near."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.where(got == self.hi, np.abs(self.lo), np.abs((got - self.hi) - self.lo))


def as_tuple(y: Any) -> tuple[Any, ...]:
    return tuple(y) if isinstance(y, tuple | list) else (y,)


def as_given(ybar: tuple[Any, ...]) -> Any:
    """The cotangents of several outputs, or the one of a single output."""
    return ybar[0] if len(ybar) == 1 else ybar


def enclosure(y: Any) -> Enclosure:
    """Balls as arrays of floats; exact integers and booleans stay what they are."""
    if not isinstance(y, Balls):
        exact = np.asarray(y)
        return Enclosure(exact, np.zeros(exact.shape), np.zeros(exact.shape))
    elements = [v if type(v) is arb else arb(v) for v in y.view(np.ndarray).reshape(-1)]
    hi = np.array([float(v) for v in elements], dtype=np.float64)
    rest = [v - arb(h) if np.isfinite(h) else arb(0) for v, h in zip(elements, hi, strict=True)]
    lo = np.array([float(r.mid()) for r in rest], dtype=np.float64)
    radius = np.array([float(v.rad()) for v in elements], dtype=np.float64)
    return Enclosure(hi.reshape(y.shape), lo.reshape(y.shape), radius.reshape(y.shape))


def certified(about: str, compute: Callable[[], tuple[Any, ...]], form: Format) -> tuple[Enclosure, ...]:
    """What ``compute`` gives in balls, at a precision doubled until the radii are below 1/1000 ulp of the format."""
    bits = FIRST_BITS
    while True:
        with ctx.workprec(bits):
            try:
                enclosures = tuple(enclosure(y) for y in compute())
                if all(_tight(e, form) for e in enclosures):
                    return enclosures
                trouble = "no finite enclosure" if bits > MOST_BITS else ""
            except Undecided as undecided:
                trouble = str(undecided)
        bits *= 2
        if bits > MOST_BITS:
            raise Undecided(f"{about} at {bits // 2} bits: {trouble}")


def _tight(e: Enclosure, form: Format) -> bool:
    if not np.issubdtype(e.hi.dtype, np.floating):
        return True
    # An element that is exactly 0 has an ulp of nothing: it is measured by the ulp of an ulp of its neighbours.
    finite = np.where(np.isfinite(e.hi), e.hi, 0)
    scale = ulp(np.float64(ulp(np.float64(largest(finite)), form)), FORMATS["float64"]) * 2.0**-20
    # what lies beyond every float64 is certainly beyond the judged format
    return bool(np.all((e.radius <= np.maximum(ulp(e.hi, form), scale) / 1000) | np.isinf(e.hi)))


class Point:
    """One operation at one set of inputs of one dtype, with the directions in which it is differentiated.

    ``args`` hold float64 arrays whose numbers belong to the format; ``ybar`` one cotangent for each
    output, ``xdot`` and ``xddot`` one tangent for each differentiable argument: all random, none of ones.
    """

    def __init__(self, op: Op, case: Case, form: Format, seed: tuple[int, ...]) -> None:
        self.op, self.form, self.redrawn = op, form, 0
        args = tuple(round_to(a, form) if is_float_array(a) else a for a in case.args)
        self.case = replace(case, args=args)
        self.args = args
        self.wrt = op.differentiable(self.case) if case.kind in ("regular", "kink") and op.vjp else ()
        rng = np.random.default_rng([zlib.crc32(f"{op.name}-{case.label}".encode()), *seed])
        self.ybar = ()
        if self.wrt:
            outputs = as_tuple(op.forward(*args, **case.params))
            self.ybar = tuple(round_to(rng.normal(size=np.shape(y)), form) for y in outputs)
        self.xdot, self.xddot = (tuple(self._tangent(rng, i) for i in self.wrt) for _ in range(2))
        self._memo: dict[tuple[str, str], Any] = {}

    def _tangent(self, rng: np.random.Generator, position: int) -> np.ndarray:
        direction = rng.normal(size=np.shape(self.args[position]))
        if position in self.op.symmetric:
            direction = direction + direction.mT
        return round_to(direction, self.form)

    # The readings: each a function of the number system, given by its class of arrays.

    def lift(self, x: Any, cls: type[Balls]) -> Any:
        return balls(x, cls) if is_float_array(x) else x

    def _params(self, cls: type[Balls]) -> dict[str, Any]:
        return {
            k: cls.wrap(cls.constant(v)) if isinstance(v, float) and np.isfinite(v) and k not in PLAIN_PARAMS else v
            for k, v in self.case.params.items()
        }

    def _text(self, f: Callable[..., Any] | None, cls: type[Balls]) -> Callable[..., Any]:
        if f is None:
            raise ValueError(f"{self.op.name} has no such text")
        return read(f, EXACT if cls is Balls else ROUNDING)

    def _along(self, directions: tuple[Any, ...], cls: type[Balls]) -> list[Any]:
        args = [self.lift(a, cls) for a in self.args]
        for i, d in zip(self.wrt, directions, strict=True):
            args[i] = jets(args[i], d, cls)
        return args

    def pull(
        self, ybar: tuple[Any, ...], args: list[Any], cls: type[Balls], given: list[Any] | None = None
    ) -> tuple[Any, ...]:
        """The VJP text on these arguments, with the value that these or the ``given`` ones have."""
        params = self._params(cls)
        y = self._text(self.op.forward, cls)(*(args if given is None else given), **params)
        cotangent = tuple(self.lift(b, cls) for b in ybar)
        cotangents = self._text(self.op.vjp, cls)(
            cotangent if isinstance(y, tuple | list) else cotangent[0], y, *args, **params
        )
        return self.chosen(cotangents)

    def chosen(self, cotangents: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of what a VJP or an HVP returns: the parts of the arguments that have a derivative here."""
        return tuple(g for i, g in zip(self.op.positions(self.args), cotangents, strict=True) if i in self.wrt)

    def dots(self, tangents: tuple[Any, ...]) -> tuple[Any, ...]:
        """The tangents of the differentiable arguments as an HVP takes them: None for each of the others."""
        known = dict(zip(self.wrt, tangents, strict=True))
        return tuple(known.get(i) for i in self.op.positions(self.args))

    def value(self, cls: type[Balls]) -> tuple[Any, ...]:
        """f(x)."""
        args = [self.lift(a, cls) for a in self.args]
        return as_tuple(self._text(self.op.forward, cls)(*args, **self._params(cls)))

    def vjp(self, cls: type[Balls]) -> tuple[Any, ...]:
        """J^T ybar for each differentiable argument: the VJP text on balls."""
        return self.pull(self.ybar, [self.lift(a, cls) for a in self.args], cls)

    def values(self, cls: type[Balls]) -> tuple[Any, ...]:
        """Every intermediate of a network, in forward order."""
        return tuple(self._values(cls).values())

    def _values(self, cls: type[Balls]) -> Mapping[str, Any]:
        return self._text(self.op.values, cls)(*(self.lift(a, cls) for a in self.args), **self._params(cls))

    def cotangents(self, cls: type[Balls]) -> tuple[Any, ...]:
        """The cotangent of every intermediate and differentiable argument of a network, in backward order."""
        ybar = as_given(tuple(self.lift(b, cls) for b in self.ybar))
        args = (self.lift(a, cls) for a in self.args)
        return tuple(self._text(self.op.cotangents, cls)(ybar, self._values(cls), *args, **self._params(cls)).values())

    def names(self, reading: Literal["values", "cotangents"]) -> tuple[str, ...]:
        """What ``values`` or ``cotangents`` are called."""
        if self.op.values is None or self.op.cotangents is None:
            raise ValueError(f"{self.op.name} names no intermediates")
        values = self.op.values(*self.args, **self.case.params)
        if reading == "values":
            return tuple(values)
        return tuple(self.op.cotangents(as_given(self.ybar), values, *self.args, **self.case.params))

    def residuals(self, y: tuple[Any, ...]) -> list[tuple[Enclosure, Enclosure]]:
        """Of an answer: what is 0 in exact arithmetic, certified, and the size that it is measured by."""
        bits = FIRST_BITS
        while True:
            with ctx.workprec(bits):
                try:
                    args = [self.lift(a, Balls) for a in self.args]
                    answer = [self.lift(v, Balls) for v in y]
                    text = self._text(self.op.residuals, Balls)
                    pairs = text(tuple(answer) if len(answer) > 1 else answer[0], *args, **self._params(Balls))
                    return [(enclosure(residual), enclosure(Balls.wrap(Balls.lift(size)))) for residual, size in pairs]
                except Undecided:  # eigenvalues that only the rounding of their matrix tells apart
                    if bits >= MOST_BITS:
                        raise
            bits *= 2

    def jvp(self, cls: type[Balls]) -> tuple[Any, ...]:
        """J xdot for each output: the forward text on jets."""
        with order(1):
            y = self._text(self.op.forward, cls)(*self._along(self.xdot, cls), **self._params(cls))
            return tuple(coefficient(v, 1, cls) for v in as_tuple(y))

    def hvp(self, cls: type[Balls]) -> tuple[Any, ...]:
        """d/dt J(x + t xdot)^T ybar for each differentiable argument: the VJP text on jets."""
        return self.moved(cls)

    def moved(self, cls: type[Balls], arguments: bool = True, value: bool = True) -> tuple[Any, ...]:
        """The derivative of the VJP along xdot; without one of both as if that stood still: a mistake's answer."""
        with order(1):
            still, moving = [self.lift(a, cls) for a in self.args], self._along(self.xdot, cls)
            pulled = self.pull(self.ybar, moving if arguments else still, cls, moving if value else still)
            return tuple(coefficient(g, 1, cls) for g in pulled)

    def towards(self, xdot: tuple[np.ndarray, ...]) -> Point:
        """The same point with other tangents."""
        other = copy(self)
        other.xdot, other._memo = xdot, {}
        return other

    def hvp_by_hand(self, cls: type[Balls]) -> tuple[Any, ...]:
        """The same from the HVP text."""
        args, params = [self.lift(a, cls) for a in self.args], self._params(cls)
        y = self._text(self.op.forward, cls)(*args, **params)
        ybar, dots = (tuple(self.lift(v, cls) for v in group) for group in (self.ybar, self.xdot))
        given = ybar if isinstance(y, tuple | list) else ybar[0]
        return self.chosen(self._text(self.op.hvp, cls)(given, self.dots(dots), y, *args, **params))

    def curvature(self, cls: type[Balls]) -> tuple[Any, ...]:
        """f''(x)[xdot, xddot] for each output: by polarisation, from jets of order 2 along xdot +- xddot."""
        halves = []
        with order(2):
            for sign in (1, -1):
                along = tuple(
                    self.lift(a, cls) + sign * self.lift(b, cls) for a, b in zip(self.xdot, self.xddot, strict=True)
                )
                y = as_tuple(self._text(self.op.forward, cls)(*self._along(along, cls), **self._params(cls)))
                halves.append([coefficient(v, 2, cls) for v in y])
        # f''[a+b, a+b] - f''[a-b, a-b] = 4 f''[a, b], and the coefficient of t^2 is f''/2
        return tuple((plus - minus) / 2 for plus, minus in zip(*halves, strict=True))

    def _remember(self, kind: str, reading: str, compute: Callable[[], Any]) -> Any:
        if (kind, reading) not in self._memo:
            self._memo[kind, reading] = compute()
        return self._memo[kind, reading]

    def truth(self, reading: Reading) -> tuple[Enclosure, ...]:
        """Certified numbers; the precision is doubled until their radius is below 1/1000 ulp."""
        return self._remember("truth", reading, lambda: self._truth(reading))

    def _truth(self, reading: Reading) -> tuple[Enclosure, ...]:
        about = f"{self.op.name}-{self.case.label}: {reading}"
        return certified(about, lambda: getattr(self, reading)(Balls), self.form)

    def rounding(self, reading: Reading) -> tuple[np.ndarray, ...]:
        """How far this computation may be off in the format: the radii of the text on rounding balls."""
        return self._remember("rounding", reading, lambda: self._rounding(reading))

    def _rounding(self, reading: Reading) -> tuple[np.ndarray, ...]:
        with format_of(self.form.bits):
            return tuple(enclosure(y).radius for y in getattr(self, reading)(RoundingBalls))

    def conditioned(self, reading: Reading) -> tuple[np.ndarray, ...]:
        """A bound of ``attainable`` that costs one reading: the radius when every input is a ball of half an ulp."""
        return self._remember("conditioned", reading, lambda: self._conditioned(reading))

    def _conditioned(self, reading: Reading) -> tuple[np.ndarray, ...]:
        half = arb(1, 2.0**-self.form.bits)
        with ctx.workprec(FIRST_BITS):
            blurred = {name: [a * half if isinstance(a, Balls) else a for a in g] for name, g in self._inputs().items()}
            try:
                ends = [enclosure(y) for y in self._with(blurred, reading)]
            except Undecided:
                return tuple(np.full(t.hi.shape, np.inf) for t in self.truth(reading))
        radii = (np.where(np.isfinite(e.hi), e.radius, np.inf) + ulp(e.hi, self.form) / 2 for e in ends)
        return tuple(np.where(np.isnan(r), np.inf, r) for r in radii)

    def _inputs(self) -> dict[str, list[Any]]:
        names = ("args", "ybar", "xdot", "xddot")
        return {name: [self.lift(a, Balls) for a in getattr(self, name)] for name in names}

    def attainable(self, reading: Reading) -> tuple[np.ndarray, ...]:
        """The error that no program can avoid: half an ulp on every input and on the result, to first order.

        sum_i |dr/dx_i| |x_i| u + ulp(r)/2 over every number x_i that goes in, u = 2^-bits. Each derivative is
        a difference quotient with a step so small, at so many bits, that it is exact to 1e-80.
        """
        return self._remember("attainable", reading, lambda: self._attainable(reading))

    def _attainable(self, reading: Reading) -> tuple[np.ndarray, ...]:
        groups = self._inputs()
        with ctx.workprec(TINY_BITS):
            base = [Balls.lift(y) for y in self._with(groups, reading)]
            total = [np.zeros(y.shape) for y in base]
            for name, group in groups.items():
                for k, a in enumerate(group):
                    if not isinstance(a, Balls):
                        continue
                    # an elementwise Jacobian is diagonal: all of its columns are seen at once
                    for index in [...] if self.op.domain else np.ndindex(a.shape):
                        moved = Balls.lift(a).copy()
                        moved[index] *= 1 + arb(TINY)
                        nudged = self._with({**groups, name: [*group[:k], Balls.wrap(moved), *group[k + 1 :]]}, reading)
                        for t, y, y0 in zip(total, nudged, base, strict=True):
                            t += np.abs(enclosure(Balls.wrap((Balls.lift(y) - y0) / arb(TINY))).hi)
            ends = [enclosure(Balls.wrap(y)).hi for y in base]
        return tuple(t * 2.0**-self.form.bits + ulp(end, self.form) / 2 for t, end in zip(total, ends, strict=True))

    def _with(self, groups: dict[str, list[Any]], reading: Reading) -> tuple[Any, ...]:
        nudged = copy(self)
        for name, group in groups.items():
            setattr(nudged, name, tuple(group))
        return getattr(nudged, reading)(Balls)


@lru_cache(maxsize=256)
def point(op: Op, label: str, dtype: str, draw: int = 0) -> Point:
    """The operation at this draw of the case, redrawn while a branch of its text is undecided in the format."""
    form = FORMATS[dtype]
    for attempt in range(REDRAWS):
        seed = (draw, attempt)
        case = op.draw(draw + 1_000_003 * attempt)[label]
        p = Point(op, case, form, seed)
        if case.kind != "regular":
            return p
        try:
            for reading in ("value", "vjp") if p.wrt else ("value",):
                p.rounding(reading)
        except Undecided:
            continue
        p.redrawn = attempt
        return p
    raise Undecided(f"{op.name}-{label}-{dtype}: a branch was undecided in each of {REDRAWS} draws")

"""The work that is timed: an operation at one size, handed over to a witness as a call without arguments."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Literal

import numpy as np

from crosscheck.backends.witness import NotOffered, Witness
from crosscheck.reference import Case, Op
from crosscheck.reference.agreement.measure import FORMATS, round_to
from crosscheck.reference.op import is_float_array

SIZES = {"small": 10**2, "medium": 10**4, "large": 10**6}
"""About how many numbers go in; an operation says by its ``sized`` what it makes of that."""
FORM = FORMATS["float32"]
"""The format that is timed: what networks are trained in."""

Asked = Literal["value", "vjp"]


@dataclass(frozen=True, eq=False)
class Work:
    """The inputs of an operation at one size: the same for every witness, and in every run."""

    op: Op
    size: str
    case: Case
    """Its floats are float64 arrays whose numbers belong to the format."""

    @property
    def wrt(self) -> tuple[int, ...]:
        return self.op.differentiable(self.case) if self.op.vjp else ()

    @property
    def numbers(self) -> int:
        return sum(np.size(a) for a in self.case.args if a is not None)

    @property
    def smaller(self) -> Work | None:
        """The same operation one size down."""
        sizes = list(SIZES)
        place = sizes.index(self.size)
        return work(self.op, sizes[place - 1]) if place else None

    @property
    def same_as_larger(self) -> str:
        """The next size, where an operation of some least size has the same inputs there."""
        sizes = list(SIZES)
        larger = sizes[sizes.index(self.size) + 1 :][:1]
        return larger[0] if larger and work(self.op, larger[0]).numbers == self.numbers else ""

    def cotangents(self, shapes: list[tuple[int, ...]]) -> tuple[np.ndarray, ...]:
        """A random cotangent for each output."""
        rng = np.random.default_rng(zlib.crc32(f"{self.op.name}-{self.size}-cotangents".encode()))
        return tuple(round_to(rng.normal(size=shape), FORM) for shape in shapes)


@lru_cache(maxsize=8)  # the sizes of two operations: a large one is tens of megabytes
def work(op: Op, size: str) -> Work:
    rng = np.random.default_rng([zlib.crc32(op.name.encode()), SIZES[size]])
    assert op.sized is not None
    case = op.sized(rng, SIZES[size])
    args = tuple(round_to(a, FORM) if is_float_array(a) else a for a in case.args)
    return Work(op, size, Case(f"sized-{size}", args, case.params))


def kinds(op: Op) -> tuple[Asked, ...]:
    """What there is to time: the value, and where there is a derivative, the value and the VJP together."""
    return ("value", "vjp") if work(op, "small").wrt else ("value",)


def prepare(witness: Witness, work: Work, kind: Asked, ybar: Any, compiled: bool) -> Callable[[], Any]:
    """The question as a call that answers and waits; the inputs are handed over here, before the clock starts.

    For the value it is f(x); for the VJP (y, xbar): reverse mode has to go forward first, so a hand-written
    VJP is timed together with its forward. Raises NotOffered.
    """
    forward = _forward(witness, work, kind)
    inside = compiled and kind == "vjp" and witness.has("value_and_vjp")  # a tape is outside of what is compiled
    if inside:
        forward = _compile(witness, forward)
    f = forward if kind == "value" else _value_and_vjp(witness, work, forward)
    if compiled and not inside:
        f = _compile(witness, f)
    args = tuple(_send(witness, a) for a in work.case.args)
    if kind == "vjp":
        args = (tuple(_send(witness, b) for b in ybar) if isinstance(ybar, tuple) else _send(witness, ybar), *args)
    call, wait = partial(f, *args), getattr(witness.backend, "wait", None)
    return call if wait is None else lambda: wait(call())


def _compile(witness: Witness, f: Callable[..., Any]) -> Callable[..., Any]:
    if not witness.has("compiled"):
        raise NotOffered(f"{witness.name} has no compiled")
    return witness.backend.compiled(f)  # pyright: ignore[reportAttributeAccessIssue]


def _send(witness: Witness, x: Any) -> Any:
    if x is None:
        return None
    return witness.hand_over(np.array(x, dtype=FORM.dtype) if is_float_array(x) else np.array(x))


def _forward(witness: Witness, work: Work, kind: Asked) -> Callable[..., Any]:
    """f(*args), the witness's own; a witness that has nothing but a VJP is given the reference's."""
    name = work.op.name
    if kind == "vjp" and witness.backend.find(f"{name}_vjp") and not witness.backend.find(name):
        return partial(work.op.forward, **work.case.params)
    return partial(witness.find(name), **work.case.params)


def _value_and_vjp(witness: Witness, work: Work, forward: Callable[..., Any]) -> Callable[..., Any]:
    """f(ybar, *args) -> (y, cotangents of the differentiable arguments)."""
    backend, wrt, params = witness.backend, work.wrt, dict(work.case.params)
    own = backend.find(f"{work.op.name}_vjp")
    if own is not None:
        positions = range(len(work.case.args)) if work.op.wrt is None else work.op.wrt
        places = [k for k, i in enumerate(positions) if i in wrt]

        def by_hand(ybar, *args):
            y = forward(*args)
            xbar = own(ybar, y, *args, **params)
            return y, tuple(xbar[k] for k in places)

        return by_hand

    taken = getattr(backend, "value_and_vjp", None)
    vjp = getattr(backend, "vjp", None)
    if taken is None and vjp is None:
        raise NotOffered(f"{witness.name} has no {work.op.name}_vjp and no vjp")

    def of_some(args):
        """The forward as a function of the differentiable arguments alone, and these."""
        if len(wrt) == len(args):
            return forward, args

        def f(*x):
            replaced = dict(zip(wrt, x, strict=True))
            return forward(*(replaced.get(i, a) for i, a in enumerate(args)))

        return f, tuple(args[i] for i in wrt)

    def by_tape(ybar, *args):
        return taken(*of_some(args), ybar)  # pyright: ignore[reportOptionalCall]

    def by_transform(ybar, *args):
        f, x = of_some(args)
        y, pull = vjp(f, *x)  # pyright: ignore[reportOptionalCall]
        return y, pull(ybar)

    return by_transform if taken is None else by_tape

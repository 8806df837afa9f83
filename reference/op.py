"""What a question is made of: an operation of machine-learning mathematics and one set of inputs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Kind = Literal["regular", "kink", "degenerate", "special", "empty", "refused"]


@dataclass(frozen=True)
class Case:
    """One set of inputs of an operation.

    ``args`` are float64 masters (rounded to the judged dtype *before* the truth is computed from
    them), integer labels and boolean masks as they are, or ``None`` for an absent argument.
    ``params`` are the keyword arguments, the same in every draw.

    ``kind`` says what is asked of it:

    =========== =============================================================================
    regular     every question; every derivative exists here
    kink        the value, and first derivatives that must lie in the set of subgradients
    degenerate  the value alone, which is one of many and is judged by its residuals
    special     the value alone, which must be ``answer``: the limit that the mathematics gives
    empty       the value alone, which must be ``answer``: nothing in, or nothing out
    refused     must raise: these inputs have no answer
    =========== =============================================================================
    """

    label: str
    args: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = "regular"
    answer: Any = None
    half: bool = True
    """False where 16 bits cannot hold the question: the rounding would be as large as the answer."""


@dataclass(frozen=True)
class Slip:
    """A deliberately wrong variant of an operation, and what to say to the one who wrote it.

    ``forward``, ``vjp`` and ``hvp`` have the arguments of the operation's own; a slip of a derivative alone has no
    forward. ``convention`` says where the variant is right, such as "Keras": then it is no mistake
    but another convention, and ``why`` ends with the one line to change.
    """

    name: str
    why: str
    forward: Callable[..., Any] | None = None
    vjp: Callable[..., tuple[Any, ...]] | None = None
    convention: str = ""
    hvp: Callable[..., tuple[Any, ...]] | None = None


@dataclass(frozen=True)
class Op:
    """One operation: a forward text, a hand-derived VJP, and the cases it is asked on.

    ``forward(*args, **params)`` returns an array or a tuple of arrays;
    ``vjp(ybar, y, *args, **params)`` returns a tuple with one cotangent for each position of
    ``wrt``, ``None`` where this case's argument is no array of floats;
    ``cases(rng)`` yields every case with fresh data: labels, shapes and params do not depend on
    ``rng``; ``sized(rng, n)`` is one case of about ``n`` input elements, for the benchmarks.
    """

    forward: Callable[..., Any]
    cases: Callable[[np.random.Generator], Iterable[Case]]
    vjp: Callable[..., tuple[Any, ...]] | None = None
    sized: Callable[[np.random.Generator, int], Case] | None = None
    wrt: tuple[int, ...] | None = None
    """Positions of the differentiable arguments; ``None``: every argument that is an array of floats."""
    half: bool = False
    """Asked in float16 and bfloat16 too."""
    domain: tuple[float, float] | None = None
    """Of an elementwise function of one argument: where its value is a number. Such an operation is
    asked all 65 536 inputs of float16 and of bfloat16; outside the domain the answer is nan."""
    gauge: Callable[[Any, Any], tuple[Any, ...]] | None = None
    """``gauge(got, want)``: a multiplier for each output that undoes a free choice of sign."""
    residuals: Callable[..., tuple[tuple[Any, Any], ...]] | None = None
    """``residuals(y, *args, **params)``: of a factorisation, pairs of an array that is 0 in exact arithmetic (such as
    a - q r, or q^T q - 1) and the size that it is measured by (such as the largest row sum of |a|, or 1)."""
    symmetric: tuple[int, ...] = ()
    """Positions of symmetric matrices: derivatives are taken along symmetric tangents."""

    values: Callable[..., Mapping[str, Any]] | None = None
    """``values(*args, **params)``: of a network, every intermediate by its name, in the order in which it is computed;
    the last one is the result."""
    cotangents: Callable[..., Mapping[str, Any]] | None = None
    """``cotangents(ybar, values, *args, **params)``: the cotangent of every intermediate and of every differentiable
    argument by its name, in the order of the way back."""
    fast: Callable[..., Any] | None = None
    """A second, fast formulation of the forward, with its signature: a witness like any other. It is asked in floats
    alone, so it may assign in place."""
    vjp_fast: Callable[..., tuple[Any, ...]] | None = None
    """Likewise of the VJP."""
    hvp: Callable[..., tuple[Any, ...]] | None = None
    """``hvp(ybar, dots, y, *args, **params)``: the derivative of what the VJP returns, along ``dots``, with ``ybar``
    held fixed: the Hessian of <ybar, f(x)> times ``dots``, in a tuple like the VJP's. ``dots`` is one too: a tangent
    for each cotangent, ``None`` where this case's argument is no array of floats. An operation whose Hessian is 0
    everywhere has no HVP: zeros would pass."""

    @property
    def name(self) -> str:
        return self.forward.__name__

    @property
    def family(self) -> str:
        """The module or package of the reference that holds it."""
        return self.forward.__module__.removeprefix(f"{__package__}.").partition(".")[0]

    @property
    def formula(self) -> str:
        """The first line of the forward's docstring."""
        return (self.forward.__doc__ or "").strip().splitlines()[0]

    def draw(self, number: int = 0) -> dict[str, Case]:
        """Every case by its label, with the data of that draw.

        The generator is seeded by the operation's name, so that adding an operation changes the
        data of no other.
        """
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), number])
        cases: dict[str, Case] = {}
        for case in self.cases(rng):
            if case.label in cases:
                raise ValueError(f"{self.name}: two cases are called {case.label!r}; give each its own label")
            cases[case.label] = case
        return cases

    def positions(self, args: Sequence[Any]) -> tuple[int, ...]:
        """The positions of the arguments of which the VJP returns a cotangent."""
        return tuple(range(len(args))) if self.wrt is None else self.wrt

    def differentiable(self, case: Case) -> tuple[int, ...]:
        """The positions of this case's arguments that have a derivative."""
        return tuple(i for i in self.positions(case.args) if is_float_array(case.args[i]))


def is_float_array(x: Any) -> bool:
    """Whether ``x`` is an array of floating-point numbers (a Python float counts: shape ())."""
    return x is not None and np.issubdtype(np.asarray(x).dtype, np.floating)

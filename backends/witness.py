"""A backend under questioning: its answers, as NumPy arrays, to any question on any set of inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from crosscheck.reference.agreement.truth import Point, Reading, as_given, as_tuple
from crosscheck.reference.agreement.truth import point as point_of
from crosscheck.reference.op import Op, is_float_array

from . import load
from .threads import one_thread

Kind = Literal[
    "value",
    "vjp",
    "jvp",
    "forward-over-forward",
    "forward-over-reverse",
    "reverse-over-forward",
    "reverse-over-reverse",
]
FIRST_ORDER: tuple[Kind, ...] = ("vjp", "jvp")
SECOND_ORDER: tuple[Kind, ...] = (
    "forward-over-forward",
    "forward-over-reverse",
    "reverse-over-forward",
    "reverse-over-reverse",
)
EVERY_KIND: tuple[Kind, ...] = ("value", *FIRST_ORDER, *SECOND_ORDER)
READING: dict[Kind, Reading] = {
    "value": "value",
    "vjp": "vjp",
    "jvp": "jvp",
    "forward-over-forward": "curvature",
    "forward-over-reverse": "hvp",
    "reverse-over-forward": "hvp",
    "reverse-over-reverse": "hvp",
}
"""The reading of the reference text that holds the truth of each kind of answer."""
MODES: dict[Kind, tuple[str, ...]] = {
    "value": (),
    "vjp": ("vjp",),
    "jvp": ("jvp",),
    "forward-over-forward": ("jvp",),
    "forward-over-reverse": ("jvp", "vjp"),
    "reverse-over-forward": ("jvp", "vjp"),
    "reverse-over-reverse": ("vjp",),
}
"""The modes of differentiation that a backend needs for each kind."""


OWN: dict[Kind, str] = {"vjp": "_vjp", "jvp": "_jvp", "forward-over-reverse": "_hvp"}
"""How a hand-written function that answers a kind is called behind its operation's name."""

Arrays = tuple[np.ndarray, ...]
Arrange = Callable[[int, np.ndarray], np.ndarray]


class NotOffered(Exception):
    """The backend has no such operation, or not with these parameters."""


class Witness:
    """One backend, with the defaults of what it leaves out, and its compiled functions."""

    def __init__(self, backend: Any, name: str, together: tuple[Kind, ...] = EVERY_KIND) -> None:
        """``together`` are the kinds of questions that one compiled module answers: those that will be asked."""
        self.backend = backend
        self.name = name
        self.together = together
        self.dtypes: tuple[str, ...] = getattr(backend, "dtypes", ("float64", "float32"))
        self.compile_first: bool = getattr(backend, "compile_first", False)
        self.seconds: float | None = getattr(backend, "seconds", None)
        self.unanswerable: set[str] = set()
        """The operations that did not answer in time, or cannot be called: said once, and not asked again."""
        self.printed = 0
        """How many lines its functions printed, which are not shown."""
        self.flushes: bool = getattr(backend, "flushes_subnormals", False)
        self.disagreements: dict[str, tuple[str, str]] = dict(getattr(backend, "disagreements", {}))
        self._modules: dict[Any, Any] = {}
        self._inputs: dict[Any, dict[str, Any]] = {}
        self._points: dict[str, dict[str, Point]] = {}
        self._about = ""

    def has(self, feature: str) -> bool:
        """Whether the backend has ``vjp``, ``jvp``, ``compiled`` or ``batched``."""
        return hasattr(self.backend, feature)

    def offers(self, op: Op) -> bool:
        return any(self.backend.find(op.name + suffix) is not None for suffix in ("", *OWN.values()))

    def differentiates(self, op: Op, kind: Kind) -> bool:
        """Whether the backend has its own function or mode for this derivative."""
        return self.own(op, kind) is not None or all(self.has(mode) for mode in MODES[kind])

    def own(self, op: Op, kind: Kind | str) -> Callable[..., Any] | None:
        """Its hand-written function for a derivative of this kind, such as ``softmax_vjp``."""
        return self.backend.find(op.name + OWN[kind]) if kind in OWN else None

    def find(self, name: str) -> Callable[..., Any]:
        f = self.backend.find(name)
        if f is None:
            raise NotOffered(f"{self.name} has no {name}")
        return f

    def send(self, x: Any, point: Point, arrange: Callable[[np.ndarray], np.ndarray] = lambda x: x) -> Any:
        """An argument, tangent or cotangent as an array of the backend, in the judged dtype."""
        if x is None:
            return None
        return self.hand_over(arrange(np.array(x, dtype=point.form.dtype) if is_float_array(x) else np.array(x)))

    def hand_over(self, x: np.ndarray) -> Any:
        """A NumPy array as the backend's, strides and all."""
        return self.backend.asarray(x) if self.has("asarray") else x

    def receive(self, y: Any) -> Arrays:
        asnumpy = getattr(self.backend, "asnumpy", np.asarray)
        return tuple(np.asarray(asnumpy(v)) for v in as_tuple(y))

    # The functions of arrays that answer each kind of question: f(args, ybar, xdot, xddot).

    def _function(self, point: Point, kind: Kind) -> Callable[..., Any]:
        op, params, wrt = point.op, dict(point.case.params), point.wrt
        own = self.own(op, kind)
        if own is not None and kind == "vjp":
            return lambda args, ybar, xdot, xddot: self._by_hand(own, "_vjp", point, args, ybar)
        if own is not None and kind == "forward-over-reverse":
            return lambda args, ybar, xdot, xddot: self._by_hand(own, "_hvp", point, args, ybar, point.dots(xdot))
        if own is not None:
            return lambda args, ybar, xdot, xddot: as_tuple(own(*xdot, *args, **params))
        f = self.find(op.name)
        for mode in MODES[kind]:
            if not self.has(mode):
                raise NotOffered(f"{self.name} has no {mode}")
        vjp: Any = getattr(self.backend, "vjp", None)
        jvp: Any = getattr(self.backend, "jvp", None)
        if not (self.has("vjp") or self.has("jvp")):
            return lambda args, ybar, xdot, xddot: as_tuple(f(*args, **params))

        def answer(args, ybar, xdot, xddot):
            x = tuple(args[i] for i in wrt)

            def forward(*x):
                replaced = dict(zip(wrt, x, strict=True))
                return f(*(replaced.get(i, a) for i, a in enumerate(args)), **params)

            def derivative(*x):
                return jvp(forward, x, xdot)[1]

            def gradient(*x):
                return pull_back(forward, x)

            def pull_back(function, x):
                y, pull = vjp(function, *x)
                return tuple(pull(type(y)(ybar) if isinstance(y, tuple | list) else ybar[0]))

            match kind:
                case "value":
                    return as_tuple(forward(*x))
                case "vjp":
                    return gradient(*x)
                case "jvp":
                    return as_tuple(derivative(*x))
                case "forward-over-forward":
                    return as_tuple(jvp(derivative, x, xddot)[1])
                case "forward-over-reverse":
                    return as_tuple(jvp(gradient, x, xdot)[1])
                case "reverse-over-forward":
                    return pull_back(derivative, x)
                case "reverse-over-reverse":
                    return tuple(vjp(gradient, *x)[1](tuple(xdot)))

        return answer

    def _value(self, point: Point, args: tuple[Any, ...]) -> Any:
        forward = self.backend.find(point.op.name) or point.op.forward
        return forward(*args, **point.case.params)

    def value_for_own(self, point: Point) -> Arrays:
        """The y that a hand-written VJP of the backend is given."""
        return self.receive(self._value(point, self.inputs(point)[0]))

    def _by_hand(
        self,
        own: Callable[..., Any],
        suffix: str,
        point: Point,
        args: tuple[Any, ...],
        ybar: tuple[Any, ...],
        *dots: Any,
    ) -> Any:
        """A hand-written VJP or HVP gets the y of the backend's own forward or, if it has none, of the reference's."""
        y = self._value(point, args)
        given = tuple(ybar) if isinstance(y, tuple | list) else ybar[0]
        cotangents, count = own(given, *dots, y, *args, **point.case.params), len(point.op.positions(args))
        if not isinstance(cotangents, tuple | list) or len(cotangents) != count:
            got = f"{len(cotangents)} values" if isinstance(cotangents, tuple | list) else type(cotangents).__name__
            raise TypeError(f"{point.op.name}{suffix} must return a tuple of {count} cotangents, got {got}")
        return point.chosen(tuple(cotangents))

    def named(self, point: Point, which: Literal["values", "cotangents"]) -> dict[str, np.ndarray]:
        """The intermediates of a network, or their cotangents, that the backend has by name.

        The way back is given the reference's intermediates, and those of the backend's own that it has.
        """
        op, params = point.op, point.case.params
        forward, back = (self.backend.find(f"{op.name}_{part}") for part in ("values", "cotangents"))

        def ask(args, ybar, known):
            values = self._mapping(forward, *args, **params) if forward else {}
            if which == "values":
                return values
            return self._mapping(back, as_given(ybar), {**known, **values}, *args, **params)

        args, ybar, _, _ = self.inputs(point)
        masters = (a.astype(point.form.dtype) if is_float_array(a) else a for a in point.args)
        known = op.values(*masters, **params) if op.values and which == "cotangents" else {}
        ready = self.backend.compiled(ask) if self.compile_first else ask
        answers = ready(args, ybar, {name: self.hand_over(np.asarray(v)) for name, v in known.items()})
        return {name: self.receive(v)[0] for name, v in answers.items()}

    @staticmethod
    def _mapping(f: Any, *args: Any, **params: Any) -> dict[str, Any]:
        named = f(*args, **params)
        if not isinstance(named, Mapping):
            raise TypeError(f"{f.__name__} must return a dict of arrays by their names, got {type(named).__name__}")
        return dict(named)

    def inputs(self, point: Point, ybar: Arrays | None = None, arrange: Arrange | None = None) -> tuple[Any, ...]:
        """(args, ybar, xdot, xddot) as arrays of the backend.

        ``ybar`` replaces the point's cotangents; ``arrange(position, x)`` gives an argument another layout.
        """
        groups = (point.ybar if ybar is None else ybar, point.xdot, point.xddot)
        args = (
            self.send(a, point, partial(arrange, i)) if arrange else self.send(a, point)
            for i, a in enumerate(point.args)
        )
        return tuple(args), *(tuple(self.send(x, point) for x in group) for group in groups)

    def answer(
        self,
        point: Point,
        kind: Kind,
        ybar: Arrays | None = None,
        compiled: bool | None = None,
        arrange: Arrange | None = None,
    ) -> Arrays:
        """The answer to one kind of question at a point, eagerly or compiled as the backend prefers."""
        return self._ask(point, kind, self.inputs(point, ybar, arrange), compiled)

    def answer_twice(self, point: Point, kind: Kind) -> tuple[Arrays, Arrays, Arrays, Arrays]:
        """The inputs before, the answer, the answer again, and the inputs after."""
        inputs = self.inputs(point)
        before = self._copies(inputs)
        first, second = (self._ask(point, kind, inputs, None) for _ in range(2))
        return before, first, second, self._copies(inputs)

    def _copies(self, inputs: tuple[Any, ...]) -> Arrays:
        return tuple(np.array(self.receive(x)[0]) for group in inputs for x in group if x is not None)

    def _ask(self, point: Point, kind: Kind, inputs: tuple[Any, ...], compiled: bool | None) -> Arrays:
        if self.compile_first if compiled is None else compiled:
            return self.receive(self._compiled_answer(point, kind, inputs))
        return tuple(np.array(a) for a in self.receive(self._function(point, kind)(*inputs)))

    def _compiled_answer(self, point: Point, kind: Kind, inputs: tuple[Any, ...]) -> Any:
        """Compiling is what costs, so one module answers the values and the first derivatives of all regular cases of
        an operation in a format, and one the second derivatives of a case; where any of them fails in it, each is
        compiled alone, so that the right one is blamed.
        """
        if not self.has("compiled"):
            raise NotOffered(f"{self.name} has no compiled")
        op, label, form = point.op, point.case.label, point.form.name
        if self._about != op.name:  # programs of a whole catalogue would fill the memory
            self._about = op.name
            self._modules.clear()
            self._inputs.clear()
            self._points.clear()
        points, key = {label: point}, (op.name, form, label, kind in SECOND_ORDER)
        if kind not in SECOND_ORDER and point.case.kind == "regular":
            regular = self._regular(op, form)
            points, key = (regular, (op.name, form)) if label in regular else (points, key)
        wanted: dict[str, tuple[Kind, ...]] = {
            name: tuple(k for k in kinds_of(p) if k in self.together and (k in SECOND_ORDER) == (kind in SECOND_ORDER))
            for name, p in points.items()
        }
        if kind in wanted[label] and sum(map(len, wanted.values())) > 1 and self._modules.get(key, True) is not None:
            try:
                module = self._module(key, points, wanted)
                return module({**self._usual(key, points), label: inputs})[label][kind]
            except Exception:
                self._modules[key] = None
        alone: dict[str, tuple[Kind, ...]] = {label: (kind,)}
        return self._module((op.name, form, label, kind), {label: point}, alone)({label: inputs})[label][kind]

    def _module(self, key: Any, points: Mapping[str, Point], wanted: Mapping[str, tuple[Kind, ...]]) -> Any:
        """Compiled: the kinds of answers that are wanted of each point, of the inputs by label."""
        if key not in self._modules:
            functions = {label: {k: self._function(points[label], k) for k in kinds} for label, kinds in wanted.items()}
            self._modules[key] = self.backend.compiled(
                lambda inputs: {
                    label: {k: f(*inputs[label]) for k, f in group.items()} for label, group in functions.items()
                }
            )
        return self._modules[key]

    def _regular(self, op: Op, form: str) -> dict[str, Point]:
        if form not in self._points:
            half = form not in ("float64", "float32")
            cases = op.draw().items()
            labels = (label for label, case in cases if case.kind == "regular" and (case.half or not half))
            self._points[form] = {label: point_of(op, label, form) for label in labels}
        return self._points[form]

    def _usual(self, key: Any, points: Mapping[str, Point]) -> dict[str, Any]:
        """The inputs of the cases that nobody asks about at the moment."""
        if key not in self._inputs:
            self._inputs[key] = {label: self.inputs(p) for label, p in points.items()}
        return self._inputs[key]

    def batched_answers(self, points: list[Point], kinds: tuple[Kind, ...]) -> list[list[Arrays]]:
        """For each of several draws of one case the answers of these kinds, asked at once over a leading axis."""
        if not self.has("batched"):
            raise NotOffered(f"{self.name} has no batched")
        inputs = [self.inputs(p) for p in points]
        groups = [list(zip(*(i[g] for i in inputs), strict=True)) for g in range(4)]
        slots = [[row[0] is not None for row in group] for group in groups]
        arrays = [self._stack(row) for group in groups for row in group if row[0] is not None]
        functions = [self._function(points[0], kind) for kind in kinds]

        def f(*arrays):
            rest = iter(arrays)
            unpacked = [tuple(next(rest) if there else None for there in group) for group in slots]
            return [f(*unpacked) for f in functions]

        mapped = self.backend.batched(f, (0,) * len(arrays))
        if self.compile_first:
            mapped = self.backend.compiled(mapped)
        answers = [self.receive(a) for a in mapped(*arrays)]
        return [[tuple(a[i] for a in answer) for answer in answers] for i in range(len(points))]

    def _stack(self, arrays: tuple[Any, ...]) -> Any:
        return self.hand_over(np.stack([self.receive(a)[0] for a in arrays]))


def called(spec: str, together: tuple[Kind, ...] = EVERY_KIND) -> Witness:
    """The witness that ``spec`` names, loaded on one thread. A file is called as it calls itself."""
    one_thread()
    backend = load(spec)
    one_thread()
    name = getattr(backend, "name", Path(spec).stem) if spec.endswith(".py") else spec
    return Witness(backend, name, together)


def kinds_of(point: Point) -> tuple[Kind, ...]:
    """The kinds of questions that have an answer at this point."""
    if not point.wrt:
        return ("value",)
    if point.case.kind == "kink" or point.form.name not in ("float64", "float32"):
        return ("value", *FIRST_ORDER)
    return EVERY_KIND

"""Which public functions of the installed frameworks the catalogue covers, and why it leaves the others out.

A function is covered when a witness calls it to answer an operation: every operation is asked while Python reports
each call, so no list is kept of what is covered, and a new release's new names are found wanting by themselves.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from crosscheck.reference import Case, Op, catalogue
from crosscheck.reference.op import is_float_array

from . import load

Name = tuple[str, str]
"""A library and a public function of it."""


@dataclass(frozen=True)
class Library:
    """A namespace of a framework: its public functions, and why the catalogue leaves some of them out."""

    name: str
    backend: str
    functions: Callable[[], Mapping[str, Any]]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """A public function: the operations that call it, or else the reason why none does."""

    library: str
    function: str
    operations: tuple[str, ...]
    reason: str

    @property
    def unexplained(self) -> bool:
        return not self.operations and not self.reason


IN_PLACE = ("celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "rrelu_", "selu_", "threshold_")
SMALL_NUMBERS = "a product of matrices in 8 or 16 bits, scaled block by block: no float64 or float32 to be judged in"
TORCH_FUNCTIONAL = {
    "gumbel_softmax": "draws its noise inside; given the noise, it is gumbel_softmax of the catalogue",
    "grouped_mm": "matmul for each group of rows, in float32 and shorter formats only",
    "scaled_grouped_mm": SMALL_NUMBERS,
    "scaled_mm": SMALL_NUMBERS,
    "native_channel_shuffle": "what channel_shuffle calls; torch says that it may become private",
    "sigmoid": "the old name of torch.sigmoid, which sigmoid asks",
    "tanh": "the old name of torch.tanh, which tanh asks",
    "upsample": "the old name of interpolate",
    "upsample_bilinear": "the old name of interpolate with align_corners",
    "upsample_nearest": "the old name of interpolate",
    **{name: f"{name[:-1]}, written into its input: it has no other value" for name in IN_PLACE},
}
JAX_NN = {
    "get_scaled_dot_general_config": "no function of arrays: the configuration of scaled_dot_general",
    "scaled_dot_general": SMALL_NUMBERS,
    "scaled_matmul": SMALL_NUMBERS,
}
TORCH_OPTIM: dict[str, str] = {}
OPTAX = {
    "noisy_sgd": "sgd with noise added to the gradients, which it draws by itself from a key and cannot be given",
    "optimistic_adam": "deprecated for optimistic_adam_v2, which is optimistic_adam",
}


def _functions(module: str) -> dict[str, Any]:
    """The public functions of a module, but for those that torch dispatches and checks with."""
    no_mathematics = ("torch.overrides", "torch._jit_internal", "torch._C", "typing")
    found = {}
    for name, value in sorted(vars(importlib.import_module(module)).items()):
        hidden = name.startswith(("_", "assert_")) or inspect.isclass(value) or inspect.ismodule(value)
        if (
            callable(value)
            and not hidden
            and getattr(value, "__module__", type(value).__module__) not in no_mathematics
        ):
            found[name] = value
    return found


def _torch_optimisers() -> dict[str, Any]:
    import torch

    base = torch.optim.Optimizer
    classes = {n: c for n, c in sorted(vars(torch.optim).items()) if inspect.isclass(c)}
    return {n: c for n, c in classes.items() if issubclass(c, base) and c is not base}


def _optax_optimisers() -> dict[str, Any]:
    """What optax documents as its optimisers: the public functions of the module that defines ``optax.adam``."""
    import optax

    home = optax.adam.__module__
    found = {name: value for name, value in _functions(home).items() if hasattr(optax, name)}
    return {n: f for n, f in found.items() if (f.func if isinstance(f, functools.partial) else f).__module__ == home}


LIBRARIES = (
    Library("torch.nn.functional", "torch", lambda: _functions("torch.nn.functional"), TORCH_FUNCTIONAL),
    Library("jax.nn", "jax", lambda: _functions("jax.nn"), JAX_NN),
    Library("torch.optim", "torch", _torch_optimisers, TORCH_OPTIM),
    Library("optax", "jax", _optax_optimisers, OPTAX),
)


def coverage(libraries: Iterable[Library] = LIBRARIES, ops: Iterable[Op] | None = None) -> list[Row]:
    """Every public function of the libraries, in alphabetical order, with the operations that call it."""
    libraries = list(libraries)
    ops = list(catalogue().values() if ops is None else ops)
    callers: dict[Name, list[str]] = {}
    for backend in dict.fromkeys(library.backend for library in libraries):
        ears = Ears()
        for library in libraries:
            if library.backend == backend:
                for name, function in library.functions().items():
                    ears.listen_for((library.name, name), function)
                    callers[library.name, name] = []
        for op in ops:
            for called in _called_by(op, backend, ears):
                callers[called].append(op.name)
    reasons = {library.name: library.left_out for library in libraries}
    rows = []
    for (library, name), by in callers.items():
        by.sort(key=lambda op, name=name: op not in name and name not in op)  # its namesakes first
        rows.append(Row(library, name, tuple(by), reasons[library].get(name, "")))
    return rows


class Ears:
    """Hears by name which of some functions are called."""

    def __init__(self) -> None:
        self._by_code: dict[Any, list[tuple[Name, Mapping[str, Any]]]] = {}
        self.heard: set[Name] = set()

    def listen_for(self, name: Name, function: Any, keywords: Mapping[str, Any] = {}) -> None:
        """With ``keywords``, for those calls only that are given these values."""
        if inspect.isclass(function):  # a step is taken by the class, or by the functions beside it
            for _, beside in inspect.getmembers(sys.modules[function.__module__], inspect.isfunction):
                if beside.__module__ == function.__module__:
                    self.listen_for(name, beside)
            for method in filter(inspect.isfunction, vars(function).values()):
                self.listen_for(name, method)
        elif isinstance(function, functools.partial):
            self.listen_for(name, function.func, function.keywords)
        else:
            self._by_code.setdefault(_code(function), []).append((name, keywords))

    @contextmanager
    def open(self) -> Iterator[None]:
        self.heard = set()
        before = sys.getprofile()
        sys.setprofile(self._report)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _report(self, frame: FrameType, event: str, arg: Any) -> None:
        key = frame.f_code if event == "call" else id(arg) if event == "c_call" else None
        for name, keywords in self._by_code.get(key, ()):
            if all(frame.f_locals.get(k) == v for k, v in keywords.items()):
                self.heard.add(name)


def _code(function: Any) -> Any:
    """What a call of a public function shows itself by: its code, or the identity of a builtin."""
    while not inspect.isfunction(function):
        inside = getattr(function, "__wrapped__", None) or getattr(function, "fun", None)
        if inside is None:
            return id(function)
        function = inside
    function = inspect.unwrap(function)
    # torch's pooling functions share one piece of code, which chooses between two functions
    return inspect.getclosurevars(function).nonlocals.get("if_false", function).__code__


def _called_by(op: Op, backend: str, ears: Ears) -> set[Name]:
    witness: Any = load(backend)
    forward = witness.find(op.name)
    if forward is None:
        return set()
    with ears.open(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if backend == "jax":
            _forget()
        for case in _sorts(op):
            args = [None if a is None else witness.asarray(np.asarray(a)) for a in case.args]
            try:
                (_traced if backend == "jax" else _called)(forward, args, case)
            except Exception:  # what is wrong with an answer is another question's business
                continue
    return ears.heard


def _sorts(op: Op) -> Iterable[Case]:
    """One case of each sort that may call other functions: other parameters, other arguments, other axes."""
    sorts: dict[Any, Case] = {}
    for case in op.draw().values():
        if case.kind in ("regular", "kink", "special"):
            args = tuple(None if a is None else (np.ndim(a), np.asarray(a).dtype.kind) for a in case.args)
            sorts.setdefault((args, repr(sorted(case.params.items()))), case)
    return sorts.values()


def _forget() -> None:
    """What was traced before would not be called again."""
    import jax

    jax.clear_caches()


def _called(forward: Callable[..., Any], args: list[Any], case: Case) -> None:
    forward(*args, **case.params)


def _traced(forward: Callable[..., Any], args: list[Any], case: Case) -> None:
    """Tracing calls what a compilation would call, and computes nothing."""
    import jax

    floats = [i for i, a in enumerate(case.args) if is_float_array(a)]

    def of_floats(*values):
        whole = list(args)
        for i, value in zip(floats, values, strict=True):
            whole[i] = value
        return forward(*whole, **case.params)

    jax.eval_shape(of_floats, *(args[i] for i in floats))

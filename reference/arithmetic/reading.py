"""Reading a text in another number system: the same functions, with ``np`` bound to another namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from types import CellType, FunctionType
from typing import Any

import numpy as np
from flint import arb

from .ball import Balls
from .functions import FUNCTIONS, INCOMPLETE, PRIMITIVES

PACKAGE = __name__.rpartition(".arithmetic")[0]


class BallNamespace:
    """NumPy, with exact constants: np.pi is a ball around pi, np.sqrt(2) one around the root of two."""

    def __init__(self, cls: type[Balls]) -> None:
        self._cls = cls
        self.primitives = {name: self._elementary(name) for name in PRIMITIVES if name in FUNCTIONS}
        self.primitives |= {name: self._incomplete(name) for name in INCOMPLETE}

    @property
    def pi(self) -> Any:
        return self._cls.wrap(arb.pi())

    @property
    def e(self) -> Any:
        return self._cls.wrap(arb.const_e())

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            return self._elementary(name)
        if name in ("zeros", "ones", "eye", "full"):
            create = getattr(np, name)
            return lambda *args, **kwargs: self._cls.lift(create(*args, **kwargs)).view(self._cls)
        return getattr(np, name)

    def _elementary(self, name: str) -> Callable[[Any], Any]:
        return lambda x: self._cls.wrap(self._cls.apply(FUNCTIONS[name], self._cls.lift(x)))

    def _incomplete(self, name: str) -> Callable[..., Any]:
        return lambda *x: self._cls.wrap(self._cls.evaluate(INCOMPLETE[name], *map(self._cls.lift, x)))


def read(f: Callable[..., Any], namespace: Any) -> Callable[..., Any]:
    """``f`` with ``np`` bound to ``namespace`` in it and in all that it calls.

    Of a function of a family, its module is read whole. Where the namespace has ``primitives``, functions of
    those names in the elementwise family are replaced: the text approximates erf in floats, balls know it exactly.

    Of any other function, NumPy is rebound under whatever name its module imported it, and so are the functions of that
    module and those that it closes over. What else it calls is called as it is.
    """
    if isinstance(f, partial):
        return partial(read(f.func, namespace), *f.args, **f.keywords)
    if not isinstance(f, FunctionType):
        return f
    if _in_package(f) and f.__name__ in vars(sys.modules[f.__module__]):
        return _globals_of(f.__module__, namespace)[f.__name__]
    return _Outside(f.__globals__, namespace).copy(f)


def _in_package(f: FunctionType) -> bool:
    return f.__module__.startswith(f"{PACKAGE}.")


class _Outside:
    """The module of somebody else's function, read in a namespace as far as that function needs it."""

    def __init__(self, original: dict[str, Any], namespace: Any) -> None:
        self.original, self.namespace = original, namespace
        self.bound = dict(original)
        self.copies: dict[FunctionType, FunctionType] = {}
        for name, value in original.items():
            self.bound[name] = self.rebound(value)

    def rebound(self, value: Any) -> Any:
        if value is np:
            return self.namespace
        if not isinstance(value, FunctionType):
            return value
        if value.__globals__ is self.original:
            return self.copy(value)
        return read(value, self.namespace) if _in_package(value) else value

    def copy(self, f: FunctionType) -> FunctionType:
        if f not in self.copies:
            cells = tuple(CellType() for _ in f.__closure__ or ())
            copy = FunctionType(f.__code__, self.bound, f.__name__, f.__defaults__, cells or None)
            copy.__kwdefaults__ = f.__kwdefaults__
            self.copies[f] = copy  # before its cells are filled: a function may close over itself
            for cell, old in zip(cells, f.__closure__ or (), strict=True):
                cell.cell_contents = self.rebound(old.cell_contents)
        return self.copies[f]


@cache
def _globals_of(module: str, namespace: Any) -> dict[str, Any]:
    bound = dict(vars(sys.modules[module]), np=namespace)
    for name, value in list(bound.items()):
        if not isinstance(value, FunctionType) or not value.__module__.startswith(PACKAGE):
            continue
        if name in getattr(namespace, "primitives", {}) and value.__module__.startswith(f"{PACKAGE}.elementwise"):
            bound[name] = namespace.primitives[name]
        elif value.__module__ == module:
            copy = FunctionType(value.__code__, bound, name, value.__defaults__, value.__closure__)
            copy.__kwdefaults__ = value.__kwdefaults__
            bound[name] = copy
        else:
            bound[name] = read(value, namespace)
    return bound

"""Reading a text in another number system: the same functions, with ``np`` bound to another namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from types import FunctionType
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
    """``f``, a function of a family, with ``np`` bound to ``namespace`` in it and in all that it calls.

    Where the namespace has ``primitives``, functions of those names in the elementwise family are
    replaced by them: the text approximates erf in floats, the balls know it exactly.
    """
    return _globals_of(f.__module__, namespace)[f.__name__]


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

"""The text of the reference, read by another array library: a library that has no backend yet is asked it at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from crosscheck.reference import catalogue
from crosscheck.reference.arithmetic.reading import read

HOSTS = ("jax", "torch")
"""Backends whose autodiff, compiler and devices also serve a namespace of theirs, such as jax.numpy."""


class Namespace:
    """An array library under the name ``np``; what it lacks, it does not offer."""

    primitives: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise NotImplementedError(f"{self._module.__name__} has no {name}") from None


class Composed:
    """The forwards of the reference composed from a library's functions; with its own autodiff, or our VJP texts."""

    def __init__(self, module: ModuleType) -> None:
        self._np = Namespace(module)
        host = next((h for h in HOSTS if h in module.__name__.split(".")), None)
        self._host = importlib.import_module(f".{host}_", __package__).backend() if host else None
        self.dtypes = ("float64", "float32")

    def __getattr__(self, name: str) -> Any:
        if self._host is None or name in ("name", "disagreements", "header"):  # those of the host's own operations
            raise AttributeError(name)
        return getattr(self._host, name)

    def find(self, name: str) -> Callable[..., Any] | None:
        if name in catalogue():
            return read(catalogue()[name].forward, self._np)
        operation, _, part = name.rpartition("_")
        op = catalogue().get(operation)
        text = {"vjp": op.vjp, "hvp": op.hvp}.get(part) if op else None
        return read(text, self._np) if text and not hasattr(self, "vjp") else None

    def asarray(self, x: np.ndarray) -> Any:
        return self._host.asarray(x) if self._host else self._np.asarray(x.copy())


def is_namespace(module: ModuleType) -> bool:
    """Whether a module looks like an array library: it makes arrays and computes with them (array API standard)."""
    return all(callable(getattr(module, name, None)) for name in ("asarray", "matmul", "exp", "where", "sum"))

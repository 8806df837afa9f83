"""The NumPy witness: the text of the reference itself, read in floats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crosscheck.reference import catalogue

from . import BackendError

PARTS = ("vjp", "hvp", "values", "cotangents")
"""What an operation has beside its forward."""


@dataclass(frozen=True)
class NumPy:
    name: str = "numpy"
    dtypes: tuple[str, ...] = ("float64", "float32")

    def find(self, name: str) -> Callable[..., Any] | None:
        ops = catalogue()
        if name in ops:
            return ops[name].forward
        forward, _, part = name.rpartition("_")
        return getattr(ops[forward], part) if forward in ops and part in PARTS else None


def backend(device: str = "cpu") -> NumPy:
    if device != "cpu":
        raise BackendError(f"numpy has no device {device!r}, expected 'cpu'")
    return NumPy()

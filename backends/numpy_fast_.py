"""The second NumPy witness: where the clear text is slow, a fast formulation of the same operation.

It is judged as any other witness is, by the truth and the allowance of the text; bench/ times it beside the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crosscheck.reference import catalogue

from . import BackendError


@dataclass(frozen=True)
class NumPyFast:
    name: str = "numpy_fast"
    dtypes: tuple[str, ...] = ("float64", "float32")

    def find(self, name: str) -> Callable[..., Any] | None:
        ops = catalogue()
        if name in ops:
            return ops[name].fast
        forward = name.removesuffix("_vjp")
        return ops[forward].vjp_fast if forward != name and forward in ops else None


def backend(device: str = "cpu") -> NumPyFast:
    if device != "cpu":
        raise BackendError(f"numpy_fast has no device {device!r}, expected 'cpu'")
    return NumPyFast()

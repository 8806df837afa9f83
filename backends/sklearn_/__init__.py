"""scikit-learn as a witness: what it fits and measures, under our calling convention; one module a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .. import BackendError
from ..tables import collected

FORWARDS, DISAGREEMENTS = collected(__name__)


@dataclass(frozen=True)
class ScikitLearn:
    name: ClassVar[str] = "sklearn"
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    """Most of its estimators compute in float64, whatever they are given."""
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)


def backend(device: str = "cpu") -> ScikitLearn:
    if device != "cpu":
        raise BackendError(f"scikit-learn has no device {device!r}, expected 'cpu'")
    return ScikitLearn()

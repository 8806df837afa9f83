"""SciPy as a witness: scipy.special, scipy.linalg and scipy.stats, under our calling convention; one module a family.

It has no derivatives, so values alone are asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .. import BackendError
from ..tables import collected

FORWARDS, DISAGREEMENTS = collected(__name__)


@dataclass(frozen=True)
class SciPy:
    name: ClassVar[str] = "scipy"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS
    header: ClassVar[str] = "import numpy as np\nimport scipy"

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)


def backend(device: str = "cpu") -> SciPy:
    if device != "cpu":
        raise BackendError(f"scipy has no device {device!r}, expected 'cpu'")
    return SciPy()

"""How far apart: float formats, rounding into them, and distances in units of the last place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: ``bits`` of precision, exponents from ``emin`` to ``emax``."""

    name: str
    dtype: np.dtype
    bits: int
    emin: int
    emax: int

    @property
    def smallest_subnormal(self) -> float:
        return 2.0 ** (self.emin - self.bits + 1)

    @property
    def smallest_normal(self) -> float:
        return 2.0**self.emin

    @property
    def largest(self) -> float:
        return (2 - 2.0 ** (1 - self.bits)) * 2.0**self.emax


FORMATS = {
    "float64": Format("float64", np.dtype(np.float64), 53, -1022, 1023),
    "float32": Format("float32", np.dtype(np.float32), 24, -126, 127),
    "float16": Format("float16", np.dtype(np.float16), 11, -14, 15),
    "bfloat16": Format("bfloat16", np.dtype(ml_dtypes.bfloat16), 8, -126, 127),
}


def round_to(x: Any, form: Format) -> np.ndarray:
    """The nearest numbers of the format, still as float64."""
    with np.errstate(over="ignore"):
        return np.asarray(x, dtype=np.float64).astype(form.dtype).astype(np.float64)


def ulp(x: Any, form: Format) -> np.ndarray:
    """The distance of neighbouring numbers of the format at |x|, no less than the smallest subnormal."""
    x = np.where(np.isfinite(x), x, 0)
    _, exponent = np.frexp(x)
    # frexp's mantissa lies in [1/2, 1), so the leading bit of x is worth 2^(exponent - 1); the exponent of 0 is 0
    leading = np.where(x == 0, form.emin, exponent - 1)
    return np.ldexp(1.0, np.clip(leading, form.emin, form.emax) - form.bits + 1)


def largest(x: np.ndarray) -> float:
    """max |x|, 0 of nothing."""
    return float(np.max(np.abs(x), initial=0.0))

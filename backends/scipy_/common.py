"""What the operations of several families need in SciPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def in_float64(f: Callable[..., Any]) -> Callable[..., Any]:
    """For functions that compute in float64 and return it, whatever they are given: asked in no other format."""

    @wraps(f)
    def asked(*args, **params):
        if any(getattr(a, "dtype", None) == np.float32 for a in args):
            raise NotImplementedError("it computes in float64, whatever it is given")
        return f(*args, **params)

    return asked

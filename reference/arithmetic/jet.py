"""Jets: truncated Taylor series whose coefficients are balls, so that a text read on them gives its derivatives.

A jet x + xdot t + O(t^(order+1)) carries a point and a direction. What a forward makes of it has the
directional derivative as its coefficient of t (forward mode); what a VJP text makes of it has the
Hessian-vector product there (forward over reverse). Source: Griewank and Walther (2008), Evaluating
Derivatives, chapter 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx

from .ball import Balls, balls


@contextmanager
def order(n: int) -> Iterator[None]:
    """Series are cut behind t^n inside this block. Functions know two derivatives, so n is 1 or 2."""
    if n not in (1, 2):
        raise ValueError(f"jets have order 1 or 2: got {n}")
    before, ctx.cap = ctx.cap, n + 1
    try:
        yield
    finally:
        ctx.cap = before


def jets(x: Any, xdot: Any, cls: type[Balls] = Balls) -> Any:
    """x + xdot t for arrays of floats or of balls of one shape; only inside ``order(n)``."""
    point, direction = (cls.lift(a if isinstance(a, Balls) else balls(a, cls)) for a in (x, xdot))
    return cls.wrap(np.frompyfunc(lambda a, b: arb_series([a, b]), 2, 1)(point, direction))


def coefficient(y: Any, k: int, cls: type[Balls] = Balls) -> Any:
    """The coefficient of t^k of every element, as balls; what does not depend on t is a constant."""

    def one(v):
        if type(v) is arb_series:
            return arb(v[k])
        return (v if type(v) is arb else arb(v)) if k == 0 else arb(0)

    return cls.wrap(np.frompyfunc(one, 1, 1)(cls.lift(y)))

"""What is true: the mathematics as pure NumPy text, its certified readings, and how far apart two answers may be."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .op import Case, Op, Slip

__all__ = ["Case", "Op", "Slip", "catalogue"]


@cache
def catalogue() -> dict[str, Op]:
    """Every operation by its name, from the ``OPS`` of each family: a module, or a package that gathers its modules."""
    ops: dict[str, Op] = {}
    for module in pkgutil.iter_modules(__path__):
        for op in getattr(importlib.import_module(f"{__name__}.{module.name}"), "OPS", ()):
            if op.name in ops:
                raise ValueError(f"two operations are called {op.name!r}: in {ops[op.name].family} and {op.family}")
            ops[op.name] = op
    return ops

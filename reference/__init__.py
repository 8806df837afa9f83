"""What is true: the mathematics as pure NumPy text, its certified readings, and how far apart two answers may be."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from .op import Case, Op, Slip

__all__ = ["Case", "Op", "Slip", "catalogue", "known_slips"]


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


@cache
def known_slips() -> dict[str, tuple[Slip, ...]]:
    """The slips of every operation that has some, from the ``SLIPS`` of each module of ``slips``.

    Raises ValueError where two modules hold one operation, or one operation two slips of a name.
    """
    found: dict[str, tuple[Slip, ...]] = {}
    for module in pkgutil.iter_modules([str(Path(path) / "slips") for path in __path__]):
        for op, own in importlib.import_module(f"{__name__}.slips.{module.name}").SLIPS.items():
            names = [slip.name for slip in own]
            if op in found or len(names) > len(set(names)):
                raise ValueError(f"{module.name}: {op} is in two modules, or has two slips of a name")
            found[op] = tuple(own)
    return found

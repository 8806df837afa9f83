"""What people get wrong: for each operation the variants that are written by mistake, one module a family."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ..op import Slip


@cache
def slips() -> dict[str, tuple[Slip, ...]]:
    """The slips of every operation that has some, from the ``SLIPS`` of each module.

    Raises ValueError where two modules hold one operation, or one operation two slips of a name.
    """
    found: dict[str, tuple[Slip, ...]] = {}
    for module in pkgutil.iter_modules(__path__):
        for op, own in importlib.import_module(f"{__name__}.{module.name}").SLIPS.items():
            names = [slip.name for slip in own]
            if op in found or len(names) > len(set(names)):
                raise ValueError(f"{module.name}: {op} is in two modules, or has two slips of a name")
            found[op] = tuple(own)
    return found

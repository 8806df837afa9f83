"""A built-in witness is a package with one module for each family of the reference: ``FORWARDS`` and ``LEDGER``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

Ledger = tuple[tuple[str, str, tuple[str, ...]], ...]
"""What was found wrong: (reason, upstream link or "", patterns of the questions it concerns; behind a "?" those whose
answer depends on the processor)."""


def collected(package: str) -> tuple[dict[str, Callable[..., Any]], dict[str, tuple[str, str]]]:
    """The operations of all modules of a package, and {question pattern: (reason, link)} of all their ledgers.

    Raises ValueError where two modules give one name, or two entries one pattern: one of them would be lost.
    """
    forwards: dict[str, Callable[..., Any]] = {}
    disagreements: dict[str, tuple[str, str]] = {}
    for module in _modules(package):
        _add(forwards, getattr(module, "FORWARDS", {}), package)
        for reason, link, patterns in getattr(module, "LEDGER", ()):
            _add(disagreements, dict.fromkeys(patterns, (reason, link)), package)
    return forwards, disagreements


def _modules(package: str) -> list[ModuleType]:
    paths = importlib.import_module(package).__path__
    return [importlib.import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(paths)]


def _add(table: dict[str, Any], entries: dict[str, Any], package: str) -> None:
    twice = table.keys() & entries.keys()
    if twice:
        raise ValueError(f"{package} has {', '.join(sorted(twice))} in two places")
    table.update(entries)

"""What is trained: one module for each sort of network, each with a function ``tasks``; ``MODULES`` lists them."""

from __future__ import annotations

from ..training import Task
from . import autoencoders, digits, recurrent, regressions, transformers

MODULES = (regressions, digits, recurrent, transformers, autoencoders)
"""In the order in which they are taught."""


def every() -> tuple[Task, ...]:
    """All of them; ImportError without scikit-learn, which brings the data."""
    return tuple(task for module in MODULES for task in module.tasks())

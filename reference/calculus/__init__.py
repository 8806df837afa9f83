"""Calculus: what derivatives are used for."""

from __future__ import annotations

from . import approximation, descent, differences, line_search, momentum, newton, rosenbrock, surface

OPS = [
    *(*rosenbrock.OPS, *approximation.OPS, *differences.OPS),
    *(*descent.OPS, *momentum.OPS, *line_search.OPS, *newton.OPS, *surface.OPS),
]

"""Calculus: what derivatives are used for."""

from __future__ import annotations

from . import approximation, descent, line_search, newton, rosenbrock, surface

OPS = [*rosenbrock.OPS, *approximation.OPS, *descent.OPS, *line_search.OPS, *newton.OPS, *surface.OPS]

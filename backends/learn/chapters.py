"""All chapters, in their order."""

from __future__ import annotations

from . import beginnings, decompositions

CHAPTERS = (*beginnings.CHAPTERS, *decompositions.CHAPTERS)

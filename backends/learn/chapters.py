"""All chapters, in their order."""

from __future__ import annotations

from . import beginnings, data, decompositions, slopes

CHAPTERS = (*beginnings.CHAPTERS, *decompositions.CHAPTERS, *slopes.CHAPTERS, *data.CHAPTERS)

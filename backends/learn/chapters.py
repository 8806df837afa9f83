"""All chapters, in their order."""

from __future__ import annotations

from . import beginnings, chance, convolutions, data, decompositions, slopes

CHAPTERS = (
    *beginnings.CHAPTERS,
    *decompositions.CHAPTERS,
    *slopes.CHAPTERS,
    *data.CHAPTERS,
    *chance.CHAPTERS,
    *convolutions.CHAPTERS,
)

"""All chapters, in their order."""

from __future__ import annotations

from . import beginnings, chance, data, decompositions, normalisation, optimisers, slopes, training

CHAPTERS = (
    *beginnings.CHAPTERS,
    *decompositions.CHAPTERS,
    *slopes.CHAPTERS,
    *data.CHAPTERS,
    *chance.CHAPTERS,
    *training.CHAPTERS,
    *optimisers.CHAPTERS,
    *normalisation.CHAPTERS,
)

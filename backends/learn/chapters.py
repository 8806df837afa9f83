"""All chapters, in their order."""

from __future__ import annotations

from . import activations, beginnings, beliefs, chance, data, decompositions, losses, slopes

CHAPTERS = (
    *beginnings.CHAPTERS,
    *decompositions.CHAPTERS,
    *slopes.CHAPTERS,
    *data.CHAPTERS,
    *chance.CHAPTERS,
    *beliefs.CHAPTERS,
    *losses.CHAPTERS,
    *activations.CHAPTERS,
)

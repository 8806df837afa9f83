"""All chapters, in their order."""

from __future__ import annotations

from . import (
    activations,
    attention,
    autoencoders,
    beginnings,
    beliefs,
    chance,
    convolutions,
    data,
    decompositions,
    descent,
    information,
    losses,
    matrices,
    neurons,
    normalisation,
    optimisers,
    partials,
    sequences,
    slopes,
    training,
)

CHAPTERS = (
    *beginnings.CHAPTERS,
    *neurons.CHAPTERS,
    *matrices.CHAPTERS,
    *decompositions.CHAPTERS,
    *partials.CHAPTERS,
    *slopes.CHAPTERS,
    *descent.CHAPTERS,
    *data.CHAPTERS,
    *chance.CHAPTERS,
    *information.CHAPTERS,
    *beliefs.CHAPTERS,
    *losses.CHAPTERS,
    *activations.CHAPTERS,
    *training.CHAPTERS,
    *optimisers.CHAPTERS,
    *normalisation.CHAPTERS,
    *convolutions.CHAPTERS,
    *sequences.CHAPTERS,
    *attention.CHAPTERS,
    *autoencoders.CHAPTERS,
)

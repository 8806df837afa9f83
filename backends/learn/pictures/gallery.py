"""All pictures, and how one is drawn and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from ...limits import TooLong, kept_quiet, time_limit
from . import beginnings, chance, curves, networks, slopes, style, training
from .picture import Hands, Picture, ours

_MODULES = (beginnings, slopes, chance, curves, training, networks)
PICTURES: dict[int, Picture] = {picture.chapter: picture for module in _MODULES for picture in module.PICTURES}


@dataclass(frozen=True)
class Drawn:
    figure: Figure
    look: str
    """What to look at."""
    yours: tuple[str, ...]
    """The functions that are the learner's."""
    wrong: str
    """What was the matter with the learner's, if it is drawn with ours because of that."""


def draw(picture: Picture, hands: Hands, path: Path, limit: float, dpi: int = style.DPI) -> Drawn:
    """Draw and write the picture.

    The learner's functions are right where their exercises ask; where the picture asks something else and they fail,
    it is drawn with ours.
    """
    wrong = ""
    try:
        with time_limit(limit), kept_quiet():
            numbers = picture.measure(**hands.functions)
    except (Exception, TooLong) as error:
        if not hands.yours:
            raise
        wrong, hands = f"{type(error).__name__}: {error}", ours(picture.needs)
        numbers = picture.measure(**hands.functions)
    with style.quiet():
        figure = picture.draw(**numbers)
        figure.savefig(path, dpi=dpi)
    return Drawn(figure, picture.look.format(**numbers), hands.yours, wrong)

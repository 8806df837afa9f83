"""All pictures, and how one is drawn and kept."""

from __future__ import annotations

from pathlib import Path

from ...limits import kept_quiet, time_limit
from . import beginnings, style
from .picture import Hands, Picture, ours

PICTURES = {picture.chapter: picture for picture in (*beginnings.PICTURES,)}


def draw(picture: Picture, hands: Hands, path: Path, limit: float, dpi: int = style.DPI) -> tuple[str, Hands, str]:
    """Write the picture; what to look at, whose functions it was drawn with, and what was wrong with the learner's.

    The learner's are right where their exercises ask; where the picture asks something else and they fail, it is
    drawn with ours.
    """
    told = ""
    try:
        with time_limit(limit), kept_quiet():
            numbers = picture.measure(**hands.functions)
    except Exception as error:
        if not hands.yours:
            raise
        told, hands = f"{type(error).__name__}: {error}", ours(picture.needs)
        numbers = picture.measure(**hands.functions)
    with style.quiet():
        picture.draw(**numbers).savefig(path, dpi=dpi)
    return picture.look.format(**numbers), hands, told

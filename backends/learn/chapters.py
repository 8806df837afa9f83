"""All chapters, in their order."""

from __future__ import annotations

from . import beginnings

CHAPTERS = (*beginnings.CHAPTERS,)

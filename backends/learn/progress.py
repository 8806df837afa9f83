"""How far the learner is: a file of JSON in the learner's folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "progress.json"


class LearnError(Exception):
    """The workbook cannot go on: the message says why, and what to do."""


@dataclass(frozen=True)
class Progress:
    """Exercises go by their names, so that another order of the chapters loses nothing."""

    current: str
    passed: tuple[str, ...] = ()
    hints: Mapping[str, int] = field(default_factory=dict)
    """How many hints are unlocked."""
    quizzes: tuple[int, ...] = ()
    """Chapters whose quiz was passed."""
    hunts: tuple[int, ...] = ()
    """Chapters after which the wrong lines were found."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """How often each quiz was tried: the next try is another one."""


def read(folder: Path) -> Progress | None:
    """What the file says; None where there is no file. Raises LearnError for a file that is damaged."""
    path = folder / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        known = Progress(
            str(told["current"]),
            tuple(str(name) for name in told["passed"]),
            {str(name): int(n) for name, n in told["hints"].items()},
            tuple(int(n) for n in told["quizzes"]),
            tuple(int(n) for n in told.get("hunts", ())),  # not in the files of 0.1
            {str(name): int(n) for name, n in told["attempts"].items()},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise LearnError(
            f"{path} cannot be read ({type(error).__name__}: {error}). Nothing was changed. Mend it, or move it away: "
            "then the workbook begins anew, and your exercises stay as they are"
        ) from error
    return known


def write(folder: Path, progress: Progress) -> None:
    """All or nothing: a file half written is never seen."""
    path = folder / FILE
    beside = path.with_name(f"{FILE}.{os.getpid()}")
    beside.write_text(json.dumps(asdict(progress), indent=2) + "\n", encoding="utf-8")
    os.replace(beside, path)

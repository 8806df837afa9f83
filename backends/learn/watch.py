"""Judge the current exercise whenever its file is saved, until the learner ends it."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.text import Text

from . import page, workbook
from .progress import LearnError
from .workbook import Workbook

PAUSE = 0.25
"""Seconds between two looks at the file."""
Keys = Callable[[float], str]
"""``keys(seconds)`` waits so long at most: the key that was pressed, "" for none, "q" when there will be no more."""


def watch(book: Workbook, keys: Keys) -> None:
    """Show the exercise, judge it, and again after each change; h, n, p and q are a hint, the next
    one, the chapter's picture, the end."""
    workbook.show(book)
    seen = None
    while True:
        path = book.path
        state = _state(path)
        if (path, state) != seen and state is not None:
            seen = (path, state)
            workbook.check(book)
            book.screen.print(Text(page.KEYS, style="dim"))
        match keys(PAUSE):
            case "h":
                workbook.hint(book)
            case "n":
                workbook.go_on(book)
            case "p":
                _picture(book)
            case "q":
                return


def _picture(book: Workbook) -> None:
    """A picture that cannot be drawn is no reason to stop watching."""
    try:
        workbook.picture(book)
    except LearnError as error:
        book.screen.print(Text(str(error), style="yellow"))


def _state(path: Path) -> tuple[int, int] | None:
    """What changes when a file is saved; None while an editor replaces it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@contextlib.contextmanager
def keyboard() -> Iterator[Keys]:
    """Single keys where there is a terminal; elsewhere none come, and Ctrl-C ends."""
    try:
        import termios
        import tty
    except ImportError:  # not on Windows
        yield _no_keys
        return
    if not sys.stdin.isatty():
        yield _no_keys
        return
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd)
        yield _pressed
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _pressed(seconds: float) -> str:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return (os.read(sys.stdin.fileno(), 1).decode(errors="ignore") or "q") if ready else ""


def _no_keys(seconds: float) -> str:
    time.sleep(seconds)
    return ""

"""``crosscheck learn``: the workbook on the command line."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import FRAMEWORKS, installed, screen
from . import workbook
from .chapters import CHAPTERS
from .progress import FILE, LearnError
from .watch import keyboard, watch

FOLDER = "workbook"


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="crosscheck learn",
        description="Write the mathematics of machine learning yourself, one operation at a time, and be told what is "
        "right. Without an option it shows the exercise that you are at.",
        epilog="exit status: 0 all is well; 1 the exercise or the quiz is not right; 2 it could not be done",
    )
    p.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help=f"where your exercises are, or will be: without it, here if they are, else {FOLDER}",
    )
    what = p.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="judge the exercise")
    what.add_argument(
        "--watch",
        action="store_true",
        help="judge it whenever you save; h: a hint, n: the next, p: the picture, q: end",
    )
    what.add_argument("--compare", action="store_true", help="your answers beside those of the installed frameworks")
    what.add_argument("--hint", action="store_true", help="one more hint; there are three")
    what.add_argument("--next", action="store_true", help="go to the next exercise that is not done")
    what.add_argument("--at", metavar="EXERCISE", help="go to an exercise, such as 01_03 or norm")
    what.add_argument("--list", action="store_true", help="all exercises, and which of them are done")
    what.add_argument("--picture", action="store_true", help="draw the picture of the chapter, with your functions")
    what.add_argument(
        "--quiz",
        type=_quiz,
        metavar="CHAPTER",
        help="find the planted mistakes, and skip the chapter; Q4, Q7, Q11, Q16: find the wrong line, in all chapters "
        "up to that one",
    )
    return p


def _quiz(text: str) -> tuple[bool, int]:
    """Whether it is one for wrong lines, and the chapter: 4 or Q4."""
    number = text.upper().removeprefix("Q")
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"got {text!r}, want the number of a chapter, or Q4, Q7, Q11 or Q16")
    return number != text, int(number)


def main(argv: Sequence[str]) -> int:
    options = parser().parse_args(argv)
    folder = Path(options.folder) if options.folder else Path() if Path(FILE).exists() else Path(FOLDER)
    try:
        return _do(workbook.begin(folder, CHAPTERS, screen.console()), options)
    except LearnError as error:
        print(f"crosscheck learn: {error}", file=sys.stderr)
        return 2


def _do(book: workbook.Workbook, options: argparse.Namespace) -> int:
    if options.check:
        return int(not workbook.check(book))
    if options.watch:
        with contextlib.suppress(KeyboardInterrupt), keyboard() as keys:
            watch(book, keys)
    elif options.compare:
        workbook.compare(book, [name for name in FRAMEWORKS if name in installed()])
    elif options.hint:
        workbook.hint(book)
    elif options.next:
        workbook.go_on(book)
    elif options.at:
        workbook.go_to(book, options.at)
    elif options.list:
        workbook.overview(book)
    elif options.picture:
        workbook.picture(book)
    elif options.quiz is not None:
        lines, number = options.quiz
        take = workbook.hunt_lines if lines else workbook.take_quiz
        with contextlib.suppress(KeyboardInterrupt):
            return int(not take(book, number, sys.stdin.readline))
        return 1
    else:
        workbook.show(book)
    return 0

"""What keeps somebody's own functions from spoiling a run: a time limit, and a place for what they print."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType

SECONDS = 10.0
"""For one question about a function of a file: a thousand times what the slowest right answer needs."""


class TooLong(BaseException):
    """No answer in time. No Exception: code that catches every exception in its loop must not catch this one."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TooLong`` in the body after so many seconds, where the system can interrupt it: in the main thread, on
    systems with interval timers. Elsewhere nothing is limited.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        raise TooLong(f"no answer within {seconds:g} seconds: does it loop for ever?")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def kept_quiet() -> Iterator[io.StringIO]:
    """What the body prints, kept in place of shown."""
    with redirect_stdout(io.StringIO()) as printed:
        yield printed

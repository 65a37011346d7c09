"""What the headless commands print: one line of progress on stderr, the report on stdout."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final, TextIO

from .core.errors import Cancelled
from .core.progress import Progress

_STOPS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Report:
    """What a command did: a line to read and the same as data."""

    line: str
    data: dict[str, Any] = field(default_factory=dict)


class ProgressLine:
    """Shows progress on one line of a terminal, or a line each tenth of the way in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._rewrites = self._stream.isatty()
        self._step = ""
        self._started = 0.0
        self._next_tenth = 0

    def __call__(self, progress: Progress) -> None:
        """Show where the job is."""
        if progress.step != self._step:
            self.end()
            self._step, self._started, self._next_tenth = progress.step, time.monotonic(), 0
        if self._rewrites:
            self._stream.write(f"\r\x1b[K{self._text(progress)}")
            self._stream.flush()
        elif (tenth := int(progress.fraction * 10)) >= self._next_tenth:
            self._stream.write(f"{self._text(progress)}\n")
            self._next_tenth = tenth + 1

    def end(self) -> None:
        """Leave the line, so that what is printed next starts on its own."""
        if self._step and self._rewrites:
            self._stream.write("\n")
        self._step = ""

    def _text(self, progress: Progress) -> str:
        if not progress.total:
            return progress.step
        seconds = time.monotonic() - self._started
        text = f"{progress.step}: {progress.done} of {progress.total}"
        if not 0 < progress.done < progress.total or seconds < 1:
            return text
        rate = progress.done / seconds
        return f"{text}, {rate:.1f}/s, {(progress.total - progress.done) / rate:.0f} s left"


class Interruption:
    """Ctrl-C, or a system that ends the command: the work stops, and clears up after itself.

    Where the signal finds Blender in a callback, Blender prints the exception and goes on. So the
    wish is remembered, too, and heeded at the next step.
    """

    def __init__(self) -> None:
        self._came = False

    def heed(self) -> None:
        """Raise Cancelled where the command is to stop."""
        if self._came:
            raise Cancelled

    @contextlib.contextmanager
    def awaited(self) -> Iterator[None]:
        """Listen to signals while the block runs; they raise KeyboardInterrupt."""
        kept = {number: signal.signal(number, self._take) for number in _STOPS}
        try:
            yield
        finally:
            for number, handler in kept.items():
                if handler is not None:  # one that was not set from Python cannot be
                    signal.signal(number, handler)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt


@contextlib.contextmanager
def clean_stdout() -> Iterator[TextIO]:
    """Give a stream to the real stdout, and send what anyone else prints to stderr meanwhile.

    Blender prints from C ("Saved ..."), so the file descriptor itself is turned.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(kept, "w", encoding="utf-8", closefd=False) as stream:
            yield stream
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)

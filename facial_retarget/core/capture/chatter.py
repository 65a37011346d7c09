"""Keeps what native libraries print as they start off the user's terminal."""

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Final

_STDERR: Final = 2
# The first line, and any line of level INFO or WARNING, of Google's loggers absl and TFLite.
_CHATTER: Final = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} |INFO: ")


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Hold standard error back for a moment, then pass on every line that is no chatter.

    MediaPipe offers no way to lower its log level, and writes past Python to the descriptor.
    """
    try:
        terminal = os.dup(_STDERR)
    except OSError:  # a windowed program on Windows has no standard error
        yield
        return
    with tempfile.TemporaryFile() as held:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(terminal, _STDERR)
            os.close(terminal)
            held.seek(0)
            for line in held:
                if not _CHATTER.match(line):
                    os.write(_STDERR, line)

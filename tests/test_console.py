"""What headless commands print."""

import contextlib
import io
import os
import signal
import subprocess
import sys

import pytest

from facial_retarget.console import Interruption, ProgressLine
from facial_retarget.core.errors import Cancelled
from facial_retarget.core.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_each_tenth_of_the_way() -> None:
    log = io.StringIO()
    line = ProgressLine(log)
    for done in range(101):
        line(Progress("Tracking the face", done, 100))
    lines = log.getvalue().splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[-1].startswith("Tracking the face: 100 of 100")


def test_a_terminal_keeps_one_line_a_step() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal)
    for step in ("Tracking the face", "Saving"):
        for done in range(1, 6):
            line(Progress(step, done, 5))
    line.end()
    assert terminal.getvalue().count("\n") == 2


def test_a_step_of_unknown_length_is_named() -> None:
    log = io.StringIO()
    ProgressLine(log)(Progress("Reading"))
    assert log.getvalue() == "Reading\n"


def test_only_the_report_reaches_stdout() -> None:
    code = (
        "import os\n"
        "from facial_retarget.console import clean_stdout\n"
        "with clean_stdout() as out:\n"
        "    os.write(1, b'printed from C\\n'); print('printed from Python')\n"
        "    print('the report', file=out)\n"
        "print('afterwards')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert result.stdout.split("\n") == ["the report", "afterwards", ""]
    assert "printed from C" in result.stderr
    assert "printed from Python" in result.stderr


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_to_stop_is_heeded_even_where_the_exception_was_lost(wish: signal.Signals) -> None:
    interruption, before = Interruption(), signal.getsignal(wish)
    interruption.heed()
    with interruption.awaited():
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(wish)
            pytest.fail("the signal went by")
        with pytest.raises(Cancelled):
            interruption.heed()
    assert signal.getsignal(wish) is before

"""Damaged files read in processes of their own, so that a crash or a hang is only a finding."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Timer
from typing import Final

SECONDS_ALLOWED: Final = 20.0  # for one file; the slowest known takes a hundredth
SECONDS_TO_BEGIN: Final = 60.0
CHILD: Final = str(Path(__file__).with_name("child.py"))
_EXPECTED: Final = {"read", "refused"}
_ROOT: Final = Path(__file__).parents[2]


@dataclass
class Found:
    """What came of all damaged files of one reader. failures: the number of the file and what."""

    key: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, number: int, outcome: str, seconds: float) -> None:
        """Count one file."""
        self.slowest = max(self.slowest, seconds)
        if outcome in _EXPECTED:
            self.counts[outcome] += 1
        else:
            self.failures.append((number, outcome))

    @property
    def line(self) -> str:
        """All of it in one line."""
        return (
            f"{self.key}: {self.counts.total() + len(self.failures)} damaged files, "
            f"{self.counts['read']} read, {self.counts['refused']} refused with a sentence, "
            f"{len(self.failures)} failed; the slowest took {self.slowest:.2f} s"
        )


def fuzz(key: str, count: int) -> Found:
    """Read the first `count` damaged files of a reader."""
    found, number = Found(key), 0
    while number < count:
        for outcome, seconds in _outcomes(key, number, count):
            found.note(number, outcome, seconds)
            number += 1
    return found


def _outcomes(key: str, first: int, count: int) -> Iterator[tuple[str, float]]:
    """Yield what came of each file until a process has read them all, or has ended at one."""
    number = first
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, CHILD, key, str(first), str(count), folder]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        )
        assert process.stdout is not None
        late, began = Event(), time.monotonic()
        with process:
            while number < count:
                beginning = SECONDS_TO_BEGIN if number == first else 0.0
                watch = Timer(SECONDS_ALLOWED + beginning, _kill, (process, late))
                watch.start()
                line = process.stdout.readline()
                watch.cancel()
                took, began = time.monotonic() - began, time.monotonic()
                if not line:
                    yield _ended(process, late), took
                    return
                seconds, _, outcome = line.rstrip("\n").partition(" ")
                yield outcome, float(seconds)
                number += 1


def _kill(process: "subprocess.Popen[str]", late: Event) -> None:
    late.set()
    process.kill()


def _ended(process: "subprocess.Popen[str]", late: Event) -> str:
    status = process.wait()
    if late.is_set():
        return f"took over {SECONDS_ALLOWED:.0f} s"
    return f"exit code {status}" if status >= 0 else f"signal {-status}"

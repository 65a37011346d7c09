"""How much memory this process holds, and held at most, in megabytes.

Linux tells it of the process alone; what getrusage tells includes whoever forked it.
"""

import resource
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")


def held_megabytes() -> float:
    """Return what this process holds now; its peak where only that is told."""
    return _told("VmRSS")


def peak_megabytes() -> float:
    """Return the most that this process has held."""
    return _told("VmHWM")


def _told(name: str) -> float:
    if not _STATUS.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = dict(line.split(":", 1) for line in _STATUS.read_text("ascii").splitlines())
    return int(lines[name].split()[0]) / 1024

"""Capture files: told from one another by their contents, read and written."""

from pathlib import Path
from typing import Final

from .. import output
from ..clip import Clip
from ..errors import FormatError, OutputError
from .registry import BY_KEY, FORMATS, SUFFIXES, WRITTEN_BY_SUFFIX, Format, format_of, listed

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "WRITABLE_SUFFIXES",
    "Format",
    "check_writable",
    "format_of",
    "read_clip",
    "write_clip",
]

WRITABLE_SUFFIXES: Final = tuple(WRITTEN_BY_SUFFIX)

_LONGEST: Final = 24 * 60 * 60.0  # seconds


def read_clip(path: Path) -> Clip:
    """Read a capture file of any known format, which its contents tell.

    Raises FormatError where the suffix is unknown or the file is not what it says.
    """
    clip = format_of(path).read(path)
    if clip.duration > _LONGEST:
        raise FormatError(
            f"'{path.name}' spans {clip.duration / 3600:.0f} hours: a time in it must be wrong. "
            "Export it again."
        )
    return clip


def write_clip(clip: Clip, path: Path, format: str | None = None) -> None:
    """Write a clip in a format named by its key, or in the one that the suffix names.

    Raises OutputError where the suffix is unknown or the file cannot be written.
    """
    write = _chosen_to_write(path, format).write
    assert write is not None
    write(clip, path)


def check_writable(path: Path, format: str | None = None) -> None:
    """Raise OutputError now, before a long job, where write_clip would after it."""
    _chosen_to_write(path, format)
    output.check_writable(path)


def _chosen_to_write(path: Path, key: str | None) -> Format:
    chosen = BY_KEY.get(key) if key else WRITTEN_BY_SUFFIX.get(path.suffix.lower())
    if chosen is None or chosen.write is None:
        known = listed(tuple(WRITTEN_BY_SUFFIX.values()))
        raise OutputError(f"'{path.name}' names no format to write. Choose one of {known}.")
    return chosen

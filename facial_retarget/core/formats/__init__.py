"""Capture files: read and written by their suffix."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from .. import output
from ..clip import Clip
from ..errors import FormatError, OutputError
from .clip_file import SUFFIX as CLIP_SUFFIX
from .clip_file import load_clip, save_clip
from .live_link import SUFFIX as LIVE_LINK_SUFFIX
from .live_link import write_live_link
from .live_link_reader import read_live_link


class _Format(NamedTuple):
    name: str
    read: Callable[[Path], Clip]
    write: Callable[[Clip, Path], None]


_FORMATS: Final = {
    CLIP_SUFFIX: _Format("Facial Retarget clip", load_clip, save_clip),
    LIVE_LINK_SUFFIX: _Format("Live Link Face", read_live_link, write_live_link),
}

SUFFIXES: Final = tuple(_FORMATS)


def read_clip(path: Path) -> Clip:
    """Read a capture file of any known format.

    Raises FormatError where the suffix is unknown or the file is not what it says.
    """
    chosen = _FORMATS.get(path.suffix.lower())
    if chosen is None:
        raise FormatError(f"'{path.name}' is no capture file that is known: {_known()}.")
    return chosen.read(path)


def write_clip(clip: Clip, path: Path) -> None:
    """Write a clip in the format that the suffix names.

    Raises OutputError where the suffix is unknown or the file cannot be written.
    """
    _chosen_to_write(path).write(clip, path)


def check_writable(path: Path) -> None:
    """Raise OutputError now, before a long job, where write_clip would after it."""
    _chosen_to_write(path)
    output.check_writable(path)


def _chosen_to_write(path: Path) -> _Format:
    chosen = _FORMATS.get(path.suffix.lower())
    if chosen is None:
        raise OutputError(f"'{path.name}' names no format to write. Choose one of {_known()}.")
    return chosen


def _known() -> str:
    return ", ".join(f"{suffix} ({known.name})" for suffix, known in _FORMATS.items())

"""Capture files as text, whatever program on whatever system wrote them."""

import codecs
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from ..errors import FormatError

# Of a file's beginning: the header of any table, and enough frames to know a format by.
HEAD_BYTES: Final = 1 << 16

_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@contextlib.contextmanager
def text_file(path: Path) -> Iterator[TextIO]:
    """Open a file to read its text: UTF-8, or UTF-16 with its mark, as Excel writes it.

    Letters of other encodings come out as question marks: the names and numbers of a capture are
    ASCII. Raises FormatError where the file cannot be opened or is no text.
    """
    try:
        with path.open("rb") as file:
            encoding = _encoding(file.read(HEAD_BYTES), path)
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            yield text
    except OSError as error:
        raise FormatError(f"'{path.name}' cannot be opened: {error.strerror or error}.") from error


def whole_text(path: Path) -> str:
    """Return all of a file's text. Raises FormatError as text_file does."""
    with text_file(path) as file:
        return file.read()


def _encoding(beginning: bytes, path: Path) -> str:
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    if b"\0" in beginning:
        raise FormatError(f"'{path.name}' is no text, as a capture file is. Choose another file.")
    return "utf-8"

"""Tables of text with a row a frame, read a few thousand rows at a time."""

import contextlib
import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .text import text_file

Array = NDArray[np.float64]

_ROWS_AT_ONCE: Final = 20_000
_DELIMITERS: Final = (",", ";", "\t")
_QUOTE: Final = '"'
_NOTHING: Final = " ,;\t"
_UNKNOWN: Final = "-0"  # as write_live_link marks a value that is not known
_GREATEST: Final = 1e6  # beyond that, nothing is a share of a shape or an angle


class Row(NamedTuple):
    """A line of the table and its number in the file."""

    line: int
    text: str


@dataclass(frozen=True)
class Table:
    """A table's header and its rows, which can be read once."""

    file: str
    header: tuple[str, ...]
    delimiter: str
    rows: Iterator[Row]

    def chunks(self) -> Iterator[list[Row]]:
        """Yield the rows, some thousands at a time."""
        while chunk := list(itertools.islice(self.rows, _ROWS_AT_ONCE)):
            yield chunk

    def cells(self, row: Row, most: int = -1) -> list[str]:
        """Return a row's cells, the first `most` by themselves and what follows them as one.

        Raises FormatError where a cell is beyond all measure.
        """
        if _QUOTE not in row.text:
            return row.text.split(self.delimiter, most)
        try:
            return next(csv.reader([row.text], delimiter=self.delimiter))
        except csv.Error as error:
            raise FormatError(
                f"Line {row.line} of '{self.file}' is no row of a table. Export the take again."
            ) from error

    def has_no_empty_cell(self, row: Row) -> bool:
        """Tell quickly whether every cell of a row holds something."""
        text, delimiter = row.text, self.delimiter
        return delimiter * 2 not in text and delimiter not in (text[0], text[-1])

    def numbers(self, rows: Sequence[Row], wanted: Sequence[int]) -> Array:
        """Return the (rows, wanted) numbers in some columns; NaN where one is not known.

        Raises FormatError at the first row of another width, or where a number is none.
        """
        numbers = self._plain_numbers(rows, wanted)
        if numbers is None:
            cells = [self._all_cells(row) for row in rows]
            numbers = np.array([[_number(line[place]) for place in wanted] for line in cells])
        wrong = ~(np.abs(numbers) < _GREATEST)
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            text = self.cells(rows[row])[wanted[column]].strip()
            raise FormatError(
                f"Line {rows[row].line} of '{self.file}' has '{text[:20]}' for "
                f"{self.header[wanted[column]]}, where a number should be. Export the take again."
            )
        return np.where((numbers == 0) & np.signbit(numbers), np.nan, numbers)

    def _plain_numbers(self, rows: Sequence[Row], wanted: Sequence[int]) -> Array | None:
        """Return the numbers ten times as fast; None where a row needs a closer look."""
        texts = [row.text for row in rows]
        width = len(self.header) - 1
        if any(text.count(self.delimiter) != width or _QUOTE in text for text in texts):
            return None
        try:
            return np.loadtxt(
                texts, np.float64, comments=None, delimiter=self.delimiter, usecols=wanted, ndmin=2
            )
        except ValueError:
            return None

    def _all_cells(self, row: Row) -> list[str]:
        cells, width = self.cells(row), len(self.header)
        if len(cells) < width:
            raise FormatError(
                f"Line {row.line} of '{self.file}' stops short, at {len(cells)} of "
                f"{width} values. Export the take again."
            )
        if any(map(str.strip, cells[width:])):
            raise FormatError(
                f"Line {row.line} of '{self.file}' has more values than the header has names. "
                "Numbers need points, or semicolons between them: export the take again so."
            )
        return cells


@contextlib.contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a table parted by commas, semicolons or tabs.

    Where commas do not part it, they are decimal commas, as a German Excel writes them. Raises
    FormatError where the file cannot be opened or is no text.
    """
    with text_file(path) as file:
        rows = _rows(file)
        header = next(rows, Row(1, ""))
        delimiter = delimiter_of(header.text)
        if delimiter != ",":
            rows = (Row(line, text.replace(",", ".")) for line, text in rows)
        table = Table(path.name, (), delimiter, rows)
        names = tuple(cell.strip() for cell in table.cells(header))
        yield replace(table, header=names)


def delimiter_of(line: str) -> str:
    """Return what parts a header: the commonest of comma, semicolon and tab."""
    return max(_DELIMITERS, key=line.count)


def _rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n\ufeff")
        if text.strip(_NOTHING):
            yield Row(number, text)


def _number(text: str) -> float:
    """Return a cell's number; -0 for an empty one, NaN for a text."""
    text = text.strip() or _UNKNOWN
    for spelled in (text, text.replace(",", ".")):
        try:
            return float(spelled)
        except ValueError:
            continue
    return np.nan

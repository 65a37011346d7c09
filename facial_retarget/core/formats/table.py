"""Tables of text with a row a frame, read a few thousand rows at a time."""

import contextlib
import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .text import text_file

Array = NDArray[np.float64]

_ROWS_AT_ONCE: Final = 20_000
_DELIMITERS: Final = (",", ";", "\t")
_UNKNOWN: Final = "-0"  # as write_live_link marks a value that is not known
_GREATEST: Final = 1e6  # beyond that, nothing is a share of a shape or an angle


class Row(NamedTuple):
    """A line of the table and its number in the file."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A table's header and its rows, which can be read once."""

    file: str
    header: tuple[str, ...]
    rows: Iterator[Row]

    def chunks(self) -> Iterator[list[Row]]:
        """Yield the rows, some thousands at a time. Raises FormatError where they are no table."""
        while chunk := list(itertools.islice(self.rows, _ROWS_AT_ONCE)):
            yield chunk

    def numbers(self, rows: Sequence[Row], wanted: Sequence[int]) -> Array:
        """Return the (rows, wanted) numbers in some columns; NaN where one is not known.

        Raises FormatError at the first row of another width, or where a number is none.
        """
        for row in rows:
            self._check_width(row)
        texts = [[row.cells[column] for column in wanted] for row in rows]
        try:
            numbers = np.array([list(map(float, line)) for line in texts], np.float64)
        except ValueError:
            numbers = np.array([[_number(text) for text in line] for line in texts], np.float64)
        numbers = numbers.reshape(len(rows), len(wanted))
        wrong = ~(np.abs(numbers) < _GREATEST)
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            raise FormatError(
                f"Line {rows[row].line} of '{self.file}' has '{texts[row][column].strip()[:20]}' "
                f"for {self.header[wanted[column]].strip()}, where a number should be. "
                "Export the take again."
            )
        return np.where((numbers == 0) & np.signbit(numbers), np.nan, numbers)

    def _check_width(self, row: Row) -> None:
        width = len(self.header)
        if len(row.cells) < width:
            raise FormatError(
                f"Line {row.line} of '{self.file}' stops short, at {len(row.cells)} of "
                f"{width} values. Export the take again."
            )
        if any(row.cells[width:]):
            raise FormatError(
                f"Line {row.line} of '{self.file}' has more values than the header has names. "
                "Numbers need points, or semicolons between them: export the take again so."
            )


@contextlib.contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a table parted by commas, semicolons or tabs.

    Where commas do not part it, they are decimal commas, as a German Excel writes them. Raises
    FormatError where the file cannot be opened or is no text.
    """
    with text_file(path) as file:
        first = next((line for line in file if line.strip()), "")
        delimiter = delimiter_of(first)
        lines = itertools.chain([first], file)
        rows = _rows(lines if delimiter == "," else _with_points(lines), delimiter, path)
        header = next(rows, Row(1, []))
        yield Table(path.name, tuple(cell.strip() for cell in header.cells), rows)


def delimiter_of(line: str) -> str:
    """Return what parts a header: the commonest of comma, semicolon and tab."""
    return max(_DELIMITERS, key=line.count)


def _with_points(lines: Iterable[str]) -> Iterator[str]:
    return (line.replace(",", ".") for line in lines)


def _rows(lines: Iterable[str], delimiter: str, path: Path) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(reader.line_num, cells)
    except csv.Error as error:
        raise FormatError(f"'{path.name}' is no table of text. Export the take again.") from error


def _number(text: str) -> float:
    """Return a cell's number; -0 for an empty one, NaN for a text."""
    text = text.strip() or _UNKNOWN
    for spelled in (text, text.replace(",", ".")):
        try:
            return float(spelled)
        except ValueError:
            continue
    return np.nan

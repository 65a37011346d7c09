"""Live Link Face CSV, and tables like it, read by the names of their columns.

live_link.py tells of the format. Audio2Face's `animation_frames.csv` is such a table too: seconds
in place of time codes, and names that begin with `blendShapes.`.
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip
from ..errors import FormatError
from .live_link import COUNT, EYES, HEAD, TIME_CODE
from .names import places_of_channels
from .table import Row, Table, open_table
from .take import Array, gaze_of_angles, head_of_angles, make_take
from .time_code import EXAMPLE, seconds_of, time_code_parts, times_of_parts

_TIMES: Final = ("timecode", "time_code", "time", "timestamp", "seconds")  # the best first
_KNOWN: Final = {name.lower(): name for name in (COUNT, *HEAD, *EYES)} | {
    name: name for name in _TIMES
}
_EMOTIONS: Final = "emotion_values."


def read_live_link(path: Path) -> Clip:
    """Read a take of Live Link Face, or of any program that writes a table of ARKit's channels.

    Columns may come in any order and spelling, some may be missing and others added; they may be
    parted by commas, or by semicolons or tabs with decimal commas. Times start at 0 with the first
    row. Where the angles of the head or the eyes are 0 all through, they were not recorded. Raises
    FormatError where the file is missing or not what the format promises.
    """
    with open_table(path) as table:
        columns = _Columns.of(table)
        pieces = [_Piece.of(table, columns, rows) for rows in table.chunks()]
    if not pieces:
        raise FormatError(f"'{path.name}' holds no frames. Record the take again.")
    numbers = np.concatenate([piece.numbers for piece in pieces])
    times = _times([piece.times for piece in pieces], path)
    del pieces
    return make_take(
        path,
        tuple(columns.channels),
        times,
        numbers[:, columns.slice_of(tuple(columns.channels))],
        head_of_angles(numbers[:, columns.slice_of(HEAD)].astype(np.float64)),
        gaze_of_angles(
            numbers[:, columns.slice_of(EYES)].astype(np.float64).reshape(len(numbers), -1, 3)
        ),
    )


@dataclass(frozen=True)
class _Columns:
    """Where a table holds what.

    channels: by ARKit's names. angles: of the head, if all are there, and of the eyes.
    """

    time: int
    count: int | None
    channels: dict[str, int]
    angles: dict[str, int]

    @property
    def leading(self) -> int:
        """How many cells of a row hold its time and its count."""
        return max(self.time, self.count or 0) + 1

    @functools.cached_property
    def wanted(self) -> list[int]:
        """The columns of all numbers, channels first."""
        return [*self.channels.values(), *self.angles.values()]

    @functools.cached_property
    def first(self) -> int:
        """The first of the columns of all numbers."""
        return min(self.wanted)

    def slice_of(self, names: Sequence[str]) -> slice:
        """Return where these stand among the wanted columns; an empty slice without them."""
        known = [*self.channels, *self.angles]
        if not names or names[0] not in known:
            return slice(0, 0)
        start = known.index(names[0])
        return slice(start, start + len(names))

    @classmethod
    def of(cls, table: Table) -> "_Columns":
        """Find the columns by name. Raises FormatError where one is doubled or the time missing."""
        found: dict[str, int] = {}
        for place, text in enumerate(table.header):
            if name := _KNOWN.get(text.lower()):
                _refuse_twice(name in found, text, table.file)
                found[name] = place
        places = places_of_channels(table.header)
        for where in places.values():
            _refuse_twice(len(where) > 1, table.header[where[-1]], table.file)
        if not places and any(text.startswith(_EMOTIONS) for text in table.header):
            raise FormatError(
                f"'{table.file}' holds emotions and no face. "
                "Choose the file animation_frames.csv beside it."
            )
        time = next((found[name] for name in _TIMES if name in found), None)
        if time is None or not places:
            raise FormatError(
                f"'{table.file}' does not begin with the header of a Live Link Face take "
                f"({TIME_CODE}, {COUNT}, EyeBlinkLeft, ...). Choose another file."
            )
        return cls(
            time,
            found.get(COUNT),
            {name: where[0] for name, where in places.items()},
            {
                name: found[name]
                for names in (HEAD, EYES)
                if found.keys() >= set(names)
                for name in names
            },
        )


def _refuse_twice(is_twice: bool, text: str, file: str) -> None:
    if is_twice:
        raise FormatError(f"'{file}' has the column {text} twice. Export it again.")


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some rows: (rows, 4) parts of their time codes or (rows, 1) seconds, and (rows, wanted)."""

    times: Array
    numbers: NDArray[np.float32]

    @classmethod
    def of(cls, table: Table, columns: _Columns, rows: Sequence[Row]) -> "_Piece":
        cells = [table.cells(row, columns.leading) for row in rows]
        times = _row_times(table.file, columns.time, rows, cells)
        shown = [_shows_a_face(table, columns, *pair) for pair in zip(rows, cells, strict=True)]
        faces = list(itertools.compress(rows, shown))
        numbers = np.full((len(rows), len(columns.wanted)), np.nan, np.float32)
        if faces:
            numbers[np.array(shown)] = table.numbers(faces, columns.wanted)
        return cls(times, numbers)


def _row_times(
    file: str, column: int, rows: Sequence[Row], cells: Sequence[Sequence[str]]
) -> Array:
    texts = ["".join(leading[column : column + 1]).strip() for leading in cells]
    try:
        return np.array([[float(text)] for text in texts])
    except ValueError:
        pass
    parts = time_code_parts(texts)
    wrong = np.flatnonzero(np.isnan(parts[:, 0]))
    if len(wrong):
        raise FormatError(
            f"Line {rows[wrong[0]].line} of '{file}' has no time code such as {EXAMPLE}. "
            "Export the take again."
        )
    return parts


def _times(pieces: list[Array], path: Path) -> Array:
    if len({piece.shape[1] for piece in pieces}) > 1:
        raise FormatError(
            f"'{path.name}' counts time in two ways, by time codes and by numbers. "
            "Export the take again."
        )
    parts = np.concatenate(pieces)
    if not np.isfinite(parts).all():
        raise FormatError(f"'{path.name}' has a time that is no number. Export the take again.")
    if parts.shape[1] > 1:
        return times_of_parts(parts)
    seconds = seconds_of(parts[:, 0])
    return parts[:, 0] - parts[0, 0] if seconds is None else seconds


def _shows_a_face(table: Table, columns: _Columns, row: Row, leading: Sequence[str]) -> bool:
    """Tell whether a row holds values; where the face was lost it counts 0, or holds nothing."""
    count = columns.count
    if count is not None and count < len(leading) and leading[count].strip() == "0":
        return False
    if table.has_no_empty_cell(row):
        return columns.first <= row.text.count(table.delimiter)
    cells = table.cells(row)
    return any(number < len(cells) and cells[number].strip() for number in columns.wanted)

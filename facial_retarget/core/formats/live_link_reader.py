"""Live Link Face CSV read, by the names of its columns; live_link.py tells of the format."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..clip import Clip, Floats, Gaze, HeadMotion, Source
from ..errors import FormatError
from .angles import from_head_angles, gaze_from_eye_angles
from .live_link import COUNT, EYES, HEAD, TIME_CODE
from .time_code import EXAMPLE, from_time_codes, is_time_code

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_KNOWN: Final = {name.lower(): name for name in (TIME_CODE, COUNT, *ARKIT_CHANNELS, *HEAD, *EYES)}
_UNKNOWN: Final = "-0"  # as write_live_link marks a value that is not known


def read_live_link(path: Path) -> Clip:
    """Read a take of Live Link Face, or of any program that writes its format.

    Columns may come in any order, some may be missing and others added. Times start at 0 with
    the first row. Where the angles of the head or the eyes are 0 all through, they were not
    recorded. Raises FormatError where the file is missing or not what the format promises.
    """
    header, rows = _table(path)
    columns = _columns(header, path)
    times, rows = _timed(rows, columns[TIME_CODE], path)
    shown = np.array([_shows_a_face(row, columns) for row in rows])
    if not shown.any():
        raise FormatError(
            f"No row of '{path.name}' holds a face: the take is empty. Record it again."
        )
    faces = _Faces(path.name, columns, len(header), [rows[row] for row in np.flatnonzero(shown)])
    channels = tuple(name for name in ARKIT_CHANNELS if name in columns)
    values = _spread(faces.numbers(channels), shown)
    return Clip(
        channels=channels,
        times=times,
        values=values,
        confidence=np.isfinite(values).astype(np.float32),
        head=_head(faces, shown),
        gaze=_gaze(faces, shown),
        source=Source(name=path.name, path=str(path)),
    )


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


@dataclass(frozen=True)
class _Faces:
    """The rows in which a face was seen."""

    file: str
    columns: dict[str, int]
    width: int
    rows: list[_Row]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) < self.width:
                raise FormatError(
                    f"Line {row.line} of '{self.file}' stops short, at {len(row.cells)} of "
                    f"{self.width} values. Export the take again."
                )
            if any(row.cells[self.width :]):
                raise FormatError(
                    f"Line {row.line} of '{self.file}' has more values than the header has names. "
                    "Numbers need points, not commas: export the take again so."
                )

    def numbers(self, names: Sequence[str]) -> Array:
        """Return (rows, names) numbers; NaN where one is not known."""
        wanted = [self.columns[name] for name in names]
        texts = [[row.cells[number] or _UNKNOWN for number in wanted] for row in self.rows]
        numbers = np.array([[_number(text) for text in line] for line in texts])
        for row, column in np.argwhere(~np.isfinite(numbers)):
            raise FormatError(
                f"Line {self.rows[row].line} of '{self.file}' has '{texts[row][column][:20]}' for "
                f"{names[column]}, where a number should be. Export the take again."
            )
        return np.where((numbers == 0) & np.signbit(numbers), np.nan, numbers)

    def angles(self, names: Sequence[str]) -> Array | None:
        """Return (rows, names) angles, or None where they were not recorded."""
        if not self.columns.keys() >= set(names):
            return None
        angles = self.numbers(names)
        return angles if np.nan_to_num(angles).any() else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _table(path: Path) -> tuple[list[str], list[_Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [_Row(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except OSError as error:
        raise FormatError(f"'{path.name}' cannot be opened: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"'{path.name}' is no table of text. Export the take again.") from error
    rows = [row for row in rows if any(row.cells)]
    if rows and ";" in "".join(rows[0].cells):
        raise FormatError(
            f"'{path.name}' is parted by semicolons. Export it again with commas between values "
            "and points in numbers."
        )
    return (rows[0].cells if rows else []), rows[1:]


def _columns(header: Sequence[str], path: Path) -> dict[str, int]:
    """Find the known columns by name, however it is capitalized."""
    columns: dict[str, int] = {}
    for number, text in enumerate(header):
        name = _KNOWN.get(text.lower())
        if name in columns:
            raise FormatError(f"'{path.name}' has the column {text} twice. Export it again.")
        if name is not None:
            columns[name] = number
    if TIME_CODE not in columns or not columns.keys() & set(ARKIT_CHANNELS):
        raise FormatError(
            f"'{path.name}' does not begin with the header of a Live Link Face take "
            f"({TIME_CODE}, {COUNT}, EyeBlinkLeft, ...). Choose another file."
        )
    return columns


def _timed(rows: list[_Row], column: int, path: Path) -> tuple[Array, list[_Row]]:
    """Return the times and the rows at which they rise: an app may send a frame twice."""
    for row in rows:
        if not is_time_code("".join(row.cells[column : column + 1])):
            raise FormatError(
                f"Line {row.line} of '{path.name}' has no time code such as {EXAMPLE}. "
                "Export the take again."
            )
    if not rows:
        raise FormatError(f"'{path.name}' holds no frames. Record the take again.")
    times = from_time_codes([row.cells[column] for row in rows])
    latest_before = np.maximum.accumulate(np.concatenate([[-1.0], times[:-1]]))
    rising = np.flatnonzero(times > latest_before)
    return times[rising], [rows[number] for number in rising]


def _shows_a_face(row: _Row, columns: dict[str, int]) -> bool:
    """Tell whether a row holds values; where the face was lost it counts 0, or holds nothing."""
    count = columns.get(COUNT, -1)
    values = columns.keys() - {TIME_CODE, COUNT}
    is_counted = row.cells[count : count + 1] != ["0"]
    return is_counted and any("".join(row.cells[columns[name] :][:1]) for name in values)


def _spread(numbers: Array, shown: Mask) -> Floats:
    """Return the numbers of the rows with a face as (frames, ...), NaN in between."""
    spread = np.full((len(shown), *numbers.shape[1:]), np.nan, np.float32)
    spread[shown] = numbers
    return spread


def _head(faces: _Faces, shown: Mask) -> HeadMotion | None:
    angles = faces.angles(HEAD)
    if angles is None:
        return None
    rotations = _spread(from_head_angles(angles), shown)
    seen = np.isfinite(rotations[:, 0])
    # The format says how the head turns, not where it is.
    translations = np.where(seen[:, None], np.zeros(3, np.float32), np.float32(np.nan))
    return HeadMotion(rotations, translations, seen.astype(np.float32))


def _gaze(faces: _Faces, shown: Mask) -> Gaze | None:
    angles = faces.angles(EYES)
    if angles is None:
        return None
    gaze = _spread(gaze_from_eye_angles(angles.reshape(-1, 2, 3)), shown)
    return Gaze(gaze, np.isfinite(gaze[..., 0]).astype(np.float32))

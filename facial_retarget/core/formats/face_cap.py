"""Recordings of the Face Cap app as text.

A line a frame, parted by commas: the letter k, milliseconds, the head's position (3) and its
angles (3), those of the left eye (2) and the right (2) in degrees, and a weight from 0 to 1 for
each shape. A line that begins with bs names the shapes; without one they are in the app's order.
Others (info, ...) tell of the recording. So read by programs that import them; the app's own
description names neither the unit of positions, which are left alone, nor the signs of angles,
which are taken to be ARKit's: about x to the person's left, y up and z out of the face.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..clip import Clip
from ..errors import FormatError
from ..retarget.vocabularies import vocabulary
from .angles import from_arkit_axes
from .names import places_of_channels
from .take import gaze_of_angles, head_of_angles, make_take
from .text import text_file

Array = NDArray[np.float64]

FRAME: Final = "k"
NAMES: Final = "bs"

_TIME: Final = 1
_HEAD: Final = slice(5, 8)
_EYES: Final = slice(8, 12)
_WEIGHTS: Final = 12
_GREATEST: Final = 1e12


def read_face_cap(path: Path) -> Clip:
    """Read a recording. Raises FormatError where the file is missing or a line is damaged."""
    names = vocabulary("face_cap").by_name
    rows: list[list[float]] = []
    with text_file(path) as file:
        for line, text in enumerate(file, 1):
            cells = [cell.strip() for cell in text.split(",")]
            if cells[0] == NAMES:
                named = tuple(cell for cell in cells[1:] if cell)
                if rows and named != names:
                    raise FormatError(
                        f"'{path.name}' names its shapes anew in the middle. "
                        "Export one recording alone."
                    )
                names = named
            elif cells[0] == FRAME:
                rows.append(_numbers(cells, len(names), f"Line {line} of '{path.name}'"))
    if not rows:
        raise FormatError(f"'{path.name}' holds no frames. Record the take again.")
    table = np.array(rows, np.float64)
    places = _places(names, path)
    return make_take(
        path,
        tuple(places),
        (table[:, _TIME - 1] - table[0, _TIME - 1]) / 1000,
        table[:, [_WEIGHTS - 1 + place for place in places.values()]],
        head_of_angles(from_arkit_axes(table[:, _HEAD.start - 1 : _HEAD.stop - 1])),
        gaze_of_angles(_eyes(table[:, _EYES.start - 1 : _EYES.stop - 1])),
    )


def _numbers(cells: list[str], shapes: int, where: str) -> list[float]:
    while cells and not cells[-1]:
        cells.pop()
    expected = _WEIGHTS + shapes
    if len(cells) != expected:
        raise FormatError(
            f"{where} has {len(cells)} values where {expected} should be. Export the take again."
        )
    try:
        numbers = [float(cell) for cell in cells[1:]]
    except ValueError:
        numbers = [np.nan]
    if not all(abs(number) < _GREATEST for number in numbers):
        raise FormatError(f"{where} holds a text where a number should be. Export the take again.")
    return numbers


def _places(names: tuple[str, ...], path: Path) -> dict[str, int]:
    places = places_of_channels(names)
    if not places:
        raise FormatError(
            f"None of the shapes that '{path.name}' names is one of ARKit's. Choose another file."
        )
    twice = next((channel for channel, where in places.items() if len(where) > 1), None)
    if twice is not None:
        raise FormatError(f"'{path.name}' names {twice} twice. Export it again.")
    return {channel: where[0] for channel, where in places.items()}


def _eyes(degrees: Array) -> Array:
    """Return (frames, 2 eyes, 3) angles of (frames, 4) degrees; eyes do not twist."""
    return from_arkit_axes(np.pad(degrees.reshape(-1, 2, 2), ((0, 0), (0, 0), (0, 1))))

"""Rhubarb Lip Sync's mouth cues: TSV, JSON and XML alike name drawn mouths, A to H and X.

Each cue is read as the sound that shows its mouth plainest. The visemes fade into one another, and
the channels of ARKit's mouth come from those sounds as they do from a voice with a script.
"""

import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as Xml
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from ..channels import VISEME_CHANNELS
from ..clip import Clip, Marker, Source
from ..errors import FormatError
from .json_text import AGAIN, read_object
from .text import text_file, whole_text

Array = NDArray[np.float64]

# Rhubarb's name for a cue and for the mouth at rest, with which every recording ends.
SHAPES: Final = "ABCDEFGHX"
REST: Final = "X"

_SOUNDS: Final = Path(__file__).parents[2] / "data" / "formats" / "rhubarb.json"
_ROWS_A_SECOND: Final = 50  # as of a voice
_FADE: Final = 0.06  # seconds from one viseme to the next
_LONGEST: Final = 24 * 60 * 60.0


class Cue(NamedTuple):
    """One mouth, from `start` to `end` in seconds."""

    start: float
    end: float
    shape: str


def read_rhubarb_tsv(path: Path) -> Clip:
    """Read lines of a time and a mouth; the last says when the recording ends."""
    begun: list[tuple[float, str]] = []
    with text_file(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                begun.append(_tsv_cue(line, f"Line {number} of '{path.name}'"))
    ends = [start for start, _ in begun[1:]]
    cues = [Cue(start, end, shape) for (start, shape), end in zip(begun[:-1], ends, strict=True)]
    return _clip(cues, path)


def read_rhubarb_json(path: Path) -> Clip:
    """Read `mouthCues` with `start`, `end` and `value`."""
    found = read_object(path).get("mouthCues")
    if not isinstance(found, list) or not all(isinstance(cue, dict) for cue in found):
        raise FormatError(f"'{path.name}' has no list of mouthCues. {AGAIN}")
    return _clip(
        [_cue(cue.get("start"), cue.get("end"), cue.get("value"), path) for cue in found], path
    )


def read_rhubarb_xml(path: Path) -> Clip:
    """Read `mouthCue` elements with a `start`, an `end` and the mouth as their text."""
    return _clip(
        [
            _cue(element.get("start"), element.get("end"), (element.text or "").strip(), path)
            for element in _elements(path).iter("mouthCue")
        ],
        path,
    )


def _tsv_cue(line: str, where: str) -> tuple[float, str]:
    cells = line.replace(",", ".").split()
    start = _seconds(cells[0])
    if len(cells) != 2 or start is None or cells[1] not in SHAPES:
        raise FormatError(
            f"{where} is no mouth cue such as '0.25 B': a time and a letter from A to H or X. "
            f"{AGAIN}"
        )
    return start, cells[1]


def _cue(start: object, end: object, shape: object, path: Path) -> Cue:
    begin, finish = _seconds(start), _seconds(end)
    if begin is None or finish is None or finish < begin:
        raise FormatError(
            f"'{path.name}' has a mouth cue from {start!s:.20} to {end!s:.20}, "
            f"which is no stretch of time. {AGAIN}"
        )
    if not isinstance(shape, str) or shape not in tuple(SHAPES):
        raise FormatError(
            f"'{path.name}' has the mouth '{shape!s:.20}', and Rhubarb draws A to H and X. {AGAIN}"
        )
    return Cue(begin, finish, shape)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= _LONGEST else None


def _elements(path: Path) -> Xml.Element:
    """Return the root of an XML file. Raises FormatError where it declares types or entities.

    No file of Rhubarb does, and a few lines of entities can unpack to gigabytes.
    """
    builder = Xml.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_declaration: Any) -> None:  # noqa: ANN401 - as expat calls it
        raise FormatError(
            f"'{path.name}' declares a document type, which no file of Rhubarb does. "
            "Choose another file."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(_declared_anew(whole_text(path)).encode(), True)
    except (expat.ExpatError, ValueError) as error:
        raise FormatError(f"'{path.name}' is no XML, or was cut off. {AGAIN}") from error
    return builder.close()


def _declared_anew(text: str) -> str:
    """Return XML without its first line, whose encoding is no longer that of the text."""
    text = text.lstrip("\ufeff")
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def _clip(cues: Sequence[Cue], path: Path) -> Clip:
    from ..speech.coarticulation import mouth_curves
    from ..speech.parameters import SPOKEN_CHANNELS, to_channels

    cues = list(_in_order(cues))
    if not cues:
        raise FormatError(f"'{path.name}' holds no mouth cues. {AGAIN}")
    times = np.arange(np.ceil(cues[-1].end * _ROWS_A_SECOND) + 1) / _ROWS_A_SECOND
    sounds = _sounds()
    mouth = to_channels(mouth_curves([(sounds[cue.shape], *cue[:2]) for cue in cues], times))
    values = np.concatenate([mouth, _visemes(cues, times)], axis=1)
    return Clip(
        channels=(*SPOKEN_CHANNELS, *VISEME_CHANNELS),
        times=times,
        values=values.astype(np.float32),
        confidence=np.ones(values.shape, np.float32),
        markers=tuple(
            Marker(cue.start, cue.shape, cue.end - cue.start) for cue in cues if cue.shape != REST
        ),
        source=Source(name=path.name, path=str(path)),
    )


def _in_order(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Yield the cues by time, each until the next begins; none of no length."""
    ordered = sorted(cues)
    following = [*(cue.start for cue in ordered[1:]), np.inf]
    for cue, next_start in zip(ordered, following, strict=False):
        end = min(cue.end, next_start)
        if end > cue.start:
            yield cue._replace(end=end)


def _visemes(cues: Sequence[Cue], times: Array) -> Array:
    """Return (n, VISEME_CHANNELS) weights that add up to 1: the mean over _FADE about each time."""
    from ..speech.visemes import SILENCE, viseme_at

    sounds = [(_sounds()[cue.shape], cue.start, cue.end) for cue in cues]
    edges = np.unique([time for cue in cues for time in (cue.start, cue.end)])
    shown = np.eye(len(VISEME_CHANNELS))[viseme_at(sounds, (edges[:-1] + edges[1:]) / 2)]
    passed = np.concatenate(
        [np.zeros((1, shown.shape[1])), np.cumsum(shown * np.diff(edges)[:, None], axis=0)]
    )
    weights = (
        np.stack(
            [
                np.interp(times + _FADE / 2, edges, column)
                - np.interp(times - _FADE / 2, edges, column)
                for column in passed.T
            ],
            axis=1,
        )
        / _FADE
    )
    weights[:, SILENCE] += 1 - weights.sum(axis=1)
    return np.clip(weights, 0, 1)


@functools.cache
def _sounds() -> dict[str, str]:
    sounds: dict[str, str] = json.loads(_SOUNDS.read_text("utf-8"))["sounds"]
    return sounds

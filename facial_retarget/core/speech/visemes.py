"""Sounds of speech and the shapes of a mouth that go with them.

The shapes are the 15 visemes of Oculus; the sounds are those of ARPAbet, without stress, and SIL.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

DATA_FOLDER: Final = Path(__file__).parents[2] / "data" / "speech"

# The one order of visemes, in models and in channels alike.
VISEMES: Final = (
    *("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR"),
    *("aa", "E", "I", "O", "U"),
)
SILENCE: Final = VISEMES.index("sil")
NO_VISEME: Final = -1

# A sound's name, its start and its end in seconds.
Phone = tuple[str, float, float]


@functools.cache
def viseme_table() -> dict[str, Any]:
    """Return data/speech/visemes.json."""
    table: dict[str, Any] = json.loads((DATA_FOLDER / "visemes.json").read_text("utf-8"))
    return table


@functools.cache
def phone_visemes(phone: str) -> tuple[tuple[int, float], ...]:
    """Return the visemes of a sound, in order, each with its share of the sound's length.

    HH has none: it is spoken in the shape of what follows. Raises ValueError for no ARPAbet sound.
    """
    try:
        shares = viseme_table()["phones"][phone]
    except KeyError:
        raise ValueError(f"'{phone}' is no sound of ARPAbet") from None
    return tuple((VISEMES.index(viseme), share) for viseme, share in shares.items())


@functools.cache
def phones() -> tuple[str, ...]:
    """Name every sound there is, SIL first."""
    return tuple(viseme_table()["phones"])


@functools.cache
def vowels() -> NDArray[np.bool_]:
    """Return (VISEMES,) whether each is the shape of a vowel."""
    return np.isin(VISEMES, viseme_table()["vowels"])


@dataclass(frozen=True, eq=False)
class VisemeStretches:
    """Stretches of one viseme each, in order, none of no length.

    viseme: (n,) index into VISEMES, or NO_VISEME for HH. start, end: (n,) seconds. phone: the
    sound that each is of, or a part of.
    """

    viseme: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    phone: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.viseme)


def viseme_stretches(spoken: Sequence[Phone]) -> VisemeStretches:
    """Split sounds, in order of time, into stretches of one viseme: a diphthong gives two."""
    rows: list[tuple[int, float, float, str]] = []
    for name, start, end in spoken:
        length, begin = end - start, start
        for viseme, share in phone_visemes(name) or ((NO_VISEME, 1.0),):
            rows.append((viseme, begin, begin + share * length, name))
            begin += share * length
    rows = [row for row in rows if row[2] > row[1]]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return VisemeStretches(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.float64),
        np.array(columns[2], np.float64),
        columns[3],
    )


def as_what_follows(visemes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n,) visemes with that of the next stretch where there is none; SILENCE at the end."""
    following = np.append(visemes, SILENCE)
    places = np.where(following == NO_VISEME, len(following), np.arange(len(following)))
    nearest = np.minimum.accumulate(places[::-1])[::-1]
    filled: NDArray[np.int64] = following[nearest[:-1]]
    return filled


def viseme_at(
    spoken: Sequence[Phone], times: ArrayLike, *, breath_has_shape: bool = False
) -> NDArray[np.int64]:
    """Return (n,) the viseme at each of (n,) times in seconds; SILENCE where nothing is spoken.

    HH gives NO_VISEME, or with `breath_has_shape` the viseme of the sound after it.
    """
    stretches = viseme_stretches(spoken)
    wanted = np.asarray(times, np.float64)
    if not len(stretches):
        return np.full(len(wanted), SILENCE, np.int64)
    viseme = as_what_follows(stretches.viseme) if breath_has_shape else stretches.viseme
    at = np.searchsorted(stretches.start, wanted, side="right") - 1
    is_spoken = (at >= 0) & (wanted < stretches.end[at])
    return np.where(is_spoken, viseme[at], SILENCE)

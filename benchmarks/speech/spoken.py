"""What was said, and when: the truth that speech is measured against."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.speech.visemes import Phone

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Mask = NDArray[np.bool_]

SILENCE: Final = "SIL"
EXACT: Final = "exact"
ALIGNED: Final = "aligned"
BILABIALS: Final = frozenset({"P", "B", "M"})
LOW_VOWELS: Final = frozenset({"AA", "AE", "AY"})


@dataclass(frozen=True, eq=False)
class Phones:
    """A sentence's phones, each from where the one before it ends.

    start, end: (phones,) seconds. names: ARPAbet without stress digits, or SIL.
    """

    start: Times
    end: Times
    names: tuple[str, ...]

    @classmethod
    def of(cls, phones: Sequence[Phone]) -> Self:
        """Take (name, start, end) of each."""
        names, start, end = zip(*phones, strict=True)
        return cls(np.array(start, np.float64), np.array(end, np.float64), names)

    def chosen(self, names: Collection[str]) -> list[tuple[float, float]]:
        """Return the start and the end of every phone with one of these names."""
        return [(start, end) for name, start, end in self.spoken if name in names]

    @property
    def spoken(self) -> list[Phone]:
        """The same as (name, start, end) of each."""
        rows = zip(self.names, self.start.tolist(), self.end.tolist(), strict=True)
        return list(rows)

    def speech(self) -> tuple[float, float]:
        """Return where the first phone that is no silence starts, and where the last one ends."""
        spoken = [number for number, name in enumerate(self.names) if name != SILENCE]
        return float(self.start[spoken[0]]), float(self.end[spoken[-1]])


@dataclass(frozen=True, eq=False)
class Lips:
    """How far the lips are apart, in distances between the eyes, over (frames,) seconds."""

    times: Times
    gap: Floats

    def at(self, times: NDArray[np.floating[Any]]) -> Times:
        """Return the gap at other times, linear in between."""
        gap: Times = np.interp(times, self.times, self.gap)
        return gap


@dataclass(frozen=True, eq=False)
class Sentence:
    """One recording.

    source: what kind of speech it is ("flite", "GRID"). samples: (n,) from -1 to 1 at 16 kHz.
    lips: the speaker's own, where they were seen. timing: EXACT where the phones' times are those
    of the engine that spoke, ALIGNED where pocketsphinx found them. script: what is said in all of
    the file, as a user would write it; "" where that is not known.
    """

    path: Path
    source: str
    samples: Floats
    phones: Phones
    lips: Lips | None = None
    timing: str = ALIGNED
    script: str = ""

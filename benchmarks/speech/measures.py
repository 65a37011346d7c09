"""What is measured on lips and visemes; each measure is the same for real people and for ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech.spoken import BILABIALS, LOW_VOWELS, SILENCE, Floats, Lips, Phones, Times
from facial_retarget.core.speech.features import SAMPLE_RATE

VISEME_RATE: Final = 100  # frames a second
# Lips count as closed below this gap and as open above that one, in distances between the eyes,
# which are 63 mm apart: 2.5 mm is the least that shows in a picture, and lips have thickness.
CLOSED: Final = 0.04
OPEN: Final = 0.08
_NEARLY_CLOSED: Final = frozenset({"F", "V", SILENCE})
_BESIDE: Final = 0.04  # seconds around a phone in which its closure may lie
_STEP: Final = 0.005  # seconds
_FALL: Final = 0.3  # seconds in which lips close at the slowest
_ENERGY_WINDOW: Final = 0.04  # seconds


@dataclass(frozen=True)
class Closures:
    """Lips on the consonants that close them, together with the vowels that open them.

    closed, open: of how many of either they were. An always closed mouth has none open.
    shut: of the other sounds (but F and V, whose lips nearly meet), how many closed lips all
    through their middle third.
    onsets: for each closure of lips that were apart, seconds from the sound's start to where half
    of the way is done.
    """

    closed: int
    bilabials: int
    open: int
    low_vowels: int
    shut: int
    others: int
    onsets: tuple[float, ...]

    @classmethod
    def of(cls, lips: Lips, phones: Phones) -> "Closures":
        """Look at one sentence."""
        bilabials, vowels = phones.chosen(BILABIALS), phones.chosen(LOW_VOWELS)
        closures = [(start, _least(lips, start, end)) for start, end in bilabials]
        closed = [(start, time) for start, (time, gap) in closures if gap < CLOSED]
        middles = np.array([(start + end) / 2 for start, end in vowels])
        others = phones.chosen(set(phones.names) - BILABIALS - _NEARLY_CLOSED)
        return cls(
            len(closed),
            len(bilabials),
            int((lips.at(middles) > OPEN).sum()),
            len(vowels),
            sum(_stays_closed(lips, start, end) for start, end in others),
            len(others),
            tuple(
                half_way - start
                for start, time in closed
                if (half_way := _half_way(lips, time)) is not None
            ),
        )

    @classmethod
    def joined(cls, all_of_them: Sequence["Closures"]) -> "Closures":
        """Add up sentences."""
        return cls(
            sum(each.closed for each in all_of_them),
            sum(each.bilabials for each in all_of_them),
            sum(each.open for each in all_of_them),
            sum(each.low_vowels for each in all_of_them),
            sum(each.shut for each in all_of_them),
            sum(each.others for each in all_of_them),
            tuple(onset for each in all_of_them for onset in each.onsets),
        )

    @property
    def closed_share(self) -> float:
        """From 0 to 1; NaN where there was none to close on."""
        return self.closed / self.bilabials if self.bilabials else float("nan")

    @property
    def open_share(self) -> float:
        """From 0 to 1; NaN where there was none to open on."""
        return self.open / self.low_vowels if self.low_vowels else float("nan")

    @property
    def shut_share(self) -> float:
        """From 0 to 1; NaN where there was nothing else."""
        return self.shut / self.others if self.others else float("nan")

    @property
    def onset(self) -> float:
        """The median, in seconds; NaN where nothing closed."""
        return float(np.median(self.onsets)) if self.onsets else float("nan")


def _stays_closed(lips: Lips, start: float, end: float) -> bool:
    third = (end - start) / 3
    times = np.arange(start + third, end - third + _STEP / 2, _STEP)
    return bool(lips.at(times).max() < CLOSED)


def _least(lips: Lips, start: float, end: float) -> tuple[float, float]:
    """Return when the gap is least within a phone and a little beside it, and how wide it is."""
    times = np.arange(start - _BESIDE, end + _BESIDE + _STEP / 2, _STEP)
    gaps = lips.at(times)
    number = int(gaps.argmin())
    return float(times[number]), float(gaps[number])


def _half_way(lips: Lips, closed: float) -> float | None:
    """Return when lips that are closed at a time had done half of the way from their widest.

    None where they had not been apart shortly before.
    """
    times = np.arange(closed - _FALL, closed + _STEP / 2, _STEP)
    gaps = lips.at(times)
    widest = int(gaps.argmax())
    if gaps[widest] < CLOSED:
        return None
    below = gaps[widest:] <= (gaps[widest] + gaps[-1]) / 2
    return float(times[widest + int(below.argmax())])


def correlation(one: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]) -> float:
    """Return Pearson's; 0 where either stands still."""
    if min(one.std(), other.std()) < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def energy(samples: Floats, times: Times) -> Times:
    """Return the root mean square of (n,) samples around each of some times."""
    width = round(_ENERGY_WINDOW * SAMPLE_RATE)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = np.clip(np.round(times * SAMPLE_RATE).astype(int) - width // 2, 0, len(samples))
    end = np.clip(start + width, 0, len(samples))
    level: Times = np.sqrt((total[end] - total[start]) / width)
    return level


def frame_times(seconds: float) -> Times:
    """Return the middles of the frames in which visemes are compared."""
    return (np.arange(int(seconds * VISEME_RATE)) + 0.5) / VISEME_RATE


@dataclass(frozen=True)
class FrameAccuracy:
    """How many frames have the true viseme: of all, and of those in which somebody speaks."""

    right: int = 0
    frames: int = 0
    right_in_speech: int = 0
    speech: int = 0

    @classmethod
    def of(cls, found: NDArray[np.intp], true: NDArray[np.intp]) -> "FrameAccuracy":
        """Compare (frames,) visemes, 0 for silence; frames whose truth is negative are left out."""
        right, spoken, counted = found == true, true > 0, true >= 0
        return cls(
            int((right & counted).sum()),
            int(counted.sum()),
            int((right & spoken).sum()),
            int(spoken.sum()),
        )

    def __add__(self, other: "FrameAccuracy") -> "FrameAccuracy":
        return FrameAccuracy(
            self.right + other.right,
            self.frames + other.frames,
            self.right_in_speech + other.right_in_speech,
            self.speech + other.speech,
        )

    @property
    def of_all(self) -> float:
        """From 0 to 1."""
        return self.right / max(self.frames, 1)

    @property
    def in_speech(self) -> float:
        """From 0 to 1."""
        return self.right_in_speech / max(self.speech, 1)


def changes_a_second(visemes: NDArray[np.intp], times: Times, speech: tuple[float, float]) -> float:
    """Return how often (frames,) visemes change while somebody speaks."""
    start, end = speech
    spoken = visemes[(times >= start) & (times < end)]
    return float(np.count_nonzero(np.diff(spoken)) / (end - start))

"""The model of co-articulation beside real faces: how far, how early and how round it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.row import Row
from benchmarks.speech import grid
from benchmarks.speech.head_lips import shown_lips
from benchmarks.speech.measures import correlation
from benchmarks.speech.mouths import Mouth
from benchmarks.speech.spoken import Sentence, Times
from facial_retarget.core.clip import Clip

_STEP: Final = 0.01  # seconds
_BESIDE: Final = 0.3  # seconds before and after speech that belong to it
_LAGS: Final = tuple(number / 50 for number in range(-10, 11))  # seconds
_CORNERS: Final = (61, 291)  # of the mouth, among the tracker's points
_ROUND: Final = ("mouthPucker", "mouthFunnel")
_ROUNDNESS: Final = "roundness"
_JAW: Final = ("jawOpen",)


@dataclass(frozen=True, eq=False)
class Pair:
    """One quantity over (n,) times of all sentences: of real faces, and ours at each of _LAGS.

    same_unit: whether sizes can be compared, or only shapes.
    """

    name: str
    real: Times
    made: dict[float, Times]
    same_unit: bool

    @property
    def best_lag(self) -> float:
        """Seconds by which ours had to come later to be most alike."""
        return max(self.made, key=lambda lag: correlation(self.real, self.made[lag]))


def rows(sentences: Sequence[Sentence], mouth: Mouth) -> list[Row]:
    """Say of aperture, jaw and roundness how alike they are, how big, and when they come."""
    made: list[Row] = []
    for pair in pairs(sentences, mouth):
        name = f"co-articulation beside real faces ({grid.SOURCE}): {pair.name}"
        now = pair.made[0.0]
        made += [
            Row(f"{name}, correlation", correlation(pair.real, now), ""),
            Row(f"{name}, comes too early by", 1000 * pair.best_lag, "ms"),
        ]
        if pair.same_unit:
            share = float(now.std() / pair.real.std())
            made.append(Row(f"{name}, deviation / the real one's", share, ""))
    return made


def pairs(sentences: Sequence[Sentence], mouth: Mouth) -> list[Pair]:
    """Return aperture of the lips, jawOpen, and roundness: a narrow mouth against its channels."""
    parts = [_parts(each, mouth) for each in sentences]
    return [
        Pair(
            name,
            np.concatenate([part[name][0] for part in parts]),
            {lag: np.concatenate([part[name][1][lag] for part in parts]) for lag in _LAGS},
            same_unit=name != _ROUNDNESS,
        )
        for name in parts[0]
    ]


def _parts(sentence: Sentence, mouth: Mouth) -> dict[str, tuple[Times, dict[float, Times]]]:
    start, end = sentence.phones.speech()
    times = np.arange(start - _BESIDE, end + _BESIDE, _STEP)
    seen, made = grid.tracked(sentence.path), mouth(sentence)
    lips = shown_lips(made)
    narrow = grid.distance(seen, *_CORNERS)

    def lagged(known: Times, values: NDArray[np.floating[Any]]) -> dict[float, Times]:
        return {lag: np.interp(times - lag, known, values) for lag in _LAGS}

    return {
        "lips' aperture": (sentence.lips.at(times), lagged(lips.times, lips.gap)),
        "jawOpen": (
            np.interp(times, seen.times, _sum(seen, _JAW)),
            lagged(made.times, _sum(made, _JAW)),
        ),
        _ROUNDNESS: (
            _standard(-np.interp(times, seen.times, narrow)),
            lagged(made.times, _sum(made, _ROUND)),
        ),
    }


def _sum(clip: Clip, channels: Sequence[str]) -> Times:
    total: Times = clip.select(channels).values.sum(axis=1, dtype=np.float64)
    return total


def _standard(values: Times) -> Times:
    """Take a speaker's own mean off: mouths are not equally wide."""
    own: Times = values - values.mean()
    return own

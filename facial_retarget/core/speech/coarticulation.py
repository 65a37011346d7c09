"""From sounds and their times to the motion of a mouth.

Every sound pulls each articulator towards its own target while its dominance lasts (Cohen and
Massaro, 1993, with dominance of finite reach); what a sound cannot do without, lips that touch or
teeth that are close, is then imposed on the result (the constraints of JALI, Edwards et al., 2016).
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .parameters import JAW_OPEN, MOUTH_CLOSE, MOUTH_PARAMETERS, Floats, parameter_columns
from .visemes import (
    DATA_FOLDER,
    SILENCE,
    VISEMES,
    Phone,
    as_what_follows,
    viseme_stretches,
    vowels,
)

Doubles = NDArray[np.float64]

CLOSURE: Final = "PP"
_NO_DOMINANCE: Final = 1e-9
_SHORTEST_CONTACT: Final = 0.06  # seconds: the eye misses what is shorter
_SHORTEST_RAMP: Final = 0.03
# Of the sound beside it, which must be seen as well: what a contact's lead, and its ramp, may take.
_SHARE_OF_LEAD: Final = 0.36
_SHARE_OF_RAMP: Final = 0.2
_LONG: Final = 1.0  # seconds


@functools.cache
def mouth_table() -> dict[str, Any]:
    """Return data/speech/mouth.json."""
    table: dict[str, Any] = json.loads((DATA_FOLDER / "mouth.json").read_text("utf-8"))
    return table


def mouth_curves(
    spoken: Sequence[Phone], times: ArrayLike, loudness: ArrayLike | None = None
) -> Floats:
    """Return the (n, MOUTH_PARAMETERS) motion of a mouth that speaks, at (n,) rising seconds.

    loudness: (n,) 0 to 1, as features.loudness gives it: loud vowels open the jaw further. Without
    it all are spoken alike. mouthClose is never above jawOpen, and equals it where lips must meet.
    """
    moments = np.asarray(times, np.float64)
    sounds = _Sounds.of(spoken)
    if not len(sounds) or not len(moments):
        return np.zeros((len(moments), len(MOUTH_PARAMETERS)), np.float32)
    targets = _targets(sounds)
    if loudness is not None:
        _scale_vowels(targets, sounds, moments, np.asarray(loudness, np.float64))
    mouth = _blended(sounds, targets, moments)
    _impose_contacts(mouth, sounds, moments)
    return np.clip(mouth, 0, 1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Sounds:
    """Stretches of one viseme, neighbours of the same viseme joined; beyond them is silence.

    viseme: (n,). start, end: (n,) seconds. jaw: (n,) how far each opens the jaw, 1 as its viseme
    does by itself.
    """

    viseme: NDArray[np.int64]
    start: Doubles
    end: Doubles
    jaw: Doubles

    def __len__(self) -> int:
        return len(self.viseme)

    @classmethod
    def of(cls, spoken: Sequence[Phone]) -> "_Sounds":
        stretches = viseme_stretches(spoken)
        if not len(stretches):
            return cls(stretches.viseme, stretches.start, stretches.end, stretches.start)
        scales = mouth_table()["jaw_of_phones"]
        viseme = as_what_follows(stretches.viseme)
        length = stretches.end - stretches.start
        jaw = np.array([scales.get(phone, 1.0) for phone in stretches.phone])
        is_first = np.append(True, viseme[1:] != viseme[:-1])
        first = np.flatnonzero(is_first)
        last = np.append(first[1:], len(viseme)) - 1
        return cls(
            viseme[first],
            stretches.start[first],
            stretches.end[last],
            np.add.reduceat(jaw * length, first) / np.add.reduceat(length, first),
        )

    @property
    def length(self) -> Doubles:
        return self.end - self.start

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        is_silent: NDArray[np.bool_] = self.viseme == SILENCE
        return is_silent

    @property
    def after_silence(self) -> NDArray[np.bool_]:
        return np.concatenate([[True], self.is_silent[:-1]])

    @property
    def before_silence(self) -> NDArray[np.bool_]:
        return np.concatenate([self.is_silent[1:], [True]])


def _targets(sounds: _Sounds) -> Doubles:
    """Return (sounds, MOUTH_PARAMETERS) where each sound would bring the mouth."""
    table = mouth_table()["targets"]
    of_visemes = np.array(
        [[table[viseme].get(name, 0.0) for name in MOUTH_PARAMETERS] for viseme in VISEMES]
    )
    targets: Doubles = of_visemes[sounds.viseme]
    targets[:, JAW_OPEN] *= sounds.jaw
    return targets


def _scale_vowels(targets: Doubles, sounds: _Sounds, times: Doubles, loudness: Doubles) -> None:
    """Open the mouth by how loud each vowel is on the whole, not by every flicker of the voice."""
    is_vowel = vowels()[sounds.viseme]
    edges = np.searchsorted(times, np.stack([sounds.start, sounds.end]))
    summed = np.append(0.0, np.cumsum(loudness))
    count = np.maximum(edges[1] - edges[0], 1)
    mean = (summed[edges[1]] - summed[edges[0]]) / count
    heard = is_vowel & (edges[1] > edges[0])
    for name, scale in mouth_table()["loudness"].items():
        offset, slope = scale
        factor = np.where(heard, offset + slope * mean, 1.0)
        targets[:, MOUTH_PARAMETERS.index(name)] *= factor


def _blended(sounds: _Sounds, targets: Doubles, times: Doubles) -> Doubles:
    """Return (times, MOUTH_PARAMETERS): of each articulator, the targets averaged by dominance."""
    table = mouth_table()
    mouth = np.zeros((len(times), len(MOUTH_PARAMETERS)))
    for articulator, motion in table["articulators"].items():
        strength = np.array([table["dominance"][viseme][articulator] for viseme in VISEMES])
        reach = _reach(sounds, articulator, motion)
        plateau = [sounds.start + share * sounds.length for share in motion["plateau"]]
        _rest_between(sounds, plateau)
        spread = _Spread.of(times, plateau[0] - reach[0], plateau[1] + reach[1])
        distance = np.maximum(
            (plateau[0][spread.sound] - times[spread.time]) / reach[0][spread.sound],
            (times[spread.time] - plateau[1][spread.sound]) / reach[1][spread.sound],
        )
        alpha = strength[sounds.viseme] * _presence(sounds)
        dominance = alpha[spread.sound] * _bell(distance)
        total = np.bincount(spread.time, dominance, len(times))
        for column in parameter_columns(motion["parameters"]):
            pulled = dominance * targets[spread.sound, column]
            summed = np.bincount(spread.time, pulled, len(times))
            mouth[:, column] = summed / np.maximum(total, _NO_DOMINANCE)
    return mouth


def _reach(sounds: _Sounds, articulator: str, motion: dict[str, Any]) -> tuple[Doubles, Doubles]:
    """Return (sounds,) seconds in which an articulator comes to each sound and leaves it again."""
    table = mouth_table()
    heavy = table["lip_heavy"]
    is_heavy = np.isin(np.array(VISEMES)[sounds.viseme], heavy["visemes"])
    is_heavy &= articulator == heavy["articulator"]
    before = np.where(is_heavy, heavy["before"], motion["before"])
    after = np.where(is_heavy, heavy["after"], motion["after"])
    silence = table["silence"]
    before = np.where(sounds.after_silence, np.maximum(before, silence["prepare"]), before)
    after = np.where(sounds.before_silence, silence["relax"], after)
    return (
        np.where(sounds.is_silent, silence["relax"], before),
        np.where(sounds.is_silent, silence["prepare"], after),
    )


def _rest_between(sounds: _Sounds, plateau: list[Doubles]) -> None:
    """Let silence be at rest from when the mouth has relaxed until it prepares to speak."""
    silence = mouth_table()["silence"]
    lead = np.minimum(silence["relax"], 0.5 * sounds.length)
    follow = np.minimum(silence["prepare"], 0.5 * sounds.length)
    plateau[0] = np.where(sounds.is_silent, sounds.start + lead, plateau[0])
    plateau[1] = np.where(sounds.is_silent, sounds.end - follow, plateau[1])


def _presence(sounds: _Sounds) -> Doubles:
    """Return (sounds,) how much each counts: a short pause is spoken over."""
    share = np.minimum(sounds.length / mouth_table()["silence"]["spoken_over"], 1.0)
    return np.where(sounds.is_silent, share, 1.0)


def impose(mouth: NDArray[Any], gate: NDArray[Any], viseme: str, least: float = 1.0) -> None:
    """Bring (n, MOUTH_PARAMETERS) as far as (n,) `gate` says to what a viseme cannot do without.

    mouth is changed in place. least: a factor of what it demands at least.
    """
    for name, (low, high) in mouth_table()["contacts"][viseme]["limits"].items():
        values = mouth[:, MOUTH_PARAMETERS.index(name)]
        values += gate * (np.clip(values, least * low, high) - values)


def _impose_contacts(mouth: Doubles, sounds: _Sounds, times: Doubles) -> None:
    """Make every contact; the lips' closure is the last, so that it always wins."""
    for viseme, contact in mouth_table()["contacts"].items():
        gate = _gate(sounds, times, VISEMES.index(viseme), contact)
        impose(mouth, gate, viseme)
        if viseme == CLOSURE:
            mouth[:, MOUTH_CLOSE] = gate * mouth[:, JAW_OPEN]


def _gate(sounds: _Sounds, times: Doubles, viseme: int, contact: dict[str, Any]) -> Doubles:
    """Return (times,) how far a contact is made: 1 and flat while it is held, 0 away from it."""
    made = sounds.viseme == viseme
    start, length = sounds.start[made], sounds.length[made]
    room_before, room_after = (room[made] for room in _room(sounds, _SHARE_OF_RAMP))
    lead = np.minimum(contact["lead"], _room(sounds, _SHARE_OF_LEAD)[0][made])
    begin = start - lead
    end = np.maximum(start + contact["hold"] * length, begin + _SHORTEST_CONTACT)
    ramp = np.clip(room_before, _SHORTEST_RAMP, contact["ramp"])
    release = np.clip(room_after, _SHORTEST_RAMP, contact["ramp"])
    spread = _Spread.of(times, begin - ramp, end + release)
    distance = np.maximum(
        (begin[spread.sound] - times[spread.time]) / ramp[spread.sound],
        (times[spread.time] - end[spread.sound]) / release[spread.sound],
    )
    gate = np.zeros(len(times))
    np.maximum.at(gate, spread.time, _bell(distance))
    return gate


def _room(sounds: _Sounds, share_of_neighbor: float) -> tuple[Doubles, Doubles]:
    """Return (sounds,) seconds before and after each: all of a pause, a share of another sound."""
    share = np.where(sounds.is_silent, 1.0, share_of_neighbor) * sounds.length
    share = np.concatenate([[_LONG, 0.0], share, [0.0, _LONG]])
    silent = np.concatenate([[False, True], sounds.is_silent, [True, False]])
    before = share[1:-3] + np.where(silent[1:-3], share[:-4], 0.0)
    after = share[3:-1] + np.where(silent[3:-1], share[4:], 0.0)
    return before, after


def _bell(distance: Doubles) -> Doubles:
    """Return 1 up to a distance of 0, falling without a corner to 0 at 1."""
    bell: Doubles = np.cos(np.clip(distance, 0, 1) * (np.pi / 2)) ** 2
    return bell


@dataclass(frozen=True, eq=False)
class _Spread:
    """Pairs of a sound and a time it reaches: indices of both, all pairs in two flat arrays."""

    sound: NDArray[np.intp]
    time: NDArray[np.intp]

    @classmethod
    def of(cls, times: Doubles, begin: Doubles, end: Doubles) -> "_Spread":
        first = np.searchsorted(times, begin, side="left")
        count = np.maximum(np.searchsorted(times, end, side="right") - first, 0)
        sound = np.repeat(np.arange(len(first)), count)
        within = np.arange(len(sound)) - np.repeat(np.cumsum(count) - count, count)
        return cls(sound, first[sound] + within)

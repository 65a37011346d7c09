"""Tracks: minutes of speech as a microphone might have it, and when each phone was said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from facial_retarget.core.speech.features import (
    FRAME_RATE,
    ROW_MOMENT,
    SAMPLE_RATE,
    log_mel,
    loudness,
)
from facial_retarget.core.speech.visemes import viseme_at

from . import effects
from .effects import Floats
from .recordings import Utterance
from .statistical import UNVOICED, StatisticalVoice

PHONES: Final = (
    *("SIL", "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G"),
    *("HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T"),
    *("TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
)
_UTTERANCES_A_TRACK: Final = 8
# How often somebody speaks as a statistical engine, and as the simplest machine.
_STATISTICAL: Final = 0.45
_MACHINE: Final = 0.15

Phones = list[tuple[str, float, float]]
Voices = Mapping[tuple[str, str], StatisticalVoice]


@dataclass(frozen=True, eq=False)
class Tracks:
    """Many tracks, one after the other.

    mel: (frames, MEL_BANDS) float16. labels: (frames,) the viseme, or -1 where any will do.
    loudness: (frames,) of the voice alone, before rooms and noise. first: (tracks + 1,) the frame
    with which each track begins. phone: (phones,) number in PHONES. phone_start, phone_end:
    (phones,) seconds since the beginning of its track. phone_first: (tracks + 1,) as `first`.
    """

    mel: NDArray[np.float16]
    labels: NDArray[np.int8]
    loudness: NDArray[np.float16]
    first: NDArray[np.int64]
    phone: NDArray[np.uint8]
    phone_start: NDArray[np.float32]
    phone_end: NDArray[np.float32]
    phone_first: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def hours(self) -> float:
        """How long all of them are together."""
        return len(self.mel) / FRAME_RATE / 3600

    def phones(self, number: int) -> Phones:
        """Return what is said in a track."""
        rows = slice(self.phone_first[number], self.phone_first[number + 1])
        return [
            (PHONES[phone], float(start), float(end))
            for phone, start, end in zip(
                self.phone[rows], self.phone_start[rows], self.phone_end[rows], strict=True
            )
        ]

    def times(self, number: int) -> NDArray[np.float64]:
        """Return the moments, in seconds, that a track's frames are taken for."""
        return frame_times(int(self.first[number + 1] - self.first[number]))

    def write(self, path: Path) -> None:
        """Write all of them to one file."""
        np.savez(path, allow_pickle=False, **vars(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(**{each.name: kept[each.name] for each in fields(cls)})

    @classmethod
    def of(cls, tracks: Sequence["Track"]) -> Self:
        """Put tracks one after the other."""
        said = [each.phones for each in tracks]
        names, starts, ends = zip(*(phone for phones in said for phone in phones), strict=True)
        return cls(
            mel=np.concatenate([each.mel for each in tracks]).astype(np.float16),
            labels=np.concatenate([each.labels for each in tracks]),
            loudness=np.concatenate([each.loudness for each in tracks]).astype(np.float16),
            first=np.cumsum([0, *(len(each.mel) for each in tracks)]),
            phone=np.array([PHONES.index(name) for name in names], np.uint8),
            phone_start=np.array(starts, np.float32),
            phone_end=np.array(ends, np.float32),
            phone_first=np.cumsum([0, *map(len, said)]),
        )


@dataclass(frozen=True, eq=False)
class Track:
    """One of them; as in Tracks."""

    mel: Floats
    labels: NDArray[np.int8]
    loudness: Floats
    phones: Phones


def frame_times(count: int) -> NDArray[np.float64]:
    """Return the moments, in seconds, that the first frames are taken for."""
    return np.arange(count) / FRAME_RATE + ROW_MOMENT


def plain_track(utterance: Utterance) -> Track:
    """Return a recording as it is."""
    phones = list(
        zip(utterance.names, utterance.start.tolist(), utterance.end.tolist(), strict=True)
    )
    return track_of(utterance.samples(), utterance.samples(), phones)


def statistical_voices(utterances: Sequence[Utterance]) -> Voices:
    """Return what a statistical engine would keep of each (engine, voice)."""
    own: defaultdict[tuple[str, str], list[Utterance]] = defaultdict(list)
    for each in utterances:
        own[each.engine, each.voice].append(each)
    return {key: StatisticalVoice(said) for key, said in own.items()}


def altered_track(utterances: Sequence[Utterance], voices: Voices, rng: Generator) -> Track:
    """Return some recordings, one after the other, under conditions drawn at random.

    voices: of `statistical_voices`, those of all who speak.
    """
    pieces: list[Floats] = []
    phones: Phones = []
    at = 0.0
    for utterance in utterances:
        speed = effects.SPEEDS[rng.integers(len(effects.SPEEDS))]
        longer = speed[0] / speed[1]
        pause = _pause(rng)
        voice = effects.at_speed(_said(utterance, voices, rng), speed) * _gain(rng, -5, 5)
        begin = at + len(pause) / SAMPLE_RATE
        phones.append(("SIL", at, begin))
        for name, start, end in zip(utterance.names, utterance.start, utterance.end, strict=True):
            phones.append((name, begin + start * longer, begin + end * longer))
        pieces += [pause, voice]
        at = begin + len(voice) / SAMPLE_RATE
    clean = np.concatenate(pieces)
    return track_of(_recorded(clean, utterances, rng), clean, phones)


def _said(utterance: Utterance, voices: Voices, rng: Generator) -> Floats:
    """Return a recording, often as an engine would say it that knows the voice's means alone."""
    kind = rng.random()
    if kind < _STATISTICAL:
        return voices[utterance.engine, utterance.voice].say(utterance, rng)
    samples = utterance.samples()
    if kind > _STATISTICAL + _MACHINE:
        return samples
    times = np.arange(len(samples)) / SAMPLE_RATE
    phone = np.minimum(np.searchsorted(utterance.end, times, side="right"), len(utterance.end) - 1)
    is_voiced = np.array([name not in UNVOICED for name in utterance.names])
    return effects.as_a_machine(samples, is_voiced[phone], rng)


def _recorded(clean: Floats, utterances: Sequence[Utterance], rng: Generator) -> Floats:
    heard = effects.in_a_room(clean, rng) if rng.random() < 0.6 else clean
    level = float(np.sqrt(np.mean(clean[np.abs(clean) > 0.01] ** 2) + 1e-9))
    if rng.random() < 0.75:
        heard = heard + _background(len(clean), utterances, rng) * level * _gain(rng, -40, -6)
    heard = effects.through_a_microphone(heard, rng) if rng.random() < 0.7 else heard
    heard = effects.clipped(heard, rng) if rng.random() < 0.08 else heard
    # A recorder's own faint hiss: digital silence is rare outside of synthesis.
    if rng.random() < 0.8:
        heard = heard + rng.normal(0, 10 ** rng.uniform(-4.7, -3), len(heard)).astype(np.float32)
    return np.asarray(heard * _gain(rng, -22, 3), np.float32)


def _background(count: int, utterances: Sequence[Utterance], rng: Generator) -> Floats:
    kind = rng.random()
    if kind < 0.6:
        return effects.colored_noise(count, rng)
    if kind < 0.8:
        return effects.music(count, rng)
    return effects.babble([each.samples() for each in utterances[:4]], count, rng)


def _pause(rng: Generator) -> Floats:
    pause: Floats = np.zeros(round(rng.uniform(0.02, 1.2) * SAMPLE_RATE), np.float32)
    if rng.random() < 0.25:
        breath = effects.breath(rng) * 10 ** rng.uniform(-2.5, -1.3)
        pause = np.concatenate([pause, breath.astype(np.float32)])
    return pause


def _gain(rng: Generator, low: float, high: float) -> np.float32:
    return np.float32(10 ** (rng.uniform(low, high) / 20))


def track_of(heard: Floats, clean: Floats, phones: Phones) -> Track:
    """Return a track of (samples,) as heard, of which `clean` is the voice alone."""
    mel = log_mel(heard)
    mel = mel[: len(mel) // 2 * 2]
    labels = viseme_at(phones, frame_times(len(mel)))
    return Track(mel, labels.astype(np.int8), loudness(log_mel(clean))[: len(mel)], phones)


def schedule(
    utterances: Sequence[Utterance], shares: dict[str, float], copies: int, rng: Generator
) -> list[list[Utterance]]:
    """Return which recordings make up which track, so that engines are heard by their shares."""
    seconds = sum(each.seconds for each in utterances if each.engine in shares) * copies
    order: list[Utterance] = []
    for engine, share in shares.items():
        own = [each for each in utterances if each.engine == engine]
        wanted = seconds * share
        while own and wanted > 0:
            for number in rng.permutation(len(own)):
                order.append(own[number])
                wanted -= own[number].seconds
                if wanted <= 0:
                    break
    mixed = [order[number] for number in rng.permutation(len(order))]
    return [mixed[i : i + _UTTERANCES_A_TRACK] for i in range(0, len(mixed), _UTTERANCES_A_TRACK)]

"""Brows, blinks and a head that go along with a voice."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .blinks import Blinks
from .options import SpeechOptions

Floats = NDArray[np.float32]

_BLINK_CHANNELS: Final = ("eyeBlinkLeft", "eyeBlinkRight")
# How far a full accent of the voice moves each, at full strength.
_BROW_CHANNELS: Final = {"browInnerUp": 0.55, "browOuterUpLeft": 0.4, "browOuterUpRight": 0.4}

_NOD: Final = np.radians(5.0)  # of a full accent
_DRIFT: Final = np.radians([2.2, 3.0, 1.6])  # pitch, yaw and roll of a head that is never still
_DRIFT_IN_SILENCE: Final = 0.4  # of what it is in speech
_DRIFT_FREQUENCIES: Final = (0.07, 0.4)  # Hz
_WAVES: Final = 4

_OCTAVE_PART: Final = 0.5  # of an octave above its usual height a voice is fully accented
_LOUD: Final = 0.6  # above its usual loudness it is, too
_UNACCENTED: Final = 0.15  # what is less does not count
# Seconds: how fast what is usual is learned, and how slowly brows and head follow.
_USUAL_PITCH: Final = 6.0
_USUAL_LOUDNESS: Final = 1.5
_ACCENT: Final = 0.12
_PRESENCE: Final = 0.35


class UpperFaceFrames(NamedTuple):
    """values: (n, channels). rotations: (n, 4) unit quaternions, or None without head motion."""

    values: Floats
    rotations: Floats | None


class UpperFace:
    """Moves what is above the mouth, row by row."""

    def __init__(self, options: SpeechOptions, frames_a_second: float = 50) -> None:
        """Move as the options say; all that is chance comes from their seed."""
        self._amount = options.upper_face
        self._blinks = (
            Blinks(options.blinks, options.seed, frames_a_second) if options.blinks else None
        )
        self._step = 1 / frames_a_second
        self._frame = 0
        self._drift = _Drift(options.seed)
        self._usual_pitch: float | None = None
        self._usual_loudness = 0.5
        self._accent = _Follower(_ACCENT, self._step)
        self._presence = _Follower(_PRESENCE, self._step)
        self.channels = (
            *(_BLINK_CHANNELS if options.blinks else ()),
            *(_BROW_CHANNELS if options.upper_face else ()),
        )

    def feed(self, active: Floats, loudness: Floats, pitch: Floats) -> UpperFaceFrames:
        """Return as many rows as there are of the voice.

        active: (n,) 0 to 1, whether anyone speaks. loudness: (n,) 0 to 1. pitch: (n,) Hz or 0.
        """
        columns: list[Floats] = []
        if self._blinks:
            columns += [self._blinks.feed(active)] * len(_BLINK_CHANNELS)
        rotations = None
        if self._amount:
            accent, presence = self._heard(active, loudness, pitch)
            most = _BROW_CHANNELS.values()
            columns += [np.clip(self._amount * each * accent, 0, 1) for each in most]
            rotations = self._head(accent, presence)
        self._frame += len(active)
        values = np.zeros((len(active), len(self.channels)), np.float32)
        for column, moved in enumerate(columns):
            values[:, column] = moved
        return UpperFaceFrames(values, rotations)

    def _heard(self, active: Floats, loudness: Floats, pitch: Floats) -> tuple[Floats, Floats]:
        """Return (n,) how accented the voice is and how much of late was speech."""
        rows = zip(active.tolist(), loudness.tolist(), pitch.tolist(), strict=True)
        heard = [self._hear(*row) for row in rows]
        accents, presences = np.array(heard, np.float32).reshape(-1, 2).T
        return accents, presences

    def _hear(self, active: float, loudness: float, pitch: float) -> tuple[float, float]:
        accent = 0.0
        if active > 0.5:
            self._usual_loudness += (loudness - self._usual_loudness) * (
                self._step / _USUAL_LOUDNESS
            )
            accent += max(loudness - self._usual_loudness, 0) / _LOUD
            if pitch > 0:
                height = float(np.log2(pitch))
                usual = height if self._usual_pitch is None else self._usual_pitch
                self._usual_pitch = usual + (height - usual) * self._step / _USUAL_PITCH
                accent += max(height - self._usual_pitch, 0) / _OCTAVE_PART
        counted = max(min(accent, 1.0) - _UNACCENTED, 0) / (1 - _UNACCENTED)
        return self._accent.follow(counted), self._presence.follow(active)

    def _head(self, accent: Floats, presence: Floats) -> Floats:
        times = self._step * (self._frame + np.arange(len(accent), dtype=np.float64))
        liveliness = _DRIFT_IN_SILENCE + (1 - _DRIFT_IN_SILENCE) * presence
        angles = self._drift.at(times) * liveliness[:, None]
        angles[:, 0] += _NOD * accent
        return _quaternions(self._amount * angles)


class _Drift:
    """A slow wandering of three angles: a few waves each, of random length."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng((seed, 3))
        self._frequency = random.uniform(*_DRIFT_FREQUENCIES, (_WAVES, 3))
        self._phase = random.uniform(0, 2 * np.pi, (_WAVES, 3))

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, 3) radians at (n,) seconds; none of them at 0 s."""
        waves = 2 * np.pi * times[:, None, None] * self._frequency + self._phase
        angles: NDArray[np.float64] = (np.sin(waves) - np.sin(self._phase)).sum(axis=1)
        drift: NDArray[np.float64] = angles * _DRIFT / _WAVES
        return drift


class _Follower:
    """A value that follows another without overshooting: critically damped."""

    def __init__(self, time: float, step: float) -> None:
        self._share = 1 - float(np.exp(-step / time))
        self._first = self._second = 0.0

    def follow(self, value: float) -> float:
        self._first += (value - self._first) * self._share
        self._second += (self._first - self._second) * self._share
        return self._second


def _quaternions(angles: NDArray[np.float64]) -> Floats:
    """Return (n, 4) of (n, 3) small turns about X (a nod), Z (a shake) and Y (a tilt)."""
    half = angles[:, [0, 2, 1]] / 2  # as a rotation vector: x, y, z
    angle = np.linalg.norm(half, axis=1, keepdims=True)
    vector = half * np.sinc(angle / np.pi)
    turns: Floats = np.concatenate([np.cos(angle), vector], axis=1).astype(np.float32)
    return turns

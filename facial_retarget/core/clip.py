"""What a face does over time: the one type between every source and every target."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .landmarks import LandmarkTrack

Floats = NDArray[np.float32]

# Of a frame: nearer than that, two times are one. Blender keeps 1.001 as a 32-bit number, which
# puts the last frame of ten minutes at 29.97 a thousandth of a frame off.
_SAME_FRAME: Final = 1e-3

# The name of the marker over a stretch without a face.
FACE_LOST: Final = "face lost"


@dataclass(frozen=True)
class Marker:
    """A named moment or stretch of a clip ("face lost", a phoneme), in seconds."""

    time: float
    name: str
    duration: float = 0.0


@dataclass(frozen=True, eq=False)
class HeadMotion:
    """Where the head is, in Blender's axes (Z up, the face towards -Y, +X its left).

    rotations: (frames, 4) unit quaternions w, x, y, z; identity faces the camera.
    translations: (frames, 3) metres from the camera. confidence: (frames,) 0 to 1.
    """

    rotations: Floats
    translations: Floats
    confidence: Floats


@dataclass(frozen=True, eq=False)
class Gaze:
    """Where the eyes look, relative to the head.

    angles: (frames, 2 eyes left first, 2) radians: yaw towards the person's left, pitch up.
    confidence: (frames, 2) 0 to 1; a closed eye has none.
    """

    angles: Floats
    confidence: Floats


@dataclass(frozen=True)
class Source:
    """Where a clip came from; sizes are 0 where the source has no picture."""

    name: str = ""
    path: str = ""
    width: int = 0
    height: int = 0
    has_sound: bool = False


@dataclass(frozen=True, eq=False)
class Clip:
    """Channels over time, each value with a confidence.

    times: (frames,) seconds, strictly rising, as irregular as the source was.
    values: (frames, channels); NaN where nothing is known, never a false zero.
    confidence: (frames, channels) 0 to 1; 0 says that the value was not observed.
    landmarks: one frame for each time, or None where the source has none.
    """

    channels: tuple[str, ...]
    times: NDArray[np.float64]
    values: Floats
    confidence: Floats
    head: HeadMotion | None = None
    gaze: Gaze | None = None
    landmarks: LandmarkTrack | None = None
    markers: tuple[Marker, ...] = ()
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        shape = (len(self.times), len(self.channels))
        if self.values.shape != shape or self.confidence.shape != shape:
            raise ValueError(
                f"values {self.values.shape} and confidence {self.confidence.shape} "
                f"should both have the shape {shape}"
            )
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("a channel is named twice")
        if not (np.isfinite(self.times).all() and np.all(np.diff(self.times) > 0)):
            raise ValueError("times should rise strictly")
        if self.landmarks is not None and len(self.landmarks) != len(self.times):
            raise ValueError("there should be one frame of landmarks for each time")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def duration(self) -> float:
        """Seconds from the first to the last frame."""
        return float(self.times[-1] - self.times[0]) if len(self) else 0.0

    @property
    def frame_rate(self) -> float:
        """Frames a second, from the median step between frames; 0 for a single frame."""
        return float(1.0 / np.median(np.diff(self.times))) if len(self) > 1 else 0.0

    @property
    def observed(self) -> NDArray[np.bool_]:
        """(frames, channels): which values were seen and not filled in."""
        observed: NDArray[np.bool_] = self.confidence > 0
        return observed

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(frames,): in which frames anything was observed, that is, a face was found."""
        seen: NDArray[np.bool_] = np.any(self.observed, axis=1)
        return seen

    def index(self, channel: str) -> int:
        """Return a channel's column. Raises KeyError where the clip lacks it."""
        try:
            return self.channels.index(channel)
        except ValueError:
            raise KeyError(channel) from None

    def channel(self, name: str) -> Floats:
        """Return the (frames,) values of one channel. Raises KeyError where it is missing."""
        return self.values[:, self.index(name)]

    def unobserved_channels(self) -> tuple[str, ...]:
        """Name the channels that were never seen in the whole clip."""
        seen = np.any(self.observed, axis=0)
        return tuple(
            name for name, was_seen in zip(self.channels, seen, strict=True) if not was_seen
        )

    def select(self, channels: Sequence[str]) -> Self:
        """Return the clip with these channels alone, in this order."""
        columns = [self.index(name) for name in channels]
        return replace(
            self,
            channels=tuple(channels),
            values=self.values[:, columns],
            confidence=self.confidence[:, columns],
        )

    def trimmed(self, start: float | None = None, end: float | None = None) -> Self:
        """Return the frames from `start` up to `end` seconds; None leaves a side as it is.

        Landmarks are left behind where frames go.
        """
        wanted = np.ones(len(self), np.bool_)
        if start is not None:
            wanted &= self.times >= start
        if end is not None:
            wanted &= self.times < end
        if wanted.all():
            return self
        return replace(
            self,
            times=self.times[wanted],
            values=self.values[wanted],
            confidence=self.confidence[wanted],
            head=self.head and HeadMotion(*(rows[wanted] for rows in vars(self.head).values())),
            gaze=self.gaze and Gaze(*(rows[wanted] for rows in vars(self.gaze).values())),
            landmarks=None,
        )

    def resampled(self, times: ArrayLike) -> Self:
        """Return the clip at other times, linear between frames and held beyond the ends.

        A value next to an unknown one is unknown, so gaps never shrink. Landmarks belong to the
        captured frames and are left behind.
        """
        wanted = np.asarray(times, np.float64)
        between = _Between.of(self.times, wanted)
        values = between.mix(self.values)
        return replace(
            self,
            times=wanted,
            values=values,
            confidence=np.where(np.isnan(values), np.float32(0), between.mix(self.confidence)),
            head=self.head and between.mix_head(self.head),
            gaze=self.gaze and _mix_gaze(self.gaze, between),
            landmarks=None,
        )

    def at_frame_rate(self, frame_rate: float) -> Self:
        """Return the clip at whole frames of a steady rate, its first frame at a multiple of it."""
        if not len(self):
            return self
        first = np.ceil(self.times[0] * frame_rate - _SAME_FRAME)
        last = max(np.floor(self.times[-1] * frame_rate + _SAME_FRAME), first)
        return self.resampled(np.arange(first, last + 1) / frame_rate)


@dataclass(frozen=True)
class _Between:
    """For each wanted time, the frames before and after it and how far it lies between them."""

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    share: Floats

    @classmethod
    def of(cls, times: NDArray[np.float64], wanted: NDArray[np.float64]) -> "_Between":
        after = np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)
        before = np.maximum(after - 1, 0)
        step = np.where(after > before, times[after] - times[before], 1.0)
        share = np.clip((wanted - times[before]) / step, 0.0, 1.0)
        # A time that falls on a frame takes that frame alone, even beside an unknown one.
        before = np.where(share > 1 - _SAME_FRAME, after, before)
        after = np.where(share < _SAME_FRAME, before, after)
        return cls(before, after, share.astype(np.float32))

    def mix(self, values: Floats) -> Floats:
        share = self.share.reshape(-1, *[1] * (values.ndim - 1))
        mixed: Floats = values[self.before] * (1 - share) + values[self.after] * share
        return mixed

    def mix_head(self, head: HeadMotion) -> HeadMotion:
        start, end = head.rotations[self.before], head.rotations[self.after]
        # q and -q are one rotation: the shorter way between two frames is the true one.
        end = np.where(np.sum(start * end, axis=1, keepdims=True) < 0, -end, end)
        share = self.share[:, None]
        mixed = start * (1 - share) + end * share
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        return HeadMotion(mixed, self.mix(head.translations), self.mix(head.confidence))


def _mix_gaze(gaze: Gaze, between: _Between) -> Gaze:
    return Gaze(between.mix(gaze.angles), between.mix(gaze.confidence))

"""Pictures and sound out of files, on one timeline: PyAV behind plain numpy."""

import functools
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .containers import counts_frames, decoded, opened, seek, video_stream
from .errors import MediaError
from .pictures import FrameConverter

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

LONGEST_SIDE: Final = 1920

_TOLERANCE: Final = 1e-6  # seconds
_PREROLL: Final = 3.0  # seconds; some formats seek to pictures that cannot stand on their own
_LEAP: Final = 2.0  # seconds; a stamp further ahead counts only once the next one confirms it
_REORDERING: Final = 1.0  # seconds, far more than decoders shuffle pictures by
_CUT_SHORT: Final = 1.0  # seconds by which a whole file may end before its header says
_SOUND_PIECE: Final = 5.0  # seconds
_SOUND_GAP: Final = 0.1  # seconds; smaller ones are the rounding of time stamps


@dataclass(frozen=True)
class MediaInfo:
    """What a file holds.

    duration: seconds, of the video where there is one. frame_rate: frames a second on average.
    frames: an estimate. width, height: pixels as shown, upright and square. rotation: degrees
    counterclockwise from the stored picture to the shown one. All 0 where there is no video.
    """

    path: Path
    duration: float
    has_video: bool
    has_sound: bool
    frame_rate: float = 0.0
    frames: int = 0
    width: int = 0
    height: int = 0
    rotation: int = 0


class VideoFrame(NamedTuple):
    """One picture of a video.

    time: seconds on the file's timeline, which its sound shares.
    image: (height, width, 3) RGB uint8, contiguous, upright, its pixels square.
    missing_before: pictures between the frame before and this one that could not be decoded.
    """

    time: float
    image: NDArray[np.uint8]
    missing_before: int = 0


def probe(path: Path, wanted: str = "video") -> MediaInfo:
    """Look into a file without reading it through; `wanted` is named where it is something else.

    Raises MediaError where it is missing, unreadable, cut short, or neither video nor sound.
    """
    with opened(path, wanted) as container:
        stream = video_stream(container)
        has_sound = bool(container.streams.audio)
        whole = (container.duration or 0) / 1e6
        if stream is None and not has_sound:
            raise MediaError(f"'{path.name}' is not a {wanted}. Choose a {wanted} file.")
        if stream is None:
            return MediaInfo(path, whole, has_video=False, has_sound=True)
        duration = float(stream.duration * stream.time_base) if stream.duration else whole
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        first = next(decoded(container, stream), None)
        width, height = FrameConverter(stream).shown_size(first) if first else (0, 0)
        return MediaInfo(
            path,
            duration,
            has_video=True,
            has_sound=has_sound,
            frame_rate=rate,
            frames=stream.frames or round(duration * rate),
            width=width,
            height=height,
            rotation=first.rotation if first else 0,
        )


class VideoFrames:
    """The pictures of a video in order, from `start` up to `end` seconds.

    Each pass reads the file anew. A variable frame rate keeps its time stamps; a picture with
    the stamp of the one before, or an earlier one, is dropped. Damaged pictures are left out and
    counted in `damaged`; after a whole pass `cut_short` says whether the file ended before its
    header says. Pictures are scaled down until no side is longer than `longest_side`.
    Raises MediaError, on the way too, where there is nothing to show.
    """

    def __init__(
        self,
        path: Path,
        start: float | None = None,
        end: float | None = None,
        longest_side: int = LONGEST_SIDE,
    ) -> None:
        self.info = probe(path)
        if not self.info.has_video:
            raise MediaError(f"'{path.name}' holds only sound. Choose a video file.")
        self.start = max(start or 0.0, 0.0)
        self.end = float("inf") if end is None else end
        if self.end <= self.start:
            raise MediaError(
                f"The video is to end at {self.end:g} s, before its start at {self.start:g} s. "
                "Choose a later end."
            )
        self.damaged = 0
        self.cut_short = False
        self._longest_side = longest_side

    def __length_hint__(self) -> int:
        """Estimate how many pictures there are, from the file's header."""
        if not self.info.duration:
            return self.info.frames
        length = max(min(self.end, self.info.duration) - self.start, 0.0)
        return round(self.info.frames * length / self.info.duration)

    def __iter__(self) -> Iterator[VideoFrame]:
        self.damaged, known_damage = 0, 0
        step = 1 / self.info.frame_rate if self.info.frame_rate else float("inf")
        previous: float | None = None
        trouble_until = -float("inf")
        for time, frame, converter in self._frames_from_start():
            if time >= self.end - _TOLERANCE:
                break
            missing = 0
            # Decoders reorder pictures: what could not be read may be missed somewhat later.
            if previous is not None and previous <= trouble_until:
                missing = min(max(round((time - previous) / step) - 1, 0), self.info.frames)
            if missing or self.damaged > known_damage:
                known_damage, trouble_until = self.damaged, time + _REORDERING
            previous = time
            yield VideoFrame(time, converter.to_array(frame, self._longest_side), missing)
        if previous is None:
            raise self._nothing_to_show()
        last_wanted = min(self.end, self.info.duration)
        self.cut_short = previous < last_wanted - max(_CUT_SHORT, 2 * step)

    def _frames_from_start(self) -> Iterator[tuple[float, "av.VideoFrame", FrameConverter]]:
        for seek_to in (self.start - _PREROLL, 0.0):
            with opened(self.info.path) as container:
                if seek_to > 0 and not seek(container, seek_to):
                    continue
                stream = video_stream(container)
                converter = FrameConverter(stream)
                landed = seek_to <= 0
                for time, frame in _in_order(self._stamped(container, stream), self.info.duration):
                    landed = landed or time <= self.start + _TOLERANCE
                    if not landed:
                        break  # some formats seek too far
                    if time >= self.start - _TOLERANCE:
                        yield time, frame, converter
                if landed:
                    return

    def _stamped(
        self, container: "InputContainer", stream: "VideoStream"
    ) -> Iterator[tuple[float, "av.VideoFrame"]]:
        step = 1 / (self.info.frame_rate or 25)
        origin = None if counts_frames(container) else (container.start_time or 0) / 1e6
        time = -step
        for frame in decoded(container, stream, self._count_damage):
            ticks = frame.dts if counts_frames(container) else frame.pts
            if ticks is None:
                time += step
            else:
                stamp = float(ticks * stream.time_base)
                origin = stamp if origin is None else origin
                time = stamp - origin
            yield time, frame

    def _count_damage(self) -> None:
        self.damaged += 1

    def _nothing_to_show(self) -> MediaError:
        name, length = self.info.path.name, self.info.duration
        if 0 < length <= self.start:
            return MediaError(
                f"'{name}' is {length:.1f} s long and ends before the start at {self.start:g} s. "
                "Choose an earlier start."
            )
        return MediaError(
            f"'{name}' holds no picture that can be decoded. Choose another video, "
            "or convert it to MP4."
        )


def read_samples(path: Path, rate: int) -> NDArray[np.float32]:
    """Return a file's sound as (samples,) from -1 to 1, mixed to one channel, `rate` a second.

    Sample i belongs to second i / rate of the file's timeline: where the sound begins later than
    the pictures, or has a hole, there is silence. Raises MediaError as probe does, and where
    there is no sound.
    """
    return np.concatenate([np.zeros(0, np.float32), *_sound(path, rate)])


def sound_pieces(
    path: Path, rate: int, start: float | None = None, end: float | None = None
) -> Iterator[NDArray[np.float32]]:
    """Yield what read_samples returns from `start` up to `end` seconds, a few seconds at a time.

    However long the file, no more of it is in memory. Raises MediaError as read_samples does.
    """
    first = round(max(start or 0.0, 0.0) * rate)
    last = sys.maxsize if end is None else round(end * rate)
    position, waiting, count = 0, list[NDArray[np.float32]](), 0
    for piece in _sound(path, rate):
        wanted = piece[max(first - position, 0) : max(last - position, 0)]
        position += len(piece)
        if len(wanted):
            waiting.append(wanted)
            count += len(wanted)
        if count >= _SOUND_PIECE * rate:
            yield np.concatenate(waiting)
            waiting, count = [], 0
        if position >= last:
            break
    if count:
        yield np.concatenate(waiting)


def _sound(path: Path, rate: int) -> Iterator[NDArray[np.float32]]:
    """Yield the pieces of read_samples as they are decoded."""
    with opened(path) as container:
        if not container.streams.audio:
            raise MediaError(f"'{path.name}' holds no sound.")
        origin = (container.start_time or 0) / 1e6
        longest_gap = max((container.duration or 0) / 1e6, _LEAP)
        count = 0
        for time, samples in _resampled(
            decoded(container, container.streams.audio[0]), rate, path.name
        ):
            gap = 0.0 if time is None else time - origin - count / rate
            is_silent = (_SOUND_GAP if count else 0) < gap <= longest_gap
            silence = np.zeros(round(gap * rate) if is_silent else 0, np.float32)
            yield from (silence, samples)
            count += len(silence) + len(samples)


def _resampled(
    frames: Iterator["av.AudioFrame"], rate: int, name: str
) -> Iterator[tuple[float | None, NDArray[np.float32]]]:
    import av
    from av.audio.resampler import AudioResampler

    create = functools.partial(AudioResampler, format="flt", layout="mono", rate=rate)
    resampler = create()
    for frame in itertools.chain(frames, [None]):
        try:
            made = resampler.resample(frame)
        except ValueError:  # from here on the file's sound is of another kind
            resampler = create()
            try:
                made = resampler.resample(frame)
            except av.FFmpegError as error:
                raise MediaError(
                    f"The channels of the sound of '{name}' cannot be mixed to one. "
                    "Convert it to a mono WAV file."
                ) from error
        samples = [piece.to_ndarray().reshape(-1) for piece in made]
        yield frame and frame.time, np.concatenate([*samples, np.zeros(0, np.float32)])


def _in_order(
    stamped: Iterator[tuple[float, "av.VideoFrame"]], duration: float
) -> Iterator[tuple[float, "av.VideoFrame"]]:
    """Drop frames whose stamps do not rise, or leap ahead of what follows."""
    last = -float("inf")
    held: tuple[float, av.VideoFrame] | None = None
    for time, frame in stamped:
        if held is not None and time > held[0]:
            yield held
            last = held[0]
        elif held is not None and not (last < time < held[0] - _LEAP):
            continue
        held = time, frame
    if held is not None and held[0] <= max(duration, last) + _LEAP:
        yield held

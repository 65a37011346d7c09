"""Makes a Clip of what a tracker saw, frame after frame."""

from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..clip import FACE_LOST, Clip, Floats, Marker, Source
from ..landmarks import LandmarkTrack
from .confidence import confidence, visibility
from .crop_track import CropTrack
from .face_crop import Picture, face_crop
from .gaze import gaze, looking
from .head import facing, head_motion
from .solving import Film, Readers, confidence_of, held, solve_track
from .tracker import FaceFrame

_NO_SCORES: Final = np.full(len(ARKIT_CHANNELS), np.nan, np.float32)
_NO_POSE: Final = np.full((4, 4), np.nan, np.float32)


class ClipRecorder:
    """Takes FaceFrames in the order of their times.

    It keeps points and crops in files and some hundred bytes a frame in memory, however long it
    runs.
    """

    def __init__(self, width: int, height: int, readers: Readers | None = None) -> None:
        """Record from pictures of this size, in pixels; without readers the tracker's scores."""
        self._size = width, height
        self._readers = readers
        self._crops = CropTrack() if readers is not None and readers.looks is not None else None
        self._times = array("d")
        self._scores = array("f")
        self._poses = array("f")
        self._landmarks = LandmarkTrack.recording()

    def add(self, frame: FaceFrame, picture: Picture | None = None) -> None:
        """Append a frame, with or without a face.

        picture: (height, width, 3) in which the face was seen, for readers that look at it.
        """
        face = frame.face
        self._times.append(frame.time)
        self._scores.frombytes((face.scores if face else _NO_SCORES).tobytes())
        self._poses.frombytes((face.pose if face else _NO_POSE).tobytes())
        self._landmarks.append(face.points if face else None)
        if self._crops is not None:
            crop = None
            if face is not None and picture is not None:
                crop = face_crop(picture, face.points)
            self._crops.append(crop)

    def clip(self, source: Source, markers: tuple[Marker, ...] = ()) -> Clip:
        """End the recording and return it, with a marker for every stretch without a face.

        The clip takes the recorder's memory over, so nothing can be added any more.
        """
        times = np.frombuffer(self._times, np.float64)
        poses = np.frombuffer(self._poses, np.float32).reshape(-1, 4, 4)
        seen = np.isfinite(poses[:, 0, 0])
        sides = facing(poses)
        values, trust = self._values(), confidence(seen, sides)
        looks = gaze(self._landmarks, poses, sides, self._size)
        if self._readers is not None:
            values, trust = self._solved(looking(looks, values), trust, times, seen, sides)
        return Clip(
            channels=ARKIT_CHANNELS,
            times=times,
            values=values,
            confidence=trust,
            head=head_motion(poses, seen),
            gaze=looks,
            landmarks=self._landmarks,
            markers=(*_gaps(times, seen), *markers),
            source=source,
        )

    def _values(self) -> Floats:
        values = np.frombuffer(self._scores, np.float32).reshape(-1, len(ARKIT_CHANNELS))
        unseen = [visibility()[channel] == 0 for channel in ARKIT_CHANNELS]
        values[:, unseen] = np.nan  # the tracker says 0, as it does whatever the face does
        return values

    def _solved(
        self, scores: Floats, trust: Floats, times: NDArray[np.float64], seen: NDArray[np.bool_],
        sides: dict[str, Floats],
    ) -> tuple[Floats, Floats]:  # fmt: skip
        """Return values and confidences, the solver's where it reads a channel better."""
        assert self._readers is not None
        film = Film(self._landmarks, times, seen, self._size, scores, self._crops)
        solved = solve_track(self._readers, film)
        if solved is None:
            return scores, trust
        reader = self._readers.last
        better, sure = reader.solved, confidence_of(reader, solved, sides)
        weights = np.clip(solved.weights + better * held(scores[seen]), 0, 1)
        weights[:, better & (reader.reliability == 0)] = np.nan
        return weights.astype(np.float32), np.where(better, sure, trust)


def _gaps(times: NDArray[np.float64], seen: NDArray[np.bool_]) -> list[Marker]:
    edges = np.diff(np.concatenate([[True], seen, [True]]).astype(np.int8))
    last_shown_until = times[-1] + (np.median(np.diff(times)) if len(times) > 1 else 0)
    ends = np.append(times, last_shown_until)
    return [
        Marker(float(times[lost]), FACE_LOST, float(ends[found] - times[lost]))
        for lost, found in zip(np.flatnonzero(edges < 0), np.flatnonzero(edges > 0), strict=True)
    ]

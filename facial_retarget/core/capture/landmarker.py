"""MediaPipe's Face Landmarker, version 0.10.31, behind numpy and channels by name."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ARKIT_CHANNELS
from ..runtime import model_bytes
from .boxes import FaceBox
from .chatter import without_chatter

if TYPE_CHECKING:
    from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerResult

# To take a face up asks for more certainty than to keep it. At MediaPipe's own 0.5 a clip of
# bicycles and a cartoon hold some "faces"; at 0.7 neither does, and no real one was missed that
# was turned by less than 50 degrees and not half hidden.
_CERTAIN: Final = 0.7
_LIKELY: Final = 0.5

_SOUND_DEVICES: Final = "sounddevice"

_COLUMNS: Final = {channel: column for column, channel in enumerate(ARKIT_CHANNELS)}


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """One face in one picture.

    points: (478, 3) x and y from 0 to 1 across and down the picture, z in the scale of x.
    scores: (52,) by ARKIT_CHANNELS, NaN where the tracker has none.
    pose: (4, 4) from the canonical face to the camera in cm, x right, y up, looking along -z.
    """

    points: NDArray[np.float32]
    scores: NDArray[np.float32]
    pose: NDArray[np.float32]

    @property
    def box(self) -> FaceBox:
        """The rectangle around the face."""
        return FaceBox.around(self.points)


class FaceFinder:
    """Finds the faces of single pictures, knowing nothing of the pictures before."""

    def __init__(self, landmarker: "FaceLandmarker") -> None:
        self._landmarker = landmarker

    @classmethod
    @contextlib.contextmanager
    def opened(cls, most_faces: int = 8) -> Iterator["FaceFinder"]:
        """Open the model for up to `most_faces`. Raises ModelError where it is missing."""
        with _landmarker("IMAGE", most_faces, _CERTAIN) as landmarker:
            yield cls(landmarker)

    def find(self, image: NDArray[np.uint8]) -> list[TrackedFace]:
        """Return the faces in a (height, width, 3) RGB picture, the largest first."""
        faces = _faces(self._landmarker.detect(_mediapipe_image(image)))
        return sorted(faces, key=lambda face: face.box.area, reverse=True)


class FaceFollower:
    """Follows one face from picture to picture, faster and steadier than finding it anew.

    It keeps to the face it has; without one it takes the clearest there is.
    """

    def __init__(self, landmarker: "FaceLandmarker") -> None:
        self._landmarker = landmarker
        self._stamp = -1

    @classmethod
    @contextlib.contextmanager
    def opened(cls) -> Iterator["FaceFollower"]:
        """Open the model. Raises ModelError where it is missing."""
        with _landmarker("VIDEO", 1, _LIKELY) as landmarker:
            yield cls(landmarker)

    def follow(self, image: NDArray[np.uint8], time: float) -> TrackedFace | None:
        """Return the face in the next (height, width, 3) RGB picture, at `time` seconds."""
        # Stamps are whole milliseconds and must rise, however close two pictures are.
        self._stamp = max(self._stamp + 1, round(time * 1000))
        result = self._landmarker.detect_for_video(_mediapipe_image(image), self._stamp)
        return next(iter(_faces(result)), None)


@contextlib.contextmanager
def _landmarker(mode: str, faces: int, certainty: float) -> Iterator["FaceLandmarker"]:
    with _no_sound_devices():
        from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=model_bytes("face_landmarker")),
        running_mode=vision.RunningMode[mode],
        num_faces=faces,
        min_face_detection_confidence=certainty,
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with without_chatter():
        landmarker = vision.FaceLandmarker.create_from_options(options)
    with landmarker:
        yield landmarker


@contextlib.contextmanager
def _no_sound_devices() -> Iterator[None]:
    """Keep a sounddevice, where one is installed, from being imported along with MediaPipe.

    It is for tasks that hear. As it is imported it looks at every device, and on Linux runs a
    compiler to find its library, which leaves a temporary file where that is killed.
    """
    kept = sys.modules.get(_SOUND_DEVICES)
    sys.modules[_SOUND_DEVICES] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_SOUND_DEVICES]
        if kept is not None:
            sys.modules[_SOUND_DEVICES] = kept


def _mediapipe_image(image: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - the module is lazy
    import mediapipe

    # The rows of a strided array would be read as if they lay side by side.
    return mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(image))


def _faces(result: "FaceLandmarkerResult") -> list[TrackedFace]:
    return [
        TrackedFace(_points(landmarks), _scores(categories), np.asarray(pose, np.float32))
        for landmarks, categories, pose in zip(
            result.face_landmarks,
            result.face_blendshapes,
            result.facial_transformation_matrixes,
            strict=True,
        )
    ]


def _points(landmarks: list[Any]) -> NDArray[np.float32]:
    return np.array([(point.x, point.y, point.z) for point in landmarks], np.float32)


def _scores(categories: list[Any]) -> NDArray[np.float32]:
    scores = np.full(len(ARKIT_CHANNELS), np.nan, np.float32)
    for category in categories:
        column = _COLUMNS.get(category.category_name)
        if column is not None:  # "_neutral" is a score too, but no channel
            scores[column] = category.score
    return scores

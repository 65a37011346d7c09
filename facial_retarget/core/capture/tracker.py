"""Follows one person's face through the pictures of a file or a stream."""

import contextlib
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import CaptureError
from .boxes import FaceBox, People
from .landmarker import FaceFinder, FaceFollower, TrackedFace


@dataclass(frozen=True, eq=False)
class FaceFrame:
    """What was seen of the followed face at `time` seconds; None where it was not seen."""

    time: float
    face: TrackedFace | None = None


class FaceTracker:
    """A context in which pictures are looked at one after the other.

    face: whom to follow, counted among the faces of the first picture that shows any, the
    largest first. MediaPipe follows a single face faster and more steadily than several, so it
    is shown everything while it holds the right one. When that one is lost, everybody who was
    about is told apart by position and size, and it is shown the right one alone.
    """

    def __init__(self, face: int = 0) -> None:
        self._chosen = face
        self._people: People | None = None
        self._last: tuple[float, FaceBox, NDArray[np.uint8]] | None = None
        self._is_following = False
        self._contexts = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as contexts:
            self._finder = contexts.enter_context(FaceFinder.opened())
            self._follower = contexts.enter_context(FaceFollower.opened())
            self._contexts = contexts.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._contexts.close()

    def track(self, image: NDArray[np.uint8], time: float) -> FaceFrame:
        """Look at the next (height, width, 3) RGB picture, at `time` seconds, always rising.

        The picture is kept until the next one, so it must not be written to.
        Raises CaptureError where the first picture with faces has too few of them.
        """
        face = self._followed(image, time) or self._searched(image, time)
        self._is_following = face is not None
        if face is not None:
            self._people = None
            self._last = time, face.box, image
        return FaceFrame(time, face)

    def _followed(self, image: NDArray[np.uint8], time: float) -> TrackedFace | None:
        if not self._is_following or self._last is None:
            return None
        face = self._follower.follow(image, time)
        return face if face is not None and face.box.is_near(self._last[1]) else None

    def _searched(self, image: NDArray[np.uint8], time: float) -> TrackedFace | None:
        faces = self._finder.find(image)
        index = self._index_of_chosen([face.box for face in faces], time) if faces else None
        if index is None:
            return None
        box = faces[index].box
        alone = image if len(faces) == 1 else box.cut_out(image)
        face = self._follower.follow(alone, time)
        return face if face is not None and face.box.is_near(box) else faces[index]

    def _index_of_chosen(self, boxes: list[FaceBox], time: float) -> int | None:
        if self._last is None:
            if not 0 <= self._chosen < len(boxes):
                raise CaptureError(
                    f"The first picture with a face, at {time:.1f} s, shows {len(boxes)}, numbered "
                    f"from 0, so there is no face {self._chosen}. Choose the face again."
                )
            return self._chosen
        last_time, last_box, last_image = self._last
        if self._people is None:
            # Whoever stood elsewhere when the face was last seen is somebody else.
            about = [face.box for face in self._finder.find(last_image)]
            others = [box for box in about if not box.is_near(last_box)]
            self._people = People(last_box, others, last_time)
        return self._people.find_followed(boxes, time)

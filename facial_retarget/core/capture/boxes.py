"""Where faces are in a picture, and which of them is whose from one picture to the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_STEP: Final = 1.0  # face sizes by which a face may move from one picture to the next
_SPEED: Final = 2.0  # face sizes by which somebody unseen may have moved in each second


@dataclass(frozen=True)
class FaceBox:
    """The rectangle around a face, from 0 to 1 across and from 0 to 1 down the picture."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: NDArray[np.float32]) -> Self:
        """Return the smallest box around points of which x and y are the first columns."""
        left, top = points[:, :2].min(axis=0)
        right, bottom = points[:, :2].max(axis=0)
        return cls(float(left), float(top), float(right), float(bottom))

    @property
    def width(self) -> float:
        """Its share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its share of the picture's height."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Its share of the picture."""
        return self.width * self.height

    def distance(self, other: "FaceBox") -> float:
        """Return how far a face would have moved, in its own size; a change of size counts too."""
        across = (self.left + self.right - other.left - other.right) / (self.width + other.width)
        down = (self.top + self.bottom - other.top - other.bottom) / (self.height + other.height)
        growth = math.log2(self.area / other.area) / 2
        return math.hypot(across, down, growth)

    def is_near(self, other: "FaceBox") -> bool:
        """Tell whether two boxes of neighbouring frames can be one face."""
        return self.distance(other) < _STEP

    def cut_out(self, image: NDArray[np.uint8], margin: float = 0.5) -> NDArray[np.uint8]:
        """Return the picture grey but for this face and a margin, in its own size, around it."""
        height, width = image.shape[:2]
        left, right = (
            int(np.clip(x * width, 0, width))
            for x in (self.left - margin * self.width, self.right + margin * self.width)
        )
        top, bottom = (
            int(np.clip(y * height, 0, height))
            for y in (self.top - margin * self.height, self.bottom + margin * self.height)
        )
        alone = np.full_like(image, 128)
        alone[top:bottom, left:right] = image[top:bottom, left:right]
        return alone


@dataclass
class _Person:
    """Somebody, by where and when they were seen last."""

    box: FaceBox
    seen_at: float

    def surprise(self, box: FaceBox, time: float) -> float:
        """Return how unlikely they are to be here now; infinite if they cannot have come."""
        wandered = _SPEED * (time - self.seen_at)
        distance = self.box.distance(box)
        # Whoever was seen a moment ago explains a face better than somebody long unseen.
        return distance + wandered if distance <= _STEP + wandered else math.inf


class People:
    """The person who is followed and everybody else who is about."""

    def __init__(self, followed: FaceBox, others: Sequence[FaceBox], time: float) -> None:
        """Start with where each was seen at `time` seconds."""
        self._followed = _Person(followed, time)
        self._others = [_Person(box, time) for box in others]

    def find_followed(self, seen: Sequence[FaceBox], time: float) -> int | None:
        """Return which of the faces seen is the followed one; None if they all are others'.

        Faces and people are paired, the likeliest first; a face that is left over is a
        newcomer's. With nobody else about it is the followed one wherever it turns up.
        """
        if not self._others:
            distances = [self._followed.box.distance(box) for box in seen]
            return distances.index(min(distances)) if distances else None
        people = [self._followed, *self._others]
        surprises = np.array([[person.surprise(box, time) for box in seen] for person in people])
        found: int | None = None
        newcomers = set(range(len(seen)))
        while np.isfinite(surprises).any():
            who, which = map(int, np.unravel_index(np.argmin(surprises), surprises.shape))
            surprises[who, :] = surprises[:, which] = math.inf
            newcomers.remove(which)
            if who == 0:
                found = which
            else:
                people[who].box, people[who].seen_at = seen[which], time
        self._others += [_Person(seen[which], time) for which in newcomers]
        return found

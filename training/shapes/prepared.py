"""What `prepare` wrote, read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import numpy as np

from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import FaceMesh, Floats, Integers
from facial_retarget.core.shapes.alignment import FaceFrame
from facial_retarget.core.shapes.register import register
from facial_retarget.core.shapes.registration import Registration
from facial_retarget.core.shapes.template import Template

from .arrays import Array, Mask
from .attachment import Attachment
from .prepare import Detection, find_landmarks, landmarks_of

_MOVES: Final = 0.0003  # metres
_OF_PEOPLE: Final = ("people", "deltas", "ids", "groups", "folds")


@dataclass(frozen=True, eq=False)
class Prepared:
    """One family's skin: metres, Blender's axes."""

    arrays: dict[str, Array]

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Read a family's file. Raises FormatError where it is missing or without landmarks."""
        path = folder / f"{name}.npz"
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = dict(data)
        except (OSError, ValueError) as error:
            raise FormatError(
                f"{path} cannot be read. Run `python -m training shapes prepare` first."
            ) from error
        if "landmark_corners" not in arrays:
            raise FormatError(f"{path} holds no landmarks. Run prepare with --people 60.")
        return cls(arrays)

    @property
    def name(self) -> str:
        """The family's name."""
        return str(self.arrays["name"])

    @property
    def triangles(self) -> Integers:
        """(t, 3)."""
        return self.arrays["triangles"].astype(np.int32)

    @property
    def shape_names(self) -> tuple[str, ...]:
        """The maker's own."""
        return tuple(str(name) for name in self.arrays["shape_names"])

    @property
    def has_people(self) -> bool:
        """Whether there are real people, each with deltas of their own."""
        return "people" in self.arrays

    def only(self, people: Sequence[str]) -> Self:
        """Forget all but some people: the mean face and its landmarks then tell of these alone."""
        rows = np.flatnonzero(np.isin(self.arrays["ids"], people))
        arrays = {**self.arrays, **{name: self.arrays[name][rows] for name in _OF_PEOPLE}}
        surface = FaceMesh(arrays["people"].mean(axis=0).astype(np.float32), self.triangles)
        found = [
            Detection(str(person), Attachment(corners, weights.astype(np.float32)))
            for person, corners, weights in zip(
                *(self.arrays[f"detection_{what}"] for what in ("people", "corners", "weights")),
                strict=True,
            )
            if person in people
        ]
        return type(self)(arrays | landmarks_of(self.name, surface, found))

    @cached_property
    def mean(self) -> Floats:
        """(n, 3) the mean face."""
        whole = self.arrays["people"].mean(axis=0) if self.has_people else self.arrays["mean"]
        return np.asarray(whole, np.float32)

    @cached_property
    def deltas(self) -> Floats:
        """(p, s, n, 3) of people, (1, s, n, 3) where everyone's are alike."""
        deltas: Floats = self.arrays["deltas"].astype(np.float32)
        return deltas if self.has_people else deltas[None]

    def faces(self, count: int, rng: np.random.Generator) -> Floats:
        """Return (p, n, 3) all people, or `count` drawn ones."""
        if self.has_people:
            people: Floats = self.arrays["people"].astype(np.float32)
            return people
        modes = self.arrays["modes"].astype(np.float32)
        weights = rng.normal(0, 1, (count, len(modes))).astype(np.float32)
        return self.mean + np.tensordot(weights, modes, axes=1)

    @cached_property
    def moving(self) -> Mask:
        """(n,) what any shape moves."""
        moving: Mask = np.linalg.norm(self.deltas, axis=3).max(axis=(0, 1)) > _MOVES
        return moving

    @cached_property
    def landmarks(self) -> Attachment:
        """The Face Landmarker's points, where the median of many detections has them."""
        corners = self.arrays["landmark_corners"].astype(np.int32)
        return Attachment(corners, self.arrays["landmark_weights"].astype(np.float32))

    @cached_property
    def frame(self) -> FaceFrame:
        """The mean face's frame."""
        return FaceFrame.fitted(self.landmarks.carry(self.mean), Template.load().landmarks)

    @cached_property
    def landmark_scatter(self) -> Floats:
        """(468,) how far detections miss them, in eye distances."""
        variances = np.trace(self.arrays["landmark_scatter"], axis1=1, axis2=2)
        return np.asarray(np.sqrt(variances) / self.frame.scale, np.float32)

    @cached_property
    def registration(self) -> Registration:
        """The mean face, registered as the add-on does."""
        mesh = FaceMesh(self.mean, self.triangles)
        return register(mesh, find_landmarks(mesh))

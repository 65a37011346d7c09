"""Filmed frames as a network learns from them: small, aligned, each beside its neutral face."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.capture.face_space import Faces, in_face_space
from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.landmark_table import mirrored_numbers

from ..shapes.arrays import Array, Mask

MIRRORED_CHANNELS: Final = np.array([ARKIT_CHANNELS.index(mirrored(c)) for c in ARKIT_CHANNELS])
IRISES: Final = (473, 476, 475, 474, 477, 468, 471, 470, 469, 472)
_FLIP: Final = np.array([-1, 1, 1], np.float32)
_TURN_FLIP: Final = np.array([-1, 1, -1], np.float32)
_GAZE: Final = np.array([channel.startswith("eyeLook") for channel in ARKIT_CHANNELS])


@dataclass(frozen=True, eq=False)
class Sequence:
    """One filmed sequence. scores: without what the tracker lacks (NaN becomes 0)."""

    person: str
    family: str
    times: Array
    faces: Faces
    scores: Floats
    weights: Floats
    known: Mask

    def neutrals(self, rng: np.random.Generator, count: int) -> list[Array]:
        """Return frames whose median may be taken for neutral: all, those at rest, large parts."""
        active = self.weights[:, ~_GAZE].sum(axis=1)
        rest = np.argsort(active, kind="stable")[: max(3, len(active) // 8)]
        found = [np.arange(len(self.times)), rest]
        while len(found) < count:
            first, last = np.sort(rng.integers(0, len(self.times), 2))
            if last - first >= len(self.times) // 2:
                found.append(np.arange(first, last + 1))
        return found

    def in_mirror(self) -> "Sequence":
        """Return what would be seen in a mirror."""
        numbers = np.concatenate([mirrored_numbers(), IRISES])
        points = self.faces.points[:, numbers] * _FLIP
        turns = self.faces.turns * _TURN_FLIP
        return Sequence(
            self.person, self.family, self.times, Faces(points, turns, self.faces.sizes),
            self.scores[:, MIRRORED_CHANNELS], self.weights[:, MIRRORED_CHANNELS],
            self.known[MIRRORED_CHANNELS],
        )  # fmt: skip


def sequences(folder: Path, split: str) -> Iterator[Sequence]:
    """Yield the sequences of a split. Raises FormatError where there are none."""
    files = sorted(folder.glob(f"{split}-*.npz"))
    if not files:
        raise FormatError(f"{folder} holds no frames of the {split} split. Film them first.")
    for file in files:
        with np.load(file, allow_pickle=False) as data:
            frames = dict(data)
        for number in np.unique(frames["sequence"]):
            rows = (frames["sequence"] == number) & np.isfinite(frames["poses"][:, 0, 0])
            size = int(frames["size"][rows][0])
            yield Sequence(
                str(frames["person"]),
                str(frames["family"]),
                frames["times"][rows].astype(np.float64),
                in_face_space(frames["points"][rows], (size, size)),
                np.nan_to_num(frames["scores"][rows]),
                frames["weights"][rows],
                frames["known"],
            )

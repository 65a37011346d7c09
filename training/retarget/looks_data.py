"""Small pictures of filmed faces, beside what the solver already reads from their points."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.capture.face_space import in_face_space
from facial_retarget.core.capture.solver import FaceSolver, NeutralFace, Observations
from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import Floats

from ..shapes.arrays import Array, Mask
from .preparing import FEWEST

_NEUTRALS: Final = 3  # that each sequence may be seen about


@dataclass(frozen=True, eq=False)
class Looks:
    """Frames of a split, one sequence after the other.

    crops: (frames, SIDE, SIDE) uint8. neutrals: (sequences, k, SIDE, SIDE) uint8, of which the
    first is what a capture takes. read, doubts: (frames, 52) the solver's weights and errors.
    turns: (frames, 6) how the head is turned, and against neutral. weights: (frames, 52), the
    truth. known: (sequences, 52). sequence: (frames,) the number of each one's. scores:
    (frames, 52) the tracker's, what is usual in the sequence taken off.
    """

    crops: Array
    neutrals: Array
    read: Floats
    doubts: Floats
    turns: Floats
    weights: Floats
    known: Mask
    sequence: Array
    scores: Floats

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def known_frames(self) -> Mask:
        """(frames, 52) for which channels there is a truth."""
        known: Mask = self.known[self.sequence]
        return known

    @classmethod
    def gathered(cls, folder: Path, split: str, solver: FaceSolver, seed: int) -> Self:
        """Read a split's filmed frames. Raises FormatError where there are none with crops."""
        rng = np.random.default_rng(seed)
        parts: list[dict[str, Array]] = []
        for file in sorted(folder.glob(f"{split}-*.npz")):
            with np.load(file, allow_pickle=False) as data:
                frames = dict(data)
            if "crops" not in frames:
                raise FormatError(f"{file} holds no crops. Film the frames again.")
            for number in np.unique(frames["sequence"]):
                rows = (frames["sequence"] == number) & np.isfinite(frames["poses"][:, 0, 0])
                if rows.sum() >= FEWEST:
                    parts.append(_sequence(frames, rows, solver, rng))
        if not parts:
            raise FormatError(f"{folder} holds no frames of the {split} split. Film them first.")
        counts = [len(part["crops"]) for part in parts]
        whole = {name: np.stack([part.pop(name) for part in parts]) for name in _WHOLE}
        framewise = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return cls(**framewise, **whole, sequence=np.repeat(np.arange(len(parts)), counts))


_WHOLE: Final = ("neutrals", "known")


def _sequence(
    frames: dict[str, Array], rows: Mask, solver: FaceSolver, rng: np.random.Generator
) -> dict[str, Array]:
    size = int(frames["size"][rows][0])
    faces = in_face_space(frames["points"][rows], (size, size))
    neutral = NeutralFace.of(faces)
    solved = solver.solve(Observations(frames["times"][rows].astype(np.float64), faces), neutral)
    crops, scores = frames["crops"][rows], np.nan_to_num(frames["scores"][rows])
    turned = faces.turns - neutral.turn
    return {
        "crops": crops,
        "neutrals": _neutrals(crops, rng),
        "read": solved.weights,
        "doubts": solved.errors,
        "turns": np.concatenate([faces.turns, turned], axis=1).astype(np.float32),
        "weights": frames["weights"][rows].astype(np.float32),
        "known": frames["known"],
        "scores": np.clip(scores - np.median(scores, axis=0), 0, 1).astype(np.float32),
    }


def _neutrals(crops: Array, rng: np.random.Generator) -> Array:
    """Return the medians of all crops and of random large parts of them."""
    chosen: list[Array] = [np.arange(len(crops))]
    for _ in range(_NEUTRALS - 1):
        count = int(rng.integers(len(crops) // 2, len(crops)))
        chosen.append(rng.choice(len(crops), count, replace=False))
    medians = np.stack([np.median(crops[rows], axis=0) for rows in chosen])
    assert medians.shape[1:] == (SIDE, SIDE)
    return (medians + 0.5).astype(np.uint8)

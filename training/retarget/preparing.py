"""Filmed frames made ready for learning: seen in few directions, beside what geometry says."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.capture.solver import NeutralFace
from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import Floats
from facial_retarget.core.shapes.landmark_table import mirrored_numbers

from ..shapes.arrays import Array
from ..shapes.families import FAMILY_NAMES
from ..shapes.stages import Arrays
from .dataset import IRISES, MIRRORED_CHANNELS, Sequence, sequences
from .frames import FilmCrew, Job
from .geometry import landmark_motions

DIRECTIONS: Final = 192  # in which the motion of the points is looked at
PEOPLE: Final = 32  # in which neutral faces are
NEUTRALS: Final = 4  # that each sequence may be seen about
_SHAPES: Final = 200  # components of what geometry does
_AT_REST: Final = 0.05
FEWEST: Final = 20  # frames of a sequence
_FLOOR: Final = 0.05  # of the mean noise: no direction is trusted more
_HELD_BACK: Final = 2e-4  # of the tracker's response, against chance
_GAZE: Final = np.array([channel.startswith("eyeLook") for channel in ARKIT_CHANNELS])


@dataclass(frozen=True, eq=False)
class Still:
    """A sequence with the head's turning taken off. points: (frames, 478 * 3) cm."""

    sequence: Sequence
    points: Floats

    @classmethod
    def of(cls, sequence: Sequence) -> "Still":
        """Take the turning off one."""
        faces, neutral = sequence.faces, NeutralFace.of(sequence.faces)
        turned = faces.turns - neutral.turn
        flat = faces.points.reshape(len(faces), -1)
        return cls(sequence, np.asarray(flat - turned @ neutral.shift, np.float32))

    @property
    def rest(self) -> Array:
        """The frames in which all but the eyes is at rest."""
        return np.flatnonzero(self.sequence.weights[:, ~_GAZE].sum(axis=1) < _AT_REST)


def prepare(crew: FilmCrew, folder: Path, seed: int) -> Arrays:
    """Return all that `training.retarget.trainer` learns from and is judged by.

    Raises FormatError where the folder holds no frames.
    """
    rng = np.random.default_rng(seed)
    train = _stills(sequences(folder, "train"))
    mirrored = [Still.of(still.sequence.in_mirror()) for still in train]
    motions = _Motions(crew, [still.sequence.person for still in train])
    both = [*train, *mirrored]
    directions = _directions(both)
    neutrals = np.stack([np.median(still.points, axis=0) for still in both])
    mean = neutrals.mean(axis=0)
    people = np.linalg.eigh(np.cov(neutrals.T)).eigenvectors[:, ::-1][:, :PEOPLE]
    bases = {"directions": directions, "people": people.astype(np.float32), "mean_person": mean}
    seen = _arrays(both, bases, rng)
    seen["motion"] = np.concatenate(
        [motions.numbers(train, in_mirror=False), motions.numbers(mirrored, in_mirror=True)]
    )
    arrays = {f"train/{name}": values for name, values in seen.items()}
    held_out = _arrays(_stills(sequences(folder, "validation")), bases, rng)
    arrays |= {f"validation/{name}": values for name, values in held_out.items()}
    return arrays | bases | {"motions": motions.seen_as(seen)}


def _stills(found: Iterable[Sequence]) -> list[Still]:
    return [Still.of(sequence) for sequence in found if len(sequence.times) >= FEWEST]


def _directions(stills: list[Still]) -> Floats:
    """Return (478 * 3, k) directions in which all that moves stands out most against noise.

    Noise is what is left to see of faces at rest; it has size 1 in each of them. The two spreads
    are brought to a diagonal together (K. Fukunaga, "Introduction to Statistical Pattern
    Recognition", 1990).
    """
    moved = [still.points - np.median(still.points, axis=0) for still in stills]
    resting = [still.points[still.rest] for still in stills if len(still.rest) > 5]
    noise = _spread([points - points.mean(axis=0) for points in resting])
    noise += _FLOOR * np.trace(noise) / len(noise) * np.eye(len(noise))
    strengths, axes = np.linalg.eigh(noise)
    whitened = axes / np.sqrt(strengths)
    best = np.linalg.eigh(whitened.T @ _spread(moved) @ whitened).eigenvectors[:, ::-1]
    directions: Floats = (whitened @ best[:, :DIRECTIONS]).astype(np.float32)
    return directions


def _spread(parts: list[Floats]) -> Array:
    total = sum(part.T.astype(np.float64) @ part for part in parts)
    return np.asarray(total / sum(len(part) for part in parts))


def _arrays(stills: list[Still], bases: Arrays, rng: np.random.Generator) -> Arrays:
    """Return frames one after the other, and for each sequence what belongs to it as a whole."""
    framewise: dict[str, list[Array]] = {name: [] for name in _FRAMEWISE}
    whole: dict[str, list[Array]] = {name: [] for name in _WHOLE}
    for number, still in enumerate(stills):
        sequence, faces = still.sequence, still.sequence.faces
        count = np.full(len(faces), number)
        seen = still.points @ bases["directions"]
        sizes = np.log(faces.sizes)
        values = (seen, faces.turns, sizes, sequence.weights, sequence.times, count)
        for name, each in zip(_FRAMEWISE, values, strict=True):
            framewise[name].append(each)
        frames = sequence.neutrals(rng, NEUTRALS)
        medians = np.stack([np.median(still.points[rows], axis=0) for rows in frames])
        turns = np.stack([np.median(faces.turns[rows], axis=0) for rows in frames])
        whole["neutral"].append(medians @ bases["directions"])
        whole["person"].append((medians - bases["mean_person"]) @ bases["people"])
        whole["neutral_turn"].append(turns)
        whole["known"].append(sequence.known)
        whole["family"].append(np.array(FAMILY_NAMES.index(sequence.family)))
    joined = {name: np.concatenate(values) for name, values in framewise.items()}
    return joined | {name: np.stack(values) for name, values in whole.items()}


_FRAMEWISE: Final = ("seen", "turns", "sizes", "weights", "times", "sequence")
_WHOLE: Final = ("neutral", "person", "neutral_turn", "known", "family")


class _Motions:
    """What geometry says of each person and of everybody's mirror image: (52, 478 * 3) cm."""

    def __init__(self, crew: FilmCrew, people: list[str]) -> None:
        self._number: dict[tuple[str, bool], int] = {}
        self._all: list[Floats] = []
        flip = np.array([-1, 1, 1], np.float32)
        points = np.concatenate([mirrored_numbers(), IRISES])
        for name in dict.fromkeys(people):
            landmarks = crew.landmarks(Job.named(name))
            if landmarks is None:
                continue
            moved = landmark_motions(*landmarks)
            self._add((name, False), moved)
            self._add((name, True), moved[MIRRORED_CHANNELS][:, points] * flip)
        if not self._all:
            raise FormatError("None of the filmed people has shapes of a maker's own.")

    def _add(self, key: tuple[str, bool], moved: Floats) -> None:
        self._number[key] = len(self._all)
        self._all.append(moved.reshape(len(moved), -1))

    def numbers(self, stills: list[Still], *, in_mirror: bool) -> Array:
        """Return (sequences,) the row of each one's person; -1 for shapes of our own making."""
        keys = [(still.sequence.person, in_mirror) for still in stills]
        return np.array([self._number.get(key, -1) for key in keys])

    def seen_as(self, train: Arrays) -> Floats:
        """Return (people, 52, k) how the tracker shows them, learned by ridge regression."""
        motions = np.stack(self._all)
        common = np.linalg.eigh(_spread(self._all)).eigenvectors[:, ::-1][:, :_SHAPES]
        shapes = (motions @ common).astype(np.float32)
        row = train["motion"][train["sequence"]]
        of_maker = np.flatnonzero(row >= 0)
        driven = np.zeros((len(of_maker), _SHAPES), np.float32)
        for person in np.unique(row[of_maker]):
            mine = row[of_maker] == person
            driven[mine] = train["weights"][of_maker[mine]] @ shapes[person]
        moved = train["seen"] - train["neutral"][train["sequence"], 1]
        wanted, given = moved[of_maker], driven - driven.mean(axis=0)
        held_back = _HELD_BACK * len(given) * given.var(axis=0).mean() * np.eye(_SHAPES)
        inner = given.T @ given + held_back
        response = np.linalg.solve(inner, given.T @ (wanted - wanted.mean(axis=0)))
        seen: Floats = (shapes @ response).astype(np.float32)
        return seen

"""The frames that the solver learns from: filmed people, what the tracker saw, what was true."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.capture.face_crop import SIDE
from facial_retarget.core.errors import MeshError, OutputError
from facial_retarget.core.progress import Progress, ProgressListener, unheard

from ..shapes.arrays import Array
from ..shapes.families import Family, Person, valid
from ..shapes.families.family import PeopleFamily
from ..shapes.families.registry import open_family
from ..shapes.stages import Arrays
from ..shapes.stylise import bent
from .config import SPLITS, FramesConfig
from .filming import draw_shot, film, track
from .heads import FilmedHead, Studio
from .motion import draw_motion

_FEWEST_SEEN: Final = 0.8  # of a sequence's frames: with less it is left out


@dataclass(frozen=True)
class Job:
    """Somebody to be filmed: the number of a person within a split."""

    split: str
    number: int

    def seeds(self, seed: int) -> tuple[int, int, int]:
        """Return what the person is drawn from."""
        return seed, SPLITS.index(self.split), self.number

    @classmethod
    def named(cls, name: str) -> "Job":
        """Return whose name a file of frames gives."""
        split, number = name.rsplit("-", 1)
        return cls(split, int(number))

    @property
    def file(self) -> str:
        """The name of the file with what was filmed."""
        return f"{self.split}-{self.number:05}.npz"


class FilmCrew:
    """Draws people and films them, each from seeds of their own: in any order, by any process."""

    def __init__(self, config: FramesConfig) -> None:
        """Open the families."""
        self._config = config
        self._families = {name: open_family(name) for name in config.families}
        self._studios: dict[str, Studio] = {}

    def film(self, job: Job) -> Arrays:
        """Return all of a person's sequences, one after the other.

        points (frames, 478, 3), scores, poses, crops (frames, SIDE, SIDE), weights (frames, 52),
        times, sequence (frames,), size (frames,) pixels; known (52,), person, family.
        """
        rng = np.random.default_rng(job.seeds(self._config.seed))
        head, family = self.head(job, rng)
        parts: dict[str, list[Array]] = {name: [] for name in _FRAMEWISE}
        for sequence in range(self._config.sequences):
            for name, values in self._sequence(head, sequence, rng).items():
                parts[name].append(values)
        frames = {name: np.concatenate(values) for name, values in parts.items()}
        return frames | {
            "known": head.known,
            "person": np.array(f"{job.split}-{job.number}"),
            "family": np.array(family),
        }

    def _sequence(self, head: FilmedHead, number: int, rng: np.random.Generator) -> Arrays:
        config = self._config
        rate = float(rng.choice(config.rates))
        count = min(int(rng.uniform(*config.seconds) * rate), config.longest)
        times = np.arange(count) / rate
        motion = draw_motion(rng, times, head.known)
        seen = track(film(head, motion, draw_shot(head, rng), rate, rng), times)
        if np.isfinite(seen.poses[:, 0, 0]).mean() < _FEWEST_SEEN:
            return {name: np.zeros((0, *shape), np.float32) for name, shape in _FRAMEWISE.items()}
        whole = np.ones(count, np.float32)
        return {
            "points": seen.points,
            "scores": seen.scores,
            "poses": seen.poses,
            "crops": seen.crops,
            "weights": motion.weights,
            "turn": motion.turn.astype(np.float32),
            "times": times,
            "sequence": number * whole,
            "size": seen.size * whole,
        }

    def landmarks(self, job: Job) -> tuple[Array, Array] | None:
        """Return a person's (478, 3) landmarks and how the maker's (52,) shapes move them.

        None for somebody with shapes of our own making.
        """
        rng = np.random.default_rng(job.seeds(self._config.seed))
        studio, person, generated = self._drawn(job, rng)
        if generated:
            return None
        return studio.landmarks_of(person, studio.family.arkit.deltas(person.deltas))

    def head(self, job: Job, rng: np.random.Generator) -> tuple[FilmedHead, str]:
        """Return somebody's head, and its family's name."""
        studio, person, generated = self._drawn(job, rng)
        return studio.head(person, rng, generated=generated), studio.family.name

    def _drawn(self, job: Job, rng: np.random.Generator) -> tuple[Studio, Person, bool]:
        """Draw somebody, and whether with shapes of our own making."""
        names = list(self._config.families)
        shares = np.array([self._config.families[name] for name in names])
        name = str(rng.choice(names, p=shares / shares.sum()))
        if name not in self._studios:
            self._studios[name] = Studio(self._families[name])
        studio = self._studios[name]
        person = self._person(self._families[name], job.split, rng)
        if rng.random() < self._config.bent:
            person = bent(studio.family, person, studio.landmark_points(person), rng)
        return studio, person, bool(rng.random() < self._config.generated)

    def _person(self, family: Family, split: str, rng: np.random.Generator) -> Person:
        if not isinstance(family, PeopleFamily):
            return family.sample(rng)
        return family.mix(rng, self._people[split])

    @cached_property
    def _people(self) -> dict[str, list[str]]:
        """Names of VALID's people by split."""
        family = self._families[valid.NAME]
        assert isinstance(family, PeopleFamily)
        owner = {
            group: split for split, groups in self._config.held_out.items() for group in groups
        }
        people: dict[str, list[str]] = {split: [] for split in SPLITS}
        for name in family.people():
            people[owner.get(family.groups[name], "train")].append(name)
        return people


_FRAMEWISE: Final = {
    "points": (478, 3),
    "scores": (52,),
    "poses": (4, 4),
    "crops": (SIDE, SIDE),
    "weights": (52,),
    "turn": (3,),
    "times": (),
    "sequence": (),
    "size": (),
}


def jobs(config: FramesConfig) -> Iterator[Job]:
    """Name all people, those of the small splits first."""
    for split in sorted(config.people, key=lambda split: config.people[split]):
        for number in range(config.people[split]):
            yield Job(split, number)


def film_all(
    config: FramesConfig,
    folder: Path,
    part: tuple[int, int] = (0, 1),
    progress: ProgressListener = unheard,
) -> int:
    """Film everybody who is not in the folder yet; return how many there were.

    part: (k, n), for the k-th of n processes. Raises OutputError where the folder is no use.
    """
    mine = [job for number, job in enumerate(jobs(config)) if number % part[1] == part[0]]
    missing = [job for job in mine if not (folder / job.file).exists()]
    crew = FilmCrew(config) if missing else None
    for done, job in enumerate(missing):
        assert crew is not None
        try:
            frames = crew.film(job)
        except MeshError:  # shapes of our own making need landmarks; some drawn heads have none
            frames = {name: np.zeros((0, *shape)) for name, shape in _FRAMEWISE.items()}
        _write(folder / job.file, frames)
        progress(Progress("Filming heads", done + 1, len(missing)))
    return len(missing)


def _write(path: Path, arrays: Arrays) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}).") from error

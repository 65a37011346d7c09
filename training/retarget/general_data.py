"""Landmarks and the values wanted for them, from the files that a user gives.

A folder of .npz files, one a take: `landmarks` (frames, points, 2 or 3) or (frames, numbers),
`target` (frames, values), and if wanted `names` of the values, `times` in seconds and the `person`.
A frame whose landmarks are NaN has no face and is left out.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from facial_retarget.core.errors import FormatError
from facial_retarget.core.progress import Progress, ProgressListener, unheard

Floats = NDArray[np.float32]

FEWEST_TAKES: Final = 3  # to learn from, to choose by and to test with
_FEWEST_FRAMES: Final = 10
_USUAL_RATE: Final = 30.0
_SHARES: Final = {"test": 0.15, "validation": 0.15}


@dataclass(frozen=True, eq=False)
class Take:
    """One file's frames with a face. landmarks: (frames, *shape). target: (frames, values)."""

    file: str
    person: str
    rate: float
    landmarks: Floats
    target: Floats


@dataclass(frozen=True, eq=False)
class Takes:
    """All takes of a folder. shape: of a frame of landmarks; names: of the values."""

    names: tuple[str, ...]
    shape: tuple[int, ...]
    takes: tuple[Take, ...]

    @classmethod
    def read(cls, folder: Path, progress: ProgressListener = unheard) -> Self:
        """Read a folder. Raises FormatError where files are too few, damaged or of two kinds."""
        files = sorted(folder.glob("*.npz")) if folder.is_dir() else []
        if len(files) < FEWEST_TAKES:
            raise FormatError(
                f"{folder} holds {len(files)} .npz files. At least {FEWEST_TAKES} takes are "
                "needed: to learn from, to choose by and to test with. Record more."
            )
        contents = []
        for number, file in enumerate(files):
            progress(Progress("Reading the takes", number, len(files)))
            contents.append((file.name, _arrays(file)))
        takes = tuple(_take(file, arrays) for file, arrays in contents)
        names = _names(contents)
        first = takes[0]
        for take in takes[1:]:
            if take.landmarks.shape[1:] != first.landmarks.shape[1:]:
                raise FormatError(
                    f"The landmarks of {take.file} are {_told(take.landmarks)} a frame, those of "
                    f"{first.file} {_told(first.landmarks)}. All must be the same."
                )
        return cls(names, first.landmarks.shape[1:], takes)

    @property
    def rate(self) -> float:
        """Frames a second of the takes, the median."""
        return float(np.median([take.rate for take in self.takes]))

    def split(self, seed: int) -> dict[str, tuple[Take, ...]]:
        """Return the takes to train with, to choose by ("validation") and to test with.

        By person where there are three or more, so that nobody is in two parts; else by file.
        """
        people = sorted({take.person for take in self.takes})
        by_person = len(people) >= FEWEST_TAKES
        keys = people if by_person else sorted(take.file for take in self.takes)
        shuffled = [str(key) for key in np.random.default_rng(seed).permutation(keys)]
        parts: dict[str, set[str]] = {}
        for part, share in _SHARES.items():
            count = max(round(share * len(keys)), 1)
            parts[part], shuffled = set(shuffled[:count]), shuffled[count:]
        parts["train"] = set(shuffled)
        return {
            part: tuple(
                take for take in self.takes if (take.person if by_person else take.file) in chosen
            )
            for part, chosen in parts.items()
        }


def _arrays(file: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise FormatError(
            f"{file.name} is damaged, or holds more than plain arrays. Write it with numpy.savez."
        ) from error


def _take(file: str, arrays: Mapping[str, NDArray[Any]]) -> Take:
    landmarks, target = (_numbers(file, name, arrays) for name in ("landmarks", "target"))
    if landmarks.ndim not in (2, 3) or (landmarks.ndim == 3 and landmarks.shape[2] not in (2, 3)):
        raise FormatError(
            f"landmarks of {file} have the shape {landmarks.shape}: they should be "
            "(frames, points, 2 or 3) or (frames, numbers)."
        )
    if target.ndim != 2 or len(target) != len(landmarks) or not target.shape[1]:
        raise FormatError(
            f"target of {file} has the shape {target.shape}: it should be ({len(landmarks)}, "
            "values), a row for each frame of the landmarks."
        )
    flat = landmarks.reshape(len(landmarks), -1)
    seen: NDArray[np.bool_] = np.all(np.isfinite(flat), axis=1)
    if seen.sum() < _FEWEST_FRAMES:
        raise FormatError(
            f"{file} has {seen.sum()} frames with landmarks, too few to learn from. Leave it out."
        )
    wrong = ~np.isfinite(target[seen])
    if wrong.any():
        frame = int(np.flatnonzero(seen)[np.argwhere(wrong)[0][0]])
        raise FormatError(
            f"target of {file} holds a value that is no number, in frame {frame}. "
            "Fill it in, or make the landmarks of that frame NaN to leave it out."
        )
    rate = _rate(file, arrays, len(seen))
    return Take(file, _person(file, arrays), rate, landmarks[seen], target[seen])


def _numbers(file: str, name: str, arrays: Mapping[str, NDArray[Any]]) -> Floats:
    if name not in arrays:
        raise FormatError(
            f"{file} has no array '{name}'. It holds: {', '.join(arrays) or 'nothing'}."
        )
    if arrays[name].dtype.kind not in "fiub":
        raise FormatError(f"{name} of {file} are no numbers.")
    return arrays[name].astype(np.float32)


def _names(contents: Sequence[tuple[str, Mapping[str, NDArray[Any]]]]) -> tuple[str, ...]:
    """Return the names of the values, which must be the same everywhere."""
    first_file, first = contents[0]
    target = _numbers(first_file, "target", first)
    count = target.shape[-1] if target.ndim else 0
    named = first.get("names", np.array([f"value {number}" for number in range(1, count + 1)]))
    names = tuple(str(name) for name in named.ravel())
    if len(names) != count or len(set(names)) != count:
        raise FormatError(
            f"names of {first_file} should be one for each of the {count} values of target, "
            "none of them twice."
        )
    for file, arrays in contents[1:]:
        width = (
            arrays["target"].shape[-1] if "target" in arrays and arrays["target"].ndim else count
        )
        own = tuple(str(name) for name in arrays["names"].ravel()) if "names" in arrays else names
        if own != names or width != count:
            raise FormatError(
                f"{file} and {first_file} do not have the same values in the same order. "
                "All must be of one rig."
            )
    return names


def _person(file: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    return (
        str(arrays["person"].ravel()[0]) if "person" in arrays and arrays["person"].size else file
    )


def _rate(file: str, arrays: Mapping[str, NDArray[Any]], frames: int) -> float:
    if "times" not in arrays:
        return _USUAL_RATE
    _numbers(file, "times", arrays)
    times = arrays["times"].astype(np.float64)
    if times.shape != (frames,) or not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
        raise FormatError(
            f"times of {file} should be {frames} seconds that rise from frame to frame."
        )
    return float(1 / np.median(np.diff(times)))


def _told(landmarks: Floats) -> str:
    return " x ".join(map(str, landmarks.shape[1:]))

"""The characters of a studio: reads the folder that this package's docstring describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.errors import FormatError
from facial_retarget.core.mesh import Floats, Integers
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.vertex_files import CharacterFile, read_character, read_vertices

NEUTRAL: Final = "neutral"
_FEWEST_CHARACTERS: Final = 2


@dataclass(frozen=True, eq=False)
class TargetData:
    """One target. characters: (r,) whose it is. displacements: (r, 3n)."""

    characters: Integers
    displacements: Floats


@dataclass(frozen=True, eq=False)
class StudioData:
    """names: of the c characters. neutrals: (c, 3n). targets: by name, in alphabetical order."""

    names: tuple[str, ...]
    neutrals: Floats
    targets: Mapping[str, TargetData]


def read_studio(folder: Path, progress: ProgressListener = unheard) -> StudioData:
    """Read all characters of a folder. Raises FormatError, which names the file at fault."""
    if not folder.is_dir():
        raise FormatError(f"There is no folder '{folder}'. Give the one with the characters.")
    places = [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and (path.is_dir() or path.suffix.lower() == ".json")
    ]
    characters: dict[str, CharacterFile] = {}
    for number, path in enumerate(places):
        progress(Progress("Reading the characters", number, len(places)))
        if path.stem in characters:
            raise FormatError(f"{path.stem} is there twice, as a folder and as a file. Remove one.")
        characters[path.stem] = _read_folder(path) if path.is_dir() else read_character(path)
    if len(characters) < _FEWEST_CHARACTERS:
        raise FormatError(
            f"{folder.name} holds {len(characters)} characters. A model learns how they differ: "
            f"give at least {_FEWEST_CHARACTERS}."
        )
    _check_counts(characters)
    return _stacked(characters)


def _read_folder(folder: Path) -> CharacterFile:
    neutral = folder / f"{NEUTRAL}.json"
    if not neutral.is_file():
        raise FormatError(f"{folder.name} has no neutral.json, the face at rest. Export it too.")
    targets = {
        path.stem: read_vertices(path) for path in sorted(folder.glob("*.json")) if path != neutral
    }
    return CharacterFile(read_vertices(neutral), targets)


def _check_counts(characters: Mapping[str, CharacterFile]) -> None:
    first, count = next((name, len(file.neutral)) for name, file in characters.items())
    for name, file in characters.items():
        for target, positions in {NEUTRAL: file.neutral, **file.targets}.items():
            if len(positions) != count:
                raise FormatError(
                    f"{name}'s {target} has {len(positions):,} vertices; {first}'s neutral has "
                    f"{count:,}. All must be of one topology: export it again or remove it."
                )
    if not any(file.targets for file in characters.values()):
        raise FormatError(f"{first} and the others have no targets, only neutrals. Export them.")


def _stacked(characters: Mapping[str, CharacterFile]) -> StudioData:
    files = list(characters.values())
    neutrals = np.stack([file.neutral.ravel() for file in files])
    targets = {}
    for name in sorted({name for file in files for name in file.targets}):
        rows = np.array([i for i, file in enumerate(files) if name in file.targets], np.int32)
        positions = np.stack([files[row].targets[name].ravel() for row in rows])
        targets[name] = TargetData(rows, positions - neutrals[rows])
    return StudioData(tuple(characters), neutrals, targets)

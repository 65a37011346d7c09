"""What long stages came to, kept on disk, so that a stopped run goes on where it was."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from facial_retarget.core.errors import OutputError

from .arrays import Array

Arrays: TypeAlias = dict[str, Array]
Input: TypeAlias = Array | str
# Takes a stage's name, all that it depends on, and what makes it.
Keep = Callable[[str, Iterable[Input], Callable[[], Arrays]], Arrays]


def made_anew(_name: str, _inputs: Iterable[Input], make: Callable[[], Arrays]) -> Arrays:
    """Keep nothing."""
    return make()


class Stages:
    """A folder of results, each named by its stage and a hash of what it was made from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, inputs: Iterable[Input], make: Callable[[], Arrays]) -> Arrays:
        """Return what is kept of a stage, or make and keep it. Raises OutputError."""
        path = self._folder / f"{name}-{fingerprint(inputs)[:16]}.npz"
        try:
            with np.load(path, allow_pickle=False) as kept:
                return dict(kept)
        except (OSError, ValueError, zipfile.BadZipFile):  # not there yet, or damaged
            arrays = make()
        self._write(path, arrays)
        return arrays

    def _write(self, path: Path, arrays: Arrays) -> None:
        unfinished = path.with_suffix(f".{os.getpid()}.npz")  # of this process alone
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            np.savez(unfinished, allow_pickle=False, **arrays)
            unfinished.replace(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written ({error.strerror}).") from error


def fingerprint(inputs: Iterable[Input]) -> str:
    """Return a hash of arrays, with their types and shapes, and of texts."""
    digest = hashlib.sha256()
    for each in inputs:
        if isinstance(each, str):
            digest.update(each.encode())
        else:
            digest.update(f"{each.dtype} {each.shape}".encode())
            digest.update(np.ascontiguousarray(each).tobytes())
    return digest.hexdigest()


def source_of(*paths: Path) -> str:
    """Return the code in files and folders: what is made by other code is another result."""
    files = [
        file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])
    ]
    return "".join(file.read_text(encoding="utf-8") for file in files)

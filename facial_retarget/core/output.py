"""Results appear whole or not at all: written beside their place, then moved into it."""

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import OutputError
from .leftovers import held, remove_leftovers


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, with the same suffix; once done, it takes the place of `path`.

    What was there before stays until then, and for good if anything fails. A killed process
    leaves its part behind, which goes when the same file is written again. Raises OutputError,
    with the reason, where the folder is missing, read-only or full.
    """
    part = _new_part(path)
    try:
        try:
            with held(part):
                yield part
        except OSError as error:
            raise _output_error(path, error) from error
        try:
            part.replace(path)
        except OSError as error:
            raise _output_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise OutputError now, before a long job, where its result could not be written."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder. Give the name of a file to write.")
    _new_part(path).unlink()


def _new_part(path: Path) -> Path:
    try:
        remove_leftovers(_parts(path))
        handle, name = tempfile.mkstemp(path.suffix, f".{path.stem}.part_", path.parent)
    except OSError as error:
        raise _output_error(path, error) from error
    os.close(handle)
    # Such files are made for their owner alone; a result has the rights that any new file has.
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    return Path(name)


def _parts(path: Path) -> Iterator[Path]:
    """Yield what there is of unfinished versions of a file; Blender writes its own to name@."""
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    name = re.compile(rf"\.{stem}\.part_[a-z0-9_]{{8}}{suffix}@?")
    return (each for each in path.parent.iterdir() if name.fullmatch(each.name))


def _output_error(path: Path, error: OSError) -> OutputError:
    advice = {
        errno.ENOENT: f"The folder {path.parent} does not exist. Make it, or choose another.",
        errno.ENOSPC: f"The disk is full: {path.name} was not written. Free some space.",
    }.get(
        error.errno or 0,
        f"{path.name} cannot be written to {path.parent}: {error.strerror or error}. "
        "Choose another folder.",
    )
    return OutputError(advice)

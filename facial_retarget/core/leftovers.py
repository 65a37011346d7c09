"""What killed processes leave behind, told from what living ones work on.

A process that works on a file or folder holds it, and the system lets go of it with the process,
however that ends.
"""

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_FOLDER_PREFIX: Final = "facial_retarget_work_"

if sys.platform == "win32":
    # A held folder could not be removed there, not even by the one who holds it: age has to do.
    _SECONDS_UNTOUCHED: Final = 24 * 60 * 60.0

    @contextlib.contextmanager
    def held(_path: Path) -> Iterator[None]:
        """Hold a file or folder while the block runs."""
        yield

    def _is_held(_path: Path) -> bool:
        return False

else:
    import fcntl
    import os

    # What was made just now may not be held yet.
    _SECONDS_UNTOUCHED: Final = 60.0

    @contextlib.contextmanager
    def held(path: Path) -> Iterator[None]:
        """Hold a file or folder while the block runs."""
        handle = os.open(path, os.O_RDONLY)
        try:
            # Not every network drive can lock; what lies there is protected by its age alone.
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)

    def _is_held(path: Path) -> bool:
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Remove the files and folders that nobody holds and nobody touched of late.

    What cannot be looked at or removed, being another user's perhaps, stays without a word.
    """
    for path in paths:
        with contextlib.suppress(OSError):
            if path.is_symlink() or time.time() - path.stat().st_mtime < _SECONDS_UNTOUCHED:
                continue
            if _is_held(path):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Give an empty folder that is gone when the block ends, or else when the next one begins."""
    remove_leftovers(Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"))
    with (
        tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX, ignore_cleanup_errors=True) as name,
        held(Path(name)),
    ):
        yield Path(name)

"""Get wheels as files through pip, wherever this machine's pip takes them from."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def download_wheel(requirement: str, folder: Path, options: Sequence[str] = ()) -> Path:
    """Put the wheel of one pinned requirement, without what it depends on, into `folder`.

    `options` go to `pip download`, to choose another platform or Python than the one that runs.
    Raises SystemExit with a sentence where pip cannot get it.
    """
    before = set(folder.glob("*.whl"))
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--dest", str(folder)),
        *options,
        requirement,
    ]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(f"pip could not download {requirement}. Its own message stands above.")
    (wheel,) = set(folder.glob("*.whl")) - before
    return wheel

